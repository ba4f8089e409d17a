"""Network ACLs keep SSH and RDP of the world out."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.network import REMOTE_ACCESS, denied_before, entry_ports, entry_world, in_words
from stackproof.policy.reading import all_hold

POLICY = Policy(
    id="SP112",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::NetworkAclEntry",),
    rationale="The second ring must not let pass what the first one may come to allow by mistake.",
    remediation="Split the range of ports around 22 and 3389, or deny them under a lower rule number.",
    controls=("FSBP EC2.21", "CIS 5.1", "NIST AC-4", "NIST SC-7"),
)

SHELLS = (22, 3389)


def check(entry: Resource, deployment: Deployment) -> Iterator[Problem]:
    """An entry that denies the port before this one allows it closes it."""
    if entry.boolean("Egress") or entry.text("RuleAction").lower() != "allow":
        return
    if all_hold(
        lambda: any(port in entry_ports(entry) for port in SHELLS), lambda: bool(entry_world(entry, deployment))
    ):
        key = entry_world(entry, deployment)
        opened = [p for p in SHELLS if p in entry_ports(entry) and not denied_before(entry, key, p, deployment)]
        if opened:
            yield problem(entry, key, f"it opens {in_words(opened, REMOTE_ACCESS)} to the world")
