"""Properties that remember who read them: how the simulation knows what a resource handler passed over.

A handler gets a `TracedDict` instead of a plain dict. Whatever copies it (``dict(x)``, ``{**x}``, ``x.items()``,
``json.dumps(x)``) counts as having read all of it, one level deep; a nested object that was taken but never looked
into counts as read as a whole, because it was handed on.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any


class TracedDict(dict[str, Any]):
    """A dict that records which of its keys were read."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__({key: traced(value) for key, value in values.items()})
        self._declared = tuple(values)
        self._read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self._read.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value and note that it was read."""
        self._read.add(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        """Remove a value and note that it was read."""
        self._read.add(key)
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Return a value, setting it where it is absent, and note that it was read."""
        self._read.add(key)
        return super().setdefault(key, default)

    def __iter__(self) -> Iterator[str]:
        self._read_all()
        return super().__iter__()

    def keys(self) -> KeysView[str]:  # type: ignore[override]
        """Return the keys; all count as read, since whoever lists them takes what it finds."""
        self._read_all()
        return KeysView(dict(super().items()))

    def items(self) -> ItemsView[str, Any]:  # type: ignore[override]
        """Return the items; all count as read."""
        self._read_all()
        return ItemsView(dict(super().items()))

    def values(self) -> ValuesView[Any]:  # type: ignore[override]
        """Return the values; all count as read."""
        self._read_all()
        return ValuesView(dict(super().items()))

    def copy(self) -> dict[str, Any]:
        """Return a plain copy; all counts as read."""
        self._read_all()
        return dict(super().items())

    def _read_all(self) -> None:
        self._read |= set(self._declared)

    @property
    def touched(self) -> bool:
        """True where somebody looked into it."""
        return bool(self._read)

    def unread(self) -> Iterator[str]:
        """Iterate over the dotted paths that nobody read; an element of a list is written ``*``."""
        for key in self._declared:
            if key not in self._read:
                yield key
            elif dict.__contains__(self, key):
                yield from (f"{key}.{path}" for path in unread(dict.__getitem__(self, key)))


def traced(value: Any) -> Any:
    """Return a value with every dict inside of it traced."""
    if isinstance(value, dict):
        return TracedDict(value)
    if isinstance(value, list):
        return [traced(item) for item in value]
    return value


def unread(value: Any) -> Iterator[str]:
    """Iterate over the paths below a traced value that nobody read, each once."""
    if isinstance(value, TracedDict):
        yield from value.unread() if value.touched else ()
    elif isinstance(value, list):
        yield from dict.fromkeys(f"*.{path}" for item in value for path in unread(item))
