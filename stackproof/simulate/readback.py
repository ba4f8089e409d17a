"""Reading back: does the service's own description show what a template declared?

A service that takes a parameter and forgets it is the subtlest gap of a simulation. Names differ between templates and
descriptions (``VPCSecurityGroups`` and ``VpcSecurityGroups.0.VpcSecurityGroupId``), levels come and go, and the same
``Enabled`` stands in many places. So each declared value looks for a place of its own: first by all the names that lead
to it and, in a list, within the element that is most like its own; what is not found so, among the places that nothing
else has taken, by fewer names; a telling text (an id, an address) by any word of them.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from stackproof.resolve.values import as_text

TELLING = 8
"""A text of this length is hardly there by chance."""

_TRIMMINGS = re.compile("^enabled?|enabled$|^default|s$")
_WORDS = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_FILLERS = frozenset(("apply", "by", "config", "configuration", "enable", "enabled", "item", "specification", "to"))
_COMMON = frozenset(("arn", "id", "identifier", "name", "type", "value"))
_IDENTIFYING = re.compile("(id|identifier|name|arn|key|priority|number)$", re.IGNORECASE)
_CONSTANT = re.compile("[A-Z_-]+")
_PAIRS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"), ("ParameterName", "ParameterValue"))


def unshown(properties: Mapping[str, Any], descriptions: Iterable[Any]) -> Iterator[str]:
    """Iterate over the dotted paths whose values no description shows; an element of a list is written ``*``.

    Parameters:
        properties: what a template declares, under the names of the service where they differ.
        descriptions: what the service answers when it is asked for the resource.
    """
    declared, shown = _Tree(), _Tree(inside=True)
    declared.add(properties)
    for description in descriptions:
        shown.add(description)
    yield from dict.fromkeys(leaf.path for leaf in _homeless(declared, shown))


@dataclass(frozen=True, slots=True)
class _Leaf:
    """One value.

    Attributes:
        path: dotted; tags have the path of their list.
        names: the names that lead to it.
        elements: the list elements that it stands in, the innermost last.
        is_keyed: whether the last name is a key beside the value, as a tag's.
    """

    path: str
    names: tuple[str, ...]
    text: str
    elements: tuple[int, ...]
    is_keyed: bool = False


@dataclass(slots=True)
class _Tree:
    """Values as leaves.

    Attributes:
        inside: whether to look into texts too: a policy that a service keeps as JSON, a list with commas.
        lists: the name of the list that each element stands in.
    """

    inside: bool = False
    leaves: list[_Leaf] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)

    def add(self, value: Any, path: str = "", names: tuple[str, ...] = (), elements: tuple[int, ...] = ()) -> None:
        """Add what stands in a value."""
        if isinstance(value, Mapping):
            self._add_pairs(value, path, names, elements)
        elif isinstance(value, list | tuple):
            for item in value:
                inner = elements
                if isinstance(item, Mapping):
                    inner = (*elements, len(self.lists))
                    self.lists.append(names[-1] if names else "")
                self.add(item, f"{path}.*", names, inner)
        else:
            self.leaves.append(_Leaf(path, names, _text(value), elements))
            if self.inside and isinstance(value, str):
                self._add_inside(value, path, names, elements)

    def _add_pairs(
        self, value: Mapping[str, Any], path: str, names: tuple[str, ...], elements: tuple[int, ...]
    ) -> None:
        """Add an object; one with a key and a value stands for the value under that key as its name."""
        pair = next((pair for pair in _PAIRS if pair[0] in value and (self.inside or pair[1] in value)), ())
        if pair:
            key, content = str(value[pair[0]]), _text(value.get(pair[1]))
            self.leaves.append(_Leaf(path.removesuffix(".*"), (*names, key), content, elements, is_keyed=True))
        for name, child in value.items():
            if name not in pair:
                self.add(child, f"{path}.{name}" if path else str(name), (*names, str(name)), elements)

    def _add_inside(self, text: str, path: str, names: tuple[str, ...], elements: tuple[int, ...]) -> None:
        if text.startswith(("{", "[")):
            with suppress(ValueError):
                self.add(json.loads(text), path, names, elements)
        elif "," in text:
            self.leaves += (_Leaf(path, names, part.strip(), elements) for part in text.split(","))

    def by_element(self) -> dict[int, set[tuple[str, str]]]:
        """Return name and text of all that stands in each element."""
        found: dict[int, set[tuple[str, str]]] = defaultdict(set)
        for leaf in self.leaves:
            for element in leaf.elements:
                found[element].add((_plain(leaf.names[-1]), leaf.text))
        return found


def _homeless(declared: _Tree, shown: _Tree) -> list[_Leaf]:
    """Return the declared values that find no place."""
    by_text: dict[str, list[int]] = defaultdict(list)
    by_name: dict[str, list[int]] = defaultdict(list)
    for index, leaf in enumerate(shown.leaves):
        by_text[leaf.text].append(index)
        for name in dict.fromkeys(map(_plain, leaf.names)):
            by_name[name].append(index)
    alike = _Likeness(declared, shown)
    taken: dict[int, str] = {}
    homeless: set[_Leaf] = set()
    left: list[_Leaf] = []
    for leaf in declared.leaves:
        named = [at for at in by_name[_plain(leaf.names[-1])] if _leads(leaf.names, shown.leaves[at].names)]
        nearest = _nearest(alike.only(leaf, _of_its_kind(leaf, named, shown)), shown)
        places = [at for at in nearest if shown.leaves[at].text == leaf.text]
        taken |= dict.fromkeys(places, leaf.path)
        if nearest and not places:
            homeless.add(leaf)
        elif not places:
            left.append(leaf)
    for agrees in (_by_fewer, _by_last, _by_word):
        still = []
        for leaf in left:
            free = (at for at in by_text[leaf.text] if taken.get(at, leaf.path) == leaf.path)
            places = _of_its_kind(leaf, [at for at in free if agrees(leaf, shown.leaves[at])], shown)
            places = _nearest(alike.only(leaf, places) if agrees is _by_fewer else places, shown)
            if not places:
                still.append(leaf)
                continue
            names = shown.leaves[places[0]].names
            taken |= {at: leaf.path for at in places if shown.leaves[at].names == names}
        left = still
    return [leaf for leaf in declared.leaves if leaf in homeless.union(left)]


def _of_its_kind(leaf: _Leaf, places: list[int], shown: _Tree) -> list[int]:
    """Return the places of tags for a tag, and the others for what is none; both where only the others say the same."""
    same = [at for at in places if shown.leaves[at].is_keyed == leaf.is_keyed]
    says = [at for at in places if shown.leaves[at].text == leaf.text]
    return same if not set(says) - set(same) or set(says) & set(same) else sorted({*same, *says})


def _nearest(places: list[int], shown: _Tree) -> list[int]:
    """Return those places to which the fewest names lead."""
    least = min((len(shown.leaves[at].names) for at in places), default=0)
    return [at for at in places if len(shown.leaves[at].names) == least]


@dataclass(slots=True)
class _Likeness:
    """Which element of the descriptions' lists is meant by an element of a declared list."""

    declared: _Tree
    shown: _Tree
    _ours: dict[int, set[tuple[str, str]]] = field(init=False)
    _theirs: dict[int, set[tuple[str, str]]] = field(init=False)
    _found: dict[int, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ours, self._theirs = self.declared.by_element(), self.shown.by_element()

    def only(self, leaf: _Leaf, places: list[int]) -> list[int]:
        """Return those places that stand in the elements most like the one that a declared value stands in."""
        elements = self._like(leaf.elements[-1]) if leaf.elements else set()
        return [at for at in places if not elements.isdisjoint(self.shown.leaves[at].elements)] if elements else places

    def _like(self, element: int) -> set[int]:
        if element not in self._found:
            name = self.declared.lists[element]
            named = [other for other, list_name in enumerate(self.shown.lists) if _is_same(name, list_name)]
            scores = {other: self._score(element, other) for other in named}
            best = max(scores.values(), default=0)
            self._found[element] = {other for other, score in scores.items() if score == best} if best else set()
        return self._found[element]

    def _score(self, element: int, other: int) -> int:
        both = self._ours[element] & self._theirs[other]
        return sum(10 if _IDENTIFYING.search(name) else 1 for name, _ in both)


def _by_fewer(leaf: _Leaf, shown: _Leaf) -> bool:
    """Compare without the property's own name, which a call that shows only that property leaves out."""
    own, *names = leaf.names
    if not names or not _leads(tuple(names), shown.names):
        return False
    return len(shown.names) == len(names) or not _words(own).isdisjoint(_words(*shown.names))


def _by_last(leaf: _Leaf, shown: _Leaf) -> bool:
    last = _leads(leaf.names[-1:], shown.names)
    above = shown.names[:-1]
    return last and (not above or not _words(*leaf.names[-2:-1]).isdisjoint(_words(*above)))


def _by_word(leaf: _Leaf, shown: _Leaf) -> bool:
    return _is_telling(leaf) and not _words(*leaf.names).isdisjoint(_words(*shown.names))


def _is_telling(leaf: _Leaf) -> bool:
    return len(leaf.text) >= TELLING and not leaf.is_keyed and not _CONSTANT.fullmatch(leaf.text)


def _leads(names: tuple[str, ...], shown: tuple[str, ...]) -> bool:
    """Return whether the names stand among those shown, in their order."""
    *above, last = names
    at = next((index for index in reversed(range(len(shown))) if _plain(shown[index]) == _plain(last)), -1)
    if at < 0:
        return False
    left = list(shown[:at])
    for name in reversed(above):
        while left and not _is_same(name, left[-1]):
            left.pop()
        if not left:
            return False
        left.pop()
    return True


@cache
def _is_same(name: str, other: str) -> bool:
    """Return whether two names of levels are one, whatever fills them up, such as "Configuration"."""
    return (
        name.lower().removesuffix("s") == other.lower().removesuffix("s")
        or _words(name) - _COMMON == _words(other) - _COMMON != set()
    )


@cache
def _plain(name: str) -> str:
    """Return a name without what differs between templates and descriptions: capitals, plural, "enabled"."""
    name = name.lower()
    while (shorter := _TRIMMINGS.sub("", name)) != name and shorter:
        name = shorter
    return name


@cache
def _words(*names: str) -> frozenset[str]:
    words = (word.lower().removesuffix("s") for name in names for word in _WORDS.findall(name))
    return frozenset(words) - _FILLERS


def _text(value: Any) -> str:
    """Return a value as text, equal numbers in one form."""
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return as_text(value)
