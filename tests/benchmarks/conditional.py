"""A template of any size whose resources hang on twelve conditions, as large templates of real teams do."""

from __future__ import annotations

import json
from typing import Any

CONDITIONS = 12
_KINDS = 10


def template(resources: int) -> str:
    """Return a template as JSON.

    Parameters:
        resources: how many it has; a multiple of ten.
    """
    parameters = {f"P{n}": _switch() for n in range(CONDITIONS)} | {
        "Range": {"Type": "String", "Default": "10.0.0.0/8"}
    }
    made: dict[str, Any] = {}
    for number in range(resources // _KINDS):
        made |= _group(number, number % CONDITIONS, (number * 5 + 3) % CONDITIONS)
    conditions = {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "true"]} for n in range(CONDITIONS)}
    return json.dumps({"Parameters": parameters, "Conditions": conditions, "Resources": made})


def _switch() -> dict[str, Any]:
    return {"Type": "String", "Default": "true", "AllowedValues": ["true", "false"]}


def _either(condition: int, yes: Any, no: Any) -> Any:
    return {"Fn::If": [f"C{condition}", yes, no]}


def _rule(port: int, source: Any) -> dict[str, Any]:
    return {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIp": source, "Description": "d"}


def _group(number: int, first: int, second: int) -> dict[str, Any]:
    """Return ten resources that know each other."""
    nothing = {"Ref": "AWS::NoValue"}
    rules = [
        _either(first, _rule(443, "10.0.0.0/8"), nothing),
        _rule(22, {"Ref": "Range"}),
        _either(second, _rule(80, "0.0.0.0/0"), _rule(3306, "10.1.0.0/16")),
    ]
    bucket = f"Bucket{number}"
    tls = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": tls}
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    read = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::x/*"}
    write = {"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": "*"}
    return {
        f"Vpc{number}": _resource("EC2::VPC", CidrBlock="10.0.0.0/16"),
        f"Group{number}": _resource(
            "EC2::SecurityGroup", VpcId={"Ref": f"Vpc{number}"}, SecurityGroupIngress=rules, SecurityGroupEgress=[]
        ),
        bucket: _resource(
            "S3::Bucket",
            PublicAccessBlockConfiguration={"BlockPublicAcls": {"Ref": f"P{first}"}},
            VersioningConfiguration={"Status": _either(second, "Enabled", "Suspended")},
        )
        | {"Condition": f"C{first}"},
        f"BucketPolicy{number}": _resource(
            "S3::BucketPolicy", Bucket={"Ref": bucket}, PolicyDocument={"Statement": [deny]}
        )
        | {"Condition": f"C{first}"},
        f"Data{number}": _resource(
            "RDS::DBInstance",
            Engine="postgres",
            StorageEncrypted=_either(first, True, {"Ref": f"P{second}"}),
            MultiAZ={"Ref": f"P{first}"},
            BackupRetentionPeriod=_either(second, 7, 14),
        ),
        f"Role{number}": _resource(
            "IAM::Role",
            AssumeRolePolicyDocument={"Statement": [trust]},
            Policies=[
                {"PolicyName": "p", "PolicyDocument": {"Statement": [_either(first, read, nothing), write]}},
            ],
        ),
        f"Logs{number}": _resource("Logs::LogGroup", RetentionInDays=_either(first, 30, 90)),
        f"Queue{number}": _resource("SQS::Queue", SqsManagedSseEnabled={"Ref": f"P{first}"})
        | {"Condition": f"C{second}"},
        f"Topic{number}": _resource("SNS::Topic", KmsMasterKeyId=_either(first, "alias/aws/sns", nothing)),
        f"Alarm{number}": _resource("CloudWatch::Alarm", AlarmActions=[{"Ref": f"Topic{number}"}]),
    }


def _resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}
