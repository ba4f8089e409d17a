"""How stacks stand, told of stacks in every state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from stackproof.deploy import Deployer
from stackproof.deploy.drift import DriftUnknownError
from stackproof.deploy.preview import preview
from stackproof.deploy.status import LayerStatus, status
from stackproof.simulate.account import SimulatedAccount
from tests.unit.engine.deploy.shop import Shop


@pytest.fixture
def standing(account: SimulatedAccount, shop: Shop) -> SimulatedAccount:
    """An account in which the small system's dev stands."""
    list(Deployer(shop.deployment(), account.cloudformation).update())
    return account


def _base(account: SimulatedAccount, shop: Shop, *, drift: bool = False) -> LayerStatus:
    return status(shop.deployment(), account.cloudformation, drift=drift)[0]


def test_a_stack_that_is_missing(account: SimulatedAccount, shop: Shop) -> None:
    base = _base(account, shop)
    assert (base.status, base.reason, base.changed, base.good) == ("MISSING", "there is no stack", "", False)


def test_a_stack_that_was_only_previewed(account: SimulatedAccount, shop: Shop) -> None:
    preview(shop.deployment(), account.cloudformation)
    base = _base(account, shop)
    assert (base.status, base.reason, base.good) == ("REVIEW_IN_PROGRESS", "never created: only previewed", False)


def test_a_stack_that_stands(standing: SimulatedAccount, shop: Shop) -> None:
    base = _base(standing, shop)
    assert (base.status, base.reason, base.good) == ("CREATE_COMPLETE", "", True)
    assert datetime.fromisoformat(base.changed).tzinfo == UTC


def test_addresses_are_told_and_other_outputs_not(standing: SimulatedAccount, shop: Shop) -> None:
    assert _base(standing, shop).urls == (("Url", "https://shop.example.com"),)


def test_drift_is_not_looked_for_unless_asked(standing: SimulatedAccount, shop: Shop) -> None:
    assert _base(standing, shop).drift is None


def test_no_drift(standing: SimulatedAccount, shop: Shop) -> None:
    base = _base(standing, shop, drift=True)
    assert (base.drift, base.good) == ((), True)


def test_drift(standing: SimulatedAccount, shop: Shop) -> None:
    sns = standing.client("sns")
    (topic,) = sns.list_topics()["Topics"]
    sns.set_topic_attributes(TopicArn=topic["TopicArn"], AttributeName="DisplayName", AttributeValue="other")
    base = _base(standing, shop, drift=True)
    assert (base.drift, base.failed, base.good) == (("Topic (DisplayName)",), False, False)


def test_drift_that_cannot_be_found_out(
    standing: SimulatedAccount, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any) -> list[str]:
        raise DriftUnknownError("not\nsupported")

    monkeypatch.setattr("stackproof.deploy.status.drifted", refuse)
    base = _base(standing, shop, drift=True)
    assert (base.drift, base.drift_unknown, base.good) == (None, "not supported", False)


def test_each_layer_is_told_as_it_is_done(standing: SimulatedAccount, shop: Shop) -> None:
    told: list[str] = []
    status(shop.deployment(), standing.cloudformation, step=told.append)
    assert told == ["base", "files"]


def test_termination_protection(standing: SimulatedAccount, shop: Shop) -> None:
    protected = {"StackName": "shop-dev-base", "EnableTerminationProtection": True}
    standing.cloudformation().update_termination_protection(**protected)
    assert _base(standing, shop).protected


@pytest.mark.parametrize(
    ("word", "failed"),
    [
        ("CREATE_COMPLETE", False),
        ("UPDATE_COMPLETE", False),
        ("IMPORT_COMPLETE", False),
        ("UPDATE_IN_PROGRESS", False),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", False),
        ("ROLLBACK_COMPLETE", True),
        ("UPDATE_ROLLBACK_COMPLETE", True),
        ("IMPORT_ROLLBACK_COMPLETE", True),
        ("CREATE_FAILED", True),
        ("UPDATE_ROLLBACK_FAILED", True),
        ("DELETE_FAILED", True),
    ],
)
def test_which_statuses_are_failures(word: str, failed: bool) -> None:
    assert LayerStatus("base", "shop-dev-base", "us-east-1", word).failed is failed
