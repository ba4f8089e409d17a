"""Promises of systems, and what proves each: tests that carry its id, policies that stand beside it.

A repository writes its promises down as tables in ``docs/promises.md``: ``| id | promise | policies |``, and below the
heading *Not proven here* ``| id | reason |``. A test carries the ids that it proves::

    @pytest.mark.promise("MT-07")
    @pytest.mark.systems("maticko")
    def test_instances_admit_the_load_balancer_only(deployment): ...

The tests are read, not run: this is about what is claimed, and the test run says whether it is true.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from stackproof.errors import InputError
from stackproof.marks import Mark
from stackproof.paths import shown_path

PROMISES = Path("docs", "promises.md")
"""Where a repository keeps its promises."""

_UNPROVEN = "not proven here"
_ROW = re.compile(r"\|\s*(?P<id>[A-Z]{2,4}-\d{2,3})\s*\|(?P<cells>.*)\|\s*$")
_CELL_END = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise.

    Attributes:
        id: such as ``MT-07``.
        text: what is promised.
        policies: ids of the policies that hold it.
        reason: why nothing proves it, or not yet; empty where something does.
        mark: where it stands.
    """

    id: str
    text: str
    policies: tuple[str, ...]
    reason: str
    mark: Mark


@dataclass(frozen=True, slots=True, order=True)
class Proof:
    """A test that carries a promise.

    Attributes:
        test: file and function, as pytest takes them.
        environments: the environments that it is restricted to; empty for all of its systems.
    """

    test: str
    environments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.test} ({', '.join(self.environments)})" if self.environments else self.test


def load_promises(path: Path) -> tuple[Promise, ...]:
    """Return the promises of a repository in the order of their table.

    Raises:
        InputError: the file cannot be read, an id stands twice, or a reason belongs to no promise.
    """
    name = shown_path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", Mark(name)) from None
    found: dict[str, Promise] = {}
    reasons: dict[str, tuple[str, Mark]] = {}
    unproven = False
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            unproven = line.lstrip("# ").lower() == _UNPROVEN
        row = _ROW.match(line)
        if row is None:
            continue
        cells = [cell.strip() for cell in _CELL_END.split(row["cells"])]
        mark = Mark(name, number)
        known = reasons if unproven else found
        if row["id"] in known:
            raise InputError(f"{row['id']} stands twice", mark)
        if unproven:
            reasons[row["id"]] = (cells[0], mark)
        else:
            policies = tuple(re.findall(r"[A-Z]+\d+", cells[1])) if len(cells) > 1 else ()
            found[row["id"]] = Promise(row["id"], cells[0], policies, "", mark)
    return tuple(_with_reasons(found, reasons))


def _with_reasons(found: dict[str, Promise], reasons: dict[str, tuple[str, Mark]]) -> Iterator[Promise]:
    for id_, (_, mark) in reasons.items():
        if id_ not in found:
            raise InputError(f"{id_} is no promise", mark)
    for id_, promise in found.items():
        reason = reasons[id_][0] if id_ in reasons else ""
        yield Promise(id_, promise.text, promise.policies, reason, promise.mark)


def proofs(folder: Path) -> dict[str, tuple[Proof, ...]]:
    """Return by promise the tests below a folder that carry it, in the order of their files.

    Raises:
        InputError: a test file is not Python.
    """
    found: dict[str, list[Proof]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        name = shown_path(path)
        try:
            module = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError) as error:
            raise InputError(f"not Python: {error}", Mark(name, getattr(error, "lineno", 0) or 0)) from None
        for test, promises, environments in _tests(module):
            for promise in promises:
                found.setdefault(promise, []).append(Proof(f"{name}::{test}", environments))
    return {promise: tuple(tests) for promise, tests in found.items()}


def _tests(module: ast.Module) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Iterate over the tests of a module: name, promises, environments."""
    whole = [_values(node.value) for node in module.body if _is_pytestmark(node) and isinstance(node, ast.Assign)]
    marks = [mark for values in whole for mark in values]
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            own = [*node.decorator_list, *marks]
            yield (
                node.name,
                _arguments(own, "promise"),
                _arguments(node.decorator_list, "environments") or _arguments(marks, "environments"),
            )


def _is_pytestmark(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == "pytestmark" for target in node.targets
    )


def _values(value: ast.expr) -> list[ast.expr]:
    return list(value.elts) if isinstance(value, ast.List | ast.Tuple) else [value]


def _arguments(marks: Iterable[ast.expr], name: str) -> tuple[str, ...]:
    """Return the texts given to the markers of one name."""
    return tuple(
        argument.value
        for mark in marks
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Attribute) and mark.func.attr == name
        for argument in mark.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    )
