"""What the adapters share: a file is judged once, however many rules ask, and every finding has its place in it.

A file is judged as ``stackproof check`` judges a template that belongs to no system: in every scenario that it permits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath

from stackproof.cache import Cache
from stackproof.errors import InputError
from stackproof.findings import Finding, Rule, Severity, Verdict
from stackproof.judge.discover import LoadedPolicy, discover
from stackproof.judge.run import Question, Terms, run
from stackproof.judge.targets import Target
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.load.reader import read_file
from stackproof.marks import Mark
from stackproof.paths import own_policies, shown_path
from stackproof.report.text import visible
from stackproof.report.wording import headline, target, witness

UNJUDGED = Rule(
    id="SP100",
    title="Templates can be judged, and their waivers hold",
    severity=Severity.HIGH,
    rationale="A template that cannot be judged has not passed, and an exception that is over is none.",
    remediation="Mend the template, or what keeps it from being judged.",
)
"""No policy: what the adapters say about a template that stackproof refuses, because their hosts would say nothing."""

_ATTRIBUTES = (
    "Condition",
    "CreationPolicy",
    "DeletionPolicy",
    "DependsOn",
    "Metadata",
    "Type",
    "UpdatePolicy",
    "UpdateReplacePolicy",
)
"""What stands beside the properties of a resource; any other path is one of a property."""

Place = tuple[str | int, ...]
"""Keys and list positions that lead from a template's root to a place in it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdicts on one file.

    Attributes:
        findings: of all policies, each at a place of this file.
        refused: whether stackproof could not judge it; then one finding says why.
        places: the paths that lead to a line and column; several where an alias repeats it, or where a list's first
            element begins with its first key.
    """

    findings: tuple[Finding, ...]
    refused: bool = False
    places: dict[tuple[int, int], list[Place]] = field(default_factory=dict)

    def of(self, rule: str) -> list[Finding]:
        """Return the findings of one policy."""
        return [finding for finding in self.findings if finding.rule.id == rule]

    def place(self, finding: Finding) -> Place:
        """Return the path to the line and column that a finding shows, through ``Fn::If`` and alike; may be empty."""
        wanted = nominal(finding)
        known = self.places.get((finding.mark.line, finding.mark.column), [()])
        return max(known, key=lambda path: (_in_common(path, wanted), -len(path)))


def _in_common(one: Place, other: Place) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if str(left) != str(right):
            break
        count += 1
    return count


def nominal(finding: Finding) -> Place:
    """Return the path that a finding speaks of; what is missing, or chosen by a condition, does not stand there."""
    keys: Place = tuple(int(key) if key.isdigit() else key for key in finding.path.split(".") if key)
    if not finding.resource:
        return keys
    inside = keys if keys and keys[0] in _ATTRIBUTES else ("Properties", *keys)
    return ("Resources", finding.resource, *inside)


@cache
def policies() -> tuple[LoadedPolicy, ...]:
    """Return every policy that comes with stackproof."""
    return discover([own_policies()])


def judge_file(path: Path) -> Judged:
    """Judge a template; a second time only when its content is another.

    A template that stackproof refuses has one finding, of the rule `UNJUDGED`.
    """
    try:
        return _judge(path, path.read_bytes())
    except OSError as error:
        return _refused(InputError(f"cannot be read: {error.strerror or error}", Mark(shown_path(path))))
    except InputError as error:
        return _refused(error)


@lru_cache(maxsize=32)
def _judge(path: Path, content: bytes) -> Judged:
    def refuse(error: InputError) -> None:
        raise error

    # What a waiver takes out of the findings, it takes out of every tool's.
    terms = Terms(datetime.now(UTC).date(), (path,))
    report = run([Target(path)], Question((own_policies(),)), Cache(None), refuse, terms=terms)
    file = shown_path(path)
    root = read_file(path, file)
    places: dict[tuple[int, int], list[Place]] = {}
    for mark, where in _places(root, ()):
        places.setdefault((mark.line, mark.column), []).append(where)
    return Judged(tuple(_at_home(report.findings, root, file)), False, places)


def _refused(error: InputError) -> Judged:
    mark = error.mark or Mark("")
    return Judged((Finding(UNJUDGED, Verdict.UNPROVEN, error.message, UNJUDGED.remediation, mark),), refused=True)


def _at_home(findings: Iterable[Finding], root: Node, file: str) -> Iterator[Finding]:
    """Place every finding into the file that the host looks at."""
    known = {loaded.policy.id for loaded in policies()}
    for finding in findings:
        if finding.rule.id not in known:
            if finding.home == file:  # another file's waivers are another file's
                yield replace(finding, rule=UNJUDGED)
        elif finding.home != file:
            inner = _nested(root, finding.home)
            said = f"as nested here, {finding.mark} {target(finding)}: {finding.message}"
            url = ("Resources", inner, "Properties", "TemplateURL") if inner else ()
            mark = _mark(root, url)
            yield replace(finding, message=said, mark=mark, resource=inner, path=url[-1] if url else "", template="")
        elif finding.mark.file != file:
            said = f"{finding.message} (because of {finding.mark})"
            yield replace(finding, message=said, mark=_mark(root, nominal(finding)))
        else:
            yield finding


def _nested(root: Node, file: str) -> str:
    """Return the logical id of the nested stack of a file, or nothing where it is nested deeper."""
    resources = root.entries.get("Resources") if isinstance(root, Mapping) else None
    for name, resource in resources.items() if isinstance(resources, Mapping) else ():
        properties = resource.entries.get("Properties") if isinstance(resource, Mapping) else None
        url = properties.entries.get("TemplateURL") if isinstance(properties, Mapping) else None
        if isinstance(url, Scalar) and PurePosixPath(url.text).name == PurePosixPath(file).name:
            return name
    return ""


def _mark(root: Node, path: Place) -> Mark:
    """Return where the nearest part of a path stands that is written."""
    mark, node = root.mark, root
    for key in path:
        if not isinstance(node, Mapping) or str(key) not in node.entries:
            break
        mark, node = node.key_mark(str(key)), node.entries[str(key)]
    return mark


def _places(node: Node, path: Place) -> Iterator[tuple[Mark, Place]]:
    if isinstance(node, Mapping):
        for key, child in node.items():
            yield node.key_mark(key), (*path, key)
            yield from _places(child, (*path, key))
    elif isinstance(node, Sequence):
        for index, child in enumerate(node.items):
            yield child.mark, (*path, index)
            yield from _places(child, (*path, index))


def sentence(finding: Finding) -> str:
    """Return a finding in one line: where, what is wrong, with which values, how to mend it."""
    where = f"{target(finding)}: " if target(finding) else ""
    values = f" (when {witness(finding)})" if finding.witness else ""
    said = f"{where}{headline(finding)}{values}"
    return visible(f"{said}{'' if said.endswith(('.', '?', '!')) else '.'} {finding.fix}")
