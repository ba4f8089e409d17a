"""A system with everything that a deployment cares for: a role, topics, an alarm, data, a secret value, an address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stackproof import Deployment, load_system
from stackproof.deploy import Event

SECRET = "hush-hush-4711"

MANIFEST = f"""\
system: market
description: Five layers.
region: us-east-1
environments:
  dev:  {{branch: dev}}
  prod: {{branch: main, protected: true}}
layers:
  delivery: {{template: delivery.yaml}}
  monitoring: {{template: monitoring.yaml}}
  base: {{template: base.yaml}}
  data:
    template: data.yaml
    parameters: {{Password: {SECRET}}}
  web: {{template: web.yaml}}
"""
GIVEN = """\
Parameters:
  System: {Type: String, Default: market}
  Environment: {Type: String, Default: dev}
"""
DELIVERY = """\
Resources:
  StackRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: cloudformation.amazonaws.com}, Action: sts:AssumeRole}]
Outputs:
  StackRoleArn: {Value: !GetAtt StackRole.Arn}
"""
MONITORING = f"""\
{GIVEN}Resources:
  Critical: {{Type: AWS::SNS::Topic}}
  Information: {{Type: AWS::SNS::Topic}}
Outputs:
  CriticalTopicArn: {{Value: !Ref Critical, Export: {{Name: !Sub '${{System}}-${{Environment}}-Critical'}}}}
  InformationTopicArn: {{Value: !Ref Information}}
"""
BASE = f"""\
{GIVEN}Resources:
  Network:
    Type: AWS::EC2::VPC
    Properties: {{CidrBlock: 10.0.0.0/16}}
  Note:
    Type: AWS::SSM::Parameter
    Properties: {{Type: String, Value: first}}
Outputs:
  NetworkId: {{Value: !Ref Network, Export: {{Name: !Sub '${{System}}-${{Environment}}-Network'}}}}
"""
DATA = f"""\
{GIVEN}  Password: {{Type: String, NoEcho: true, Default: ''}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {{BucketName: !Sub '${{System}}-${{Environment}}-goods'}}
  Note:
    Type: AWS::SSM::Parameter
    Properties:
      Type: String
      Value: first
      Description: {{'Fn::ImportValue': !Sub '${{System}}-${{Environment}}-Network'}}
  Credentials:
    Type: AWS::SecretsManager::Secret
    Properties: {{SecretString: !Ref Password}}
"""
WEB = f"""\
{GIVEN}Resources:
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      VpcId: {{'Fn::ImportValue': !Sub '${{System}}-${{Environment}}-Network'}}
      Protocol: HTTP
      Port: 80
      HealthCheckPath: /health/
      Matcher: {{HttpCode: 200-204}}
  Slow:
    Type: AWS::CloudWatch::Alarm
    Properties: &alarm
      Namespace: AWS/ApplicationELB
      MetricName: TargetResponseTime
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
      Period: 60
      Statistic: Average
      Threshold: 1
  Down:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/ApplicationELB
      MetricName: UnHealthyHostCount
      ComparisonOperator: GreaterThanThreshold
      EvaluationPeriods: 1
      Period: 60
      Statistic: Average
      Threshold: 1
      AlarmActions: [{{'Fn::ImportValue': !Sub '${{System}}-${{Environment}}-Critical'}}]
  Note:
    Type: AWS::SSM::Parameter
    Properties: {{Type: String, Value: first}}
Outputs:
  Url: {{Value: http://market.example.com}}
""".replace(" &alarm", "")

LAYERS = ("delivery", "monitoring", "base", "data", "web")
_TEXTS = (DELIVERY, MONITORING, BASE, DATA, WEB)


class Market:
    """The system in a folder of its own, which tests change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = folder / "market.yaml"
        self.manifest.write_text(MANIFEST, encoding="utf-8")
        for name, text in zip(LAYERS, _TEXTS, strict=True):
            (folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    def deployment(self, environment: str = "dev") -> Deployment:
        """Return what the files say now."""
        return load_system(self.manifest).deployment(environment)

    def change(self, layer: str, old: str = "Value: first", new: str = "Value: second") -> None:
        """Replace a text in the template of a layer."""
        path = self.folder / f"{layer}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def only(self, *layers: str) -> None:
        """Leave only some layers in the manifest."""
        lines = MANIFEST.splitlines(keepends=True)
        head, rest = lines[: lines.index("layers:\n") + 1], lines[lines.index("layers:\n") + 1 :]
        kept, keep = [], False
        for line in rest:
            if not line.startswith("    "):
                keep = line.strip().partition(":")[0] in layers
            kept += [line] if keep else []
        self.manifest.write_text("".join([*head, *kept]), encoding="utf-8")


def told(events: list[Event]) -> list[tuple[str, str]]:
    """Return the events of whole stacks: layer and status."""
    return [(event.stack.rpartition("-")[2], event.status) for event in events if not event.logical_id]


def history(client: Any, stack: str) -> list[str]:
    """Return all statuses that a stack itself ever had, oldest first; of a deleted one by its id."""
    events = [
        event
        for page in client.get_paginator("describe_stack_events").paginate(StackName=stack)
        for event in page["StackEvents"]
    ]
    return [event["ResourceStatus"] for event in events[::-1] if event["PhysicalResourceId"] == event["StackId"]]
