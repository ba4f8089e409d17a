"""How far the role of the stacks reaches where no name limits it, in every system and environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from stackproof import Deployment
from stackproof.resolve.values import plain_value

READING = ("Describe", "Get", "List")


def _statements(deployment: Deployment) -> Iterator[dict[str, Any]]:
    for value in deployment["delivery"]["StackRole"].items_of("ManagedPolicyArns"):
        policy = deployment.follow(value)
        assert policy is not None
        yield from plain_value(policy.block("PolicyDocument").items_of("Statement"))


def _listed(value: Any) -> list[str]:
    return [str(item) for item in (value if isinstance(value, list) else [value])]


def test_what_changes_anything_is_limited_to_the_regions_of_the_stacks(deployment: Deployment) -> None:
    """The system's own and, where there is a recovery layer, that layer's."""
    regions = {stack.context.region for stack in deployment.stacks.values()}
    changing = [
        statement
        for statement in _statements(deployment)
        if _listed(statement["Resource"]) == ["*"]
        and not all(action.partition(":")[2].startswith(READING) for action in _listed(statement["Action"]))
    ]
    assert len(changing) > 4
    for statement in changing:
        assert set(statement["Condition"]["StringEquals"]["aws:RequestedRegion"]) == regions


def test_zones_take_addresses_and_proofs_only(deployment: Deployment) -> None:
    """No record that makes a zone, or says where mail goes, can be changed."""
    (statement,) = [
        statement
        for statement in _statements(deployment)
        if "route53:ChangeResourceRecordSets" in _listed(statement["Action"])
    ]
    types = statement["Condition"]["ForAllValues:StringEquals"]["route53:ChangeResourceRecordSetsRecordTypes"]
    assert set(types) == {"A", "AAAA", "CNAME"}
