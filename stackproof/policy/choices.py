"""Elements that are judged independently: one per run of a check; see `stackproof.resolve.choices`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from stackproof.resolve.choices import active

_T = TypeVar("_T")


class Options(Sequence[_T]):
    """Elements that are worked out when they are asked for, so that choosing one leaves the others unread.

    Parameters:
        makers: each gives the elements at one place: none, one, or several that one of them will be.
    """

    def __init__(self, makers: Iterable[Callable[[], Iterable[_T]]]) -> None:
        self.makers = tuple(makers)

    def __iter__(self) -> Iterator[_T]:
        for make in self.makers:
            yield from make()

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, index: Any) -> Any:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def map(self, change: Callable[[_T], Any]) -> Options[Any]:
        """Return the same places with changed elements."""
        return Options(_mapped(make, change) for make in self.makers)


def _mapped(make: Callable[[], Iterable[_T]], change: Callable[[_T], Any]) -> Callable[[], Iterable[Any]]:
    return lambda: [change(element) for element in make()]


def each(elements: Iterable[_T]) -> Iterator[_T]:
    """Iterate over elements that are judged independently of each other.

    While the engine judges, one run sees one element and the engine repeats the run for the others; a check that needs
    all elements together iterates over the list itself.
    """
    choices = active()
    if choices is None:
        yield from elements
        return
    if isinstance(elements, Options):
        if not elements.makers:
            return
        elements = elements.makers[choices.choose(len(elements.makers))]()
    found = tuple(elements)
    if found:
        yield found[choices.choose(len(found)) if len(found) > 1 else 0]
