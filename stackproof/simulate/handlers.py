"""What makes and unmakes resources in a simulated account."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource that is to be made.

    Attributes:
        type: such as ``AWS::EC2::VPC``.
        properties: plain data, all functions resolved.
        name: a name of the kind that CloudFormation makes up, ``<stack>-<logical id>-<random>``.
    """

    type: str
    logical_id: str
    stack: str
    stack_id: str
    name: str
    properties: dict[str, Any]


class CannotUpdateError(Exception):
    """A change that the simulated service cannot make in place, although CloudFormation would."""

    def __init__(self, kind: str, paths: Iterable[str]) -> None:
        super().__init__(f"the simulation cannot change {', '.join(sorted(paths))} of {kind} in place")


def _fixed(wanted: Wanted) -> None:
    raise CannotUpdateError(wanted.type, wanted.properties)


@dataclass(slots=True)
class Made:
    """A resource that exists.

    Attributes:
        physical_id: what ``Ref`` gives.
        attribute: gives ``Fn::GetAtt`` by the attribute's name; KeyError where there is none.
        delete: removes it; takes True where the template asks for a final snapshot.
        unread: dotted paths of the properties that nothing took.
        update: changes it in place into what is wanted now; raises CannotUpdateError, or what the service says.
        describe: what the service shows of it, one description per way to ask.
        missing: dotted paths of the properties that the service took and that given descriptions do not show.
        settle: ends a change that is still open, so that it can no longer be taken back.
        take_back: takes back a change that is still open; returns False where none is.
    """

    physical_id: str
    attribute: Callable[[str], Any]
    delete: Callable[[bool], None]
    unread: tuple[str, ...] = ()
    update: Callable[[Wanted], None] = _fixed
    describe: Callable[[], list[Any]] = list
    missing: Callable[[list[Any]], Iterable[str]] = lambda _descriptions: ()
    settle: Callable[[], None] = lambda: None
    take_back: Callable[[], bool] = lambda: False

    @property
    def unshown(self) -> tuple[str, ...]:
        """Dotted paths of the properties that the service took and does not show when it is asked now."""
        return tuple(self.missing(self.describe()))


class Handler(Protocol):
    """Makes resources of one type."""

    def __call__(self, wanted: Wanted) -> Made:
        """Make a resource; any exception fails it with the exception's message."""
