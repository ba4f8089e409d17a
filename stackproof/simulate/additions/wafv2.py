"""WAF: what rules cost, parts of web ACLs that moto does not know, and updates that take parts away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.wafv2 import models as _models

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models

_LATER_PARTS = ("ApplicationConfig", "DataProtectionConfig", "MonetizationConfig", "OnSourceDDoSProtectionConfig")
"""Parts of a web ACL that moto does not know."""

_known_parts = models.FakeWebACL.to_dict


def _all_parts(acl: Any) -> dict[str, Any]:
    return {**_known_parts(acl), **vars(acl).get("further", {})}


_BASE = {
    "AsnMatchStatement": 1,
    "GeoMatchStatement": 1,
    "IPSetReferenceStatement": 1,
    "LabelMatchStatement": 1,
    "RateBasedStatement": 2,
    "RegexMatchStatement": 3,
    "RegexPatternSetReferenceStatement": 25,
    "SizeConstraintStatement": 1,
    "SqliMatchStatement": 20,
    "XssMatchStatement": 40,
}
_POSITIONS = {"CONTAINS": 10, "CONTAINS_WORD": 10}
_MANAGED = {
    "AWSManagedRulesACFPRuleSet": 50,
    "AWSManagedRulesATPRuleSet": 50,
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesAntiDDoSRuleSet": 50,
    "AWSManagedRulesBotControlRuleSet": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesWordPressRuleSet": 100,
}
"""Rule groups of AWS by what they cost."""
_TRANSFORMATION, _ARGUMENTS, _CUSTOM_KEY, _ANY_FORWARDED = 10, 10, 30, 4
_MOST = 5000


def capacity(rules: list[Item], groups: Mapping[str, int]) -> int:
    """Return how many capacity units rules take; one transformation of one part of a request is paid once.

    Parameters:
        rules: as WAF's API has them.
        groups: the capacity of own rule groups, by ARN.
    """
    seen: set[str] = set()
    return sum(_cost(rule["Statement"], groups, seen) for rule in rules)


def _cost(statement: Item, groups: Mapping[str, int], seen: set[str]) -> int:
    ((kind, given),) = statement.items()
    inner = [
        *given.get("Statements", ()),
        *(given[name] for name in ("Statement", "ScopeDownStatement") if given.get(name)),
    ]
    cost = sum(_cost(child, groups, seen) for child in inner)
    match kind:
        case "ByteMatchStatement":
            cost += _on_part(given, _POSITIONS.get(given["PositionalConstraint"], 2), seen)
        case "ManagedRuleGroupStatement":
            cost += _MANAGED.get(given["Name"], 0)
        case "RuleGroupReferenceStatement":
            cost += groups.get(given["ARN"], 0)
        case "RateBasedStatement":
            cost += _BASE[kind] + _CUSTOM_KEY * len(given.get("CustomKeys", ()))
        case "IPSetReferenceStatement":
            anywhere = given.get("IPSetForwardedIPConfig", {}).get("Position") == "ANY"
            cost += _BASE[kind] + (_ANY_FORWARDED if anywhere else 0)
        case "SqliMatchStatement" if given.get("SensitivityLevel") == "HIGH":
            cost += _on_part(given, 30, seen)
        case _ if "FieldToMatch" in given:
            cost += _on_part(given, _BASE[kind], seen)
        case _:
            cost += _BASE.get(kind, 0)
    return cost


def _on_part(given: Item, base: int, seen: set[str]) -> int:
    """Return the cost of looking at one part of a request."""
    part = given["FieldToMatch"]
    cost = base * (2 if "JsonBody" in part else 1) + (_ARGUMENTS if "AllQueryArguments" in part else 0)
    for entry in given.get("TextTransformations", ()):
        transformation = f"{part} {entry['Type']}"
        if entry["Type"] != "NONE" and transformation not in seen:
            seen.add(transformation)
            cost += _TRANSFORMATION
    return cost


def _group_capacities(response: Response) -> dict[str, int]:
    return {group.arn: group.capacity for group in response.wafv2_backend.rule_groups.values()}


def _check_capacity(response: Response, request: Item) -> Any:
    return {"Capacity": capacity(request["Rules"], _group_capacities(response))}


def _affordable(response: Response, request: Item) -> int:
    found = capacity(request.get("Rules", []), _group_capacities(response))
    if found > _MOST:
        raise Refused("WAFLimitsExceededException", f"The web ACL takes {found} capacity units; {_MOST} is the most.")
    return found


def _create_web_acl(response: Response, request: Item) -> Any:
    response.create_web_acl()
    backend = response.wafv2_backend
    acl = next(acl for acl in backend.wacls.values() if acl.name == request["Name"])
    try:
        acl.capacity = _affordable(response, request)
    except Refused:
        backend.wacls.pop(acl.arn)
        raise
    acl.further = _later_parts(request)
    return {"Summary": acl.to_short_dict()}


def _later_parts(request: Item) -> Item:
    return {name: request[name] for name in _LATER_PARTS if name in request}


_OPTIONAL_PARTS = {
    "association_config": "AssociationConfig",
    "captcha_config": "CaptchaConfig",
    "challenge_config": "ChallengeConfig",
    "custom_response_bodies": "CustomResponseBodies",
    "description": "Description",
    "token_domains": "TokenDomains",
}


def _forget(thing: Any, request: Item) -> None:
    """Forget of a thing what a request leaves out, since an update of WAF says all that a thing is to be."""
    for attribute, name in _OPTIONAL_PARTS.items():
        if name not in request and hasattr(thing, attribute):
            setattr(thing, attribute, "" if name == "Description" else None)
    if hasattr(thing, "rules") and not request.get("Rules"):
        thing.rules = []


def _update_web_acl(response: Response, request: Item) -> Any:
    found = _affordable(response, request)
    response.update_web_acl()
    acl = response.wafv2_backend.get_web_acl(None, request["Name"], request["Id"])
    _forget(acl, request)
    acl.capacity = found
    acl.further = _later_parts(request)
    return {"NextLockToken": acl.lock_token}


def _updated(kind: str) -> Method:
    """Return what updates something of this kind as a whole."""

    def update(response: Response, request: Item) -> Any:
        getattr(response, f"update_{kind}")()
        things = getattr(response.wafv2_backend, f"{kind}s").values()
        (thing,) = (thing for thing in things if f"/{request['Name']}/{request['Id']}" in thing.arn)
        _forget(thing, request)
        return {"NextLockToken": thing.lock_token}

    return update


METHODS: Mapping[tuple[str, str], Method] = {
    ("wafv2", "CheckCapacity"): _check_capacity,
    ("wafv2", "CreateWebACL"): _create_web_acl,
    ("wafv2", "UpdateIPSet"): _updated("ip_set"),
    ("wafv2", "UpdateRegexPatternSet"): _updated("regex_pattern_set"),
    ("wafv2", "UpdateRuleGroup"): _updated("rule_group"),
    ("wafv2", "UpdateWebACL"): _update_web_acl,
}

PATCHES = ((models.FakeWebACL, "to_dict", _all_parts),)
