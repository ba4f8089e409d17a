"""Users of caches need a password or a role."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.alternatives import elements, unknown

POLICY = Policy(
    id="SP604",
    severity=Severity.HIGH,
    types=("AWS::ElastiCache::User", "AWS::ElastiCache::UserGroup"),
    rationale="A user without a password is everybody, and the one called default is every client that names no user.",
    remediation="Set AuthenticationMode to password or iam, and put a switched off default user of your own in place "
    "of the built-in one.",
    controls=("NIST IA-2", "NIST IA-5"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A user that is switched off by its access string harms nobody."""
    if resource.type == "AWS::ElastiCache::UserGroup":
        for member in each(elements(resource, "UserIds")):
            if member == "default":
                yield problem(resource, "UserIds", "it holds the built-in user default, who needs no password")
            elif isinstance(member, Symbol) and deployment.follow(member) is None:
                raise unknown(resource, "UserIds", member)
        return
    mode = resource.block("AuthenticationMode")
    open_mode = mode.text("Type").lower() == "no-password-required"
    open_switch = not open_mode and resource.boolean("NoPasswordRequired")
    if (open_mode or open_switch) and "off" not in resource.text("AccessString").lower().split():
        path = mode.path_of("Type") if open_mode else "NoPasswordRequired"
        yield problem(resource, path, "it needs no password")
