"""Simulate: one system in one environment is deployed, looked at, deleted and looked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from stackproof.compose.deployment import Deployment
from stackproof.compose.system import System
from stackproof.deploy import Action, Deployer, DeployError, Event
from stackproof.deploy.request import stack_name
from stackproof.findings import Finding, Report, Rule, Severity, Subject, Verdict
from stackproof.resolve.stack import Resource
from stackproof.simulate.account import SimulatedAccount, simulated_account
from stackproof.simulate.inventory import Thing, inventory
from stackproof.simulate.leftovers import explain
from stackproof.simulate.prerequisites import prerequisites, provide
from stackproof.simulate.protection import lift_protection

Progress = Callable[[Event], None]
"""Hears of each event; ``event.done`` of ``event.total`` counts the resources of creation and deletion together."""

CREATES = Rule(
    "SIM-CREATE",
    "Stacks can be created",
    Severity.HIGH,
    "What CloudFormation or a service refuses is found here, and not halfway through an update of an account.",
    "Mend the resource as the reason says.",
)
DELETES = Rule(
    "SIM-DELETE",
    "Stacks can be deleted in reverse order",
    Severity.MEDIUM,
    "An environment that cannot be removed costs money and blocks its successor.",
    "Let nothing outside of the stacks use the resource, or state a DeletionPolicy.",
)
LEAVES_NOTHING = Rule(
    "SIM-LEFT",
    "Deleted stacks leave nothing but what their templates keep",
    Severity.MEDIUM,
    "What a deleted stack leaves behind is paid for and belongs to nobody.",
    "Make it a resource of the stack, or state DeletionPolicy: Retain where it shall stay.",
)
RULES = (CREATES, DELETES, LEAVES_NOTHING)


def simulate(system: System, environment: str, progress: Progress | None = None) -> Report:
    """Deploy a system into a simulated account, delete it again, and report what went wrong.

    Parameters:
        system: the system.
        environment: the name of one of its environments.
        progress: hears of each event while it happens.

    Returns:
        The stage ``simulation``. Its notes list what the simulation could not show: types that it does not make,
        properties that nothing took, what stays by the templates' own wish.

    Raises:
        InputError: the system is wrong in this environment, or boto3 or moto is not installed.
    """
    started = time.monotonic()
    deployment = system.deployment(environment)
    place = deployment.environment
    with simulated_account(place.region, place.account) as account:
        report = _Simulation(deployment, account, progress).run()
    return replace(report, seconds=time.monotonic() - started)


def simulate_all(targets: Iterable[tuple[System, str]], progress: Progress | None = None) -> Report:
    """Simulate several systems and environments one after the other, as one report; see `simulate`."""
    reports = [simulate(system, environment, progress) for system, environment in targets]
    return Report(
        stage="simulation",
        subjects=tuple(subject for report in reports for subject in report.subjects),
        findings=tuple(finding for report in reports for finding in report.findings),
        rules=RULES,
        passed=sum(report.passed for report in reports),
        notes=tuple(_joined_notes(reports)),
        seconds=sum(report.seconds for report in reports),
    )


def _joined_notes(reports: list[Report]) -> Iterator[str]:
    """Iterate over the notes of all reports, each once, with what it is about unless it is about all."""
    about: dict[str, list[str]] = {}
    for report in reports:
        for note in report.notes:
            about.setdefault(note, []).append(", ".join(str(subject) for subject in report.subjects))
    for note, subjects in about.items():
        yield note if len(subjects) == len(reports) else f"{note} [{', '.join(subjects)}]"


class _Simulation:
    """One deployment in one simulated account."""

    def __init__(self, deployment: Deployment, account: SimulatedAccount, progress: Progress | None) -> None:
        self._deployment = deployment
        self._account = account
        self._progress = progress
        # Nothing in a simulated account takes time.
        self._deployer = Deployer(deployment, account.cloudformation, sleep=lambda _seconds: None)
        self._findings: list[Finding] = []
        self._notes: list[str] = []
        self._passed = 0
        self._owners: dict[str, Resource] = {}
        self._layers = {stack_name(stack): layer for layer, stack in deployment.stacks.items()}

    def run(self) -> Report:
        self._prepare()
        before = self._inventory()
        if self._do(CREATES, self._deployer.create()):
            self._remember()
            self._notes += [
                f"{resource.type} ({resource.stack}/{resource.logical_id}): its deletion protection was switched off "
                "before deleting, as an operator must"
                for resource in lift_protection(self._deployment, self._account.client)
            ]
            if self._do(DELETES, self._deployer.delete()):
                self._look_for_leftovers(before)
        return Report(
            stage="simulation",
            subjects=(Subject(self._deployment.system, self._deployment.environment.name),),
            findings=tuple(self._findings),
            rules=RULES,
            passed=self._passed,
            notes=(*self._account.record.notes(self._layers), *self._notes),
        )

    def _do(self, rule: Rule, events: Iterator[Event]) -> bool:
        """Follow the events; return whether all went well."""
        done = 0
        try:
            for event in events:
                done = event.done
                self._tell(event)
        except DeployError as error:
            self._findings.append(self._finding(rule, error.layer, error.logical_id, str(error)))
            return False
        finally:
            self._passed += done
        return True

    def _tell(self, event: Event) -> None:
        if self._progress is not None:
            before = event.total if event.action is Action.DELETE else 0
            self._progress(replace(event, done=before + event.done, total=2 * event.total))

    def _prepare(self) -> None:
        """Put into the account what must stand there before."""
        for needed in prerequisites(self._deployment):
            provide(needed, partial(self._account.client, region=needed.region))
            self._notes.append(str(needed))

    def _inventory(self) -> frozenset[Thing]:
        """Return what the account holds in every region of the deployment."""
        regions = {stack.context.region or "" for stack in self._deployment.stacks.values()}
        return frozenset().union(*(inventory(partial(self._account.client, region=region)) for region in regions))

    def _remember(self) -> None:
        """Note the physical id of every resource while CloudFormation knows them."""
        for name, layer in self._layers.items():
            stack = self._deployment.stack(layer)
            client = self._account.cloudformation(stack.context.region or "")
            for found in client.describe_stack_resources(StackName=name)["StackResources"]:
                # A bucket's policy and a secret's attachment have the id of what they belong to, which comes first.
                self._owners.setdefault(found["PhysicalResourceId"], stack.resources[found["LogicalResourceId"]])

    def _look_for_leftovers(self, before: frozenset[Thing]) -> None:
        left = self._inventory() - before
        for leftover in explain(left, self._owners, self._account.record.kept):
            owner, thing = leftover.owner, leftover.thing
            if owner is not None and leftover.reason:
                self._notes.append(
                    f"{owner.type} ({owner.stack}/{owner.logical_id}): the {thing.kind} stays, {leftover.reason}"
                )
                continue
            layer, logical_id = (owner.stack, owner.logical_id) if owner else (next(iter(self._deployment.stacks)), "")
            message = f"{thing} is left after all stacks were deleted"
            self._findings.append(self._finding(LEAVES_NOTHING, layer, logical_id, message))
        self._passed += len(self._owners)

    def _finding(self, rule: Rule, layer: str, logical_id: str, message: str) -> Finding:
        stack = self._deployment.stack(layer)
        resource = stack.resources.get(logical_id)
        return Finding(
            rule=rule,
            verdict=Verdict.FAIL,
            message=message,
            fix=rule.remediation,
            mark=resource.mark if resource else stack.mark,
            resource=logical_id if resource else "",
            system=self._deployment.system,
            layer=layer,
            environments=(self._deployment.environment.name,),
        )
