"""Groups behind a load balancer start instances in private subnets."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.network import internet_route
from stackproof.policy.reading import members, undecidable

POLICY = Policy(
    id="SP218",
    severity=Severity.MEDIUM,
    types=("AWS::AutoScaling::AutoScalingGroup",),
    rationale="In a public subnet one address and one rule are all that is missing for the world to pass the balancer.",
    remediation="List subnets in VPCZoneIdentifier whose route table leads to no internet gateway.",
    controls=("NIST AC-4", "NIST SC-7"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A group without a load balancer may have to be public."""
    if "VPCZoneIdentifier" not in group or not (group.get("TargetGroupARNs") or group.get("LoadBalancerNames")):
        return
    for value in each(members(group.properties, "VPCZoneIdentifier")):
        subnet = deployment.follow(value)
        if subnet is None:
            raise undecidable(group.properties, "VPCZoneIdentifier", f"holds {value}, whose routes no template shows")
        route = internet_route(subnet, deployment)
        if route:
            message = f"it starts instances in {subnet.logical_id}, which {route.logical_id} makes public"
            yield problem(group, "VPCZoneIdentifier", message)
