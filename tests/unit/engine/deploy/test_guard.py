"""What guards a protected environment."""

from __future__ import annotations

import json

import pytest

from stackproof.deploy.change_sets import Change
from stackproof.deploy.guard import Danger, Risk, risks, stack_policy, unaccepted

REGION = "us-east-1"
BUCKET = "AWS::S3::Bucket"
DATABASE = "AWS::RDS::DBInstance"
TOPIC = "AWS::SNS::Topic"


@pytest.mark.parametrize(
    ("change", "danger", "certain"),
    [
        (Change("Remove", "Goods", BUCKET), Danger.LOSES, True),
        (Change("Modify", "Goods", BUCKET, replacement="True", replacing=("BucketName",)), Danger.REPLACES, True),
        (Change("Modify", "Goods", BUCKET, replacement="Conditional"), Danger.REPLACES, False),
        (
            Change("Modify", "Main", DATABASE, replacement="False", properties=("DBInstanceClass",)),
            Danger.INTERRUPTS,
            True,
        ),
    ],
)
def test_a_dangerous_change_is_a_risk(change: Change, danger: Danger, certain: bool) -> None:
    assert list(risks("data", [change], REGION)) == [Risk("data", change, danger, certain)]


@pytest.mark.parametrize(
    "change",
    [
        Change("Add", "Goods", BUCKET),
        Change("Remove", "News", TOPIC),
        Change("Modify", "News", TOPIC, replacement="True", replacing=("TopicName",)),
        Change("Modify", "Goods", BUCKET, replacement="False", properties=("Tags",)),
        Change("Modify", "Main", DATABASE, replacement="False", properties=("CopyTagsToSnapshot",)),
    ],
)
def test_any_other_change_is_none(change: Change) -> None:
    assert list(risks("data", [change], REGION)) == []


@pytest.mark.parametrize(
    ("risk", "told"),
    [
        (Risk("data", Change("Remove", "Goods", BUCKET), Danger.LOSES), "data/Goods (AWS::S3::Bucket): loses data"),
        (
            Risk("data", Change("Modify", "Goods", BUCKET, replacing=("BucketName",)), Danger.REPLACES, certain=False),
            "data/Goods (AWS::S3::Bucket): perhaps replaces a resource with data (because of BucketName)",
        ),
    ],
)
def test_a_risk_names_resource_danger_and_cause(risk: Risk, told: str) -> None:
    assert str(risk) == told


@pytest.mark.parametrize(
    ("accepted", "open_ones"),
    [
        (set(), ["Goods", "Main"]),
        ({"Goods"}, ["Main"]),
        ({"data/Goods", "Main"}, []),
        ({"other/Goods"}, ["Goods", "Main"]),
    ],
)
def test_what_is_accepted_is_no_longer_open(accepted: set[str], open_ones: list[str]) -> None:
    found = [Risk("data", Change("Remove", name, BUCKET), Danger.LOSES) for name in ("Goods", "Main")]
    assert [risk.change.logical_id for risk in unaccepted(found, frozenset(accepted))] == open_ones


def test_the_stack_policy_denies_to_replace_or_remove_data_and_nothing_else() -> None:
    policy = json.loads(stack_policy({"News": TOPIC, "Main": DATABASE, "Goods": BUCKET}))
    assert policy["Statement"] == [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": ["Update:Replace", "Update:Delete"],
            "Principal": "*",
            "Resource": ["LogicalResourceId/Goods", "LogicalResourceId/Main"],
        },
    ]


def test_the_stack_policy_lets_pass_what_is_accepted() -> None:
    policy = json.loads(stack_policy({"Main": DATABASE, "Goods": BUCKET}, accepted=["Goods"]))
    assert policy["Statement"][1]["Resource"] == ["LogicalResourceId/Main"]


def test_a_stack_without_data_has_nothing_denied() -> None:
    (statement,) = json.loads(stack_policy({"News": TOPIC}))["Statement"]
    assert statement["Effect"] == "Allow"
