"""What an update did to resources, worked out from what stood before, what stands after, and what was kept."""

from __future__ import annotations

import pytest

from stackproof.simulate.effects import Effect, Stood, Told, effects
from stackproof.simulate.record import Kept

KIND = "AWS::DynamoDB::Table"
OLD = Stood("data", "Table", KIND, "old", holds_data=True)
NEW = Stood("data", "Table", KIND, "new", holds_data=True)
PLACE = ("data", "Table")


def _kept(policy: str) -> list[Kept]:
    return [Kept("shop-dev-data", "Table", KIND, policy, "old")]


@pytest.mark.parametrize(
    ("after", "replacing", "interrupting", "kept", "told"),
    [
        pytest.param([OLD], (), (), [], [], id="untouched"),
        pytest.param([OLD], ("KeySchema",), (), [], [], id="a replacement that was none after all"),
        pytest.param([OLD], (), ("Size",), [], [Told(OLD, Effect.INTERRUPTED, ("Size",), False)], id="interrupted"),
        pytest.param([NEW], ("Key",), ("Size",), [], [Told(OLD, Effect.REPLACED, ("Key",), True)], id="replaced"),
        pytest.param([], (), (), [], [Told(OLD, Effect.REMOVED, (), True)], id="removed"),
        pytest.param(
            [NEW],
            ("Key",),
            (),
            _kept("Retain"),
            [
                Told(OLD, Effect.REPLACED, ("Key",), False),
                Told(OLD, Effect.RETAINED, ("its policy Retain",), False),
            ],
            id="replaced and retained",
        ),
        pytest.param(
            [],
            (),
            (),
            _kept("Retain"),
            [Told(OLD, Effect.RETAINED, ("its policy Retain",), False)],
            id="removed and retained",
        ),
        pytest.param(
            [],
            (),
            (),
            _kept("Snapshot"),
            [Told(OLD, Effect.SNAPSHOT, ("its policy Snapshot",), False)],
            id="removed with a snapshot",
        ),
    ],
)
def test_effect_of_an_update(
    after: list[Stood],
    replacing: tuple[str, ...],
    interrupting: tuple[str, ...],
    kept: list[Kept],
    told: list[Told],
) -> None:
    interrupts = {PLACE: interrupting} if interrupting else {}
    assert list(effects([OLD], after, {PLACE: replacing}, interrupts, kept)) == told


def test_new_resource_is_not_told() -> None:
    assert list(effects([], [NEW], {}, {}, [])) == []


def test_resource_of_another_type_is_another_resource() -> None:
    """Even one that has the same physical id."""
    other = Stood("data", "Table", "AWS::SNS::Topic", "old")
    assert [told.effect for told in effects([OLD], [other], {}, {}, [])] == [Effect.REPLACED]


def test_same_name_in_another_layer_is_another_resource() -> None:
    other = Stood("other", "Table", KIND, "old")
    assert [(told.effect, told.of.layer) for told in effects([OLD], [other], {}, {}, [])] == [(Effect.REMOVED, "data")]


def test_resource_without_data_is_not_lost() -> None:
    topic = Stood("data", "Topic", "AWS::SNS::Topic", "old")
    assert [told.lost for told in effects([topic], [], {}, {}, [])] == [False]


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(OLD, Effect.REMOVED, (), True), "AWS::DynamoDB::Table (data/Table): removed by the update"),
        (
            Told(OLD, Effect.REPLACED, ("Key", "Size"), True),
            "AWS::DynamoDB::Table (data/Table): replaced by the update, because of Key, Size",
        ),
    ],
)
def test_words(told: Told, words: str) -> None:
    assert str(told) == words
