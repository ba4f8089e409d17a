"""Databases are in no security group of those who use them."""

from collections.abc import Iterator
from typing import Any

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.alternatives import leaves, stated
from stackproof.policy.databases import SECURITY_GROUPS, is_member
from stackproof.policy.instances import STARTED_FROM, settings
from stackproof.policy.reading import members, undecidable
from stackproof.resolve.values import Undecidable

POLICY = Policy(
    id="SP327",
    severity=Severity.MEDIUM,
    types=tuple(SECURITY_GROUPS),
    rationale="A database in the group of an application is opened with it: whoever reaches the one reaches the other.",
    remediation="Name a security group of the database's own, whose ingress names the application's group.",
    controls=("NIST AC-4", "NIST SC-7"),
)

# Where each names its groups; every symbol below such a property is looked at.
_INSTANCE = ("SecurityGroupIds", "SecurityGroups", "NetworkInterfaces")
_APPLICATIONS = {
    **dict.fromkeys(STARTED_FROM, _INSTANCE),
    "AWS::ECS::Service": ("NetworkConfiguration",),
    "AWS::Lambda::Function": ("VpcConfig",),
    "AWS::Serverless::Function": ("VpcConfig",),
}


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A member has the groups of its cluster; a group that no template shows may be that of an application too."""
    key = SECURITY_GROUPS[database.type]
    if is_member(database) or not stated(database, key):
        return
    shared = deployment.once("groups of applications", lambda: groups_of_applications(deployment))
    if not shared:
        return
    single = database[key]
    for value in each((single,) if deployment.follow(single) else members(database.properties, key)):
        user = shared.get(identity(value, deployment))
        if user is not None:
            yield problem(database, key, f"it is in a security group of {user.logical_id}")
        elif isinstance(value, Symbol) and deployment.follow(value) is None:
            raise undecidable(database.properties, key, f"holds {value}, which may be the group of an application")


def groups_of_applications(deployment: Deployment) -> dict[Any, Resource]:
    """Return who is in a security group, by the group or, where no template shows it, by what stands for it."""
    return {
        identity(leaf, deployment): user
        for user in deployment.of_type(*_APPLICATIONS)
        for key in _APPLICATIONS[user.type]
        for leaf in named(user, key)
        if is_group(leaf, deployment)
    }


def named(user: Resource, key: str) -> tuple[Symbol, ...]:
    """Return the symbols below a property of an application."""
    try:
        return leaves(settings(user).get(key))
    except Undecidable:
        return ()  # What starts an instance is not known; policies about instances report that.


def is_group(leaf: Symbol, deployment: Deployment) -> bool:
    """Return whether a symbol may stand for a security group, which a subnet, for one, does not."""
    found = deployment.follow(leaf)
    return found is None or found.type == "AWS::EC2::SecurityGroup"


def identity(value: Any, deployment: Deployment) -> Any:
    """Return what two names of one security group have in common."""
    found = deployment.follow(value)
    return (found.stack, found.logical_id) if found is not None else value
