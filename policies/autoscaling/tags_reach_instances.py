"""Tags of Auto Scaling groups reach their instances."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP217",
    severity=Severity.LOW,
    types=("AWS::AutoScaling::AutoScalingGroup",),
    rationale="Costs, alarms and permissions by tag miss instances that do not bear the tags of their group.",
    remediation="Set PropagateAtLaunch of the tag to true.",
    controls=("FSBP AutoScaling.10", "NIST CM-8"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Each tag says so for itself."""
    for tag in each(blocks(group.properties, "Tags")):
        if not tag.boolean("PropagateAtLaunch"):
            name = tag.get("Key", "")
            yield problem(group, tag.path_of("PropagateAtLaunch"), f"its tag {name} does not reach its instances")
