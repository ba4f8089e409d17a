"""Groups behind a load balancer replace the instances that it finds unhealthy."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP213",
    severity=Severity.MEDIUM,
    types=("AWS::AutoScaling::AutoScalingGroup",),
    rationale="An instance may run while its application does not; only the load balancer's health check sees that.",
    remediation="Set HealthCheckType to ELB and give new instances time to start by HealthCheckGracePeriod.",
    controls=("FSBP AutoScaling.1", "NIST CP-10", "NIST SI-13"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The type may name several checks, separated by commas."""
    checked = {name.strip().upper() for name in group.text("HealthCheckType", "EC2").split(",")}
    if "ELB" not in checked and is_balanced(group):
        yield problem(group, "HealthCheckType", "it keeps instances that its load balancer finds unhealthy")


def is_balanced(group: Resource) -> bool:
    """Return whether the group is behind a load balancer of any kind but VPC Lattice, which has a check of its own."""
    if group.items_of("TargetGroupARNs") or group.items_of("LoadBalancerNames"):
        return True
    return any(source.text("Type", "elbv2") != "vpc-lattice" for source in blocks(group.properties, "TrafficSources"))
