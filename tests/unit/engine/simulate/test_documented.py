"""The page about the simulation, and what it is made from: surveys of recipes, and reasons for what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.document.pages import simulation_pages, stale
from stackproof.document.survey import Survey, passed_over
from stackproof.simulate.cloudformation.schemas import Schema, schema
from stackproof.simulate.moto_internals import moto_reader
from stackproof.simulate.not_simulated import NOT_SIMULATED, UNDESCRIBED, reason
from stackproof.simulate.recipe import Job, Recipe, Tagging
from stackproof.simulate.resources import recipes

from .resource_cases import CASES

ROOT = Path(__file__).parents[4]


def _schema(kind: str) -> Schema:
    found = schema(kind)
    assert found is not None, kind
    return found


def _survey(**parts: object) -> Survey:
    recipe = Recipe("AWS::SNS::Topic", "sns", **parts)  # type: ignore[arg-type]
    return Survey(recipe, _schema("AWS::SNS::Topic"))


def test_page_is_up_to_date() -> None:
    """`make docs` writes it again."""
    assert stale(simulation_pages(), ROOT / "docs") == []


# --- The reasons. ---


def test_everything_that_no_recipe_takes_has_a_reason() -> None:
    unread = {kind: Survey(recipe, _schema(kind)).unread for kind, recipe in recipes().items()}
    assert [f"{kind}.{name}" for kind, names in unread.items() for name in names if reason(kind, name) is None] == []


def test_every_gap_of_a_case_has_a_reason() -> None:
    gaps = [(f"AWS::{case.type}", path) for case in CASES for path in case.gaps]
    assert [gap for gap in gaps if reason(*gap) is None] == []


def test_no_reason_is_given_for_what_a_recipe_takes() -> None:
    """But for what a case proves to be missing all the same; the deployments prove the rest (test_read_back.py)."""
    proven = {(f"AWS::{case.type}", path) for case in CASES for path in case.gaps}
    listed = {(kind, path) for kind, paths in NOT_SIMULATED.items() for path in paths}
    unread = {(kind, name) for kind in NOT_SIMULATED for name in Survey(recipes()[kind], _schema(kind)).unread}
    assert sorted(listed - unread - proven) == []


def test_what_nobody_shows_is_listed_unless_the_schema_says_so() -> None:
    hidden = {
        kind: sorted({*recipe.hidden} & found.properties - {*found.write_only})
        for kind, recipe in recipes().items()
        for found in [_schema(kind)]
    }
    assert {kind: names for kind, names in hidden.items() if names} == {
        kind: sorted(names) for kind, names in UNDESCRIBED.items()
    }


@pytest.mark.parametrize("kind", sorted(recipes()))
def test_the_call_of_every_recipe_is_found(kind: str) -> None:
    recipe = recipes()[kind]
    assert recipe.create in ("", *Survey(recipe, _schema(kind)).makes[:1])


def test_a_reason_holds_for_the_parts_of_a_property() -> None:
    kind, paths = next(iter(NOT_SIMULATED.items()))
    path, why = next(iter(paths.items()))
    assert reason(kind, f"{path}.*.Id") == why


def test_a_reason_does_not_hold_for_what_merely_begins_alike() -> None:
    kind, paths = next(iter(NOT_SIMULATED.items()))
    assert reason(kind, f"{next(iter(paths))}OfOld") is None


# --- The survey of a recipe. ---


def _of_its_own(job: Job) -> None:
    def inner() -> None:
        job.client.set_topic_attributes(TopicArn=job.physical_id, AttributeName=job.take("DisplayName"))

    job.client.get_topic_attributes(TopicArn=job.physical_id)
    inner()


def _by_name(job: Job) -> None:
    for verb in ("topic",):
        getattr(job.client, f"create_{verb}")()


def _shared(job: Job) -> None:
    _of_its_own(job)


def test_the_first_call_is_named_by_the_recipe() -> None:
    assert _survey(create="create_topic").makes == ("create_topic",)


def test_further_calls_are_found_in_the_functions_but_not_those_that_only_look() -> None:
    assert _survey(create="create_topic", after=_of_its_own).makes == ("create_topic", "set_topic_attributes")


def test_calls_are_found_through_other_functions() -> None:
    assert _survey(make=_shared).makes == ("set_topic_attributes",)


def test_calls_with_a_composed_name_are_found() -> None:
    assert _survey(make=_by_name).makes == ("create_topic",)


def test_a_recipe_that_says_nothing_of_updates_changes_nothing() -> None:
    assert _survey(create="create_topic", after=_of_its_own).changes == ()


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"update": "set_topic_attributes"}, ("set_topic_attributes",)),
        ({"change": _of_its_own}, ("set_topic_attributes",)),
        ({"put": True}, ("create_topic",)),
        ({"tagging": Tagging("tag_resource", "untag_resource", "ResourceArn")}, ("tag_resource", "untag_resource")),
    ],
)
def test_calls_that_change_are_found(parts: dict[str, object], expected: tuple[str, ...]) -> None:
    assert _survey(create="create_topic", **parts).changes == expected


def test_a_property_is_taken_where_a_call_or_a_function_names_it() -> None:
    survey = _survey(create="create_topic", after=_of_its_own, names={"TopicName": "Name"})
    assert survey.unread == (
        "ArchivePolicy",
        "ContentBasedDeduplication",
        "DeliveryStatusLogging",
        "FifoThroughputScope",
        "FifoTopic",
        "KmsMasterKeyId",
        "MaximumMessageSize",
        "SignatureVersion",
        "Subscription",
        "TracingConfig",
    )


# --- moto's own handlers. ---


def _reads(resource_name: str, cloudformation_json: dict[str, dict[str, str]]) -> tuple[str, str]:
    return resource_name, cloudformation_json["Properties"].get("DisplayName", "")


def test_a_handler_of_moto_passes_over_what_it_does_not_name() -> None:
    found = passed_over(_reads, "TopicName", _schema("AWS::SNS::Topic"))
    assert "KmsMasterKeyId" in found
    assert not {"DisplayName", "TopicName", "TopicArn"} & {*found}


def test_moto_says_which_property_names_a_resource() -> None:
    reader = moto_reader("AWS::Batch::JobQueue")
    assert reader is not None
    assert reader[1] == "JobQueueName"


def test_moto_has_no_handler_of_an_unknown_type() -> None:
    assert moto_reader("AWS::SNS::Topicc") is None
