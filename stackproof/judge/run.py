"""The stage ``policies``: judge every target, taking from the cache what has not changed.

On the hot path: nothing heavy is imported for a target whose verdicts are known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackproof.cache import Cache, digest
from stackproof.errors import InputError
from stackproof.findings import Finding, Report, Rule, Subject
from stackproof.judge.targets import Target
from stackproof.paths import shown_path

if TYPE_CHECKING:
    from stackproof.compose.deployment import Deployment

_POOL_FROM = 12
"""Targets below this are judged faster than a pool of processes starts."""


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
    """

    policies: tuple[Path, ...]
    environments: tuple[str, ...] = ()
    scenarios: Scenarios | None = None
    fail_on: FailOn = FailOn.ADMITTED

    def asks(self, scenarios: Scenarios, target: Target) -> bool:
        """Return whether the bound, or the free, scenarios of a target are judged."""
        if self.scenarios is None:
            return scenarios is (Scenarios.BOUND if target.is_system else Scenarios.FREE)
        return self.scenarios in (scenarios, Scenarios.BOTH)


def run(
    targets: Sequence[Target],
    question: Question,
    cache: Cache,
    refuse: Callable[[InputError], None],
    *,
    jobs: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> Report:
    """Judge targets.

    Parameters:
        targets: what to judge; see `stackproof.judge.targets.collect`.
        question: what is asked of each.
        cache: what is known already.
        refuse: told of every target that cannot be judged.
        jobs: how many processes work at most.
        progress: called when a target is done.
    """
    started = time.monotonic()
    rules = _rules(question, cache)
    keys = [_key(target, question, cache) for target in targets]
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
    reports = [_read(answer) for answer in answers if answer is not None]
    return Report(
        stage="policies",
        subjects=tuple(subject for report in reports for subject in report.subjects),
        findings=tuple(finding for report in reports for finding in report.findings),
        rules=rules,
        passed=sum(report.passed for report in reports),
        notes=tuple(note for report in reports for note in report.notes),
        seconds=time.monotonic() - started,
    )


def _key(target: Target, question: Question, cache: Cache) -> str:
    files = []
    for path in target.files:
        files += [shown_path(path), digest(path.read_bytes()) if path.is_file() else "absent"]
    only = [shown_path(path) for path in target.only]
    how = (str(question.scenarios), question.fail_on)
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
        judged = _judged(deployments, policies, question)
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
    bound = load_deployment(target.path)
    deployments: list[Deployment] = [bound] if question.asks(Scenarios.BOUND, target) else []
    if question.asks(Scenarios.FREE, target):
        root = next(iter(bound.stacks.values()))
        deployments.append(open_template(root.template, target.path))
    judged = _judged(deployments, _policies(question), question)
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


def _judged(deployments: Iterable[Deployment], policies: Any, question: Question) -> _Judged:
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
        for finding in findings(deployment, judgements):
            counts = finding.declared or question.fail_on is FailOn.ADMITTED
            if counts and _place(finding) not in told:
                judged.findings.append(finding)
    return judged


def _place(finding: Finding) -> tuple[str, str, str, str, str]:
    return (finding.rule.id, finding.layer, finding.resource, finding.path, finding.verdict)


_loaded: dict[tuple[Path, ...], Any] = {}


def _policies(question: Question) -> Any:
    """Load policies once per process."""
    from stackproof.judge.discover import discover

    if question.policies not in _loaded:
        _loaded[question.policies] = discover(question.policies)
    return _loaded[question.policies]


def _rules(question: Question, cache: Cache) -> tuple[Rule, ...]:
    """Return what reports say about every policy that is asked; kept once, not beside every target."""
    key = cache.key("rules", *(str(folder) for folder in question.policies))
    known = cache.get(key)
    if known is None:
        from stackproof.report import json_report

        rules = tuple(policy.rule for policy in _policies(question))
        known = json_report.render(Report(stage="policies", subjects=(), rules=rules), compact=True)
        cache.put(key, known)
    return _read(known).rules


def _read(text: str) -> Report:
    from stackproof.report import json_report

    return json_report.read(text)
