"""Preview: a change set per layer, made and never executed, so that it can be looked at, and executed later as it is.

Source: "Update CloudFormation stacks using change sets" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from stackproof.bind.manifest import Environment
from stackproof.compose.deployment import Deployment, Import
from stackproof.deploy.change_sets import Change, ChangeSet
from stackproof.deploy.deployer import ROLE_OUTPUT, Deployer
from stackproof.deploy.event import DeployError
from stackproof.deploy.guard import Risk, risks
from stackproof.deploy.layer import Terms
from stackproof.deploy.request import stack_name
from stackproof.deploy.stacks import REVIEWED, Found
from stackproof.errors import InputError
from stackproof.resolve.scope import Handed

_T = TypeVar("_T")
_R = TypeVar("_R")

KEPT_DAYS = 30
KEPT_CHANGE_SETS = 100
"""Per stack. AWS keeps a limited number, and refuses the next one; a review that is older is made again."""

REVIEW_VERSION = 1


class Plan(StrEnum):
    """What a deployment will do to one layer."""

    CREATE = "create"
    UPDATE = "update"
    NOTHING = "nothing"
    RECOVER = "recover"


class Kind(StrEnum):
    """What happens to one resource."""

    ADDED = "added"
    MODIFIED = "modified"
    REPLACED = "replaced"
    PERHAPS_REPLACED = "perhaps replaced"
    REMOVED = "removed"
    IMPORTED = "imported"


def kind_of(change: Change) -> Kind:
    """Return what a change does to its resource; what CloudFormation itself does not know yet counts as modified."""
    if change.action in _BY_ACTION:
        return _BY_ACTION[change.action]
    return _BY_REPLACEMENT.get(change.replacement, Kind.MODIFIED)


_BY_ACTION = {"Add": Kind.ADDED, "Remove": Kind.REMOVED, "Import": Kind.IMPORTED}
_BY_REPLACEMENT = {"True": Kind.REPLACED, "Conditional": Kind.PERHAPS_REPLACED}


@dataclass(frozen=True, slots=True)
class LayerPreview:
    """What a deployment will do to one layer.

    Attributes:
        region: where the layer's stack is.
        status: the stack's status now; empty where there is no stack.
        first: what the deployer does before it can change the stack; empty where nothing is in the way.
        after: layers that must be deployed before the changes are known for certain. Where the stack does not stand,
            the changes are then those of the template.
        known: False where the changes cannot be told before the stack is recovered or other layers are deployed.
        change_set: id of the change set; empty where there is none.
        failure: why the layer cannot be deployed like this; empty where it can.
    """

    layer: str
    stack: str
    region: str
    status: str
    plan: Plan
    first: str = ""
    after: tuple[str, ...] = ()
    known: bool = True
    change_set: str = ""
    changes: tuple[Change, ...] = ()
    risks: tuple[Risk, ...] = ()
    failure: str = ""

    @property
    def reviewed(self) -> bool:
        """Whether what is shown is exactly what will be done."""
        return not (self.failure or self.after) and (bool(self.change_set) or self.plan is Plan.NOTHING)

    def count(self, *kinds: Kind) -> int:
        """Return how many changes are of some kinds."""
        return sum(kind_of(change) in kinds for change in self.changes)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a deployment will do.

    Attributes:
        account: id of the account.
        commit: of the repository; empty where it is not known.
        layers: in deploy order.
    """

    system: str
    environment: Environment
    account: str
    commit: str
    layers: tuple[LayerPreview, ...]

    @property
    def failed(self) -> bool:
        """True where a layer cannot be deployed like this."""
        return any(layer.failure for layer in self.layers)

    @property
    def accept(self) -> tuple[str, ...]:
        """What a deployment wants to be accepted by name: ``layer/LogicalId``; nothing where it is not protected."""
        if not self.environment.protected:
            return ()
        return tuple(f"{risk.layer}/{risk.change.logical_id}" for layer in self.layers for risk in layer.risks)


def preview(
    deployment: Deployment,
    client: Callable[[str], Any],
    *,
    account: str = "",
    commit: str = "",
    sleep: Callable[[float], None] = time.sleep,
    workers: int = 1,
    watch: Callable[[str], Any] | None = None,
    step: Callable[[str], None] = lambda _layer: None,
) -> Preview:
    """Make the change sets of a deployment; none is executed.

    A stack that does not stand yet waits in REVIEW_IN_PROGRESS afterwards, as AWS has it: `Deployer.update` goes on
    from there, and `Deployer.delete` clears it.

    Parameters:
        deployment: what would be deployed.
        client: gives a boto3 client of CloudFormation in a region.
        account: id of the account, for the reader.
        commit: of the repository, for the reader.
        sleep: waits; takes seconds.
        workers: how many layers are looked at at the same time.
        watch: as for `Deployer`, whose change sets these are.
        step: hears of each layer that is done.

    Raises:
        DeployError: a stack cannot be looked at.
        InputError: a stack cannot be sent.
    """
    deployer = Deployer(deployment, client, sleep, Terms(guarded=deployment.environment.protected), watch=watch)
    runs = {layer: deployer.run(layer) for layer in deployment.stacks}
    states = dict(zip(runs, _each(lambda layer: runs[layer].state(), runs, workers), strict=True))

    def look(layer: str) -> LayerPreview:
        shown = _shown(deployment, layer, states, runs[layer].planned)
        if shown.change_set:
            _tidy(client(shown.region), shown.change_set, shown.stack)
        step(layer)
        return shown

    layers = {shown.layer: shown for shown in _each(look, runs, workers)}
    giver = _missing_role(deployer, states)
    settled = tuple(_with_role(_with_handed(deployment, shown, layers), giver) for shown in layers.values())
    return Preview(deployment.system, deployment.environment, account, commit, settled)


def _each(work: Callable[[_T], _R], items: Iterable[_T], workers: int) -> list[_R]:
    if workers == 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, items))


_LEFTOVERS = "deletes what a failed creation left behind ({status}), then creates the stack"
_FIRST = {
    "ROLLBACK_COMPLETE": _LEFTOVERS,
    "ROLLBACK_FAILED": _LEFTOVERS,
    "CREATE_FAILED": _LEFTOVERS,
    "UPDATE_ROLLBACK_FAILED": "finishes the roll back that failed ({status}), then updates the stack",
    "UPDATE_FAILED": "rolls the failed update back ({status}), then updates the stack",
}
_NO_STACK = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", REVIEWED)


def _stands(found: Found | None) -> bool:
    return found is not None and found.status not in _NO_STACK


def _shown(
    deployment: Deployment, layer: str, states: Mapping[str, Found | None], planned: Callable[[], ChangeSet | None]
) -> LayerPreview:
    """Return what will happen to one layer."""
    stack, found = deployment.stack(layer), states[layer]
    status = found.status if found is not None else ""
    plan = Plan.UPDATE if _stands(found) else Plan.CREATE
    shown = LayerPreview(layer, stack_name(stack), stack.context.region or "", status, plan)
    if found is not None and found.busy:
        return replace(shown, plan=Plan.RECOVER, first=f"waits for what is under way ({status})", known=False)
    if status == "DELETE_FAILED":
        told = "an earlier deletion failed (DELETE_FAILED): finish it with stackproof delete"
        return replace(shown, plan=Plan.RECOVER, known=False, failure=told)
    waits = _waits_for(deployment, layer, states)
    new = tuple(Change("Add", name, resource.type) for name, resource in stack.resources.items())
    if status in _FIRST:
        unknown = plan is Plan.UPDATE
        shown = replace(shown, plan=Plan.RECOVER, first=_FIRST[status].format(status=status), after=waits)
        return replace(shown, known=not unknown, changes=() if unknown else new)
    if waits:
        return replace(shown, after=waits, known=plan is Plan.CREATE, changes=new if plan is Plan.CREATE else ())
    try:
        change_set = planned()
    except DeployError as error:
        return replace(shown, failure=error.reason)
    if change_set is None:  # somebody has begun an operation meanwhile
        return replace(shown, plan=Plan.RECOVER, first="waits for what is under way", known=False)
    if change_set.failure:
        return replace(shown, failure=" ".join(change_set.failure.split()))
    if change_set.empty:
        return replace(shown, plan=Plan.NOTHING)
    # Nothing that stands can be lost where nothing stands.
    dangers = tuple(risks(layer, change_set.changes, shown.region)) if plan is Plan.UPDATE else ()
    return replace(shown, change_set=change_set.id, changes=change_set.changes, risks=dangers)


def _waits_for(deployment: Deployment, layer: str, states: Mapping[str, Found | None]) -> tuple[str, ...]:
    """Return the layers that do not put out yet what a layer takes from them."""
    missing = (use.exporter for use in deployment.imports.get(layer, ()) if not _put_out(deployment, use, states))
    return tuple(dict.fromkeys(missing))


def _put_out(deployment: Deployment, use: Import, states: Mapping[str, Found | None]) -> bool:
    found = states.get(use.exporter)
    if found is None or not _stands(found):
        return False
    outputs = deployment.stack(use.exporter).outputs.values()
    exported = [output.name for output in outputs if output.export is not None and str(output.export) == use.name]
    # What the manifest hands over is named layer.Output.
    return bool(found.outputs.keys() & {*exported, use.name.rpartition(".")[2]})


def _with_handed(deployment: Deployment, shown: LayerPreview, layers: Mapping[str, LayerPreview]) -> LayerPreview:
    """Say of a layer whether values that it is handed may be others when it is its turn.

    What is imported cannot change: CloudFormation refuses to change an export that is in use. An output that the
    manifest hands over is read when the change set is made, and may change with the layer that puts it out.
    """
    givers = {value.stack for value in deployment.stack(shown.layer).values.values() if isinstance(value, Handed)}
    moving = [name for name in layers if name in givers and name not in shown.after and _may_move(layers[name])]
    if not moving or shown.failure:
        return shown
    shown = replace(shown, after=(*shown.after, *moving))
    return replace(shown, plan=Plan.UPDATE, known=False) if shown.plan is Plan.NOTHING else shown


def _missing_role(deployer: Deployer, states: Mapping[str, Found | None]) -> str:
    """Return the layer that is to make CloudFormation's role; empty where it has, or none does."""
    giver = deployer.role_giver()
    found = states.get(giver)
    return "" if found is not None and ROLE_OUTPUT in found.outputs else giver


def _with_role(shown: LayerPreview, giver: str) -> LayerPreview:
    """Say of a layer whether its change set has no role yet, and would be executed with the caller's permissions."""
    if not giver or not shown.change_set or shown.layer == giver or giver in shown.after:
        return shown
    return replace(shown, after=(giver, *shown.after))


def _may_move(giver: LayerPreview) -> bool:
    return not giver.known or bool(giver.count(Kind.REPLACED, Kind.PERHAPS_REPLACED, Kind.REMOVED))


def _tidy(client: Any, change_set: str, stack: str) -> None:
    """Delete the change sets of earlier previews that nobody will execute any more.

    Others may wait for the change sets of their own previews, so that only those go that are a month older than the
    newest, or that are too many.
    """
    # Whoever may not list or delete them can preview all the same.
    with suppress(client.exceptions.ClientError):
        ours = [found for found in _listed(client, stack) if str(found["ChangeSetName"]).startswith("stackproof-")]
        ours.sort(key=lambda found: found["CreationTime"], reverse=True)
        for position, found in enumerate(ours):
            old = ours[0]["CreationTime"] - found["CreationTime"] > timedelta(days=KEPT_DAYS)
            if found["ChangeSetId"] != change_set and (old or position >= KEPT_CHANGE_SETS):
                client.delete_change_set(ChangeSetName=found["ChangeSetId"])


def _listed(client: Any, stack: str) -> Iterator[dict[str, Any]]:
    for page in client.get_paginator("list_change_sets").paginate(StackName=stack):
        yield from page["Summaries"]


# --- The review: which change sets were looked at. ---


def review(shown: Preview) -> dict[str, Any]:
    """Return what a deployment needs to execute exactly what was looked at; see `load_review`.

    A layer that could not be shown with certainty is not in it: the deployer makes its change set when its turn comes.
    """
    return {
        "version": REVIEW_VERSION,
        "system": shown.system,
        "environment": shown.environment.name,
        "account": shown.account,
        "region": shown.environment.region,
        "commit": shown.commit,
        "layers": {layer.layer: layer.change_set for layer in shown.layers if layer.reviewed},
    }


def load_review(path: Path, system: str = "", environment: str = "", account: str = "") -> dict[str, Any]:
    """Return the review that `stackproof preview --save` wrote.

    Its key ``layers`` is what `stackproof.deploy.Terms.reviewed` wants: the id of a change set by layer, empty where
    nothing is to change.

    Parameters:
        path: the file.
        system: the system that it must be about; empty for any.
        environment: the environment that it must be about; empty for any.
        account: id of the account that it must be about; empty for any.

    Raises:
        InputError: there is no such file, it is no review, or it is about something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError:
        raise InputError(f"{path} is no review: not JSON; write one with stackproof preview --save") from None
    if not _is_review(found):
        raise InputError(f"{path} is no review; write one with stackproof preview --save")
    if found["version"] != REVIEW_VERSION:
        raise InputError(f"{path} is a review of version {found['version']}, not {REVIEW_VERSION}; preview again")
    for name, wanted in (("system", system), ("environment", environment), ("account", account)):
        if wanted and found[name] != wanted:
            raise InputError(f"{path} is a review of the {name} {found[name] or '(unknown)'}, not of {wanted}")
    return dict(found)


def _is_review(found: Any) -> bool:
    names = ("system", "environment", "account", "region", "commit")
    return (
        isinstance(found, dict)
        and "version" in found
        and all(isinstance(found.get(name), str) for name in names)
        and isinstance(found.get("layers"), dict)
        and all(isinstance(change_set, str) for change_set in found["layers"].values())
    )
