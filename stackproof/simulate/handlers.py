"""What makes and unmakes resources in a simulated account."""

from __future__ import annotations

from collections.abc import Callable
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


@dataclass(slots=True)
class Made:
    """A resource that exists.

    Attributes:
        physical_id: what ``Ref`` gives.
        attribute: gives ``Fn::GetAtt`` by the attribute's name; KeyError where there is none.
        delete: removes it; takes True where the template asks for a final snapshot.
        unread: dotted paths of the properties that nothing took.
        unshown: dotted paths of those that the service took and does not show when it describes the resource.
    """

    physical_id: str
    attribute: Callable[[str], Any]
    delete: Callable[[bool], None]
    unread: tuple[str, ...] = ()
    unshown: tuple[str, ...] = ()


class Handler(Protocol):
    """Makes resources of one type."""

    def __call__(self, wanted: Wanted) -> Made:
        """Make a resource; any exception fails it with the exception's message."""
