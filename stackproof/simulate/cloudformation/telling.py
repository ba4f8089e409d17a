"""Events: what a stack tells while something is done to it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from stackproof.simulate.cloudformation.record import STACK, Clock, Happening, StackRecord, Standing, Target

MASK = "****"
_SHORT = 4
"""Secrets shorter than this are masked only where they are the whole value."""


class Teller:
    """Writes the events of one stack.

    Parameters:
        stack: the stack.
        clock: gives the times.
        secrets: values of NoEcho parameters, which no event shows.
        notify: hears of every event.
    """

    def __init__(
        self,
        stack: StackRecord,
        clock: Clock,
        secrets: frozenset[str] = frozenset(),
        notify: Callable[[Happening], None] = lambda _event: None,
    ) -> None:
        self._stack = stack
        self._clock = clock
        self._secrets = secrets - {""}
        self._notify = notify

    def stack(self, status: str, reason: str = "") -> None:
        """Tell the status of the whole stack."""
        stack = self._stack
        stack.status, stack.reason = status, reason
        time = self._clock.tick()
        self._note(
            Happening(
                str(uuid.uuid4()),
                stack.id,
                stack.name,
                stack.name,
                stack.id,
                STACK,
                status,
                reason,
                "",
                time,
                stack.token,
            )
        )

    def resource(self, standing: Standing, status: str, reason: str = "") -> None:
        """Tell the status of one resource."""
        time = self._clock.tick()
        standing.status, standing.reason, standing.time = status, reason, time
        shown = json.dumps(masked(standing.told or standing.properties, self._secrets), separators=(",", ":"))
        self._note(
            Happening(
                f"{standing.logical_id}-{status}-{time.isoformat(timespec='milliseconds').replace('+00:00', 'Z')}",
                self._stack.id,
                self._stack.name,
                standing.logical_id,
                standing.physical_id,
                standing.type,
                status,
                reason,
                shown if standing.properties else "",
                time,
                self._stack.token,
            )
        )

    def _note(self, event: Happening) -> None:
        self._stack.events.append(event)
        self._notify(event)


def secrets_of(target: Target | None) -> frozenset[str]:
    """Return the values of a target's NoEcho parameters."""
    if target is None:
        return frozenset()
    parameters = target.template.parameters
    hidden = [value for name, value in target.stack.values.items() if name in parameters and parameters[name].no_echo]
    texts = [text for value in hidden for text in (value if isinstance(value, tuple) else (value,))]
    return frozenset(text for text in texts if isinstance(text, str))


def masked(value: Any, secrets: frozenset[str]) -> Any:
    """Return a value with every secret in it replaced by asterisks."""
    if not secrets:
        return value
    if isinstance(value, dict):
        return {key: masked(child, secrets) for key, child in value.items()}
    if isinstance(value, list):
        return [masked(child, secrets) for child in value]
    if isinstance(value, str):
        if value in secrets:
            return MASK
        for secret in secrets:
            if len(secret) >= _SHORT:
                value = value.replace(secret, MASK)
    return value


def as_stored(value: Any) -> str:
    """Return a value of Parameter Store as it is told: a list with commas."""
    return ",".join(value) if isinstance(value, tuple) else str(value)
