"""Network ACLs do not let everything in."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.network import entry_ports, entry_world
from stackproof.policy.reading import all_hold

POLICY = Policy(
    id="SP111",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::NetworkAclEntry",),
    rationale="A network ACL is the ring that still holds when a security group is opened by mistake.",
    remediation="Allow the ports that the subnet needs, from where they are needed.",
    controls=("NIST AC-4", "NIST SC-7"),
)


def check(entry: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Answers need a wide range of high ports; all of them at once need nobody."""
    if entry.boolean("Egress") or entry.text("RuleAction").lower() != "allow":
        return
    if all_hold(lambda: len(entry_ports(entry)) > 65_534, lambda: bool(entry_world(entry, deployment))):
        yield problem(entry, entry_world(entry, deployment), "it lets the world in on every port")
