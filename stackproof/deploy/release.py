"""The whole course of one deployment: change, look whether the application is well, go back where it is not, tell.

Only a deployment that CloudFormation has carried out is ever taken back: where a layer fails, CloudFormation has
brought that layer back itself, those before it stay as they are now, and the same command goes on from there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, Protocol

from stackproof.compose.deployment import Deployment
from stackproof.deploy.change_sets import Change
from stackproof.deploy.deployer import Deployer
from stackproof.deploy.event import DeployError, Event
from stackproof.deploy.health import Health, Prober, Target, application_layer, physical_groups, target_of
from stackproof.deploy.layer import Terms
from stackproof.deploy.notices import SLACK_VARIABLE, Gravity, Notice, tell
from stackproof.deploy.request import stack_name
from stackproof.errors import InputError

MASK = "****"
SHORTEST_SECRET = 4
"""A shorter text is in too many words to be hidden; CloudFormation's own minimum for passwords is longer anyway."""


class Account(Protocol):
    """The account that is deployed to."""

    def cloudformation(self, region: str) -> Any:
        """Return a boto3 client of CloudFormation in a region; the same one for all."""

    def client(self, service: str, region: str) -> Any:
        """Return a boto3 client of a service in a region."""


class End(StrEnum):
    """What became of a layer."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    NOT_BEGUN = "not begun"
    BROUGHT_BACK = "rolled back"
    STAYS = "created, stays"
    STUCK = "not rolled back"


@dataclass(frozen=True, slots=True)
class LayerEnd:
    """What became of one layer.

    Attributes:
        changes: what was changed in it; of one that was brought back, what had been.
        reason: why it failed; empty where it did not.
        logical_id: the resource that failed first; empty where the whole stack was refused.
        attached: whether its stack was busy before this run began anything.
    """

    layer: str
    stack: str
    end: End
    changes: tuple[Change, ...] = ()
    reason: str = ""
    logical_id: str = ""
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a deployment ended.

    Attributes:
        layers: in deploy order.
        target: what was asked whether it is well; None where nothing was.
        health: what it answered; None where nothing was asked.
        after: what it answered once the layers had been rolled back; None where they were not.
        outputs: of each stack that stands, by layer.
        warnings: what else went wrong, one line each.
    """

    system: str
    environment: str
    layers: tuple[LayerEnd, ...]
    target: Target | None = None
    health: Health | None = None
    after: Health | None = None
    outputs: Mapping[str, Mapping[str, str]] | None = None
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def well(self) -> bool:
        """Whether everything is as it should be."""
        failed = any(layer.end in (End.REFUSED, End.FAILED, End.NOT_BEGUN) for layer in self.layers)
        return not failed and (self.health is None or self.health.well)

    @property
    def touched(self) -> bool:
        """Whether anything was changed, or may have been."""
        untouched = (End.UNCHANGED, End.REFUSED, End.NOT_BEGUN)
        return any(layer.attached or layer.end not in untouched for layer in self.layers)


class Release:
    """Deploys, looks, goes back where that is needed, and tells.

    Parameters:
        deployment: what to deploy.
        account: where.
        terms: how.
        hear: hears of each event while it happens.
        say: hears of each step that is no event of a stack, one line.
        prober: asks the application whether it is well; None where nobody shall ask.
        url: what is asked instead of the application's own address.
        variables: the environment's variables.
        sleep: waits; takes seconds.
        workers: how many layers may be under way at the same time.
    """

    def __init__(
        self,
        deployment: Deployment,
        account: Account,
        terms: Terms | None = None,
        *,
        hear: Callable[[Event], None] = lambda _event: None,
        say: Callable[[str], None] = lambda _line: None,
        prober: Prober | None = None,
        url: str = "",
        variables: Mapping[str, str] = os.environ,
        sleep: Callable[[float], None] = time.sleep,
        workers: int = 4,
    ) -> None:
        self._deployment = deployment
        self._account = account
        self._clients: dict[tuple[str, str], Any] = {}
        self._veil = Veil(deployment, variables)
        self._hear = hear
        self._say = say
        self._prober = prober
        self._url = url
        self._variables = variables
        watch = partial(self._client, "cloudwatch")
        self._deployer = Deployer(deployment, account.cloudformation, sleep, terms, workers, watch)
        self._warnings: list[str] = []

    def run(self) -> Outcome:
        """Deploy; whatever goes wrong with the stacks or the application is in what this returns.

        Raises:
            InputError: a stack cannot be sent, or the address to ask is none.
        """
        begun = time.monotonic()
        if self._url:
            target_of(self._deployment, {}, {}, self._url)
        failures: dict[str, DeployError] = {}
        try:
            self._follow(self._deployer.update())
        except DeployError as error:
            failures = self._deployer.failures or {error.layer: error}
        outputs = self._outputs()
        outcome = Outcome(
            self._deployment.system,
            self._deployment.environment.name,
            tuple(self._ends(failures)),
            outputs=outputs,
        )
        if not failures and self._prober is not None:
            outcome = self._looked_after(outcome, self._prober)
        outcome = replace(outcome, seconds=time.monotonic() - begun)
        self._tell(outcome)
        return replace(outcome, warnings=tuple(self._warnings))

    # --- The layers. ---

    def _follow(self, events: Iterator[Event]) -> None:
        for event in events:
            self._hear(replace(event, reason=self._veil(event.reason)))

    def _ends(self, failures: Mapping[str, DeployError]) -> Iterator[LayerEnd]:
        for layer, stack in self._deployment.stacks.items():
            changed = self._deployer.changes.get(layer)
            end = LayerEnd(
                layer,
                stack_name(stack),
                End.UNCHANGED if layer in self._deployer.finished else End.NOT_BEGUN,
                changed.changes if changed is not None else (),
                attached=layer in self._deployer.attached,
            )
            if layer in failures:
                failed = failures[layer]
                how = End.REFUSED if changed is None else End.FAILED
                yield replace(end, end=how, reason=self._veil(failed.reason), logical_id=failed.logical_id)
            elif changed is not None:
                yield replace(end, end=End.CREATED if self._deployer.created(layer) else End.UPDATED)
            else:
                yield end

    def _outputs(self) -> dict[str, dict[str, str]]:
        """Return the outputs of the stacks that stand; what cannot be asked is a warning."""
        found: dict[str, dict[str, str]] = {}
        for layer in self._deployment.stacks:
            try:
                stack = self._deployer.state(layer)
            except DeployError as error:
                self._warnings.append(self._veil(f"the outputs are not known: {error}"))
                break
            if stack is not None:
                found[layer] = {name: self._veil(value) for name, value in stack.outputs.items()}
        return found

    # --- The application. ---

    def _looked_after(self, outcome: Outcome, prober: Prober) -> Outcome:
        """Ask whether the application is well, and take the deployment back where it is not."""
        target = target_of(self._deployment, outcome.outputs or {}, self._groups(), self._url)
        if target is None:
            return outcome
        self._say(f"Asking {target.health or target.url} for up to {prober.patience:.0f} s")
        health = prober.probe(target)
        for told in health.told:
            self._say(told)
        outcome = replace(outcome, target=target, health=health)
        if health.well or not self._deployer.changes:
            return outcome
        layers = {layer.layer: layer for layer in outcome.layers}
        for layer in reversed(self._deployer.changes):
            layers[layer] = self._brought_back(layers[layer])
        outcome = replace(outcome, layers=tuple(layers.values()))
        if all(layer.end is not End.BROUGHT_BACK for layer in outcome.layers):
            return outcome
        self._say("Asking again, after the roll back")
        after = prober.probe(target)
        for told in after.told:
            self._say(told)
        return replace(outcome, after=after, outputs=self._outputs())

    def _groups(self) -> dict[str, str]:
        layer = application_layer(self._deployment)
        if not layer:
            return {}
        stack = self._deployment.stack(layer)
        client = self._account.cloudformation(stack.context.region or "")
        try:
            return physical_groups(client, stack_name(stack), list(stack.resources.values()))
        except Exception as error:
            if not type(error).__module__.startswith("botocore"):
                raise
            self._warnings.append(f"the target groups are not known: {error}")
            return {}

    def _brought_back(self, layer: LayerEnd) -> LayerEnd:
        if layer.end is End.CREATED:
            self._say(f"{layer.stack}: was created by this deployment, and stays")
            return replace(layer, end=End.STAYS)
        self._say(f"{layer.stack}: is rolled back")
        try:
            self._follow(self._deployer.bring_back(layer.layer))
        except DeployError as error:
            self._say(self._veil(f"{layer.stack}: could not be rolled back: {error.reason}"))
            return replace(layer, end=End.STUCK, reason=self._veil(error.reason), logical_id=error.logical_id)
        return replace(layer, end=End.BROUGHT_BACK)

    # --- Everybody else. ---

    def _tell(self, outcome: Outcome) -> None:
        from stackproof.report.release import headline, text

        if outcome.well and not outcome.touched:
            return
        gravity = Gravity.INFORMATION if outcome.well or not outcome.touched else Gravity.CRITICAL
        if outcome.health is not None and not outcome.health.well:
            gravity = Gravity.CRITICAL
        notice = Notice(gravity, headline(outcome), text(outcome))
        outputs = outcome.outputs or {}
        wrong = tell(notice, self._deployment, outputs, partial(self._client, "sns"), self._variables)
        self._warnings += [self._veil(told) for told in wrong]

    def _client(self, service: str, region: str) -> Any:
        """Return a client that was made before, where there is one: to make one takes longer than to use it."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self._account.client(service, region)
        return self._clients[service, region]


class Veil:
    """Hides what must not be shown: values of ``NoEcho`` parameters, and the address of the Slack webhook."""

    def __init__(self, deployment: Deployment, variables: Mapping[str, str] = os.environ) -> None:
        secrets = {variables.get(SLACK_VARIABLE, "").strip(), *_no_echo(deployment)}
        # The longest first: one may be a part of another.
        self._secrets = sorted((text for text in secrets if len(text) >= SHORTEST_SECRET), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return a text with what is secret in it masked."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text


def _no_echo(deployment: Deployment) -> Iterator[str]:
    for stack in deployment.stacks.values():
        for name, value in stack.values.items():
            parameter = stack.template.parameters.get(name)
            if parameter is None or not parameter.no_echo:
                continue
            with suppress(InputError):
                yield from (str(part) for part in (value if isinstance(value, tuple) else (value,)))
