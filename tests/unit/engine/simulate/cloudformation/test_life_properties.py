"""What holds for any two templates: an update gives what a creation gives, a failed one changes nothing, and so on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackproof.simulate import simulated_account

from .stage import ACCOUNT, REGION, SHOP, Stage

TOPIC, VALUE, QUEUE = "AWS::SNS::Topic", "AWS::SSM::Parameter", "AWS::SQS::Queue"
KINDS = {"A": TOPIC, "B": VALUE, "C": TOPIC, "D": VALUE, "E": QUEUE, "F": VALUE}
"""What each logical id is; one refers only to those before it, so that no circle comes about."""
_MADE_UP = re.compile(r"-[A-Za-z0-9]{12}\b")

Template = dict[str, Any]


# --- Templates. ---


@st.composite
def drawn_properties(draw: st.DrawFn, name: str, earlier: list[str], conditional: set[str]) -> dict[str, Any]:
    """Draw the properties of one resource."""
    if KINDS[name] == TOPIC:
        chosen = {
            "TopicName": draw(st.sampled_from([None, f"{name}-one", f"{name}-two"])),
            "DisplayName": draw(st.sampled_from([None, "x", {"Ref": "Text"}])),
        }
        return {key: value for key, value in chosen.items() if value is not None}
    if KINDS[name] == QUEUE:
        return {"VisibilityTimeout": draw(st.sampled_from([10, 20])), "DelaySeconds": draw(st.sampled_from([0, 5]))}
    sources: list[str | dict[str, Any]] = ["one", "two", {"Ref": "Text"}]
    for other in earlier:
        reference = {"Ref": other}
        sources.append({"Fn::If": ["On", reference, "none"]} if other in conditional else reference)
    return {"Type": "String", "Value": {"Fn::Join": ["+", ["v", draw(st.sampled_from(sources))]]}}


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """Draw a template whose parameter Text and condition On decide about some of its resources."""
    names: list[str] = sorted(draw(st.sets(st.sampled_from(sorted(KINDS)), min_size=1)))
    conditional: set[str] = draw(st.sets(st.sampled_from(names)))
    if conditional == set(names):
        conditional.remove(names[0])
    resources = {}
    for position, name in enumerate(names):
        earlier = names[:position]
        resource: dict[str, Any] = {
            "Type": KINDS[name],
            "Properties": draw(drawn_properties(name, earlier, conditional)),
        }
        if name in conditional:
            resource["Condition"] = "On"
        needed: str | None = draw(st.sampled_from([None, *earlier]))
        if needed is not None:
            resource["DependsOn"] = needed
        policy = draw(st.sampled_from([None, None, None, "Retain", "RetainExceptOnCreate"]))
        if policy is not None:
            resource["DeletionPolicy"] = policy
        resources[name] = resource
    outputs: dict[str, Any] = {}
    for name in names:
        outputs[name] = {"Value": {"Ref": name}}
        if name in conditional:
            outputs[name]["Condition"] = "On"
        if draw(st.booleans()):
            outputs[name]["Export"] = {"Name": f"export-{name}"}
    return {
        "Parameters": {"Text": {"Type": "String"}},
        "Conditions": {"On": {"Fn::Equals": [{"Ref": "Text"}, "on"]}},
        "Resources": resources,
        "Outputs": outputs,
    }


TEXTS = st.sampled_from(["on", "off"])


# --- What stands. ---


def made_up(value: Any) -> Any:
    """Return a text without the parts that are random."""
    return _MADE_UP.sub("-*", value) if isinstance(value, str) else value


def shown(stage: Stage, kind: str, physical_id: str) -> Any:
    """Return what the service shows of a resource."""
    if kind == TOPIC:
        return stage.client("sns").get_topic_attributes(TopicArn=physical_id)["Attributes"]["DisplayName"]
    if kind == VALUE:
        return stage.client("ssm").get_parameter(Name=physical_id)["Parameter"]["Value"]
    names = ["VisibilityTimeout", "DelaySeconds"]
    return stage.client("sqs").get_queue_attributes(QueueUrl=physical_id, AttributeNames=names)["Attributes"]


def state(stage: Stage) -> dict[str, Any]:
    """Return the stack as it stands: what it says of itself, and what the services show."""
    described = stage.described()
    found = stage.cfn.describe_stack_resources(StackName=SHOP)["StackResources"]
    resources = {
        one["LogicalResourceId"]: (
            one["PhysicalResourceId"],
            shown(stage, one["ResourceType"], one["PhysicalResourceId"]),
        )
        for one in found
        if one["ResourceStatus"] != "DELETE_COMPLETE"
    }
    return {
        "parameters": described["Parameters"],
        "outputs": stage.outputs(),
        "exports": {one["Name"]: one["Value"] for one in stage.cfn.list_exports()["Exports"]},
        "template": stage.cfn.get_template(StackName=SHOP)["TemplateBody"],
        "resources": resources,
    }


def without_made_up(found: Any) -> Any:
    """Return a state without what is random in it."""
    if isinstance(found, Mapping):
        return {key: without_made_up(value) for key, value in found.items()}
    if isinstance(found, list | tuple):
        return [without_made_up(item) for item in found]
    return made_up(found)


def things_of(stage: Stage) -> set[str]:
    """Return the physical ids of everything that a template can make here."""
    topics = [one["TopicArn"] for one in stage.client("sns").list_topics()["Topics"]]
    values = [one["Name"] for one in stage.client("ssm").describe_parameters()["Parameters"]]
    return {*topics, *values, *stage.client("sqs").list_queues().get("QueueUrls", ())}


@contextmanager
def staged() -> Iterator[Stage]:
    """Give an empty account."""
    with simulated_account(REGION, ACCOUNT) as account:
        yield Stage(account)


def updated(stage: Stage, template: Template, text: str, **request: Any) -> bool:
    """Update the stack; return False where there is nothing to update."""
    try:
        stage.update(template, Parameters={"Text": text}, **request)
    except Exception as error:
        if "No updates are to be performed" in str(error):
            return False
        raise
    return True


some = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@some
@given(templates(), TEXTS, templates(), TEXTS)
def test_an_update_gives_what_a_creation_gives(first: Template, text: str, second: Template, other: str) -> None:
    with staged() as stage:
        stage.create(first, Parameters={"Text": text})
        assert stage.status() == "CREATE_COMPLETE"
        if not updated(stage, second, other):
            return
        assert stage.status() == "UPDATE_COMPLETE"
        after_update = without_made_up(state(stage))
    with staged() as stage:
        stage.create(second, Parameters={"Text": other})
        assert without_made_up(state(stage)) == after_update


@some
@given(templates(), TEXTS, templates(), TEXTS, st.sampled_from(sorted(KINDS)))
def test_a_failed_update_leaves_everything_as_it_was(
    first: Template, text: str, second: Template, other: str, faulty: str
) -> None:
    second = without_policies(second)
    with staged() as stage:
        stage.create(first, Parameters={"Text": text})
        before, things = state(stage), things_of(stage)
        stage.fail(faulty, times=1)
        if not updated(stage, second, other) or stage.status() == "UPDATE_COMPLETE":
            return
        assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
        assert state(stage) == before
        assert things_of(stage) == things


@some
@given(templates(), TEXTS, templates(), TEXTS, st.sampled_from(sorted(KINDS)))
def test_failed_updates_that_stay_can_be_rolled_back(
    first: Template, text: str, second: Template, other: str, faulty: str
) -> None:
    second = without_policies(second)
    with staged() as stage:
        stage.create(first, Parameters={"Text": text})
        before, things = state(stage), things_of(stage)
        stage.fail(faulty, times=2)
        if not updated(stage, second, other, DisableRollback=True) or stage.status() == "UPDATE_COMPLETE":
            return
        stage.update(second, Parameters={"Text": text}, DisableRollback=True)
        if stage.status() == "UPDATE_COMPLETE":
            return
        stage.cfn.rollback_stack(StackName=SHOP)
        assert stage.status() == "UPDATE_ROLLBACK_COMPLETE"
        assert state(stage) == before
        assert things_of(stage) == things


@some
@given(templates(), TEXTS, templates(), TEXTS, st.sampled_from(["", *sorted(KINDS)]))
def test_a_deletion_leaves_nothing_but_what_is_retained(
    first: Template, text: str, second: Template, other: str, faulty: str
) -> None:
    with staged() as stage:
        things = things_of(stage)
        stage.create(first, Parameters={"Text": text})
        stage.fail(faulty, times=1)
        updated(stage, second, other)
        assert not stage.status().endswith("IN_PROGRESS")
        stage.delete()
        stage.cfn.list_stacks()
        kept = {found.physical_id for found in stage.account.record.kept}
        assert things_of(stage) - things == kept
        assert stage.cfn.list_exports()["Exports"] == []


def without_policies(template: Template) -> Template:
    """Return a template that retains nothing."""
    resources = {
        name: {key: value for key, value in resource.items() if key != "DeletionPolicy"}
        for name, resource in template["Resources"].items()
    }
    return template | {"Resources": resources}


# --- Events. ---

NEXT = {
    "": {"CREATE_IN_PROGRESS"},
    "CREATE_IN_PROGRESS": {"CREATE_IN_PROGRESS", "CREATE_COMPLETE", "CREATE_FAILED"},
    "CREATE_COMPLETE": {"UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_SKIPPED"},
    "CREATE_FAILED": {"DELETE_IN_PROGRESS", "DELETE_COMPLETE", "DELETE_SKIPPED", "CREATE_IN_PROGRESS"},
    "UPDATE_IN_PROGRESS": {"UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_FAILED"},
    "UPDATE_COMPLETE": {"UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_SKIPPED"},
    "UPDATE_FAILED": {"UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_SKIPPED"},
    "DELETE_IN_PROGRESS": {"DELETE_COMPLETE", "DELETE_FAILED"},
    "DELETE_COMPLETE": {"CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_SKIPPED"},
    "DELETE_SKIPPED": {"CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "DELETE_SKIPPED"},
}
"""Which status of a resource may follow which; after a replacement the old one goes while the new one is complete."""


@some
@given(templates(), TEXTS, templates(), TEXTS, st.sampled_from(["", *sorted(KINDS)]), st.booleans())
def test_the_statuses_of_a_resource_follow_one_another(
    first: Template, text: str, second: Template, other: str, faulty: str, disable: bool
) -> None:
    with staged() as stage:
        stage.fail(faulty, times=1)
        stack_id = stage.create(first, Parameters={"Text": text}, DisableRollback=disable)
        if not stage.status().startswith("ROLLBACK"):
            stage.fail(faulty, times=1)
            request: dict[str, Any] = {"DisableRollback": True} if stage.status().startswith("CREATE_FAILED") else {}
            updated(stage, second, other, **request)
        stage.delete()
        told: dict[str, list[tuple[str, str]]] = {}
        times = []
        for event in stage.events(stack_id):
            times.append(event["Timestamp"])
            if event["LogicalResourceId"] != SHOP:
                told.setdefault(event["LogicalResourceId"], []).append(
                    (event["ResourceStatus"], event["PhysicalResourceId"])
                )
        assert times == sorted(times)
        for name, statuses in told.items():
            before = ""
            for status, _ in statuses:
                assert status in NEXT[before], (name, statuses)
                before = status
        assert stage.status(stack_id) == "DELETE_COMPLETE"
