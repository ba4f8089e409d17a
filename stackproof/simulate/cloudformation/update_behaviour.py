"""What an update of a property does where the resource schemas do not say it, or say otherwise than the documentation.

Where the two differ, the graver one is taken. What a schema calls ``conditionalCreateOnly`` the documentation calls
"Some interruptions" and is not repeated here. Sources, by the entry's ``source``:

* ``reference``: the type's page in the CloudFormation Template Reference, "Update requires" of the property;
* ``specification``: the CloudFormation resource specification, ``UpdateType`` of the property, which agrees with it.
"""

from __future__ import annotations

from dataclasses import dataclass

REFERENCE, SPECIFICATION = "reference", "specification"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What an update of properties of one type does; each is named by its path.

    Attributes:
        source: where that stands.
        always: their change replaces the resource.
        conditional: their change may replace it.
        interrupts: their change in place interrupts the resource.
        fixed: their change fails the update.
    """

    source: str
    always: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()
    interrupts: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()


BEHAVIOUR = {
    "AWS::AutoScaling::AutoScalingGroup": Behaviour(SPECIFICATION, conditional=("PlacementGroup",)),
    "AWS::Budgets::Budget": Behaviour(SPECIFICATION, always=("Budget.AutoAdjustData", "Budget.PlannedBudgetLimits")),
    "AWS::CertificateManager::Certificate": Behaviour(SPECIFICATION, always=("ValidationMethod",)),
    "AWS::EC2::EIP": Behaviour(REFERENCE, always=("Domain",), interrupts=("InstanceId", "PublicIpv4Pool")),
    "AWS::ECS::Service": Behaviour(SPECIFICATION, always=("DeploymentController",)),
    # An engine is changed in place from redis to valkey only; an authentication token that is added (not changed)
    # replaces; more shards are made in place only with the update policy UseOnlineResharding.
    "AWS::ElastiCache::ReplicationGroup": Behaviour(
        REFERENCE,
        always=("ReplicasPerNodeGroup",),
        conditional=("AuthToken", "Engine", "NumNodeGroups"),
        interrupts=("NumNodeGroups",),
    ),
    # "The update request fails, regardless of the value of the UpdateReplacePolicy attribute."
    "AWS::KMS::Key": Behaviour(REFERENCE, fixed=("KeySpec", "KeyUsage", "MultiRegion", "Origin")),
    "AWS::RDS::DBInstance": Behaviour(
        REFERENCE,
        always=("Port",),
        interrupts=("DBInstanceClass", "EngineLifecycleSupport", "EngineVersion", "StorageType"),
    ),
    "AWS::Route53::RecordSet": Behaviour(SPECIFICATION, always=("Name",)),
    "AWS::S3::Bucket": Behaviour(REFERENCE, always=("ObjectLockEnabled",)),
}
