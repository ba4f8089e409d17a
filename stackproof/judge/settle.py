"""What of the findings counts: without what is waived, without what is known, by how sure the values are.

Imported only where there is a waiver or a baseline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from stackproof.cache import Cache, digest
from stackproof.errors import InputError, suggestion
from stackproof.findings import WHOLE_TEMPLATE, Finding, Report, Rule, Waiver
from stackproof.judge.run import FailOn, Question, Terms
from stackproof.judge.targets import Target
from stackproof.judge.waivers import Scope, Written, apply, real
from stackproof.marks import Mark
from stackproof.paths import shown_path

_TOLD = 10
"""Findings that are gone from the baseline and told one by one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged.

    Attributes:
        targets: each with its report.
        rules: of every policy that there is, asked or not.
        complete: whether no target was refused.
        folders: those that the user named: in them, everything was judged.
    """

    targets: Sequence[tuple[Target, Report]]
    rules: tuple[Rule, ...]
    complete: bool = True
    folders: tuple[Path, ...] = ()


def settle(
    report: Report,
    judged: Judged,
    terms: Terms,
    question: Question,
    files: Iterable[Path],
    cache: Cache,
    refuse: Callable[[InputError], None],
) -> Report:
    """Return a report with the findings that count, those that are waived or known, and those about waivers.

    Parameters:
        report: with every finding.
        judged: what was judged.
        terms: on which findings may stand.
        question: what was asked.
        files: templates and files that may hold waivers.
        cache: remembers what each of these files says.
        refuse: told of files that cannot be read.
    """
    surroundings = _Surroundings(judged, question, {rule.id for rule in report.rules})
    written = _written(files, terms, cache, refuse)
    policies = frozenset(rule.id for rule in judged.rules)
    scope = Scope(policies, surroundings.unknown, surroundings.is_whole)
    waivers = [waiver for one in written for waiver in one.waivers]
    applied = apply(report.findings, waivers, terms.today, scope)
    about = [surroundings.placed(found) for one in (*written, Written((), applied.about)) for found in one.findings]

    def counts(finding: Finding) -> bool:
        return finding.declared or question.fail_on is FailOn.ADMITTED

    found = applied.findings
    known: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    if terms.baseline is not None:
        found, known, notes = _compared(found, terms.baseline, terms.renew, surroundings, counts, refuse)
    return replace(
        report,
        findings=(*filter(counts, found), *about),
        waived=tuple(waived for waived in applied.waived if counts(waived.finding)),
        known=tuple(filter(counts, known)),
        notes=(*report.notes, *notes),
    )


# --- Waivers. ---


def _written(
    files: Iterable[Path], terms: Terms, cache: Cache, refuse: Callable[[InputError], None]
) -> tuple[Written, ...]:
    written: list[Written] = []
    for path in dict.fromkeys(files):
        try:
            written.append(_read(path, terms, cache))
        except InputError as error:
            refuse(error)
    return tuple(written)


def _read(path: Path, terms: Terms, cache: Cache) -> Written:
    """Return what a template or a file of waivers says."""
    from stackproof.judge.targets import WAIVERS
    from stackproof.load.reader import read_bytes, read_file
    from stackproof.report import json_report

    is_file = path == terms.waivers or path.name == WAIVERS
    name = shown_path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", Mark(name)) from None
    key = cache.key("waivers", name, str(is_file), digest(data))
    known: Any = cache.get(key)
    if known is None:
        from stackproof.judge.waivers import in_file, in_template
        from stackproof.quotas import TEMPLATE_BYTES

        root = read_bytes(data, name) if len(data) <= TEMPLATE_BYTES else read_file(path, name)
        written = in_file(root, path.parent) if is_file else in_template(root)
        said = Report(stage="policies", subjects=(), findings=written.findings)
        waivers = [json_report.waiver_document(waiver) for waiver in written.waivers]
        cache.put(key, [waivers, json_report.render(said, compact=True)])
        return written
    waivers, said = known
    return Written(tuple(map(json_report.read_waiver, waivers)), json_report.read(said).findings)


class _Surroundings:
    """What there is around waivers and entries of a baseline: systems, layers, templates, resources."""

    def __init__(self, judged: Judged, question: Question, asked: set[str]) -> None:
        self._judged = judged
        self._question = question
        self._asked = asked

    @property
    def complete(self) -> bool:
        """True where no target was refused."""
        return self._judged.complete

    @cached_property
    def _systems(self) -> dict[str, Target]:
        return {report.subjects[0].system: target for target, report in self._judged.targets if target.is_system}

    @cached_property
    def _users(self) -> dict[Path, list[Target]]:
        """Return the targets by the templates that they judge."""
        users: dict[Path, list[Target]] = {}
        for target, _ in self._judged.targets:
            for path in target.templates or (target.path,):
                users.setdefault(real(str(path)), []).append(target)
        return users

    def is_whole(self, waiver: Waiver) -> bool:
        """Return whether everything was judged that a waiver may be for."""
        if waiver.policy not in self._asked:
            return False
        if waiver.system:
            target = self._systems.get(waiver.system)
            return target is not None and self._question.is_whole(target)
        return self.template_is_whole(real(waiver.template))

    def template_is_whole(self, template: Path) -> bool:
        """Return whether a template was judged wherever it is used, as far as can be known."""
        users = self._users.get(template, [])
        whole = bool(users) and self._judged.complete and all(map(self._question.is_whole, users))
        return whole and (self._within(template) or not any(target.is_system for target in users))

    def entry_is_whole(self, key: tuple[str, ...], template: Path) -> bool:
        """Return whether everything was judged that an entry of a baseline may be for."""
        policies = {rule.id for rule in self._judged.rules}
        if key[0] in policies and key[0] not in self._asked:
            return False
        if not template.exists():
            return self._judged.complete and not self._question.environments
        system = self._systems.get(key[5])
        if system is not None and self._question.is_whole(system):
            return True
        return self.template_is_whole(template)

    def _within(self, path: Path) -> bool:
        return any(folder in path.parents for folder in self._judged.folders)

    # --- What does not exist. ---

    def unknown(self, waiver: Waiver) -> str:
        """Say what a waiver names that does not exist; nothing where it cannot be known."""
        if waiver.system:
            return self._unknown_in_system(waiver)
        template = real(waiver.template)
        users = self._users.get(template, [])
        if not users:
            left_out = not self._judged.complete or not self._within(template)
            return "" if left_out and template.is_file() else f"no template '{waiver.template}'"
        known = {name for target in users for name in self._environments(target)}
        if any(not target.is_system for target in users) and waiver.environments:
            return f"{waiver.template} belongs to no system, so there are no environments"
        return _missing("environment", waiver.environments, known) or _missing_resource(waiver, template)

    def _unknown_in_system(self, waiver: Waiver) -> str:
        target = self._systems.get(waiver.system)
        if target is None:
            complete = self._judged.complete and self._within(real(waiver.mark.file))
            return _missing("system", (waiver.system,), self._systems) if complete else ""
        from stackproof.bind.manifest import load_manifest

        manifest = load_manifest(target.path, shown_path(target.path))
        layer = manifest.layers.get(waiver.layer)
        if layer is None:
            return _missing("layer", (waiver.layer,), manifest.layers) + f" in the system {waiver.system}"
        missing = _missing("environment", waiver.environments, manifest.environments)
        return missing or _missing_resource(waiver, layer.template)

    def _environments(self, target: Target) -> Iterable[str]:
        from stackproof.bind.manifest import load_manifest

        return load_manifest(target.path, shown_path(target.path)).environments if target.is_system else ()

    # --- Where findings about waivers belong. ---

    def placed(self, finding: Finding) -> Finding:
        """Return a finding about a waiver as one of the system that uses the template, so that it counts there."""
        if finding.system in self._systems:
            return finding
        users = self._users.get(real(finding.home), [])
        systems = sorted(name for name, target in self._systems.items() if target in users)
        return replace(finding, system=systems[0] if systems else "")


def _missing(what: str, names: Iterable[str], known: Iterable[str]) -> str:
    known = list(known)
    unknown = [name for name in names if name not in known]
    return f"no {what} '{unknown[0]}'{suggestion(unknown[0], known)}" if unknown and known else ""


def _missing_resource(waiver: Waiver, template: Path) -> str:
    from stackproof.load.template import load_template

    if waiver.resource == WHOLE_TEMPLATE:
        return ""
    loaded = load_template(template, shown_path(template))
    if loaded.macros or loaded.language_extensions:
        return ""  # there may be resources that are not written down
    return _missing("resource", (waiver.resource,), loaded.resources)


# --- The baseline. ---


def _compared(
    found: tuple[Finding, ...],
    path: Path,
    renew: bool,
    surroundings: _Surroundings,
    counts: Callable[[Finding], bool],
    refuse: Callable[[InputError], None],
) -> tuple[tuple[Finding, ...], tuple[Finding, ...], tuple[str, ...]]:
    """Return the new findings, the known ones, and what is to be said about the baseline."""
    from stackproof.judge import baseline as files

    known = files.read(path) if path.exists() or not renew else files.Baseline(path)
    compared = files.compare(found, known, surroundings.entry_is_whole)
    if not renew:
        return compared.new, compared.known, _gone(path, compared.gone)
    if not surroundings.complete:
        refuse(InputError(f"{shown_path(path)} is not written, because an input could not be judged"))
        return compared.new, compared.known, ()
    written = files.renewed(known, compared, filter(counts, compared.new))
    files.write(written)
    now = files.compare(found, written, surroundings.entry_is_whole)
    count = f"{len(written.entries)} finding{'' if len(written.entries) == 1 else 's'}"
    return now.new, now.known, (f"{shown_path(path)} written: {count}",)


def _gone(path: Path, gone: Any) -> tuple[str, ...]:
    from stackproof.judge.baseline import told

    if not gone:
        return ()
    head = f"{len(gone)} of the findings in {shown_path(path)} are gone; --write-baseline takes them out"
    if len(gone) == 1:
        head = f"one of the findings in {shown_path(path)} is gone; --write-baseline takes it out"
    lines = [f"gone: {told(key, environments)}" for key, environments in list(gone.items())[:_TOLD]]
    more = [f"gone: {len(gone) - _TOLD} more"] if len(gone) > _TOLD else []
    return (head, *lines, *more)
