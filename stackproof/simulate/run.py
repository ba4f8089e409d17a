"""Simulate: one system in one environment is deployed, looked at, deleted and looked for."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from stackproof.compose.deployment import Deployment
from stackproof.compose.system import System
from stackproof.deploy import Action, Deployer, DeployError, Event
from stackproof.deploy.change_sets import ChangeSet
from stackproof.deploy.request import stack_name
from stackproof.findings import Finding, Report, Rule, Severity, Subject, Verdict
from stackproof.marks import Mark
from stackproof.policy.stateful import STATEFUL, is_copy
from stackproof.resolve.stack import Resource, Stack
from stackproof.resolve.values import Undecidable
from stackproof.simulate.account import SimulatedAccount, simulated_account
from stackproof.simulate.cloudformation.schemas import schema
from stackproof.simulate.effects import Stood, effects
from stackproof.simulate.faults import Injector
from stackproof.simulate.inventory import Thing, inventory
from stackproof.simulate.leftovers import explain
from stackproof.simulate.plan import Plan, Wishes, planned, size_of
from stackproof.simulate.prerequisites import joined, prerequisites, provide
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
UPDATES = Rule(
    "SIM-UPDATE",
    "Stacks can be updated from the templates of a git reference",
    Severity.HIGH,
    "An update that CloudFormation rolls back leaves an account behind the branch, often after an interruption.",
    "Mend the resource as the reason says, or split the change into steps that can be deployed one after the other.",
)
KEEPS_DATA = Rule(
    "SIM-LOST",
    "Updates lose no data",
    Severity.CRITICAL,
    "A resource with data that an update replaces or removes is deleted with its data.",
    "Let the property be, or state UpdateReplacePolicy and DeletionPolicy (Retain or Snapshot) in a deployment before.",
)
ROLLS_BACK = Rule(
    "SIM-FAULT",
    "Failed operations leave stacks as they were and nothing behind",
    Severity.HIGH,
    "What a roll back leaves behind blocks the next attempt, is paid for and belongs to nobody.",
    "State DeletionPolicy: RetainExceptOnCreate instead of Retain, and let nothing outside of the stack use it.",
)
RULES = (CREATES, UPDATES, DELETES, LEAVES_NOTHING, KEEPS_DATA, ROLLS_BACK)


def simulate(
    system: System, environment: str, progress: Progress | None = None, wishes: Wishes | None = None
) -> Report:
    """Deploy a system into a simulated account, delete it again, and report what went wrong.

    Parameters:
        system: the system.
        environment: the name of one of its environments.
        progress: hears of each event while it happens.
        wishes: what else is to be done.

    Returns:
        The stage ``simulation``. Its notes list what the simulation could not show: types that it does not make,
        properties that nothing took, what stays by the templates' own wish; and what an update did to resources.

    Raises:
        InputError: the system is wrong in this environment, or boto3 or moto is not installed.
    """
    (plan,) = planned([(system, environment)], wishes or Wishes())
    return carry_out(plan, progress)


def carry_out(plan: Plan, progress: Progress | None = None) -> Report:
    """Carry out one plan and report what went wrong; see `simulate`."""
    started = time.monotonic()
    report = _Simulation(plan, progress).run()
    return replace(report, seconds=time.monotonic() - started)


def simulate_all(
    targets: Iterable[tuple[System, str]], progress: Progress | None = None, wishes: Wishes | None = None
) -> Report:
    """Simulate several systems and environments one after the other, as one report; see `simulate`."""
    return carry_out_all(planned(targets, wishes or Wishes()), progress)


def carry_out_all(plans: Sequence[Plan], progress: Progress | None = None) -> Report:
    """Carry out several plans one after the other, as one report; the progress counts through all of them."""
    total, done = sum(plan.steps for plan in plans), 0
    reports: list[Report] = []
    for plan in plans:
        if reports:
            gc.collect()  # an account is full of cycles, and memory shall not grow with the number of accounts
        reports.append(carry_out(plan, shifted(progress, done, total) if progress else None))
        done += plan.steps
    return merged(reports)


def shifted(progress: Progress, done: int, total: int) -> Progress:
    """Return a progress that counts on where others ended."""
    return lambda event: progress(replace(event, done=done + event.done, total=total))


def merged(reports: Sequence[Report]) -> Report:
    """Return several simulations as one report."""
    return Report(
        stage="simulation",
        subjects=tuple(subject for report in reports for subject in report.subjects),
        findings=tuple(finding for report in reports for finding in report.findings),
        rules=RULES,
        passed=sum(report.passed for report in reports),
        notes=tuple(_joined_notes(reports)),
        seconds=sum(report.seconds for report in reports),
    )


def _joined_notes(reports: Sequence[Report]) -> Iterator[str]:
    """Iterate over the notes of all reports, each once, with what it is about unless it is about all."""
    about: dict[str, list[str]] = {}
    for report in reports:
        for note in report.notes:
            about.setdefault(note, []).append(", ".join(str(subject) for subject in report.subjects))
    for note, subjects in about.items():
        yield note if len(subjects) == len(reports) else f"{note} [{', '.join(subjects)}]"


class _Simulation:
    """One deployment, first in its life and then, where that is wished, in its failures."""

    def __init__(self, plan: Plan, progress: Progress | None) -> None:
        self._plan = plan
        self._deployment = plan.deployment
        self._before = plan.before
        self._progress = progress
        self._wishes = plan.wishes
        self._findings: list[Finding] = []
        self._notes: list[str] = []
        self._passed = 0
        self._done = 0
        self._owners: dict[str, Resource] = {}
        self._layers = {
            stack_name(stack): layer
            for one in (plan.before, plan.deployment)
            if one is not None
            for layer, stack in one.stacks.items()
        }

    def run(self) -> Report:
        place = self._deployment.environment
        if self._wishes.reference and self._before is None:
            self._notes.append(f"{self._wishes.reference} has no {self._deployment.system} {place.name}: it is created")
        with simulated_account(place.region, place.account, self._wishes.allowed) as account:
            self._enter(account)
            lives = self._live()
            gaps = account.record.notes(self._layers)
        if self._wishes.faults and lives:
            with simulated_account(place.region, place.account, self._wishes.allowed) as account:
                self._enter(account)
                self._fail()
        elif self._wishes.faults:
            self._notes.append("nothing was let fail, because not everything can be deployed as it is")
        return Report(
            stage="simulation",
            subjects=(Subject(self._deployment.system, place.name),),
            findings=tuple(self._findings),
            rules=RULES,
            passed=self._passed,
            notes=(*gaps, *dict.fromkeys(self._notes)),
        )

    def _enter(self, account: SimulatedAccount) -> None:
        self._account = account
        self._deployer = self._deployer_of(self._deployment)
        self._prepare()

    def _deployer_of(self, deployment: Deployment) -> Deployer:
        # Nothing in a simulated account takes time.
        return Deployer(deployment, self._account.cloudformation, sleep=lambda _seconds: None)

    def _live(self) -> bool:
        """Create everything, by way of what was there before where that is wished, and delete it.

        Returns:
            Whether all could be deployed.
        """
        empty = self._inventory()
        if not (self._update(self._before) if self._before else self._create(self._deployment)):
            return False
        self._remember(self._deployment)
        self._notes += [
            f"{resource.type} ({resource.stack}/{resource.logical_id}): its deletion protection was switched off "
            "before deleting, as an operator must"
            for resource in lift_protection(self._deployment, self._account.client)
        ]
        if self._do(DELETES, self._deployer.delete(), size_of(self._deployment)):
            self._look_for_leftovers(empty)
        return True

    def _create(self, deployment: Deployment) -> bool:
        return self._do(CREATES, self._deployer.create(), size_of(deployment))

    def _update(self, before: Deployment) -> bool:
        """Deploy what was there before, bring it to what is wanted now, and tell what became of it."""
        old = self._deployer_of(before)
        why = f"what {self._wishes.reference} holds cannot be deployed, so nothing is known of the update: "
        if not self._do(UPDATES, old.create(), size_of(before), why):
            return False
        stood = self._remember(before)
        if not self._do(UPDATES, self._deployer.update(), size_of(self._deployment)):
            return False
        stays = {_place(stack) for stack in self._deployment.stacks.values()}
        for layer in reversed([layer for layer, stack in before.stacks.items() if _place(stack) not in stays]):
            if not self._do(UPDATES, old.remove(layer), 0):
                return False
        replacing, interrupting = _changed(self._deployer.changes, self._deployment)
        kept = self._account.record.kept
        for told in effects(stood, self._remember(self._deployment), replacing, interrupting, kept):
            self._notes.append(str(told))
            if told.lost:
                message = f"{told.of.logical_id} is {told.effect} by the update, and its data with it"
                self._findings.append(self._finding(KEEPS_DATA, told.of.layer, told.of.logical_id, message, told.why))
        return True

    def _fail(self) -> None:
        """Let every resource fail in turn, first while it is created, then while it is updated."""
        self._inject(self._before or self._deployment)
        if self._before is not None:
            self._inject(self._deployment)

    def _inject(self, deployment: Deployment) -> None:
        injector = Injector(deployment, self._account, self._deployer_of(deployment))
        left = size_of(deployment)
        for fault in injector.run():
            if fault.injected:
                self._passed += not fault.problem
                self._advance(min(1, left))
                left -= min(1, left)
            self._notes += fault.notes
            if fault.problem:
                self._findings.append(self._finding(ROLLS_BACK, fault.layer, fault.logical_id, fault.problem))
        if injector.finished:
            self._advance(left)  # what an update does not touch has no turn

    def _do(self, rule: Rule, events: Iterator[Event], size: int, why: str = "") -> bool:
        """Follow the events of so many resources; return whether all went well."""
        begun = self._done
        try:
            for event in events:
                self._done = begun + min(event.done, size)
                self._tell(event)
        except DeployError as error:
            self._findings.append(self._finding(rule, error.layer, error.logical_id, f"{why}{error}"))
            return False
        finally:
            self._passed += self._done - begun
        # What nothing happened to is done as well.
        left = begun + size - self._done
        self._passed += left
        if left:
            self._advance(left)
        return True

    def _tell(self, event: Event) -> None:
        if self._progress is not None:
            self._progress(replace(event, done=self._done, total=self._plan.steps))

    def _advance(self, count: int) -> None:
        self._done += count
        self._tell(Event(Action.CREATE, "", "", "", ""))

    def _prepare(self) -> None:
        """Put into the account what must stand there before."""
        for needed in joined(prerequisites(one) for one in (self._before, self._deployment) if one is not None):
            provide(needed, partial(self._account.client, region=needed.region))
            self._notes.append(str(needed))

    def _inventory(self) -> frozenset[Thing]:
        """Return what the account holds in every region of the deployments."""
        both = (one for one in (self._before, self._deployment) if one is not None)
        regions = {stack.context.region or "" for one in both for stack in one.stacks.values()}
        return frozenset().union(*(inventory(partial(self._account.client, region=region)) for region in regions))

    def _remember(self, deployment: Deployment) -> list[Stood]:
        """Note the physical id of every resource while CloudFormation knows them; return what stands."""
        stood: list[Stood] = []
        for layer, stack in deployment.stacks.items():
            client = self._account.cloudformation(stack.context.region or "")
            for found in client.describe_stack_resources(StackName=stack_name(stack))["StackResources"]:
                logical_id, physical_id = found["LogicalResourceId"], found["PhysicalResourceId"]
                resource = stack.resources[logical_id]
                stood.append(Stood(layer, logical_id, found["ResourceType"], physical_id, _holds_data(resource)))
                # A bucket's policy and a secret's attachment have the id of what they belong to, which comes first.
                self._owners.setdefault(physical_id, resource)
        return stood

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

    def _finding(self, rule: Rule, layer: str, logical_id: str, message: str, paths: tuple[str, ...] = ()) -> Finding:
        return Finding(
            rule=rule,
            verdict=Verdict.FAIL,
            message=message,
            fix=rule.remediation,
            mark=self._mark(layer, logical_id, paths[0] if paths else ""),
            resource=logical_id,
            path=paths[0] if paths else "",
            system=self._deployment.system,
            layer=layer,
            environments=(self._deployment.environment.name,),
        )

    def _mark(self, layer: str, logical_id: str, path: str) -> Mark:
        """Return where something is written now: the property, the resource, the template, or the manifest."""
        stack = self._deployment.stacks.get(layer)
        if stack is None:
            return self._plan.system.manifest.mark
        resource = stack.resources.get(logical_id)
        return stack.mark if resource is None else resource.mark_of(path)


def _place(stack: Stack) -> tuple[str, str]:
    """Return what makes a stack the same one: its name and its region."""
    return stack_name(stack), stack.context.region or ""


def _holds_data(resource: Resource) -> bool:
    """Return whether there are data in a resource that lie nowhere else."""
    if resource.type not in STATEFUL:
        return False
    try:
        return not is_copy(resource)
    except Undecidable:
        return True


_Paths = dict[tuple[str, str], tuple[str, ...]]


def _changed(changes: Mapping[str, ChangeSet], deployment: Deployment) -> tuple[_Paths, _Paths]:
    """Return by layer and logical id the properties that ask for a replacement, and those that interrupt."""
    replacing: _Paths = {}
    interrupting: _Paths = {}
    for layer, change_set in changes.items():
        region = deployment.stack(layer).context.region or ""
        for change in change_set.changes:
            replacing[layer, change.logical_id] = change.replacing or change.properties
            rules = schema(change.type, region)
            interrupts = tuple(name for name in change.properties if rules is not None and rules.interrupts(name))
            if interrupts:
                interrupting[layer, change.logical_id] = interrupts
    return replacing, interrupting
