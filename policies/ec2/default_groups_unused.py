"""Nothing uses the default security group of a VPC."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.balancing import kind_of
from stackproof.policy.reading import followed

BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_GROUPS = {
    "AWS::EC2::Instance": ("SecurityGroupIds", "SecurityGroups"),
    "AWS::EC2::NetworkInterface": ("GroupSet",),
    BALANCER: ("SecurityGroups",),
}
_RULES = ("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")


POLICY = Policy(
    id="SP121",
    severity=Severity.HIGH,
    types=tuple(_GROUPS) + _RULES,
    rationale="Whatever is started without a thought lands in the default group, so that everything it admits is "
    "admitted to all of that.",
    remediation="Name a security group of its own, and leave the default one of the VPC as it is.",
    controls=("FSBP EC2.2", "CIS 5.4", "NIST AC-4", "NIST SC-7"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Only a group that its VPC gives away is surely the default one."""
    if resource.type in _RULES:
        if is_vpc(deployment.follow(resource.get("GroupId"))):
            yield problem(resource, "GroupId", "it opens the default group of the VPC")
        return
    keys = _GROUPS[resource.type]
    named = [(key, group) for key in keys for group in followed(resource, key, deployment)]
    for key, group in named:
        if is_vpc(group):
            yield problem(resource, key, "it is in the default group of its VPC")
    if is_elsewhere(resource) or any(stated(resource, key) for key in keys):
        return
    yield problem(resource, keys[0], "it names no security group, and so is in the default one of its VPC")


def is_vpc(group: Resource | None) -> bool:
    """Return whether what a reference to a security group leads to is a VPC, which gives away its default group."""
    return group is not None and group.type == "AWS::EC2::VPC"


def is_elsewhere(resource: Resource) -> bool:
    """Return whether groups may be named in a network interface or a launch template, or are of no use."""
    if resource.type == BALANCER:
        return kind_of(resource) != "application"
    return stated(resource, "NetworkInterfaces") or stated(resource, "LaunchTemplate")
