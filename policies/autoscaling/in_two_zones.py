"""Auto Scaling groups span two zones at least."""

from collections.abc import Iterator

from stackproof.policy import Deferred, Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.network import in_two_zones
from stackproof.policy.reading import members

POLICY = Policy(
    id="SP214",
    severity=Severity.MEDIUM,
    types=("AWS::AutoScaling::AutoScalingGroup",),
    rationale="Instances in one zone all fail with it, and none can be started while it is down.",
    remediation="List subnets of two zones at least in VPCZoneIdentifier.",
    controls=("FSBP AutoScaling.2", "NIST CP-10", "NIST SC-5"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Without subnets the group takes the default ones of the zones that it names."""
    if "VPCZoneIdentifier" in group:
        subnets = members(group.properties, "VPCZoneIdentifier")
        if not in_two_zones(subnets, group.properties, "VPCZoneIdentifier", deployment):
            yield problem(group, "VPCZoneIdentifier", "all of its subnets are in one zone")
        return
    zones = group.get("AvailabilityZones", ())
    # Every region has two zones at least.
    if isinstance(zones, Deferred) and zones.function == "Fn::GetAZs":
        return
    if len(set(group.items_of("AvailabilityZones"))) < 2:
        yield problem(group, "AvailabilityZones", "it is in one zone")
