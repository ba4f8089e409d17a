"""What every stage that judges hands to the reports: plain, frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from stackproof.marks import Mark

WHOLE_TEMPLATE = "(whole template)"
"""Stands for the resource of a finding that is about none; no logical id can be written like this."""


class Verdict(StrEnum):
    """The answer of one policy about one resource; whatever is not proven is not passed."""

    PASS = "pass"
    FAIL = "fail"
    UNPROVEN = "unproven"


class Severity(StrEnum):
    """How bad a failure is, from the least to the worst."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for low to 3 for critical, to sort by."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a stage judged: a system in one environment, or a template that belongs to no system.

    Attributes:
        system: the system's name, or the template's path for a bare template.
        environment: the environment's name; empty for a bare template.
    """

    system: str
    environment: str = ""

    def __str__(self) -> str:
        return f"{self.system} {self.environment}".rstrip()


@dataclass(frozen=True, slots=True)
class Rule:
    """What a report says about a policy (or another tool's check) itself.

    Attributes:
        id: permanent identifier, such as ``SP104``, ``E3012`` or ``CKV_AWS_16``.
        title: the desired state in one sentence.
        severity: how bad a failure is.
        rationale: why it matters; may be empty for another tool's check.
        remediation: how to mend it; may be empty for another tool's check.
        controls: published controls that it answers to, such as ``FSBP RDS.3``.
        help_uri: a page about it, or empty.
    """

    id: str
    title: str
    severity: Severity
    rationale: str = ""
    remediation: str = ""
    controls: tuple[str, ...] = ()
    help_uri: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend, in every environment in which it was seen.

    Attributes:
        rule: the policy or check that speaks.
        verdict: fail or unproven, never pass.
        message: what is wrong, in one sentence.
        fix: how to mend it, in one sentence.
        mark: the line to look at.
        resource: logical id; empty where the finding is about the whole template.
        path: dotted property path inside the resource, such as ``SecurityGroupIngress.0.CidrIp``; may be empty.
        system: system name; empty for a bare template.
        layer: layer name inside the system; empty for a bare template.
        environments: the environments that show it, in the manifest's order; empty for a bare template.
        witness: the values that make it fail, such as ``{"Encrypted": "false"}``; may be empty.
        declared: whether the template itself speaks of each of these values; else no constraint excludes them.
        template: the file that holds the resource, as marks name it; empty where it is the file of the mark.
    """

    rule: Rule
    verdict: Verdict
    message: str
    fix: str
    mark: Mark
    resource: str = ""
    path: str = ""
    system: str = ""
    layer: str = ""
    environments: tuple[str, ...] = ()
    witness: tuple[tuple[str, str], ...] = ()
    declared: bool = True
    template: str = ""

    @property
    def home(self) -> str:
        """The file that holds the resource; the mark may lie in another one, from which a value comes."""
        return self.template or self.mark.file


@dataclass(frozen=True, slots=True)
class Waiver:
    """A reasoned, dated exception: one policy need not hold for one resource.

    Attributes:
        policy: the policy's id.
        resource: logical id, or `WHOLE_TEMPLATE` for findings that are about no resource.
        reason: why.
        owner: who answers for it.
        expiry: the last day on which it holds.
        mark: where it stands.
        template: the file that holds the resource, as marks name it; empty where system and layer say which.
        system: system name, or empty.
        layer: layer name, or empty.
        environments: where it holds; empty for everywhere.
    """

    policy: str
    resource: str
    reason: str
    owner: str
    expiry: date
    mark: Mark
    template: str = ""
    system: str = ""
    layer: str = ""
    environments: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"waiver of {self.policy} for {self.resource}"


@dataclass(frozen=True, slots=True)
class Waived:
    """A finding with the waiver that takes it out of those that count."""

    finding: Finding
    waiver: Waiver


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one stage over all that it judged.

    Attributes:
        stage: ``policies``, ``lint``, ``checkov``, ``simulation`` or ``unit``.
        subjects: everything that was judged, whether or not it has findings.
        findings: what is to be mended, sorted by place.
        waived: what a waiver takes out of the findings.
        known: what stood before and is in the baseline, out of the findings too.
        rules: every rule that was asked, sorted by id, failing or not.
        passed: how many judgements (rule x resource x environment) passed.
        notes: what the reader must know and the exit code does not say, such as what a simulation cannot show.
        seconds: wall time of the stage.
    """

    stage: str
    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...] = ()
    rules: tuple[Rule, ...] = ()
    passed: int = 0
    notes: tuple[str, ...] = field(default=())
    seconds: float = 0.0
    waived: tuple[Waived, ...] = ()
    known: tuple[Finding, ...] = ()

    @property
    def clean(self) -> bool:
        """True where nothing failed and nothing stayed unproven."""
        return not self.findings
