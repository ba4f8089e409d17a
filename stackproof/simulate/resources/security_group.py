"""EC2: security groups and their rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stackproof.simulate.recipe import Job, Recipe

_GROUPS = ("SourceSecurityGroupId", "DestinationSecurityGroupId")
_RANGES = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
    **dict.fromkeys(_GROUPS, ("UserIdGroupPairs", "GroupId")),
}
_PORTS = ("FromPort", "ToPort")


def _permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule as the API takes it: ports, and one peer with its description."""
    described = {"Description": rule["Description"]} if "Description" in rule else {}
    peers = {kind: [{key: rule[name], **described}] for name, (kind, key) in _RANGES.items() if name in rule}
    ports = {name: int(rule[name]) for name in _PORTS if name in rule}
    return {"IpProtocol": str(rule["IpProtocol"]), **ports, **peers}


def _unknown(rule: Mapping[str, Any]) -> Iterable[str]:
    return (name for name in rule if name not in {*_RANGES, *_PORTS, "Description", "IpProtocol", "GroupId"})


def _rules(job: Job) -> None:
    """Authorize the inline rules; stated egress takes the place of the rule that lets everything out."""
    ingress = job.take("SecurityGroupIngress", [])
    egress = job.take("SecurityGroupEgress", [])
    job.left |= {f"SecurityGroupIngress.*.{name}": None for rule in ingress for name in _unknown(rule)}
    job.left |= {f"SecurityGroupEgress.*.{name}": None for rule in egress for name in _unknown(rule)}
    if egress:
        group = job.client.describe_security_groups(GroupIds=[job.physical_id])["SecurityGroups"][0]
        job.client.revoke_security_group_egress(GroupId=job.physical_id, IpPermissions=group["IpPermissionsEgress"])
    for rule in ingress:
        job.client.authorize_security_group_ingress(GroupId=job.physical_id, IpPermissions=[_permission(rule)])
    for rule in egress:
        job.client.authorize_security_group_egress(GroupId=job.physical_id, IpPermissions=[_permission(rule)])


def _standalone(direction: str) -> Recipe:
    """Return the recipe of a rule that is a resource of its own."""
    kind = direction.capitalize()

    def authorize(job: Job) -> None:
        rule = {name: job.take(name) for name in list(job.left) if name not in set(_unknown(job.left))}
        job.request = {"GroupId": rule["GroupId"], "IpPermissions": [_permission(rule)]}
        answer = getattr(job.client, f"authorize_security_group_{direction}")(**job.request)
        job.physical_id = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def revoke(job: Job, _snapshot: bool) -> None:
        getattr(job.client, f"revoke_security_group_{direction}")(**job.request)

    return Recipe(
        f"AWS::EC2::SecurityGroup{kind}",
        "ec2",
        make=authorize,
        remove=revoke,
        show=("describe_security_group_rules:SecurityGroupRuleIds",),
    )


RECIPES = (
    Recipe(
        "AWS::EC2::SecurityGroup",
        "ec2",
        "create_security_group",
        "GroupId",
        "delete_security_group",
        "GroupId",
        names={"GroupDescription": "Description"},
        name="GroupName",
        tag_type="security-group",
        late=("SecurityGroupIngress", "SecurityGroupEgress"),
        after=_rules,
        attributes={"GroupId": "GroupId", "Id": "GroupId", "VpcId": "=VpcId"},
        show=("describe_security_groups:GroupIds",),
    ),
    _standalone("ingress"),
    _standalone("egress"),
)
