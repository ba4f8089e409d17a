"""One layer, from every state that its stack may be found in; CloudFormation takes its time, and fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from stackproof.deploy import Deployer, DeployError, Event, Terms
from stackproof.deploy.change_sets import made
from stackproof.deploy.layer import MAX_LAG_SECONDS, MAX_WAIT_SECONDS, POLL_SECONDS, LayerRun
from stackproof.deploy.request import create_request
from stackproof.deploy.stacks import find
from stackproof.simulate.account import SimulatedAccount
from tests.unit.engine.deploy.clients import CUT, TIMEOUT, Broken, Slow, refusal
from tests.unit.engine.deploy.market import Market, history, told

STACK = "market-dev-base"
EXPIRED = refusal("ExpiredToken", "The security token included in the request is expired")
CREATED = ["REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
UPDATED = ["UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_COMPLETE"]
ROLLED_BACK = [
    "UPDATE_IN_PROGRESS",
    "UPDATE_ROLLBACK_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE",
]


class Base:
    """The layer ``base`` of the market, alone in its account."""

    def __init__(self, account: SimulatedAccount, market: Market) -> None:
        self.account = account
        self.market = market
        self.client = account.cloudformation()
        self.pauses: list[float] = []

    def run(self, client: Any = None, terms: Terms | None = None, environment: str = "dev") -> LayerRun:
        """Return what brings it to what its template says now."""
        deployment = self.market.deployment(environment)
        return LayerRun(
            deployment, "base", client or self.client, lambda _layer, _name: "", self.pauses.append, terms or Terms()
        )

    def deploy(self, client: Any = None, terms: Terms | None = None) -> list[Event]:
        """Bring it to what its template says now."""
        return list(self.run(client, terms).deploy())

    def fails(self, client: Any = None, terms: Terms | None = None) -> str:
        """Return why it cannot be brought there."""
        with pytest.raises(DeployError) as caught:
            self.deploy(client, terms)
        return str(caught.value)

    @property
    def status(self) -> str:
        """The stack's status; empty where there is none."""
        found = find(self.client, STACK)
        return found.status if found is not None else ""

    @property
    def history(self) -> list[str]:
        """All statuses that the stack ever had."""
        return history(self.client, STACK)

    @property
    def note(self) -> str:
        """What the layer's parameter holds."""
        (found,) = self.client.describe_stack_resources(StackName=STACK, LogicalResourceId="Note")["StackResources"]
        ssm = self.account.client("ssm")
        return str(ssm.get_parameter(Name=found["PhysicalResourceId"])["Parameter"]["Value"])


@pytest.fixture
def base(account: SimulatedAccount, market: Market) -> Base:
    """The layer, not deployed."""
    return Base(account, market)


BROKEN = "Value: first", "Value: ''"
"""What SSM refuses: a parameter without a value."""


# --- Waiting. ---


def test_a_stack_that_takes_its_time_is_looked_at_again_after_a_pause(base: Base) -> None:
    slow = Slow(base.client, polls=3)
    events = base.deploy(slow)
    assert base.pauses == [POLL_SECONDS] * 3
    assert [status for _, status in told(events)] == CREATED


def test_every_event_is_told_once(base: Base) -> None:
    events = base.deploy(Slow(base.client, polls=4))
    steps = [(event.logical_id, event.status, event.reason) for event in events]
    assert len(steps) == len(set(steps))
    assert {name for name, status, _ in steps if status == "CREATE_COMPLETE"} == {"", "Network", "Note"}


def test_an_operation_that_is_seen_late_is_waited_for(base: Base) -> None:
    """Right after the request, CloudFormation may still show the stack as it was before."""
    base.deploy()
    base.market.change("base")
    events = base.deploy(Slow(base.client, polls=2, lag=4))
    assert [status for _, status in told(events)] == UPDATED
    assert base.note == "second"


def test_a_creation_that_is_seen_late_is_waited_for(base: Base) -> None:
    assert [status for _, status in told(base.deploy(Slow(base.client, polls=2, lag=4)))] == CREATED


def test_an_operation_that_is_never_seen_is_no_success(base: Base) -> None:
    """It is given up after a minute; where it happens nevertheless, whoever comes back finds that."""
    said = "CloudFormation shows nothing of it yet (REVIEW_IN_PROGRESS): run the same command again"
    assert base.fails(Slow(base.client, lag=1000)) == f"{STACK}: {said}"
    assert sum(base.pauses) == MAX_LAG_SECONDS
    assert base.deploy() == []


def test_an_update_that_is_never_seen_is_no_success(base: Base) -> None:
    """The stack is in a good state, but in that of before."""
    base.deploy()
    base.market.change("base")

    class Deaf(Slow):
        def execute_change_set(self, **_request: Any) -> None:
            """Lose the request."""

    assert "CloudFormation shows nothing of it yet (CREATE_COMPLETE)" in base.fails(Deaf(base.client))


def test_an_endless_operation_is_given_up(base: Base) -> None:
    assert "still CREATE_IN_PROGRESS after 3 hours" in base.fails(Slow(base.client, polls=10**6))
    assert sum(base.pauses) == MAX_WAIT_SECONDS


def test_a_stack_that_is_as_it_should_be_is_left_alone(base: Base) -> None:
    base.deploy()
    assert base.deploy() == []
    assert base.history == CREATED


# --- Attaching to what is under way. ---


@pytest.mark.parametrize("steps", range(1, 8))
def test_whoever_comes_back_during_a_creation_attaches(base: Base, steps: int) -> None:
    slow = Slow(base.client, polls=4)
    begun = base.run(slow).deploy()
    for _ in range(steps):
        next(begun)
    events = base.deploy(slow)
    assert slow.executed == [STACK]
    assert base.history == CREATED
    # Everything since the operation began is told again: nobody may have read it. What is over is not under way.
    assert [status for _, status in told(events)] in (CREATED, CREATED[1:], [])
    assert base.status == "CREATE_COMPLETE"


def test_whoever_comes_back_during_an_update_attaches(base: Base) -> None:
    base.deploy()
    base.market.change("base")
    slow = Slow(base.client, polls=4)
    next(iter(base.run(slow).deploy()))
    second = base.run(slow)
    assert [status for _, status in told(list(second.deploy()))] == UPDATED
    assert (slow.executed, base.note, second.attached) == ([STACK], "second", True)


def test_whoever_comes_back_to_somebody_elses_update_waits_and_then_makes_the_own(base: Base) -> None:
    base.deploy()
    slow = Slow(base.client, polls=3)
    base.market.change("base")
    next(iter(base.run(slow).deploy()))
    base.market.change("base", "Value: second", "Value: third")
    base.deploy(slow)
    assert (slow.executed, base.note) == ([STACK, STACK], "third")


def test_whoever_comes_back_during_a_deletion_waits_and_then_creates(base: Base) -> None:
    base.deploy()
    slow = Slow(base.client, polls=3)
    next(iter(base.run(slow).remove()))
    assert [status for _, status in told(base.deploy(slow))][-1] == "CREATE_COMPLETE"
    assert base.history == CREATED


def test_a_change_set_that_was_made_and_not_executed_is_found_again(base: Base) -> None:
    base.deploy()
    base.market.change("base")
    planned = base.run().planned()
    run = base.run()
    list(run.deploy())
    assert planned is not None
    assert run.changes is not None
    assert run.changes.id == planned.id


def test_a_change_set_that_is_being_executed_is_not_executed_again(base: Base) -> None:
    """Between the request and the first event, the stack still waits in REVIEW_IN_PROGRESS."""
    base.run().planned()
    described = base.client.describe_change_set
    begun: list[str] = []

    class Client(Slow):
        def describe_change_set(self, **request: Any) -> Any:
            answer = described(**request)
            if not begun:
                begun.append(answer["ChangeSetId"])
                Slow.execute_change_set(self, ChangeSetName=answer["ChangeSetId"])
                answer["ExecutionStatus"] = "EXECUTE_IN_PROGRESS"
            return answer

    slow = Client(base.client, polls=2, lag=1)
    base.deploy(slow)
    assert (slow.executed, base.status) == ([STACK], "CREATE_COMPLETE")


# --- Recovering. ---


def test_a_failed_creation_is_cleared_before_the_next_one(base: Base) -> None:
    base.market.change("base", *BROKEN)
    assert base.fails().startswith(f"{STACK}: Note: ROLLBACK_COMPLETE: ")
    assert base.status == "ROLLBACK_COMPLETE"
    base.market.change("base", *BROKEN[::-1])
    events = base.deploy()
    assert [status for _, status in told(events)] == ["DELETE_IN_PROGRESS", "DELETE_COMPLETE", *CREATED]
    # Why it failed is said once more: perhaps nobody was there to hear of it.
    assert next((event.logical_id, event.status) for event in events) == ("Note", "CREATE_FAILED")


def test_a_stack_that_waits_for_a_review_is_created(base: Base) -> None:
    base.run().planned()
    assert base.status == "REVIEW_IN_PROGRESS"
    base.deploy()
    assert base.history == CREATED


def test_a_stack_that_waits_for_another_review_is_created_as_it_is_wanted_now(base: Base) -> None:
    base.run().planned()
    base.market.change("base")
    base.deploy()
    assert (base.history, base.note) == (CREATED, "second")


def test_a_failed_update_is_rolled_back_and_said(base: Base) -> None:
    base.deploy()
    base.market.change("base", *BROKEN)
    reason = base.fails()
    assert reason.startswith(f"{STACK}: Note: UPDATE_ROLLBACK_COMPLETE: ")
    assert (base.status, base.note) == ("UPDATE_ROLLBACK_COMPLETE", "first")


def test_a_stack_that_was_rolled_back_is_updated(base: Base) -> None:
    base.deploy()
    base.market.change("base", *BROKEN)
    base.fails()
    base.market.change("base", BROKEN[1], "Value: second")
    base.deploy()
    assert (base.status, base.note) == ("UPDATE_COMPLETE", "second")


class _Stuck:
    """Shows a stack in a state that is hard to reach, until it is recovered."""

    def __init__(self, client: Any, status: str, recovery: str) -> None:
        self._client = client
        self._status = status
        self._recovery = recovery
        self.recovered: list[str] = []
        self.last = ""

    def __getattr__(self, name: str) -> Any:
        if name == self._recovery:
            return self._recover
        return getattr(self._client, name)

    def _recover(self, StackName: str, ClientRequestToken: str) -> None:  # noqa: N803 - as boto3 has it
        assert ClientRequestToken.startswith("stackproof-")
        self.recovered.append(StackName)
        self._status = "UPDATE_ROLLBACK_COMPLETE"

    def describe_stacks(self, **request: Any) -> Any:
        answer = self._client.describe_stacks(**request)
        if self._status:
            answer["Stacks"][0] |= {"StackStatus": self._status, "StackStatusReason": "it was stuck"}
        return answer

    def execute_change_set(self, **request: Any) -> Any:
        self._status = ""
        return self._client.execute_change_set(**request)

    def get_paginator(self, operation: str) -> Any:
        pages = self._client.get_paginator(operation)
        if operation != "describe_stack_events" or not self.recovered or not self._status:
            return pages
        stuck = self

        class Pages:
            def paginate(self, **request: Any) -> Any:
                (page,) = pages.paginate(**request)
                event = page["StackEvents"][0] | {"EventId": "rolled-back", "ResourceStatus": stuck._status}
                yield {"StackEvents": [event, *page["StackEvents"]]}

        return Pages()


@pytest.mark.parametrize(
    ("status", "recovery"),
    [("UPDATE_ROLLBACK_FAILED", "continue_update_rollback"), ("UPDATE_FAILED", "rollback_stack")],
)
def test_a_stack_that_is_stuck_is_brought_out_of_it_and_updated(base: Base, status: str, recovery: str) -> None:
    base.deploy()
    stack = find(base.client, STACK)
    base.market.change("base")
    stuck = _Stuck(base.client, status, recovery)
    events = base.deploy(stuck)
    assert stack is not None
    assert stuck.recovered == [stack.id]
    assert [status for _, status in told(events)] == ["UPDATE_ROLLBACK_COMPLETE", *UPDATED]
    assert base.note == "second"


def test_a_stack_that_is_half_deleted_is_refused(base: Base) -> None:
    base.deploy()
    base.market.change("base")
    stuck = _Stuck(base.client, "DELETE_FAILED", "")
    assert base.fails(stuck) == f"{STACK}: DELETE_FAILED: it was stuck; delete the stack first"
    assert base.note == "first"


# --- Trouble on the way. ---


@pytest.mark.parametrize("call", ["describe_stacks", "create_change_set", "describe_change_set", "execute_change_set"])
@pytest.mark.parametrize("error", [refusal("Throttling", "Rate exceeded"), TIMEOUT, CUT], ids=["busy", "slow", "cut"])
def test_what_passes_is_no_failure(base: Base, call: str, error: Exception) -> None:
    base.deploy(Broken(base.client, {call: [error, error]}))
    assert base.history == CREATED


@pytest.mark.parametrize("call", ["create_change_set", "execute_change_set"])
@pytest.mark.parametrize("standing", [False, True])
def test_a_request_whose_answer_is_lost_is_not_made_twice(base: Base, call: str, standing: bool) -> None:
    if standing:
        base.deploy()
        base.market.change("base")
    base.deploy(Broken(base.client, {call: [CUT]}, after=True))
    assert base.history == CREATED + UPDATED * standing


def test_a_change_of_which_nobody_knows_whether_it_was_begun_counts_as_one(base: Base) -> None:
    run = base.run(Broken(base.client, {"execute_change_set": [CUT] * 100}))
    with pytest.raises(DeployError):
        list(run.deploy())
    assert run.changes is not None


def test_a_change_that_is_refused_counts_as_none(base: Base) -> None:
    run = base.run(Broken(base.client, {"execute_change_set": [refusal("AccessDenied")]}))
    with pytest.raises(DeployError):
        list(run.deploy())
    assert run.changes is None


def test_a_deletion_whose_answer_is_lost_is_followed(base: Base) -> None:
    base.deploy()
    list(base.run(Broken(base.client, {"delete_stack": [CUT]}, after=True)).remove())
    assert base.status == ""


@pytest.mark.parametrize("call", ["describe_stacks", "create_change_set", "describe_change_set", "execute_change_set"])
def test_expired_credentials_are_said(base: Base, call: str) -> None:
    assert base.fails(Broken(base.client, {call: [EXPIRED]})) == (
        f"{STACK}: the credentials have expired; what CloudFormation has begun goes on: run the same command again"
    )


def test_credentials_that_expire_while_a_stack_is_created_lose_nothing(base: Base) -> None:
    slow = Slow(base.client, polls=5)
    cut_off = Broken(slow, {"describe_stacks": [None] * 5 + [EXPIRED]})
    assert "the credentials have expired" in base.fails(cut_off)
    assert slow.executed == [STACK]
    base.deploy(slow)
    assert (slow.executed, base.history) == ([STACK], CREATED)


def test_what_cloudformation_refuses_is_one_line(base: Base) -> None:
    denied = refusal("AccessDenied", "User: arn:aws:iam::1:user/x is not\nauthorized to perform: cloudformation:…")
    assert base.fails(Broken(base.client, {"create_change_set": [denied]})) == (
        f"{STACK}: User: arn:aws:iam::1:user/x is not authorized to perform: cloudformation:…"
    )


def test_a_change_set_that_cannot_be_worked_out_is_the_reason(base: Base) -> None:
    missing = "{Type: 'AWS::SSM::Parameter::Value<String>', Default: /nowhere}"
    base.market.change("base", "Resources:", f"  Zone: {missing}\nResources:")
    assert base.fails() == f"{STACK}: Unable to fetch parameters [/nowhere] from parameter store for this account."
    assert base.status == ""


# --- Going back and forth. ---


def test_what_was_updated_is_brought_back(base: Base) -> None:
    base.deploy()
    base.market.change("base")
    run = base.run()
    list(run.deploy())
    assert [status for _, status in told(list(run.bring_back()))] == UPDATED
    assert base.note == "first"


def test_what_was_created_stays(base: Base) -> None:
    run = base.run()
    list(run.deploy())
    assert list(run.bring_back()) == []
    assert base.status == "CREATE_COMPLETE"


def test_the_same_content_can_come_again(base: Base) -> None:
    """A change set is named after its content: going back to what was there before needs a name of its own."""
    names = []
    for old, new in (("", ""), ("first", "second"), ("second", "first"), ("first", "second")):
        if old:
            base.market.change("base", f"Value: {old}", f"Value: {new}")
        run = base.run()
        list(run.deploy())
        assert run.changes is not None
        names.append(run.changes.id.split("/")[1])
    assert len(set(names)) == 4
    assert base.note == "second"


def test_the_same_request_has_the_same_name(base: Base) -> None:
    request = create_request(base.market.deployment(), "base", lambda _layer, _name: "")
    sleep: Callable[[float], None] = lambda _seconds: None  # noqa: E731
    first = made(base.client, request, None, sleep)
    assert made(base.client, request, find(base.client, STACK), sleep).id == first.id


# --- Protection. ---

GUARDED = Terms(guarded=True)


def _prod(base: Base, **changes: Any) -> LayerRun:
    return base.run(None, Terms(guarded=True, **changes), "prod")


def test_a_protected_stack_cannot_be_deleted_afterwards(base: Base) -> None:
    list(_prod(base).deploy())
    with pytest.raises(DeployError, match="TerminationProtection is enabled"):
        list(_prod(base).remove())


def test_whoever_was_interrupted_before_the_protection_makes_up_for_it(base: Base) -> None:
    list(base.run(None, Terms(), "prod").deploy())
    assert list(_prod(base).deploy()) == []
    found = find(base.client, "market-prod-base")
    assert found is not None
    assert found.protected
    policy = json.loads(base.client.get_stack_policy(StackName="market-prod-base")["StackPolicyBody"])
    assert policy["Statement"][0]["Effect"] == "Allow"


def test_drift_is_said_before_a_protected_update(base: Base) -> None:
    list(_prod(base).deploy())
    resources = base.client.describe_stack_resources(StackName="market-prod-base")["StackResources"]
    name = next(found["PhysicalResourceId"] for found in resources if found["LogicalResourceId"] == "Note")
    base.account.client("ssm").put_parameter(Name=name, Value="by hand", Overwrite=True)
    base.market.change("base")
    with pytest.raises(DeployError, match=r"changed outside of CloudFormation: Note \(Value\).*--accept-drift"):
        list(_prod(base).deploy())
    assert base.account.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] == "by hand"
    list(_prod(base, drift_accepted=True).deploy())
    assert base.account.client("ssm").get_parameter(Name=name)["Parameter"]["Value"] == "second"


def test_drift_that_nobody_can_know_is_a_refusal(base: Base) -> None:
    list(_prod(base).deploy())
    base.market.change("base")
    answer = {"DetectionStatus": "DETECTION_FAILED", "DetectionStatusReason": "Access denied for AWS::EC2::VPC"}

    class Client:
        def __getattr__(self, name: str) -> Any:
            return getattr(base.client, name)

        def describe_stack_drift_detection_status(self, **_request: Any) -> Any:
            return answer

    with pytest.raises(DeployError, match="nobody knows whether it drifted: Access denied for AWS::EC2::VPC"):
        list(base.run(Client(), GUARDED, "prod").deploy())


# --- What was reviewed. ---


def _reviewed(change_set: str) -> Terms:
    return Terms(reviewed={"base": change_set})


def _planned(base: Base) -> str:
    planned = base.run().planned()
    assert planned is not None
    return planned.id


def test_exactly_the_reviewed_change_set_is_executed(base: Base) -> None:
    base.deploy()
    base.market.change("base")
    change_set = _planned(base)
    base.market.change("base", "Value: second", "Value: third")
    base.deploy(None, _reviewed(change_set))
    assert base.note == "second"


def test_a_reviewed_change_set_that_no_longer_fits_is_refused(base: Base) -> None:
    base.deploy()
    base.market.change("base")
    change_set = _planned(base)
    base.market.change("base", "Value: second", "Value: third")
    base.deploy()
    assert base.fails(None, _reviewed(change_set)) == (
        f"{STACK}: the reviewed change set can no longer be executed; preview again"
    )
    assert base.note == "third"


def test_a_reviewed_change_set_that_is_gone_is_refused(base: Base) -> None:
    base.deploy()
    base.market.change("base")
    change_set = _planned(base)
    base.client.delete_change_set(ChangeSetName=change_set)
    assert base.fails(None, _reviewed(change_set)) == f"{STACK}: the reviewed change set is gone; preview again"


def test_a_layer_that_the_review_found_unchanged_must_be_so(base: Base) -> None:
    base.deploy()
    base.market.change("base")
    assert base.fails(None, _reviewed("")) == f"{STACK}: it has changes that nobody reviewed; preview again"
    base.market.change("base", "Value: second", "Value: first")
    assert base.deploy(None, _reviewed("")) == []


@pytest.mark.parametrize("standing", [False, True])
def test_a_reviewed_deployment_that_was_interrupted_is_taken_up_again(base: Base, standing: bool) -> None:
    if standing:
        base.deploy()
        base.market.change("base")
    terms = _reviewed(_planned(base))
    slow = Slow(base.client, polls=4)
    next(iter(base.run(slow, terms).deploy()))
    base.deploy(slow, terms)
    assert base.deploy(slow, terms) == []
    assert slow.executed == [STACK]


def test_a_reviewed_change_set_that_was_rolled_back_is_not_taken_for_done(base: Base) -> None:
    base.deploy()
    base.market.change("base", *BROKEN)
    terms = _reviewed(_planned(base))
    base.fails(None, terms)
    assert base.fails(None, terms) == (
        f"{STACK}: the reviewed change set was executed, and ended in UPDATE_ROLLBACK_COMPLETE; preview again"
    )


# --- Alarms and role. ---


def _web(account: SimulatedAccount, market: Market, environment: str = "dev") -> dict[str, Any]:
    """Deploy everything, change the layer with the alarms, and return what the change set says of the stack."""
    watch = account.client("cloudwatch")

    def deployer() -> Deployer:
        deployment = market.deployment(environment)
        terms = Terms(guarded=deployment.environment.protected)
        return Deployer(deployment, account.cloudformation, terms=terms, watch=lambda _region: watch)

    list(deployer().update())
    market.change("web")
    list(deployer().update())
    client = account.cloudformation()
    (stack,) = client.describe_stacks(StackName=f"market-{environment}-web")["Stacks"]
    return dict(stack["RollbackConfiguration"])


def _alarms(account: SimulatedAccount, environment: str = "dev") -> dict[str, str]:
    client = account.cloudformation()
    found = client.describe_stack_resources(StackName=f"market-{environment}-web")["StackResources"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found if "Alarm" in one["ResourceType"]}


@pytest.mark.parametrize(("environment", "minutes"), [("dev", 0), ("prod", 5)])
def test_the_alarms_of_a_layer_watch_its_updates(
    account: SimulatedAccount, market: Market, environment: str, minutes: int
) -> None:
    """The critical ones come first; a protected environment is watched for longer than the update takes."""
    found = _web(account, market, environment)
    names = [trigger["Arn"].rpartition(":")[2] for trigger in found["RollbackTriggers"]]
    alarms = _alarms(account, environment)
    assert names == [alarms["Down"], alarms["Slow"]]
    assert {trigger["Type"] for trigger in found["RollbackTriggers"]} == {"AWS::CloudWatch::Alarm"}
    assert found["MonitoringTimeInMinutes"] == minutes


def test_an_alarm_that_is_on_already_does_not_keep_an_update_from_being_made(
    account: SimulatedAccount, market: Market
) -> None:
    _web(account, market)
    watch = account.client("cloudwatch")
    watch.set_alarm_state(AlarmName=_alarms(account)["Down"], StateValue="ALARM", StateReason="down")
    market.change("web", "Value: second", "Value: third")
    list(Deployer(market.deployment(), account.cloudformation, watch=lambda _region: watch).update())
    (stack,) = account.cloudformation().describe_stacks(StackName="market-dev-web")["Stacks"]
    names = [trigger["Arn"].rpartition(":")[2] for trigger in stack["RollbackConfiguration"]["RollbackTriggers"]]
    assert names == [_alarms(account)["Slow"]]


def test_an_alarm_that_goes_with_the_update_does_not_watch_it(account: SimulatedAccount, market: Market) -> None:
    _web(account, market)
    watch = account.client("cloudwatch")
    text = (market.folder / "web.yaml").read_text()
    begin, end = text.index("  Slow:"), text.index("  Down:")
    (market.folder / "web.yaml").write_text(text[:begin] + text[end:])
    list(Deployer(market.deployment(), account.cloudformation, watch=lambda _region: watch).update())
    (stack,) = account.cloudformation().describe_stacks(StackName="market-dev-web")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    names = [trigger["Arn"].rpartition(":")[2] for trigger in stack["RollbackConfiguration"]["RollbackTriggers"]]
    assert names == [_alarms(account)["Down"]]


def test_a_roll_back_is_not_watched(account: SimulatedAccount, market: Market) -> None:
    """The alarms that the deployment has set off would roll its end back."""
    _web(account, market)
    watch = account.client("cloudwatch")
    market.change("web", "Value: second", "Value: third")
    deployer = Deployer(market.deployment(), account.cloudformation, watch=lambda _region: watch)
    list(deployer.update())
    for name in _alarms(account).values():
        watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="down")
    list(deployer.bring_back())
    (stack,) = account.cloudformation().describe_stacks(StackName="market-dev-web")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert stack["RollbackConfiguration"].get("RollbackTriggers", []) == []
