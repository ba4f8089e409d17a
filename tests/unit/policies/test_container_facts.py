"""What `stackproof.policy.containers` says about who scales a service, in every way of naming it."""

import pytest

from stackproof.policy import Undecidable
from stackproof.policy.cases import parse_cases
from stackproof.policy.containers import scalable_target_of

TEMPLATE = """
- case: a service and what is scaled
  template:
    Parameters: {{Given: {{Type: String}}}}
    Resources:
      Cluster: {{Type: AWS::ECS::Cluster}}
      Service: {{Type: AWS::ECS::Service, Properties: {{ServiceName: web}}}}
      Other: {{Type: AWS::ECS::Service}}
      Table: {{Type: AWS::DynamoDB::Table}}
      Target:
        Type: AWS::ApplicationAutoScaling::ScalableTarget
        Properties: {{ServiceNamespace: ecs, ResourceId: {resource}}}
"""


def scaled_by(resource: str) -> str:
    """Return the logical id of what scales the service."""
    deployment = parse_cases(TEMPLATE.format(resource=resource))[0].deployment
    target = scalable_target_of(deployment["template"]["Service"], deployment)
    return "" if target is None else target.logical_id


@pytest.mark.parametrize(
    "resource",
    [
        "!Sub 'service/${Cluster}/${Service.Name}'",
        "!Join [/, [service, !Ref Cluster, !GetAtt Service.Name]]",
        "!Sub 'service/${Given}/${Service.Name}'",
        "service/cluster/web",
        "!Sub 'service/${Cluster}/web'",
        "!Sub 'service/${Given}/web'",
    ],
)
def test_named(resource: str) -> None:
    """By reference, joined or substituted, or by its own name."""
    assert scaled_by(resource) == "Target"


@pytest.mark.parametrize(
    "resource",
    [
        "!Sub 'service/${Cluster}/${Other.Name}'",
        "service/cluster/other",
        "!Sub 'service/${Given}/other'",
        "!Sub 'service/${Given}/${Other.Name}'",
    ],
)
def test_another_one(resource: str) -> None:
    """What scales another service says nothing about this one, whatever the cluster."""
    assert scaled_by(resource) == ""


@pytest.mark.parametrize("resource", ["!Ref Given", "!Sub 'service/${Cluster}/${Given}'", "!ImportValue resource"])
def test_nobody_knows(resource: str) -> None:
    """It may be this one."""
    with pytest.raises(Undecidable):
        scaled_by(resource)
