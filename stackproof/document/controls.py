"""Published controls: which there are, which policies answer them, and why some have no answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stackproof.errors import InputError
from stackproof.judge.discover import LoadedPolicy
from stackproof.load.nodes import Mapping, Node, Scalar
from stackproof.load.reader import read_file
from stackproof.marks import Mark

CONTROLS = "controls.yaml"
"""Their file, in a folder of policies."""


@dataclass(frozen=True, slots=True)
class Control:
    """A published control.

    Attributes:
        id: as policies name it, such as ``FSBP RDS.3``.
        title: what it asks, in our words.
        reason: why no policy answers it; empty where one must.
        mark: where it is written down.
    """

    id: str
    title: str
    reason: str
    mark: Mark

    @property
    def standard(self) -> str:
        """The part of the id that names the standard."""
        return self.id.partition(" ")[0]


def load_controls(folder: Path) -> tuple[Control, ...]:
    """Return the published controls that a folder of policies lists; none where it has no list.

    Raises:
        InputError: the list is wrong.
    """
    path = folder / CONTROLS
    return tuple(_controls(read_file(path))) if path.is_file() else ()


def answers(policies: Iterable[LoadedPolicy]) -> dict[str, list[LoadedPolicy]]:
    """Return the policies by each control that they name."""
    found: dict[str, list[LoadedPolicy]] = {}
    for policy in policies:
        for control in policy.policy.controls:
            found.setdefault(control, []).append(policy)
    return found


def _controls(root: Node) -> Iterator[Control]:
    for standard, services in _entries(root):
        for service, controls in _entries(services):
            for number, node in _entries(controls):
                name = f"{standard} {service}.{number}"
                if isinstance(node, Scalar):
                    yield Control(name, node.text, "", node.mark)
                    continue
                said = dict(_entries(node))
                if set(said) != {"asks", "unanswered"}:
                    raise InputError("a control is a text, or a mapping of 'asks' and 'unanswered'", node.mark)
                yield Control(name, _text(said["asks"]), _text(said["unanswered"]), node.mark)


def _entries(node: Node) -> Iterable[tuple[str, Node]]:
    if not isinstance(node, Mapping):
        raise InputError("controls are named by standard, service and number", node.mark)
    return node.items()


def _text(node: Node) -> str:
    if not isinstance(node, Scalar) or not node.text:
        raise InputError("a text is expected here", node.mark)
    return node.text
