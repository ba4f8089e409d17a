"""Auto Scaling groups start instances from a launch template."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.reading import present

POLICY = Policy(
    id="SP215",
    severity=Severity.LOW,
    types=("AWS::AutoScaling::AutoScalingGroup",),
    rationale="Launch configurations get no new features, and new accounts cannot create them.",
    remediation="Move the launch configuration's settings to an AWS::EC2::LaunchTemplate and refer to that.",
    controls=("FSBP AutoScaling.9", "NIST CM-2"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Nor from the copied settings of a running instance."""
    for key in each(("LaunchConfigurationName", "InstanceId")):
        if present(group.properties, key):
            yield problem(group, key, "it does not start instances from a launch template")
