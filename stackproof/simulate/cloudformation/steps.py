"""Steps: what an operation did to one resource, so that it can be told and undone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stackproof.errors import InputError
from stackproof.simulate.cloudformation.record import Standing
from stackproof.simulate.cloudformation.replacement import Effect
from stackproof.simulate.handlers import Made


class HalfMadeError(InputError):
    """A resource was made, but is not what it should be; it is there, and somebody has to remove it."""

    def __init__(self, message: str, made: Made) -> None:
        super().__init__(message)
        self.made = made


@dataclass(slots=True)
class Step:
    """What was done to one resource.

    Attributes:
        before: what stood there; None where there was nothing.
        now: what stands there since.
        effect: what was done.
        failed: whether it was not finished.
    """

    logical_id: str
    before: Standing | None
    now: Standing
    effect: Effect
    failed: bool = False

    @property
    def verb(self) -> str:
        """What the statuses of the resource begin with."""
        return "CREATE" if self.before is None else "UPDATE"

    def begin_at(self, before: Standing | None) -> None:
        """Take the step to have begun at what stood there earlier."""
        self.before = before
        if before is None:
            self.effect = Effect.CREATE


def inherit(steps: list[Step], earlier: Iterable[Step], standing: Mapping[str, Standing]) -> None:
    """Add to steps those of an earlier operation that were not undone: what both did to a resource becomes one step.

    Parameters:
        steps: what was done last.
        earlier: what was done before that.
        standing: what stands now, by logical id.
    """
    mine = {step.logical_id: step for step in steps}
    for step in earlier:
        found = standing.get(step.logical_id)
        if step.logical_id in mine:
            mine[step.logical_id].begin_at(step.before)
        elif found is not None and found.physical_id == step.now.physical_id:
            steps.append(step)


def left_over(steps: Iterable[Step], standing: Mapping[str, Standing]) -> list[Standing]:
    """Return what was replaced, or what it was replaced by, where the roll back did not come to its end.

    Parameters:
        steps: what was done and not undone.
        standing: what stands in the stack now, by logical id.
    """
    replacements = [step for step in steps if step.effect is Effect.REPLACE]
    both = [found for step in replacements for found in (step.before, step.now) if found is not None]
    return [found for found in both if found.physical_id and standing.get(found.logical_id) is not found]


def failed_to(verb: str, logical_ids: list[str]) -> str:
    """Return the reason that a stack has where resources of it failed."""
    return f"The following resource(s) failed to {verb}: [{', '.join(logical_ids)}]. "


def reason_of(error: Exception) -> str:
    """Return the reason of a failure: what a service said, else the error's own words."""
    response = getattr(error, "response", None)
    said = response.get("Error", {}).get("Message") if isinstance(response, dict) else None
    return str(said or getattr(error, "message", "") or error) or type(error).__name__
