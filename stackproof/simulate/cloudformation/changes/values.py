"""Values before and after a change: where they differ, and how AWS writes them down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs.

    Attributes:
        path: names and indexes that lead to it.
        kind: ``Add``, ``Modify`` or ``Remove``.
    """

    path: Path
    kind: str


def differences(before: Any, after: Any, whole: Callable[[Path], bool], path: Path = ()) -> Iterator[Difference]:
    """Iterate over what differs, as deep as it can be told.

    Parameters:
        whole: whether what stands at a path counts as one value, such as a policy document.
    """
    if not whole(path):
        if isinstance(before, dict) and isinstance(after, dict):
            for name in in_order({**before, **after}):
                yield from _below(before, after, name, whole, path)
            return
        if isinstance(before, list) and isinstance(after, list):
            old, new = dict(enumerate(before)), dict(enumerate(after))
            for index in range(max(len(before), len(after))):
                yield from _below(old, new, index, whole, path)
            return
    if before != after:
        yield Difference(path, "Modify")


def _below(
    before: dict[Any, Any], after: dict[Any, Any], name: str | int, whole: Callable[[Path], bool], path: Path
) -> Iterator[Difference]:
    here = (*path, str(name))
    if name not in before:
        yield Difference(here, "Add")
    elif name not in after:
        yield Difference(here, "Remove")
    else:
        yield from differences(before[name], after[name], whole, here)


def value_text(value: Any) -> str:
    """Return a value as ``BeforeValue`` and ``AfterValue`` hold it."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def context_text(context: dict[str, Any]) -> str:
    """Return ``BeforeContext`` or ``AfterContext``."""
    ordered = {name: _ordered(value) for name, value in context.items()}
    return json.dumps(ordered, separators=(",", ":"), ensure_ascii=False)


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in in_order(value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def in_order(names: dict[str, Any]) -> list[str]:
    """Return names in the order in which AWS writes them, that of a Java HashMap of just the size."""
    room, size = int(len(names) / 0.75 + 1), 1
    while size < room:
        size *= 2
    return sorted(names, key=lambda name: _bucket(name, size))


def _bucket(name: str, size: int) -> int:
    code = 0
    for character in name:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return (code ^ code >> 16) & (size - 1)
