"""Target groups that are in use have targets."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.balancing import LISTENERS
from stackproof.policy.instances import settings
from stackproof.policy.reading import handed_on

POLICY = Policy(
    id="SP220",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancingV2::TargetGroup",),
    rationale="A load balancer that forwards to nobody answers every request with an error.",
    remediation="Name the target group in TargetGroupARNs of the Auto Scaling group, or list its Targets.",
    controls=("NIST CP-10", "NIST SC-5"),
)

WATCHERS = (*LISTENERS, "AWS::CloudWatch::Alarm", "AWS::AutoScaling::ScalingPolicy", "AWS::EC2::LaunchTemplate")


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whoever refers to the group and does not only watch it may register with it; so may readers of an output."""
    users = deployment.users_of(group)
    if not any(user.type in LISTENERS for user in users) or group.text("TargetType", "instance") != "instance":
        return
    if "Targets" in group or any(registers(user) for user in users) or handed_on(group, deployment):
        return
    for other in deployment.of_type("AWS::AutoScaling::AutoScalingGroup"):
        other.items_of("TargetGroupARNs")  # Where that is not known, nothing is.
    yield problem(group, "Targets", "listeners forward to it, and nothing registers with it")


def registers(user: Resource) -> bool:
    """Return whether what refers to a target group may register with it."""
    if user.type == "AWS::EC2::LaunchTemplate":
        return "register-targets" in str(settings(user).get("UserData", ""))
    return user.type not in WATCHERS
