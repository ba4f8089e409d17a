"""The few phrases that every format says alike."""

from __future__ import annotations

from collections.abc import Iterable

from stackproof.findings import Finding, Report, Subject, Verdict, Waiver


def headline(finding: Finding) -> str:
    """Return the message; where nothing could be proved, it says so first, since formats know only failures."""
    return f"Unproven: {finding.message}" if finding.verdict is Verdict.UNPROVEN else finding.message


def target(finding: Finding) -> str:
    """Return the property's place inside the template, such as ``Database.StorageEncrypted``; may be empty."""
    return ".".join(part for part in (finding.resource, finding.path) if part)


def scope(finding: Finding) -> str:
    """Return the system and the environments that show it, such as ``maticko dev, test``; empty for a bare template."""
    return " ".join(part for part in (finding.system, ", ".join(finding.environments)) if part)


def witness(finding: Finding) -> str:
    """Return the values that make it fail, such as ``Encrypted=false, Zones=2``; may be empty."""
    return ", ".join(f"{name}={value}" for name, value in finding.witness)


def details(finding: Finding) -> list[str]:
    """Return the lines that follow a headline: where it fails, with which values, how to mend it."""
    said = (("in", scope(finding)), ("at", target(finding)), ("when", witness(finding)), ("fix", finding.fix))
    return [f"{label}: {text}" for label, text in said if text]


def exception(waiver: Waiver) -> str:
    """Return why a waiver stands, until when and who answers for it."""
    return f"until {waiver.expiry.isoformat()} by {waiver.owner}: {waiver.reason}"


KNOWN = "known: stands in the baseline"
"""What is said of a finding that the baseline holds."""


def tolerated(report: Report) -> str:
    """Return how many findings do not count, such as ``2 waived, 14 known``; empty where all do."""
    counts = ((len(report.waived), "waived"), (len(report.known), "known"))
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def several(count: int, one: str, many: str = "") -> str:
    """Return ``1 policy`` or ``2 policies``; the plural defaults to the singular with an s."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def listing(subjects: Iterable[Subject]) -> str:
    """Return subjects in few words: ``maticko (dev, test), legacy.yaml``; three or more templates are only counted."""
    systems: dict[str, list[str]] = {}
    templates: list[str] = []
    for subject in subjects:
        if subject.environment:
            systems.setdefault(subject.system, []).append(subject.environment)
        else:
            templates.append(subject.system or "the engine")
    parts = [f"{system} ({', '.join(environments)})" for system, environments in systems.items()]
    return ", ".join(parts + (templates if len(templates) < 3 else [several(len(templates), "template")]))
