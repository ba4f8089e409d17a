"""Steps: what an operation did to one resource, so that it can be told and undone."""

from __future__ import annotations

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


def failed_to(verb: str, logical_ids: list[str]) -> str:
    """Return the reason that a stack has where resources of it failed."""
    return f"The following resource(s) failed to {verb}: [{', '.join(logical_ids)}]. "


def reason_of(error: Exception) -> str:
    """Return the reason of a failure: what a service said, else the error's own words."""
    response = getattr(error, "response", None)
    said = response.get("Error", {}).get("Message") if isinstance(response, dict) else None
    return str(said or getattr(error, "message", "") or error) or type(error).__name__
