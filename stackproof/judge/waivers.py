"""Waivers: what they say, and what they take out of the findings.

They stand in a template, below ``Metadata.stackproof.waivers`` of the template or of the resource itself, or in a file
``waivers.yaml``. Whatever is wrong with one is a finding too, of a rule whose id no policy can have, and no waiver
takes such a finding away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from stackproof.errors import InputError, suggestion
from stackproof.findings import WHOLE_TEMPLATE, Finding, Rule, Severity, Verdict, Waived, Waiver
from stackproof.load.nodes import Mapping, Node, Scalar
from stackproof.load.nodes import Sequence as SequenceNode
from stackproof.marks import Mark
from stackproof.paths import shown_path

MALFORMED = Rule(
    "WAIVER-MALFORMED",
    "Waivers name policy, resource, owner and expiry",
    Severity.HIGH,
    "A waiver that cannot be read waives nothing, though somebody relies on it.",
    "Write policy, resource, reason, owner and expiry, each as one text.",
)
UNREASONED = Rule(
    "WAIVER-UNREASONED",
    "Waivers have a reason",
    Severity.HIGH,
    "An exception that nobody can explain is a mistake that nobody may mend.",
    "Say in reason why the policy need not hold here.",
)
WILDCARD = Rule(
    "WAIVER-WILDCARD",
    "Waivers are for one policy and one resource",
    Severity.HIGH,
    "A waiver for whatever may come hides findings that nobody has looked at.",
    "Write one waiver for each policy and resource.",
)
UNKNOWN = Rule(
    "WAIVER-UNKNOWN",
    "Waivers speak of what there is",
    Severity.MEDIUM,
    "A waiver for something that does not exist waives nothing, or is left over.",
    "Name a policy, resource, template, system, layer and environments that there are, or delete the waiver.",
)
EXPIRED = Rule(
    "WAIVER-EXPIRED",
    "Waivers have not expired",
    Severity.HIGH,
    "An exception was agreed on until a day that is over.",
    "Mend what was waived, or agree on another expiry with the owner.",
)
UNUSED = Rule(
    "WAIVER-UNUSED",
    "Waivers waive something",
    Severity.LOW,
    "A waiver that is not needed any more would hide the next mistake.",
    "Delete the waiver.",
)
RULES = (EXPIRED, MALFORMED, UNKNOWN, UNREASONED, UNUSED, WILDCARD)

NAMESPACE = "stackproof"
"""The key below ``Metadata`` of a template or a resource."""

_KEYS = ("policy", "resource", "reason", "owner", "expiry", "environments")
_PLACES = ("template", "system", "layer")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


@dataclass(frozen=True, slots=True)
class Written:
    """What a file says about waivers.

    Attributes:
        waivers: those that are well-formed.
        findings: about the others.
    """

    waivers: tuple[Waiver, ...] = ()
    findings: tuple[Finding, ...] = ()


def in_template(root: Node) -> Written:
    """Return the waivers that stand in a template, in its own metadata and in those of its resources."""
    reader = _Reader(root.mark.file)
    if isinstance(root, Mapping):
        reader.metadata(root, "")
        resources = root.get("Resources")
        for name, resource in resources.items() if isinstance(resources, Mapping) else ():
            if isinstance(resource, Mapping):
                reader.metadata(resource, name)
    return reader.written


def in_file(root: Node, folder: Path) -> Written:
    """Return the waivers of a file ``waivers.yaml``.

    Parameters:
        root: the document.
        folder: where the file lies; it names templates from there.

    Raises:
        InputError: it is no mapping with the one key ``waivers``.
    """
    if not isinstance(root, Mapping) or list(root.entries) != ["waivers"]:
        raise InputError("a file of waivers is a mapping with the one key 'waivers'", root.mark)
    reader = _Reader(root.mark.file, folder)
    reader.all_of(root.entries["waivers"])
    return reader.written


class _Reader:
    """Reads waivers one by one.

    Parameters:
        file: as marks name it.
        folder: where a file of waivers lies; None for a template.
    """

    def __init__(self, file: str, folder: Path | None = None) -> None:
        self._file = file
        self._folder = folder
        self._waivers: list[Waiver] = []
        self._findings: list[Finding] = []

    @property
    def written(self) -> Written:
        return Written(tuple(self._waivers), tuple(self._findings))

    def metadata(self, node: Mapping, resource: str) -> None:
        """Read what a template or a resource carries."""
        metadata = node.get("Metadata")
        own = metadata.get(NAMESPACE) if isinstance(metadata, Mapping) else None
        if own is None or not isinstance(metadata, Mapping):
            return
        if not isinstance(own, Mapping):
            self._wrong(MALFORMED, "stackproof's metadata is a mapping with the key 'waivers'", own.mark, resource)
            return
        for key, child in own.items():
            if key == "waivers":
                self.all_of(child, resource)
            else:
                message = f"unknown key '{key}' in stackproof's metadata{suggestion(key, ['waivers'])}"
                self._wrong(MALFORMED, message, own.key_mark(key), resource)

    def all_of(self, node: Node, resource: str = "") -> None:
        """Read a list of waivers."""
        if not isinstance(node, SequenceNode):
            self._wrong(MALFORMED, "waivers are a list", node.mark, resource)
            return
        for entry in node.items:
            if isinstance(entry, Mapping):
                self._entry(entry, resource)
            else:
                self._wrong(MALFORMED, f"a waiver is a mapping with the keys {', '.join(_KEYS)}", entry.mark, resource)

    def _entry(self, entry: Mapping, resource: str) -> None:
        before = len(self._findings)
        named = self._text(entry, "resource", resource) if "resource" in entry.entries or not resource else resource
        self._check_keys(entry, named)
        texts = {key: self._text(entry, key, named) for key in ("policy", "reason", "owner", "expiry")}
        environments = self._environments(entry, named)
        places = self._places(entry, named) if self._folder is not None else {"template": self._file}
        for key in ("policy", "resource"):
            if "*" in (named if key == "resource" else texts[key]):
                message = f"a waiver cannot be for every {key}"
                self._wrong(WILDCARD, message, entry.key_mark(key), "" if key == "resource" else named)
        if resource and named and named != resource:
            message = f"this waiver stands in the metadata of {resource} and cannot be for {named}"
            self._wrong(MALFORMED, message, entry.key_mark("resource"), named)
        expiry = self._date(entry, texts["expiry"], named)
        if expiry is None or len(self._findings) > before:
            return
        self._waivers.append(
            Waiver(
                policy=texts["policy"],
                resource=named,
                reason=texts["reason"],
                owner=texts["owner"],
                expiry=expiry,
                mark=entry.mark,
                environments=environments,
                **places,
            )
        )

    def _check_keys(self, entry: Mapping, resource: str) -> None:
        known = _KEYS if self._folder is None else (*_KEYS, *_PLACES)
        for key in entry.entries:
            if key not in known:
                message = f"unknown key '{key}' in a waiver{suggestion(key, known)}"
                self._wrong(MALFORMED, message, entry.key_mark(key), resource)

    def _text(self, entry: Mapping, key: str, resource: str) -> str:
        node = entry.get(key)
        text = node.text.strip() if isinstance(node, Scalar) and node.value is not None else ""
        if isinstance(node, Mapping | SequenceNode):
            self._wrong(MALFORMED, f"the {key} of a waiver is one text", entry.key_mark(key), resource)
        elif not text:
            rule = UNREASONED if key == "reason" else MALFORMED
            self._wrong(rule, f"this waiver names no {key}", entry.key_mark(key), resource)
        return text

    def _date(self, entry: Mapping, text: str, resource: str) -> date | None:
        try:
            if _DATE.match(text):
                return date.fromisoformat(text)
        except ValueError:
            pass
        if text:
            message = f"the expiry '{text}' is not a date such as 2027-03-31"
            self._wrong(MALFORMED, message, entry.key_mark("expiry"), resource)
        return None

    def _environments(self, entry: Mapping, resource: str) -> tuple[str, ...]:
        node = entry.get("environments")
        if node is None:
            return ()
        items = node.items if isinstance(node, SequenceNode) else ()
        names = tuple(item.text for item in items if isinstance(item, Scalar) and item.text)
        if not names or len(names) != len(items):
            message = "the environments of a waiver are a list of names"
            self._wrong(MALFORMED, message, entry.key_mark("environments"), resource)
        if "*" in "".join(names):
            message = "a waiver for every environment names none"
            self._wrong(MALFORMED, message, entry.key_mark("environments"), resource)
        return names

    def _places(self, entry: Mapping, resource: str) -> dict[str, str]:
        """Return which template a waiver of a file is about: its path, or system and layer."""
        given = [key for key in _PLACES if key in entry.entries]
        texts = {key: self._text(entry, key, resource) for key in given}
        if given not in (["template"], ["system", "layer"]):
            message = "a waiver names either its template, or its system and layer"
            self._wrong(MALFORMED, message, entry.mark, resource)
        elif any("*" in text for text in texts.values()):
            self._wrong(WILDCARD, "a waiver is for one template", entry.key_mark(given[-1]), resource)
        elif self._folder is not None and texts.get("template"):
            texts["template"] = shown_path(self._folder / texts["template"])
        return texts

    def _wrong(self, rule: Rule, message: str, mark: Mark, resource: str) -> None:
        template = self._file if self._folder is None else ""
        self._findings.append(_finding(rule, message, mark, resource, template))


def _finding(rule: Rule, message: str, mark: Mark, resource: str, template: str, system: str = "") -> Finding:
    return Finding(
        rule=rule,
        verdict=Verdict.FAIL,
        message=message,
        fix=rule.remediation,
        mark=mark,
        resource="" if resource == WHOLE_TEMPLATE else resource,
        system=system,
        template=template,
    )


# --- What they do. ---


@dataclass(frozen=True, slots=True)
class Scope:
    """What was judged, as far as it says whether a waiver is needed.

    Attributes:
        policies: every id that there is.
        unknown: says what a waiver names that does not exist, such as ``no resource 'Databse'; did you mean …``, or "".
        whole: returns whether everything was judged that a waiver may be for, with its policy.
    """

    policies: frozenset[str]
    unknown: Callable[[Waiver], str] = lambda waiver: ""
    whole: Callable[[Waiver], bool] = lambda waiver: True


@dataclass(frozen=True, slots=True)
class Applied:
    """Findings after the waivers.

    Attributes:
        findings: those that stay.
        waived: those that do not, each with its waiver.
        about: findings about the waivers themselves.
    """

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...] = ()
    about: tuple[Finding, ...] = ()


def apply(findings: Iterable[Finding], waivers: Sequence[Waiver], today: date, scope: Scope) -> Applied:
    """Take out of the findings what is waived.

    A waiver for some environments leaves the finding in the others.

    Parameters:
        findings: of policies.
        waivers: the first that fits a finding is the one that is used.
        today: a waiver holds up to and including its expiry.
        scope: what was judged.
    """
    valid = [waiver for waiver in waivers if waiver.expiry >= today]
    by_policy: dict[tuple[str, str], list[Waiver]] = {}
    for waiver in valid:
        by_policy.setdefault((waiver.policy, waiver.resource), []).append(waiver)
    kept: list[Finding] = []
    waived: list[Waived] = []
    for finding in findings:
        rest: Finding | None = finding
        for waiver in by_policy.get((finding.rule.id, finding.resource or WHOLE_TEMPLATE), ()):
            if rest is None:
                break
            taken, rest = _split(rest, waiver)
            if taken is not None:
                waived.append(Waived(taken, waiver))
        if rest is not None:
            kept.append(rest)
    used = {one.waiver for one in waived}
    about = tuple(_about(waiver, today, scope) for waiver in waivers if waiver not in used)
    return Applied(tuple(kept), tuple(waived), tuple(found for found in about if found is not None))


def _split(finding: Finding, waiver: Waiver) -> tuple[Finding | None, Finding | None]:
    """Return what a waiver takes of a finding, and what it leaves."""
    if not _same_place(finding, waiver):
        return None, finding
    if not waiver.environments:
        return finding, None
    taken = tuple(name for name in finding.environments if name in waiver.environments)
    left = tuple(name for name in finding.environments if name not in waiver.environments)
    return (
        replace(finding, environments=taken) if taken else None,
        replace(finding, environments=left) if left or not taken else None,
    )


def _same_place(finding: Finding, waiver: Waiver) -> bool:
    if waiver.system:
        return (finding.system, finding.layer) == (waiver.system, waiver.layer)
    return same_file(finding.home, waiver.template)


def same_file(one: str, other: str) -> bool:
    """Return whether two paths, as marks show them, are one file."""
    return one == other or real(one) == real(other)


def real(path: str) -> Path:
    """Return a path without links and detours."""
    return _real(path, Path.cwd())


@lru_cache(maxsize=4096)
def _real(path: str, folder: Path) -> Path:
    return (folder / path).resolve()


def _about(waiver: Waiver, today: date, scope: Scope) -> Finding | None:
    """Return what is wrong with a waiver that no finding needed, or that has expired."""
    for rule, message in _faults(waiver, today, scope):
        return _finding(rule, message, waiver.mark, waiver.resource, waiver.template, waiver.system)
    return None


def _faults(waiver: Waiver, today: date, scope: Scope) -> Iterator[tuple[Rule, str]]:
    if waiver.policy not in scope.policies:
        yield UNKNOWN, f"no policy '{waiver.policy}'{suggestion(waiver.policy, scope.policies)}"
    unknown = scope.unknown(waiver)
    if unknown:
        yield UNKNOWN, unknown
    if waiver.expiry < today:
        yield EXPIRED, f"the {waiver} expired on {waiver.expiry.isoformat()}; its owner is {waiver.owner}"
    elif scope.whole(waiver):
        yield UNUSED, f"the {waiver} waives nothing"
