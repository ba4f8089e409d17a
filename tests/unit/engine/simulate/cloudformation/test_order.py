"""The order of work: what depends on what, what runs at the same time, what is cancelled."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from stackproof.simulate.cloudformation.order import OutOfTimeError, Pause, StepError, carry_out, delete_order

from .stage import SHOP, Stage, of


class Work:
    """Resources that begin and end, and note it."""

    def __init__(self, *, fails_to_begin: str = "", fails_to_end: str = "", late: str = "", waits: str = "") -> None:
        self.log: list[str] = []
        self._fails_to_begin = fails_to_begin
        self._fails_to_end = fails_to_end
        self._late = late
        self._waits = waits

    def begin(self, name: str) -> None:
        """Begin one."""
        self.log.append(f"begin {name}")
        if name in self._fails_to_begin:
            raise StepError(name, "no")

    def end(self, name: str) -> Iterator[Pause]:
        """End one, after waiting where that is asked for."""
        if name in self._waits:
            yield Pause.SIGNALS
        if name in self._late:
            raise OutOfTimeError(name, "late")
        if name in self._fails_to_end:
            raise StepError(name, "no")
        self.log.append(f"end {name}")

    def cancel(self, name: str) -> None:
        """Cancel one."""
        self.log.append(f"cancel {name}")

    def run(self, graph: dict[str, set[str]], *, goes_on: bool = False) -> list[str]:
        """Carry everything out; the log ends with what stopped it."""
        try:
            for pause in carry_out(graph, self.begin, self.end, self.cancel, goes_on=goes_on):
                self.log.append(f"pause {pause}")
        except StepError as error:
            self.log.append(f"{type(error).__name__} {error.logical_id}")
        return self.log


APART: dict[str, set[str]] = {"A": set(), "B": set(), "C": {"A"}}


def test_what_is_independent_is_under_way_at_the_same_time() -> None:
    assert Work().run(APART) == ["begin A", "begin B", "end A", "begin C", "end B", "end C"]


def test_a_failure_cancels_what_is_under_way_and_begins_nothing_else() -> None:
    assert Work(fails_to_end="A").run(APART) == ["begin A", "begin B", "cancel B", "StepError A"]


def test_what_fails_to_begin_is_not_cancelled() -> None:
    assert Work(fails_to_begin="B").run(APART) == ["begin A", "begin B", "cancel A", "StepError B"]


@pytest.mark.parametrize("when", ["fails_to_begin", "fails_to_end"])
def test_a_failure_may_stop_only_what_needs_it(when: str) -> None:
    log = Work(**{when: "A"}).run({"A": set(), "B": set(), "C": {"A"}, "D": {"B"}}, goes_on=True)
    assert log == ["begin A", "begin B", "end B", "begin D", "end D", "StepError A"]


def test_out_of_time_stops_everything() -> None:
    assert Work(late="A").run(APART, goes_on=True) == ["begin A", "begin B", "cancel B", "OutOfTimeError A"]


def test_waiting_lets_the_rest_wait_too() -> None:
    assert Work(waits="A").run({"A": set(), "B": set()}) == ["begin A", "begin B", "pause signals", "end A", "end B"]


@pytest.mark.parametrize(
    ("needs", "order"),
    [
        ({"A": set(), "B": {"A"}, "C": {"B"}}, ["C", "B", "A"]),
        ({"A": {"B"}, "B": set(), "C": set()}, ["A", "C", "B"]),
        ({"A": {"gone"}, "B": {"A", "B"}}, ["B", "A"]),
    ],
)
def test_removal_takes_dependents_first(needs: dict[str, set[str]], order: list[str]) -> None:
    assert delete_order({name: frozenset(found) for name, found in needs.items()}) == order


# --- As a stack tells it. ---


def test_independent_resources_start_together(stage: Stage) -> None:
    """Stack creation events: CloudFormation creates resources in parallel where nothing depends on them."""
    stage.create("Resources: {A: {Type: AWS::SNS::Topic}, B: {Type: AWS::SNS::Topic}}")
    assert stage.news() == [
        "shop CREATE_IN_PROGRESS User Initiated",
        "A CREATE_IN_PROGRESS",
        "A CREATE_IN_PROGRESS Resource creation Initiated",
        "B CREATE_IN_PROGRESS",
        "B CREATE_IN_PROGRESS Resource creation Initiated",
        "A CREATE_COMPLETE",
        "B CREATE_COMPLETE",
        "shop CREATE_COMPLETE",
    ]


def test_siblings_of_a_failed_resource_are_cancelled(stage: Stage) -> None:
    """Troubleshooting CloudFormation: resource creation cancelled."""
    stage.fail("B")
    stage.create("Resources: {A: {Type: AWS::SNS::Topic}, B: {Type: AWS::SNS::Topic}}")
    told = stage.news()
    assert of(told, "A")[2:] == [
        "CREATE_FAILED Resource creation cancelled",
        "DELETE_IN_PROGRESS",
        "DELETE_COMPLETE",
    ]
    assert "ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [A, B]. Rollback requested by user." in of(
        told, SHOP
    )


def test_siblings_of_a_failed_update_are_cancelled(stage: Stage) -> None:
    """Troubleshooting CloudFormation: resource update cancelled."""
    body = """
    Resources:
      A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: '%s'}}
      B: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: '%s'}}
    """
    stage.create(body % (1, 1))
    stage.news()
    stage.fail("B", times=1)
    stage.update(body % (2, 2))
    assert of(stage.news(), "A") == [
        "UPDATE_IN_PROGRESS",
        "UPDATE_FAILED Resource update cancelled",
        "UPDATE_IN_PROGRESS",
        "UPDATE_COMPLETE",
    ]


REFERENCES = {
    "Ref": {"Ref": "Base"},
    "GetAtt": {"Fn::GetAtt": ["Base", "TopicName"]},
    "Sub": {"Fn::Sub": "${Base.TopicName}"},
    "Join": {"Fn::Join": ["-", ["x", {"Ref": "Base"}]]},
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_is_a_dependency(stage: Stage, name: str) -> None:
    """DependsOn attribute: references through Ref and Fn::GetAtt imply an order."""
    stage.create(
        {
            "Resources": {
                "First": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": REFERENCES[name]}},
                "Base": {"Type": "AWS::SNS::Topic"},
            }
        }
    )
    complete = [line for line in stage.news() if line.endswith("CREATE_COMPLETE")]
    assert complete == ["Base CREATE_COMPLETE", "First CREATE_COMPLETE", "shop CREATE_COMPLETE"]


def test_depends_on_is_a_dependency(stage: Stage) -> None:
    """DependsOn attribute."""
    stage.create("""
    Resources:
      Last: {Type: AWS::SNS::Topic, DependsOn: [Middle]}
      Middle: {Type: AWS::SNS::Topic, DependsOn: First}
      First: {Type: AWS::SNS::Topic}
    """)
    complete = [line.split()[0] for line in stage.news() if line.endswith("CREATE_COMPLETE")]
    assert complete == ["First", "Middle", "Last", "shop"]


def test_a_dependency_on_a_resource_whose_condition_is_false_is_none(stage: Stage) -> None:
    """DependsOn attribute: a resource that is not created is not waited for."""
    stage.create("""
    Conditions: {Never: !Equals [a, b]}
    Resources:
      Last: {Type: AWS::SNS::Topic, DependsOn: First}
      First: {Type: AWS::SNS::Topic, Condition: Never}
    """)
    assert stage.resources() == {"Last": "CREATE_COMPLETE"}


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        (
            {"A": {"DependsOn": "B"}, "B": {"DependsOn": "A"}},
            "Circular dependency between resources: [A, B]",
        ),
        (
            {"A": {"DependsOn": "Nobody"}},
            "Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template",
        ),
    ],
)
def test_wrong_dependencies_are_refused(stage: Stage, resources: dict[str, dict[str, str]], said: str) -> None:
    """Troubleshooting CloudFormation: circular dependencies, unresolved dependencies."""
    body = {"Resources": {name: {"Type": "AWS::SNS::Topic", **found} for name, found in resources.items()}}
    assert stage.refuses(json.dumps(body)) == said
