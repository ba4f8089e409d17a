"""The baseline: findings that a team knows already, so that only new ones fail.

One line per finding, readable as YAML, each entry written as JSON, sorted: lines can be deleted and merged by hand. A
finding is recognised by its policy, template, resource, property and verdict, in a system also by the environment;
lines may move and messages be reworded.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stackproof.errors import InputError, suggestion
from stackproof.findings import Finding
from stackproof.judge.waivers import real
from stackproof.marks import Mark
from stackproof.paths import shown_path

_HEAD = """\
# Findings that are known: `stackproof check --baseline` lets these pass, and no others.
# Lines may be deleted, and should become fewer; --write-baseline writes the file anew.
findings:
"""
_KEYS = ("policy", "template", "resource", "path", "verdict", "system")
_ENVIRONMENTS = "environments"

Key = tuple[str, str, str, str, str, str]
"""Policy, template from the baseline's folder, resource, property path, verdict, system."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known.

    Attributes:
        path: the file; templates are named from its folder.
        entries: the environments of each finding; empty ones for a template that belongs to no system.
    """

    path: Path
    entries: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)

    def key(self, finding: Finding) -> Key:
        """Return by what a finding is recognised."""
        template = Path(os.path.relpath(real(finding.home), real(str(self.path.parent)))).as_posix()
        return (finding.rule.id, template, finding.resource, finding.path, finding.verdict.value, finding.system)

    def template_of(self, key: Key) -> Path:
        """Return the template that an entry is about."""
        return real(str(self.path.parent / key[1]))


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings beside a baseline.

    Attributes:
        new: those that it does not hold.
        known: those that it holds.
        gone: entries that no finding matches, with the environments for which that is so.
    """

    new: tuple[Finding, ...]
    known: tuple[Finding, ...]
    gone: Mapping[Key, tuple[str, ...]]


def read(path: Path) -> Baseline:
    """Read a baseline.

    Raises:
        InputError: it cannot be read, or a line is not as `write` writes it.
    """
    name = shown_path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"no baseline '{name}'; --write-baseline writes it") from None
    except UnicodeDecodeError:
        raise InputError("not UTF-8 text", Mark(name)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", Mark(name)) from None
    entries: dict[Key, tuple[str, ...]] = {}
    headed = False
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        if not headed:
            headed = said in ("findings:", "findings: []")
            if not headed:
                raise InputError("a baseline begins with the line 'findings:'", Mark(name, number))
            continue
        key, environments = _entry(said, Mark(name, number))
        entries[key] = tuple(dict.fromkeys((*entries.get(key, ()), *environments)))
    if not headed:
        raise InputError("empty baseline; --write-baseline writes it", Mark(name))
    return Baseline(path, entries)


def _entry(line: str, mark: Mark) -> tuple[Key, tuple[str, ...]]:
    try:
        entry: Any = json.loads(line.removeprefix("-"))
    except (ValueError, RecursionError):
        entry = None
    if not line.startswith("-") or not isinstance(entry, dict):
        raise InputError('an entry of a baseline is one line such as - {"policy": "SP301", …}', mark)
    for key, value in entry.items():
        if key not in (*_KEYS, _ENVIRONMENTS):
            raise InputError(f"unknown key '{key}'{suggestion(key, (*_KEYS, _ENVIRONMENTS))}", mark)
        if not isinstance(value, list if key == _ENVIRONMENTS else str):
            raise InputError(f"wrong value of '{key}'", mark)
    missing = [key for key in _KEYS[:5] if key not in entry]
    if missing:
        raise InputError(f"the key '{missing[0]}' is missing here", mark)
    policy, template, resource, path, verdict, system = (entry.get(key, "") for key in _KEYS)
    return (policy, template, resource, path, verdict, system), tuple(map(str, entry.get(_ENVIRONMENTS, ())))


def compare(findings: Iterable[Finding], baseline: Baseline, judged: Callable[[Key, Path], bool]) -> Compared:
    """Tell new findings from known ones.

    A finding of several environments is split where only some of them are known.

    Parameters:
        findings: after the waivers.
        baseline: what is known.
        judged: returns whether all was judged that an entry, about a template, may be for.
    """
    new: list[Finding] = []
    known: list[Finding] = []
    met: dict[Key, set[str]] = {}
    for finding in findings:
        key = baseline.key(finding)
        environments = baseline.entries.get(key)
        if environments is None:
            new.append(finding)
            continue
        old = tuple(name for name in finding.environments if name in environments)
        left = tuple(name for name in finding.environments if name not in environments)
        met.setdefault(key, set()).update(old)
        if old or not left:
            known.append(replace(finding, environments=old))
        if left:
            new.append(replace(finding, environments=left))
    gone: dict[Key, tuple[str, ...]] = {}
    for key, environments in baseline.entries.items():
        left = tuple(name for name in environments if name not in met.get(key, ()))
        if (left or key not in met) and judged(key, baseline.template_of(key)):
            gone[key] = left
    return Compared(tuple(new), tuple(known), gone)


def renewed(baseline: Baseline, compared: Compared, counting: Iterable[Finding]) -> Baseline:
    """Return the baseline with new findings and without those that are gone.

    Parameters:
        baseline: what was known.
        compared: the findings beside it.
        counting: those of the new findings that count.
    """
    entries: dict[Key, tuple[str, ...]] = {}
    for key, environments in baseline.entries.items():
        gone = compared.gone.get(key)
        left = tuple(name for name in environments if name not in (gone or ()))
        if gone is None or left:
            entries[key] = left
    for finding in counting:
        key = baseline.key(finding)
        entries[key] = tuple(dict.fromkeys((*entries.get(key, ()), *finding.environments)))
    return replace(baseline, entries=entries)


def write(baseline: Baseline) -> None:
    """Write a baseline, whole or not at all.

    Raises:
        InputError: it cannot be written.
    """
    path = baseline.path
    lines = [_line(key, baseline.entries[key]) for key in sorted(baseline.entries, key=_order)]
    text = _HEAD + "".join(lines) if lines else _HEAD.replace("findings:", "findings: []")
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise InputError(f"cannot write {shown_path(path)}: {error.strerror or error}") from None


def _order(key: Key) -> tuple[str, ...]:
    policy, template, resource, path, verdict, system = key
    return (template, resource, path, policy, verdict, system)


def _line(key: Key, environments: tuple[str, ...]) -> str:
    entry: dict[str, Any] = dict(zip(_KEYS, key, strict=True))
    if not entry["system"]:
        del entry["system"]
    if environments:
        entry[_ENVIRONMENTS] = sorted(environments)
    return f"- {json.dumps(entry)}\n"


def told(key: Key, environments: tuple[str, ...]) -> str:
    """Return an entry in words, such as ``SP301 infra/db.yaml Database.StorageEncrypted (shop dev)``."""
    policy, template, resource, path, _, system = key
    where = f" ({' '.join(filter(None, (system, ', '.join(environments))))})" if system else ""
    return " ".join(filter(None, (policy, template, ".".join(filter(None, (resource, path)))))) + where
