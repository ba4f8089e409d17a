"""Entries of network ACLs are not decided by one before."""

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from stackproof.load.nodes import Mapping, plain
from stackproof.load.template import Template
from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.network import entry_ports
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP133",
    severity=Severity.LOW,
    types=("AWS::EC2::NetworkAclEntry",),
    rationale="Entries are asked by their number, and the first that fits decides; what stands behind an opposite one "
    "does nothing.",
    remediation="Give the narrower entry the lower RuleNumber, and every entry of a direction a number of its own.",
    controls=("NIST AC-4", "NIST SC-7"),
)


def check(entry: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Only what has the opposite action changes anything; entries of other stacks are left alone."""
    stack = deployment.stacks[entry.stack]
    for name in each(neighbours(stack.template, entry.logical_id)):
        other = stack.find(name)
        if other is None or other is entry or entry.boolean("Egress") != other.boolean("Egress"):
            continue
        before = entry.integer("RuleNumber") - other.integer("RuleNumber")
        if before == 0:
            yield problem(entry, "RuleNumber", f"{name} has its number")
        elif before > 0 and is_opposite(entry, other) and admits_all(other, entry) and holds_range(other, entry):
            yield problem(entry, "RuleNumber", f"{name} decides before it")


@lru_cache(maxsize=4096)
def neighbours(template: Template, logical_id: str) -> tuple[str, ...]:
    """Return the entries whose network ACL is written as an entry's is; an ACL has 40 at most, a template hundreds."""
    return tuple(name for name, acl in acls(template).items() if acl == acls(template)[logical_id])


@lru_cache(maxsize=16)
def acls(template: Template) -> dict[str, str]:
    """Return by entry how its network ACL is written; what is written is the same in every scenario."""
    return {
        name: repr(plain(written) if written is not None else None)
        for name, found in template.resources.items()
        if found.type in POLICY.types
        for properties in [found.attributes.get("Properties")]
        for written in [properties.get("NetworkAclId") if isinstance(properties, Mapping) else None]
    }


def is_opposite(entry: Resource, other: Resource) -> bool:
    """Return whether one entry allows what the other denies."""
    return entry.text("RuleAction").lower() != other.text("RuleAction").lower()


def admits_all(other: Resource, entry: Resource) -> bool:
    """Return whether an entry is about every protocol and port that another one is about."""
    protocols = (other.text("Protocol", "-1"), entry.text("Protocol", "-1"))
    if protocols[0] == "-1":
        return True
    if protocols[0] != protocols[1]:
        return False
    wide, narrow = entry_ports(other), entry_ports(entry)
    return bool(narrow) and wide.start <= narrow.start and narrow.stop <= wide.stop


def holds_range(other: Resource, entry: Resource) -> bool:
    """Return whether the address range of an entry holds that of another one."""
    for key in ("CidrBlock", "Ipv6CidrBlock"):
        if key in other and key in entry:
            if other[key] == entry[key] or other[key] in ("0.0.0.0/0", "::/0"):
                return True
            wide, narrow = network(other, key), network(entry, key)
            return wide.version == narrow.version and narrow.subnet_of(wide)  # type: ignore[arg-type]
    return False


def network(entry: Resource, key: str) -> IPv4Network | IPv6Network:
    """Return the address range of an entry."""
    try:
        return ip_network(entry.text(key), strict=False)
    except ValueError:
        raise undecidable(entry.properties, key, "is no address range") from None
