"""What templates may declare and the simulation does not make or show, each with its reason.

docs/simulation.md is made from this. Tests hold it to what is found: whatever nothing takes, or is taken and not shown,
stands here with a reason, and what stands here is really missing.
"""

from __future__ import annotations

from collections.abc import Mapping

_CALL = "takes a call of its own, which the simulation does not make"
_NAME = "the service calls it otherwise, and the simulation does not translate it"
_RESTORED = "makes the resource of a snapshot or of another's backups, which a simulated account does not hold"
_WAITS = "only says how long CloudFormation waits; nothing takes time here"
_OWNER = "names what the resource belongs to; it is asked of that"

NOT_SIMULATED: Mapping[str, Mapping[str, str]] = {
    "AWS::ApiGateway::Stage": {"CanarySetting": _NAME},
    "AWS::CloudTrail::Trail": {"AggregationConfigurations": _CALL},
    "AWS::Cognito::UserPool": {
        "EmailAuthenticationMessage": _CALL,
        "EmailAuthenticationSubject": _CALL,
        "WebAuthnFactorConfiguration": _CALL,
        "WebAuthnRelyingPartyID": _CALL,
        "WebAuthnUserVerification": _CALL,
    },
    "AWS::DynamoDB::GlobalTable": {
        "GlobalTableWitnesses": "the simulated service has replicas only",
        "TableType": "the simulated service has one type of table",
    },
    "AWS::DynamoDB::Table": {"ImportSourceSpecification": _CALL},
    "AWS::EC2::EIP": {"TransferAddress": "takes over an address of another account; a simulation has one account"},
    "AWS::EC2::Instance": {
        "ElasticGpuSpecifications": "of a service that AWS has ended",
        "SsmAssociations": _CALL,
    },
    "AWS::EC2::NetworkInterface": {"PublicIpDnsHostnameTypeSpecification": _CALL},
    "AWS::EC2::Volume": {"SourceVolumeId": _CALL},
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {
        "EnableCapacityReservationProvisionStabilize": _WAITS,
        "MinimumLoadBalancerCapacity": _CALL,
    },
    "AWS::Lambda::Alias": {"ProvisionedConcurrencyConfig": _CALL},
    "AWS::Lambda::Function": {
        "FunctionScalingConfig": _CALL,
        "PublishToLatestPublished": _CALL,
        "RecursiveLoop": _CALL,
        "RuntimeManagementConfig": _CALL,
    },
    "AWS::Lambda::Version": {
        "FunctionScalingConfig": _CALL,
        "ProvisionedConcurrencyConfig": _CALL,
        "RuntimePolicy": _CALL,
    },
    "AWS::Logs::LogGroup": {"ResourcePolicyDocument": _CALL},
    "AWS::RDS::DBInstance": {
        "RestoreTime": _RESTORED,
        "SourceDBInstanceAutomatedBackupsArn": _RESTORED,
        "SourceDbiResourceId": _RESTORED,
        "UseLatestRestorableTime": _RESTORED,
    },
    "AWS::Route53::HostedZone": {"HostedZoneFeatures": _CALL},
    "AWS::S3::Bucket": {
        "AbacStatus": _CALL,
        "BucketNamePrefix": "belongs to names of an account's own namespace, which the simulated service lacks",
        "MetadataConfiguration": _CALL,
        "MetadataTableConfiguration": _CALL,
    },
    "AWS::SecretsManager::RotationSchedule": {
        "HostedRotationLambda": "a transform makes the function, with a template of AWS's own"
    },
    "AWS::WAFv2::RuleGroup": {
        "AvailableLabels": "AWS finds the labels in the rules",
        "ConsumedLabels": "AWS finds the labels in the rules",
    },
}
"""By type and path, the reason why a property is not read, or is read and not shown."""

UNDESCRIBED: Mapping[str, Mapping[str, str]] = {
    "AWS::EC2::FlowLog": {"ResourceType": "DescribeFlowLogs shows the resource's id, which tells its type"},
    "AWS::EC2::SecurityGroupIngress": {"SourceSecurityGroupName": "EC2 shows the group's id"},
    "AWS::EC2::VPCCidrBlock": {"AmazonProvidedIpv6CidrBlock": "a request; DescribeVpcs shows the range that it gave"},
    "AWS::ECS::ClusterCapacityProviderAssociations": {"Cluster": _OWNER},
    "AWS::ECS::Service": {
        "Cluster": _OWNER,
        "TaskDefinition": "DescribeServices shows the ARN of the revision, under whichever name it was declared",
    },
    "AWS::Events::Connection": {"AuthParameters": "holds secrets; DescribeConnection shows the names in it only"},
    "AWS::Events::EventBusPolicy": {"EventBusName": _OWNER},
    "AWS::IAM::AccessKey": {"Serial": "only tells CloudFormation to make another key"},
    "AWS::IAM::User": {"LoginProfile": "no API shows a password"},
    "AWS::Lambda::LayerVersionPermission": {"LayerVersionArn": _OWNER},
    "AWS::Route53::RecordSetGroup": {
        "Comment": "is about the request, not about the records",
        "HostedZoneName": _OWNER,
    },
    "AWS::S3::BucketPolicy": {"Bucket": _OWNER},
    "AWS::SQS::QueueInlinePolicy": {"Queue": _OWNER},
    "AWS::SQS::QueuePolicy": {"Queues": _OWNER},
    "AWS::SecretsManager::ResourcePolicy": {"SecretId": _OWNER},
    "AWS::SecretsManager::RotationSchedule": {"SecretId": _OWNER},
    "AWS::SecretsManager::SecretTargetAttachment": {"SecretId": _OWNER},
}
"""By type and property, why AWS's own API does not show it either, where the type's schema does not say so."""


def reason(kind: str, path: str) -> str | None:
    """Return why a property, or a part of it, is not simulated; None where no reason is known.

    Parameters:
        path: dotted; an element of a list is written ``*``.
    """
    known = NOT_SIMULATED.get(kind, {})
    names = path.split(".")
    above = (".".join(names[:length]) for length in range(len(names), 0, -1))
    return next((known[part] for part in above if part in known), None)
