"""EC2: security groups and their rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.resources.ec2 import TAGS
from stackproof.simulate.updates import came_and_went

_GROUPS = {
    "SourceSecurityGroupId": "GroupId",
    "DestinationSecurityGroupId": "GroupId",
    "SourceSecurityGroupName": "GroupName",
    "SourceSecurityGroupOwnerId": "UserId",
}
_RANGES = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
}
_PORTS = ("FromPort", "ToPort")


def _permission(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule as the API takes it: ports, and one peer with its description."""
    described = {"Description": rule["Description"]} if "Description" in rule else {}
    peers = {kind: [{key: rule[name], **described}] for name, (kind, key) in _RANGES.items() if name in rule}
    group = {key: as_text(rule[name]) for name, key in _GROUPS.items() if name in rule}
    if group:
        peers["UserIdGroupPairs"] = [group | described]
    ports = {name: int(rule[name]) for name in _PORTS if name in rule}
    return {"IpProtocol": as_text(rule["IpProtocol"]), **ports, **peers}


_KNOWN = {*_RANGES, *_GROUPS, *_PORTS, "Description", "IpProtocol", "GroupId", "GroupName"}


def _unknown(rule: Mapping[str, Any]) -> Iterable[str]:
    return (name for name in rule if name not in _KNOWN)


def _rules(job: Job) -> None:
    """Revoke and authorize inline rules; stated egress takes the place of the rule that lets everything out."""
    for name, direction in (("SecurityGroupIngress", "ingress"), ("SecurityGroupEgress", "egress")):
        came, went = came_and_went(job, name)
        if not job.touched(name):
            continue
        job.left |= {f"{name}.*.{unknown}": None for rule in came for unknown in _unknown(rule)}
        if direction == "egress":
            came += [] if job.wanted.properties.get(name) else [_EVERYTHING]
            went += [] if job.before.get(name) else [_EVERYTHING]
        _change(job, f"revoke_security_group_{direction}", went)
        _change(job, f"authorize_security_group_{direction}", came)


_EVERYTHING = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}


def _change(job: Job, operation: str, rules: Iterable[Mapping[str, Any]]) -> None:
    for rule in rules:
        getattr(job.client, operation)(GroupId=job.physical_id, IpPermissions=[_permission(rule)])


def _standalone(direction: str) -> Recipe:
    """Return the recipe of a rule that is a resource of its own."""
    kind = direction.capitalize()

    def authorize(job: Job) -> None:
        rule = {name: job.take(name) for name in list(job.left) if name not in set(_unknown(job.left))}
        job.request = {name: rule[name] for name in ("GroupId", "GroupName") if name in rule}
        permissions = [_permission(rule)]
        answer = getattr(job.client, f"authorize_security_group_{direction}")(**job.request, IpPermissions=permissions)
        job.physical_id = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def describe_anew(job: Job) -> None:
        if job.touched("Description"):
            rule = {"SecurityGroupRuleId": job.physical_id}
            wanted = {"Description": as_text(job.wanted.properties.get("Description", ""))}
            update = getattr(job.client, f"update_security_group_rule_descriptions_{direction}")
            update(**job.request, SecurityGroupRuleDescriptions=[rule | wanted])

    def revoke(job: Job, _snapshot: bool) -> None:
        permissions = [_permission(job.wanted.properties)]
        getattr(job.client, f"revoke_security_group_{direction}")(**job.request, IpPermissions=permissions)

    return Recipe(
        f"AWS::EC2::SecurityGroup{kind}",
        "ec2",
        make=authorize,
        remove=revoke,
        describe=_rule_id,
        show=("describe_security_group_rules:SecurityGroupRuleIds",),
        hidden=("SourceSecurityGroupName",),
        change=describe_anew,
    )


def _rule_id(job: Job, name: str) -> Any:
    return {"Id": job.physical_id}[name]


def _group_attribute(job: Job, name: str) -> Any:
    found = job.client.describe_security_groups(GroupIds=[job.physical_id])["SecurityGroups"][0]
    return found[{"GroupId": "GroupId", "Id": "GroupId", "VpcId": "VpcId"}[name]]


def _shown_group(job: Job) -> Any:
    """Show a group with its rules one by one, as a template declares them."""
    found = job.client.describe_security_groups(GroupIds=[job.physical_id])["SecurityGroups"][0]
    filters = [{"Name": "group-id", "Values": [job.physical_id]}]
    rules = job.client.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    peers = {"CidrIpv4": "CidrIp", "PrefixListId": "SourcePrefixListId"}
    flat = [
        {peers.get(key, key): value for key, value in rule.items()}
        | {_PEER[rule["IsEgress"]]: rule.get("ReferencedGroupInfo", {}).get("GroupId")}
        | {"DestinationPrefixListId": rule.get("PrefixListId")}
        for rule in rules
    ]
    return found | {
        "GroupDescription": found["Description"],
        "SecurityGroupIngress": [rule for rule in flat if not rule["IsEgress"]],
        "SecurityGroupEgress": [rule for rule in flat if rule["IsEgress"]],
    }


_PEER = {False: "SourceSecurityGroupId", True: "DestinationSecurityGroupId"}

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
        describe=_group_attribute,
        show=(_shown_group,),
        tagging=TAGS,
        change=_rules,
    ),
    _standalone("ingress"),
    _standalone("egress"),
)
