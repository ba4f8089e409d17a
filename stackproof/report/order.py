"""What belongs together in a report: findings by place, subjects of a finding, rules of a report."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from stackproof.findings import Finding, Report, Rule, Subject, Waived

ENGINE = Subject("")
"""The subject of tests that belong to no system and no template."""


def by_place(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by system and place.

    The key holds every field, so that the same findings give the same text in whatever order a process pool gave them.
    """
    return sorted(findings, key=_place)


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings from the worst to the least, those of one severity by place."""
    return sorted(by_place(findings), key=lambda finding: -finding.rule.severity.rank)


def _place(finding: Finding) -> tuple[object, ...]:
    return (
        finding.system,
        finding.mark,
        finding.layer,
        finding.resource,
        finding.path,
        finding.rule.id,
        finding.verdict,
        finding.environments,
        finding.witness,
        finding.message,
        finding.fix,
        _texts(finding.rule),
        finding.declared,
        finding.template,
    )


def waived_by_place(waived: Iterable[Waived]) -> list[Waived]:
    """Sort waived findings as `by_place` sorts the others, those of one place by the place of their waiver."""
    return sorted(waived, key=lambda one: (_place(one.finding), _waiver_place(one)))


def _waiver_place(waived: Waived) -> tuple[object, ...]:
    waiver = waived.waiver
    return (
        waiver.mark,
        waiver.policy,
        waiver.resource,
        waiver.expiry,
        waiver.reason,
        waiver.owner,
        waiver.template,
        waiver.system,
        waiver.layer,
        waiver.environments,
    )


def all_findings(report: Report) -> Iterator[Finding]:
    """Iterate over what a report tells of: what counts, what is waived, what is known."""
    yield from report.findings
    yield from (waived.finding for waived in report.waived)
    yield from report.known


def rules_of(report: Report) -> list[Rule]:
    """Return every rule that was asked or that speaks in a finding, sorted by id.

    A finding whose rule nobody announced is still a finding: its rule joins the list. Where one id has two
    descriptions, the announced one speaks.
    """
    found = {finding.rule.id: finding.rule for finding in reversed(by_place(all_findings(report)))}
    asked = {rule.id: rule for rule in report.rules}
    return sorted((found | asked).values(), key=lambda rule: rule.id)


def _texts(rule: Rule) -> tuple[object, ...]:
    return (rule.title, rule.severity, rule.rationale, rule.remediation, rule.controls, rule.help_uri)


def subjects_of(finding: Finding, judged: Collection[Subject]) -> list[Subject]:
    """Return the subjects that a finding counts against.

    Parameters:
        finding: what was found.
        judged: the subjects of its report, a set where many findings are asked about.

    Returns:
        The finding's system in each of its environments. A finding of a system that names no environment counts
        against every environment judged. One without a system counts against its template or, where that was not judged
        but the engine was, against the engine. Never empty: a finding always counts somewhere.
    """
    if finding.environments:
        return [Subject(finding.system, environment) for environment in finding.environments]
    if finding.system:
        return [subject for subject in judged if subject.system == finding.system] or [Subject(finding.system)]
    template = Subject(finding.home)
    return [ENGINE] if template not in judged and ENGINE in judged else [template]


def by_subject(report: Report) -> dict[Subject, list[Finding]]:
    """Return the findings of each subject, by place; a subject without findings has an empty list.

    The subjects that were judged come first, in their order, then those that only a finding names.
    """
    return grouped_by_subject(report, report.findings)


def grouped_by_subject(report: Report, findings: Iterable[Finding]) -> dict[Subject, list[Finding]]:
    """Return some findings of a report as `by_subject` returns those that count."""
    grouped: dict[Subject, list[Finding]] = {subject: [] for subject in report.subjects}
    judged = frozenset(report.subjects)
    for finding in by_place(findings):
        for subject in subjects_of(finding, judged):
            grouped.setdefault(subject, []).append(finding)
    return grouped
