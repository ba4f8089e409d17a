"""The policies as checks of checkov; ``policies/adapters/checkov`` is what ``--external-checks-dir`` names.

A check of checkov is given one resource and a path relative to a folder that it is not told; checks of whole templates
do not exist, and one that raises counts as not run. So this module stands around the method of checkov's runner that
checks all files: it judges them before, and adds afterwards what no resource of a file could be told.

Source of what checkov expects: its page "Create Custom Policy - Python", and the code of its release 3.3.30.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby
from os.path import relpath
from pathlib import Path
from typing import Any

from checkov.cloudformation.checks.resource.base_resource_check import BaseResourceCheck
from checkov.cloudformation.context_parser import ContextParser
from checkov.cloudformation.runner import Runner
from checkov.common.bridgecrew.severities import get_severity
from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.common.output.record import Record

from stackproof.adapters.judged import UNJUDGED, Judged, Place, judge_file, nominal, policies, sentence
from stackproof.findings import Finding, Rule

WHOLE = "Template"
"""What a record about a whole template names as its resource; and the type that its check is registered for, which no
resource has."""


@dataclass(slots=True)
class _Told:
    """One file: the verdicts on it, and which of its resources checkov has asked about."""

    judged: Judged
    asked: set[tuple[str, str]] = field(default_factory=set)


_files: dict[str, _Told] = {}
"""The files that are being checked, by the path that checkov gives to checks."""


class _PolicyCheck(BaseResourceCheck):  # type: ignore[misc]
    """One policy; its answers are looked up."""

    def __init__(self, rule: Rule, types: Sequence[str]) -> None:
        self.rule = rule
        super().__init__(
            name=rule.title,
            id=rule.id,
            categories=[CheckCategories.GENERAL_SECURITY],
            supported_resources=list(types),
            guideline=rule.help_uri or None,
        )
        self.severity = get_severity(rule.severity.value)

    def run(
        self, scanned_file: str, entity_configuration: Any, entity_name: str, entity_type: str, skip_info: Any
    ) -> dict[str, Any]:
        """Return the answer about one resource; one that is unknown is neither passed nor failed."""
        told = _files.get(scanned_file)
        if told is None or told.judged.refused:
            return {"result": CheckResult.UNKNOWN}
        told.asked.add((self.id, entity_name))
        if skip_info:
            return {"result": CheckResult.SKIPPED, "suppress_comment": skip_info["suppress_comment"]}
        return _answer([finding for finding in told.judged.of(self.id) if finding.resource == entity_name])

    def scan_resource_conf(self, conf: Any) -> CheckResult:
        """Answer nothing by the resource alone; see `run`."""
        return CheckResult.UNKNOWN


def _answer(found: Sequence[Finding]) -> dict[str, Any]:
    keys = ["/".join(map(_key, nominal(finding)[2 if finding.resource else 0 :])) for finding in found]
    return {"result": CheckResult.FAILED if found else CheckResult.PASSED, "evaluated_keys": keys}


def _key(key: str | int) -> str:
    return f"[{key}]" if isinstance(key, int) else key


@cache
def register() -> None:
    """Register a check per policy; once, though each framework of checkov loads external checks.

    Raises:
        InputError: a policy cannot be loaded.
    """
    checks = [_PolicyCheck(UNJUDGED, [WHOLE])]
    checks += [_PolicyCheck(loaded.rule, loaded.policy.types) for loaded in policies()]
    check_definitions = Runner.check_definitions

    def judged_first(self: Any, root_folder: str | None, runner_filter: Any, report: Any) -> None:
        paths = {f"/{relpath(path, root_folder)}": path for path in self.definitions}
        _files.update((shown, _Told(judge_file(Path(path)))) for shown, path in paths.items())
        check_definitions(self, root_folder, runner_filter, report)
        by_id = {check.id: check for check in checks}
        for record in (*report.failed_checks, *report.passed_checks, *report.skipped_checks):
            if record.check_id in by_id:
                _explain(record, by_id[record.check_id], _files[record.file_path].judged)
        for shown, path in paths.items():
            source = _Source(path, shown, self.definitions[path], self.context[path], self.definitions_raw[path])
            for record in _whole_template(checks, source, runner_filter):
                report.add_record(record)
        _files.clear()

    Runner.check_definitions = judged_first


def _explain(record: Any, check: _PolicyCheck, judged: Judged) -> None:
    name = str(record.resource).rpartition(".")[2]
    failed = record.check_result["result"] is CheckResult.FAILED
    _write(record, check, [finding for finding in judged.of(check.id) if failed and finding.resource == name])


def _write(record: Any, check: _PolicyCheck, found: Iterable[Finding]) -> None:
    """Say in a record what is wrong, with which values, where, and how to mend it.

    The guideline is what every format of checkov shows; details would make its SARIF invalid.
    """
    record.description = f"{check.rule.rationale} {check.rule.remediation}"
    said = [f"line {finding.mark.line}: {sentence(finding)}" for finding in found]
    if said:
        record.set_guideline(" ".join(filter(None, [*said, check.rule.help_uri])))


# --- What no resource can be told: findings about whole templates, and about resources that a loop makes. ---


@dataclass(frozen=True, slots=True)
class _Source:
    """One file as checkov has read it."""

    path: str
    shown: str
    template: dict[str, Any]
    context: dict[str, Any]
    lines: list[tuple[int, str]]

    def name(self, place: Place) -> str:
        """Return what a record names as its resource: a resource as checkov does, else ``Parameters.Password``."""
        section, name = place if len(place) > 1 else ("", "")
        resource = self.template["Resources"].get(name) if section == "Resources" else None
        kind = resource.get("Type") if isinstance(resource, dict) else None
        return f"{kind}.{name}" if kind else ".".join(map(str, place)) or WHOLE

    def part(self, place: Place, line: int) -> dict[str, Any]:
        """Return the lines of an entry of a section and the skips among them; a single line where it is plain text."""
        section, name = place if len(place) > 1 else ("", "")
        known: dict[str, Any] = self.context.get(str(section), {}).get(name) or {
            "start_line": line,
            "end_line": line,
            "code_lines": self.lines[line - 1 : line],
        }
        return {"skipped_checks": ContextParser.collect_skip_comments(known["code_lines"]), **known}


def _whole_template(checks: Iterable[_PolicyCheck], source: _Source, runner_filter: Any) -> Iterator[Any]:
    told = _files[source.shown]
    for check in checks:
        about_whole = list(check.supported_resources) == [WHOLE]
        left = [finding for finding in told.judged.of(check.id) if (check.id, finding.resource) not in told.asked]
        if not (left or (about_whole and not told.judged.refused)) or not _wanted(
            check, bool(left), source, runner_filter
        ):
            continue
        if not left:
            yield _record(check, source, (), [])
        for place, found in groupby(sorted(left, key=_entry), key=_entry):
            yield _record(check, source, place, list(found))


def _wanted(check: _PolicyCheck, failed: bool, source: _Source, runner_filter: Any) -> bool:
    """Return whether a check is run; that a template cannot be judged is told whichever checks are asked for."""
    if failed and check.id == UNJUDGED.id:
        return not runner_filter.check_matches(check.id, None, runner_filter.skip_checks)
    return bool(runner_filter.should_run_check(check, report_type=Runner.check_type, file_origin_paths=[source.shown]))


def _entry(finding: Finding) -> Place:
    """Return the section and the name in it that a finding is about."""
    return tuple(map(str, nominal(finding)[:2]))


def _record(check: _PolicyCheck, source: _Source, place: Place, found: list[Finding]) -> Any:
    part = source.part(place, found[0].mark.line if found else 1)
    skip = next((skip for skip in part["skipped_checks"] if skip["id"] == check.id), None)
    result = _answer(found)
    if skip and found:
        result = {"result": CheckResult.SKIPPED, "suppress_comment": skip["suppress_comment"]}
    record = Record(
        check_id=check.id,
        check_name=check.name,
        check_result=result,
        code_block=part["code_lines"],
        file_path=source.shown,
        file_line_range=[part["start_line"], part["end_line"]],
        resource=source.name(place),
        evaluations={},
        check_class=type(check).__module__,
        file_abs_path=source.path,
        severity=check.severity,
    )
    _write(record, check, found)
    return record
