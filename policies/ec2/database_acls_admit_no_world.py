"""Network ACLs of database subnets do not admit the world."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.network import are_inhabited, database_subnets, entry_ports, entry_world
from stackproof.policy.reading import all_hold, belonging_to

POLICY = Policy(
    id="SP117",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::SubnetNetworkAclAssociation",),
    rationale="The ring around the databases must hold when a security group or a route is opened by mistake.",
    remediation="Choose a network ACL for the subnet that admits the subnets of the application only.",
    controls=("NIST AC-4", "NIST SC-7"),
)


def check(association: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Subnets that others live in too need answers from the world; who is in on every port is for SP111 to name."""
    subnet = deployment.follow(association.get("SubnetId"))
    acl = deployment.follow(association.get("NetworkAclId"))
    if subnet is None or acl is None or subnet not in database_subnets(deployment):
        return
    if are_inhabited([subnet], deployment):
        return
    entries = belonging_to(deployment, acl, "NetworkAclId", "AWS::EC2::NetworkAclEntry")
    names = [entry.logical_id for entry in entries if admits_world(entry, deployment)]
    if names:
        message = f"it puts databases of {subnet.logical_id} behind {acl.logical_id}, where {names[0]} admits the world"
        yield problem(association, "NetworkAclId", message)


def admits_world(entry: Resource, deployment: Deployment) -> bool:
    """Return whether an entry lets the world in on some ports."""
    if entry.boolean("Egress") or entry.text("RuleAction").lower() != "allow":
        return False
    return all_hold(
        lambda: 0 < len(entry_ports(entry)) <= 65_534,
        lambda: bool(entry_world(entry, deployment)),
    )
