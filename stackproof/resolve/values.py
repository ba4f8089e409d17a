"""Resolved values: plain data, symbols, and containers that resolve what is asked of them.

A `Block` or `Items` resolves a child the first time that somebody reads it. That keeps judging cheap, and it is what
lets a policy depend on exactly the parameters that it read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as MappingABC
from collections.abc import Sequence as SequenceABC
from typing import Any, TypeAlias

from stackproof.errors import InputError
from stackproof.load.nodes import Mapping, Node, Sequence, function_of, plain_text
from stackproof.marks import Mark
from stackproof.resolve.choices import present_run
from stackproof.symbols import Deferred, Imported, Reference, Symbol

Value: TypeAlias = "str | int | float | bool | tuple[Any, ...] | Block | Items | Symbol | None"
Resolver: TypeAlias = "Callable[[Node, str], Value]"

_MISSING = object()


class _NoValue:
    """What ``AWS::NoValue`` resolves to: containers leave it out."""

    def __repr__(self) -> str:
        return "AWS::NoValue"


NO_VALUE: Any = _NoValue()


class Undecidable(Exception):  # noqa: N818 - it is an answer, not an error
    """Raised when a question needs a value that is known only after deployment.

    Attributes:
        reason: what is not known, in words.
        mark: where the question arose.
        path: dotted property path.
    """

    def __init__(self, reason: str, mark: Mark, path: str = "") -> None:
        self.reason = reason
        self.mark = mark
        self.path = path
        super().__init__(f"{mark}: {reason}")


class Block(MappingABC[str, Value]):
    """Named values that resolve when they are read; equal to a dict of the same content.

    Where a macro (``Fn::Transform``) stands among the names, a name that is not written holds a symbol: it is known
    only after deployment whether the macro adds it.

    Beside the mapping interface it offers typed reads for policies and tests (`text`, `boolean`, `integer`,
    `items_of`, `block`), which raise `Undecidable` where the value is a symbol.
    """

    __slots__ = ("_cache", "_node", "_resolve", "path")

    def __init__(self, node: Mapping, resolve: Resolver, path: str = "") -> None:
        self._node = node
        self._resolve = resolve
        self._cache: dict[str, Any] = {}
        self.path = path

    def _child(self, key: str) -> Any:
        found = self._cache.get(key, _MISSING)
        if found is _MISSING:
            node = self._node.entries.get(key)
            found = self._absent(key) if node is None else self._resolve(node, self.path_of(key))
            self._cache[key] = found
        return found

    def _absent(self, key: str) -> Any:
        """Return what an unwritten name holds: nothing, unless a macro may add it."""
        macro = self._node.entries.get("Fn::Transform")
        return NO_VALUE if macro is None else Deferred("Fn::Transform", (plain_text(macro), key))

    def written(self) -> Iterator[tuple[str, Node]]:
        """Iterate over names and nodes as they are written."""
        return self._node.items()

    def path_of(self, key: str) -> str:
        """Return the dotted path of a child."""
        return f"{self.path}.{key}" if self.path else key

    def mark(self, key: str | None = None) -> Mark:
        """Return where a key stands in the template; the block itself for None or an absent key."""
        return self._node.mark if key is None else self._node.key_mark(key)

    def __getitem__(self, key: str) -> Value:
        value = self._child(key)
        if value is NO_VALUE:
            raise KeyError(key)
        return value  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        for key, node in self._node.items():
            if key == "Fn::Transform":
                continue
            # Only a function can turn out to be AWS::NoValue.
            if function_of(node) is None or self._child(key) is not NO_VALUE:
                yield key

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MappingABC) and dict(self.items()) == dict(other.items())

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(plain_value(self))

    def text(self, key: str, default: str = "") -> str:
        """Return a value as text; CloudFormation accepts numbers and booleans where text is expected."""
        value = self.get(key, default)
        return as_text(self._known(key, value))

    def boolean(self, key: str, *, default: bool = False) -> bool:
        """Return a value as boolean; CloudFormation accepts ``"true"`` as well as ``true``, and nothing else."""
        value = self._known(key, self.get(key, default))
        text = as_text(value).lower()
        if isinstance(value, bool) or (isinstance(value, str) and text in ("true", "false")):
            return text == "true"
        raise InputError(f"'{self.path_of(key)}' must be true or false, not '{value}'", self.mark(key))

    def integer(self, key: str, default: int = 0) -> int:
        """Return a value as a whole number; CloudFormation accepts ``"7"`` as well as ``7``."""
        value = self._known(key, self.get(key, default))
        try:
            return int(float(as_text(value)))
        except (ValueError, OverflowError):
            raise InputError(f"'{self.path_of(key)}' must be a number, not '{value}'", self.mark(key)) from None

    def block(self, key: str) -> Block:
        """Return a nested block; an empty one where it is absent."""
        value = self._known(key, self.get(key, None))
        if value is None:
            return Block(Mapping({}, {}, self.mark(key)), self._resolve, self.path_of(key))
        if not isinstance(value, Block):
            raise InputError(f"'{self.path_of(key)}' must be an object", self.mark(key))
        return value

    def items_of(self, key: str) -> tuple[Any, ...]:
        """Return a list; a single value where a list is expected counts as a list of one."""
        return tuple(self.listed(key))

    def listed(self, key: str) -> Items | tuple[Any, ...]:
        """Return a list whose elements are not read yet; see `items_of`."""
        value = self._known(key, self.get(key, ()))
        return value if isinstance(value, Items | tuple) else (value,)

    def _known(self, key: str, value: Any) -> Any:
        if isinstance(value, Symbol):
            raise Undecidable(
                f"{self.path_of(key)} is {value}, which is known only after deployment",
                self.mark(key),
                self.path_of(key),
            )
        return value


class OpenBlock(Block):
    """A block whose functions are worked out in every run of a check, because parameters change between two runs."""

    __slots__ = ("_run", "_worked_out")

    def __init__(self, node: Mapping, resolve: Resolver, path: str = "") -> None:
        super().__init__(node, resolve, path)
        self._run: object = None
        self._worked_out: dict[str, Any] = {}

    def _child(self, key: str) -> Any:
        node = self._node.entries.get(key)
        if node is None or function_of(node) is None:
            return super()._child(key)
        run = present_run()
        if run is None or run is not self._run:
            self._run, self._worked_out = run, {}
        if key not in self._worked_out:
            self._worked_out[key] = self._resolve(node, self.path_of(key))
        return self._worked_out[key]


class Items(SequenceABC[Value]):
    """Values in order that resolve when they are read; equal to a list or tuple of the same content."""

    __slots__ = ("_cache", "_node", "_resolve", "path")

    def __init__(self, node: Sequence, resolve: Resolver, path: str = "") -> None:
        self._node = node
        self._resolve = resolve
        self._cache: tuple[Any, ...] | None = None
        self.path = path

    def _all(self) -> tuple[Any, ...]:
        if self._cache is None:
            resolved = (self._resolve(item, f"{self.path}.{i}") for i, item in enumerate(self._node.items))
            self._cache = tuple(value for value in resolved if value is not NO_VALUE)
        return self._cache

    @property
    def written(self) -> int:
        """How many elements are written; some of them may turn out to be ``AWS::NoValue``."""
        return len(self._node.items)

    def written_element(self, index: int) -> Any:
        """Return one of the elements that are written, ``NO_VALUE`` where it is left out; the others stay unread."""
        return self._resolve(self._node.items[index], f"{self.path}.{index}")

    def mark(self) -> Mark:
        """Return where the list stands in the template."""
        return self._node.mark

    def __getitem__(self, index: Any) -> Any:
        return self._all()[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Items | list | tuple) and self._all() == tuple(other)

    def __hash__(self) -> int:
        return hash(len(self))

    def __repr__(self) -> str:
        return repr(plain_value(self))


class OpenItems(Items):
    """A list whose functions are worked out in every run of a check; see `OpenBlock`."""

    __slots__ = ("_fixed", "_run", "_whole")

    def __init__(self, node: Sequence, resolve: Resolver, path: str = "") -> None:
        super().__init__(node, resolve, path)
        self._fixed: dict[int, Any] = {}
        self._run: object = None
        self._whole: tuple[Any, ...] | None = None

    def written_element(self, index: int) -> Any:
        """As `Items.written_element`; an element without a function is always the same."""
        if function_of(self._node.items[index]) is not None:
            return super().written_element(index)
        if index not in self._fixed:
            self._fixed[index] = super().written_element(index)
        return self._fixed[index]

    def _all(self) -> tuple[Any, ...]:
        run = present_run()
        if run is None or run is not self._run or self._whole is None:
            resolved = (self.written_element(index) for index in range(self.written))
            self._run, self._whole = run, tuple(value for value in resolved if value is not NO_VALUE)
        return self._whole


def is_list(value: Any) -> bool:
    """Return whether a resolved value is a list."""
    return isinstance(value, Items | tuple | list)


def as_text(value: Any) -> str:
    """Return a scalar as the text that CloudFormation makes of it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def plain_value(value: Any) -> Any:
    """Return a resolved value as dict, list and scalars; symbols stay symbols."""
    if isinstance(value, Block):
        return {key: plain_value(child) for key, child in value.items()}
    if isinstance(value, Items | tuple | list):
        return [plain_value(child) for child in value]
    return value


def symbols_in(value: Any) -> Iterator[Symbol]:
    """Iterate over every symbol inside a resolved value, those inside of texts and functions included.

    What is used in several places is visited once.
    """
    return _symbols_in(value, {})


def _symbols_in(value: Any, seen: dict[int, Any]) -> Iterator[Symbol]:
    if not isinstance(value, Symbol | Block | Items | tuple | list) or id(value) in seen:
        return
    seen[id(value)] = value
    if isinstance(value, Symbol):
        yield value
        children: Any = (getattr(value, name) for name in getattr(type(value), "__slots__", ()))
    else:
        children = value.values() if isinstance(value, Block) else value
    for child in children:
        yield from _symbols_in(child, seen)


def needs_deployment(value: Any) -> bool:
    """Return whether a value depends on resources, imports or zones: no export may be named after such a value."""
    return any(
        isinstance(symbol, Reference | Imported) or (isinstance(symbol, Deferred) and symbol.function == "Fn::GetAZs")
        for symbol in symbols_in(value)
    )
