"""The stage ``lint``: cfn-lint on every template under the values of every environment.

cfn-lint's own configuration file (``.cfnlintrc.yaml``) holds, with what it skips and why.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from stackproof.errors import InputError
from stackproof.findings import Finding, Report, Rule, Severity, Verdict
from stackproof.judge.judge import merged
from stackproof.judge.others import Candidate
from stackproof.marks import Mark
from stackproof.resolve.scope import Handed
from stackproof.resolve.stack import Stack
from stackproof.resolve.values import as_text
from stackproof.symbols import Symbol

_SEVERITIES = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "informational": Severity.LOW}


def lint(chosen: Iterable[Candidate], progress: Callable[[], None] = lambda: None) -> Report:
    """Run cfn-lint.

    Parameters:
        chosen: what to look at; see `stackproof.judge.others.candidates`.
        progress: called when a template under one environment's values is done.

    Raises:
        InputError: cfn-lint is not installed.
    """
    linter = _Linter()
    started = time.monotonic()
    found: list[Finding] = []
    all_subjects = []
    passed = 0
    for candidate in chosen:
        all_subjects.append(candidate.subject)
        for stack in candidate.deployment.stacks.values():
            matches = list(linter.findings(stack, candidate))
            passed += not matches
            found += matches
            progress()
    known = list(dict.fromkeys(subject.environment for subject in all_subjects))
    return Report(
        stage="lint",
        subjects=tuple(all_subjects),
        findings=merged(found, known),
        rules=linter.rules,
        passed=passed,
        seconds=time.monotonic() - started,
    )


class _Linter:
    """cfn-lint with its rules loaded once."""

    def __init__(self) -> None:
        try:
            from cfnlint.config import ConfigMixIn
            from cfnlint.runner import Runner
        except ImportError:
            raise InputError("cfn-lint is not installed; pip install 'stackproof[lint]'") from None
        self._rules: Any = Runner(ConfigMixIn([])).rules

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Every rule of cfn-lint, as reports show it."""
        return tuple(_rule(rule) for rule in sorted(self._rules.values(), key=lambda rule: str(rule.id)))

    def findings(self, stack: Stack, candidate: Candidate) -> Iterator[Finding]:
        """Run every rule over one template with the values of one stack."""
        from cfnlint.config import ConfigMixIn
        from cfnlint.context.parameters import ParameterSet
        from cfnlint.runner import run_template_by_file_path

        values = {name: _given(value) for name, value in stack.values.items() if _given(value) is not None}
        arguments: dict[str, Any] = {"templates": [stack.template.file]}
        if candidate.subject.environment:
            arguments |= {
                "regions": [stack.context.region],
                "parameters": [ParameterSet(source=str(candidate.subject), parameters=values)],
            }
        config = ConfigMixIn([], **arguments)
        for match in run_template_by_file_path(stack.template.file, config, self._rules, False):
            yield _finding(match, stack, candidate)


def _given(value: Any) -> str | list[str] | None:
    """Return a bound value as cfn-lint takes it, or None for what only the account or another stack knows."""
    if isinstance(value, Symbol | Handed):
        return None
    return list(value) if isinstance(value, tuple) else as_text(value)


def _rule(rule: Any) -> Rule:
    return Rule(
        id=rule.id,
        title=rule.shortdesc,
        severity=_SEVERITIES.get(rule.severity, Severity.HIGH),
        rationale=rule.description,
        help_uri=rule.source_url,
    )


def _finding(match: Any, stack: Stack, candidate: Candidate) -> Finding:
    path = [str(part) for part in getattr(match, "path", None) or ()]
    in_resource = len(path) > 1 and path[0] == "Resources"
    return Finding(
        rule=_rule(match.rule),
        verdict=Verdict.FAIL,
        message=match.message,
        fix=f"See cfn-lint's rule {match.rule.id}: {match.rule.shortdesc}.",
        mark=Mark(stack.template.file, match.linenumber, match.columnnumber),
        resource=path[1] if in_resource else "",
        path=".".join(path[3:] if in_resource and len(path) > 2 and path[2] == "Properties" else path),
        system=candidate.deployment.system,
        layer=stack.name if candidate.deployment.system else "",
        environments=(candidate.subject.environment,) if candidate.subject.environment else (),
    )
