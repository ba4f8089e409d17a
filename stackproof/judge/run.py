"""The stage ``policies``: judge every target, taking from the cache what has not changed.

On the hot path: nothing heavy is imported for a target whose verdicts are known.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackproof.cache import Cache, digest
from stackproof.errors import InputError
from stackproof.findings import Finding, Report, Rule, Subject
from stackproof.judge.targets import Target, root_folders, waiver_files
from stackproof.paths import own_policies, shown_path

if TYPE_CHECKING:
    from datetime import date

    from stackproof.compose.deployment import Deployment

_POOL_FROM = 12
"""Targets below this are judged faster than a pool of processes starts."""

_WAIVING = re.compile(rb"""stackproof["']?\s*:""")
"""A template without this carries no waiver."""


class Scenarios(StrEnum):
    """Which assignments of parameters are judged."""

    BOUND = "bound"
    """A system's as its manifest binds them, a template's by its defaults."""
    FREE = "free"
    """All that the templates permit."""
    BOTH = "both"


class FailOn(StrEnum):
    """Which findings count."""

    ADMITTED = "admitted"
    """All of them: what no constraint excludes can be deployed."""
    DECLARED = "declared"
    """Those that the template's own defaults and allowed values make, or the manifest's values."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of every target.

    Attributes:
        policies: folders of policies.
        environments: restricts a system to these environments; empty for all.
        scenarios: which scenarios are judged; None for those that a target is deployed in: bound ones of a system,
            free ones of a template that belongs to none.
        fail_on: which findings count.
        packs: restricts the policies to those of these packs; empty for all.
    """

    policies: tuple[Path, ...]
    environments: tuple[str, ...] = ()
    scenarios: Scenarios | None = None
    fail_on: FailOn = FailOn.ADMITTED
    packs: tuple[str, ...] = ()

    def asks(self, scenarios: Scenarios, target: Target) -> bool:
        """Return whether the bound, or the free, scenarios of a target are judged."""
        if self.scenarios is None:
            return scenarios is (Scenarios.BOUND if target.is_system else Scenarios.FREE)
        return self.scenarios in (scenarios, Scenarios.BOTH)

    def is_whole(self, target: Target) -> bool:
        """Return whether a target is judged as far as it is where nothing restricts the question."""
        usual = Scenarios.BOUND if target.is_system else Scenarios.FREE
        return not self.environments and not target.only and self.asks(usual, target)


@dataclass(frozen=True, slots=True)
class Terms:
    """What may stand although a policy speaks against it.

    Attributes:
        today: waivers that expired before it are findings.
        paths: what the user named to be judged.
        waivers: a file of waivers, in the place of all files ``waivers.yaml``.
        baseline: the file of findings that are known.
        renew: whether the baseline is written.
        complete: whether all of these paths could be read.
    """

    today: date
    paths: tuple[Path, ...] = ()
    waivers: Path | None = None
    baseline: Path | None = None
    renew: bool = False
    complete: bool = True


def run(
    targets: Sequence[Target],
    question: Question,
    cache: Cache,
    refuse: Callable[[InputError], None],
    *,
    terms: Terms | None = None,
    jobs: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> Report:
    """Judge targets.

    The cache holds verdicts as they are, which depend on no date; what is waived today, and what is known, is worked
    out anew each time.

    Parameters:
        targets: what to judge; see `stackproof.judge.targets.collect`.
        question: what is asked of each.
        cache: what is known already.
        refuse: told of every target that cannot be judged.
        terms: what may stand; None lets nothing stand.
        jobs: how many processes work at most.
        progress: called when a target is done.
    """
    started = time.monotonic()
    known = _rules(question.policies, cache)
    rules = _asked(known, question, cache)
    contents = _Contents()
    keys = [_key(target, question, cache, contents) for target in targets]
    answers: list[str | None] = []
    for key in keys:
        answers.append(cache.get(key))
        if answers[-1] is not None:
            progress()
    open_targets = [index for index, answer in enumerate(answers) if answer is None]
    judged = _judge_all([targets[index] for index in open_targets], question, jobs)
    for index, answer in zip(open_targets, judged, strict=True):
        progress()
        if isinstance(answer, InputError):
            refuse(answer)
            continue
        answers[index] = answer
        cache.put(keys[index], answer)
    if open_targets:
        cache.prune()
    read = [(target, _read(answer)) for target, answer in zip(targets, answers, strict=True) if answer is not None]
    reports = [report for _, report in read]
    report = Report(
        stage="policies",
        subjects=tuple(subject for report in reports for subject in report.subjects),
        findings=tuple(finding for report in reports for finding in report.findings),
        rules=rules,
        passed=sum(report.passed for report in reports),
        notes=tuple(note for report in reports for note in report.notes),
        seconds=time.monotonic() - started,
    )
    files = (terms.waivers,) if terms and terms.waivers else waiver_files(targets, terms.paths) if terms else ()
    if terms and (contents.waiving or files or terms.baseline):
        from stackproof.judge.settle import Judged, settle

        complete = terms.complete and len(reports) == len(targets)
        around = Judged(read, known, complete, root_folders(terms.paths))
        report = settle(report, around, terms, question, (*contents.waiving, *files), cache, refuse)
    elif question.fail_on is FailOn.DECLARED:
        report = replace(report, findings=tuple(finding for finding in report.findings if finding.declared))
    return replace(report, seconds=time.monotonic() - started)


@dataclass(slots=True)
class _Contents:
    """What the files of the targets hold.

    Attributes:
        waiving: templates that may carry waivers.
    """

    digests: dict[Path, str] = field(default_factory=dict)
    waiving: dict[Path, None] = field(default_factory=dict)

    def digest_of(self, path: Path) -> str:
        if path not in self.digests:
            data = path.read_bytes() if path.is_file() else None
            self.digests[path] = "absent" if data is None else digest(data)
            if data is not None and _WAIVING.search(data):
                self.waiving[path] = None
        return self.digests[path]


def _key(target: Target, question: Question, cache: Cache, contents: _Contents) -> str:
    files = []
    for path in target.files:
        files += [shown_path(path), contents.digest_of(path)]
    only = [shown_path(path) for path in target.only]
    how = (str(question.scenarios), "packs", *sorted(question.packs))
    return cache.key("verdicts", *files, "only", *only, "environments", *question.environments, "how", *how)


def _judge_all(targets: Sequence[Target], question: Question, jobs: int) -> Iterable[str | InputError]:
    if jobs > 1 and len(targets) >= _POOL_FROM:
        from stackproof.judge.pool import judge_in_processes

        return judge_in_processes(targets, question, jobs)
    return (judge_target(target, question) for target in targets)


def judge_target(target: Target, question: Question) -> str | InputError:
    """Return a target's report as JSON, or the error that keeps it from being judged."""
    from stackproof.report import json_report

    try:
        report = _system_report(target, question) if target.is_system else _template_report(target, question)
    except InputError as error:
        return error
    except RecursionError:
        from stackproof.marks import Mark

        return InputError("nested too deeply to be resolved", Mark(shown_path(target.path)))
    return json_report.render(report, compact=True)


def _system_report(target: Target, question: Question) -> Report:
    from stackproof.compose.system import load_system
    from stackproof.errors import suggestion
    from stackproof.judge.judge import merged

    system = load_system(target.path)
    unknown = [name for name in question.environments if name not in system.environments]
    if unknown:
        near = suggestion(unknown[0], system.environments)
        raise InputError(f"{system.name} has no environment '{unknown[0]}'{near}", system.manifest.mark)
    chosen = question.environments or system.environments
    policies = _policies(question)
    found: list[Finding] = []
    passed = 0
    for name in system.environments:
        if name not in chosen:
            continue
        deployments: list[Deployment] = []
        if question.asks(Scenarios.BOUND, target):
            deployments.append(system.deployment(name))
        if question.asks(Scenarios.FREE, target):
            deployments.append(system.open_deployment(name))
        judged = _judged(deployments, policies)
        passed += judged.passed
        found += judged.findings
    only = {shown_path(path) for path in target.only}
    return Report(
        stage="policies",
        subjects=tuple(Subject(system.name, name) for name in system.environments if name in chosen),
        findings=tuple(f for f in merged(found, system.environments) if not only or f.mark.file in only),
        passed=passed,
    )


def _template_report(target: Target, question: Question) -> Report:
    from stackproof.compose.open import open_template
    from stackproof.compose.system import load_deployment
    from stackproof.judge.judge import merged

    # Also where only free scenarios are asked for: a template that is wrong under its defaults is refused.
    bound = load_deployment(target.path, alone=target.alone)
    deployments: list[Deployment] = [bound] if question.asks(Scenarios.BOUND, target) else []
    if question.asks(Scenarios.FREE, target):
        root = next(iter(bound.stacks.values()))
        deployments.append(open_template(root.template, None if target.alone else target.path))
    judged = _judged(deployments, _policies(question))
    return Report(
        stage="policies",
        subjects=(Subject(shown_path(target.path)),),
        findings=merged(judged.findings, ()),
        passed=judged.passed,
    )


@dataclass(slots=True)
class _Judged:
    """What the policies say about one target in one environment."""

    findings: list[Finding]
    passed: int = 0


def _judged(deployments: Iterable[Deployment], policies: Any) -> _Judged:
    """Judge bound scenarios, then free ones, which tell what the bound ones have not told."""
    from stackproof.compose.open import OpenDeployment
    from stackproof.judge.judge import findings, judge
    from stackproof.judge.scenarios import judge_scenarios

    judged = _Judged([])
    for deployment in deployments:
        if isinstance(deployment, OpenDeployment):
            judgements = list(judge_scenarios(deployment, policies))
        else:
            judgements = list(judge(deployment, policies))
        told = {_place(finding) for finding in judged.findings}
        judged.passed += sum(1 for judgement in judgements if judgement.verdict == "pass")
        judged.findings += [found for found in findings(deployment, judgements) if _place(found) not in told]
    return judged


def _place(finding: Finding) -> tuple[str, str, str, str, str]:
    return (finding.rule.id, finding.layer, finding.resource, finding.path, finding.verdict)


_loaded: dict[tuple[Path, ...], Any] = {}


def _policies(question: Question) -> Any:
    """Load policies once per process."""
    loaded = _all_policies(question.policies)
    if not question.packs:
        return loaded
    from stackproof.judge.packs import chosen, of_policies

    ids = chosen(question.packs, of_policies(loaded))
    return tuple(policy for policy in loaded if policy.policy.id in ids)


def _all_policies(folders: tuple[Path, ...]) -> Any:
    from stackproof.judge.discover import discover

    if folders not in _loaded:
        _loaded[folders] = discover(folders)
    return _loaded[folders]


def _asked(rules: tuple[Rule, ...], question: Question, cache: Cache) -> tuple[Rule, ...]:
    """Return the rules of the policies that are asked.

    Raises:
        InputError: no policy belongs to a pack.
    """
    if not question.packs:
        return rules
    from stackproof.judge.packs import chosen, packs

    own = (rule.id for rule in _rules((own_policies(),), cache))
    ids = chosen(question.packs, packs(rules, own))
    return tuple(rule for rule in rules if rule.id in ids)


def _rules(folders: tuple[Path, ...], cache: Cache) -> tuple[Rule, ...]:
    """Return what reports say about every policy of some folders; kept once, not beside every target."""
    key = cache.key("rules", *(str(folder) for folder in folders))
    known = cache.get(key)
    if known is None:
        from stackproof.report import json_report

        rules = tuple(policy.rule for policy in _all_policies(folders))
        known = json_report.render(Report(stage="policies", subjects=(), rules=rules), compact=True)
        cache.put(key, known)
    return _read(known).rules


def _read(text: str) -> Report:
    from stackproof.report import json_report

    return json_report.read(text)
