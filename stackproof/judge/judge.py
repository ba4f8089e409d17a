"""Ask every policy about every resource of a deployment, and gather the answers of all environments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field, replace

from stackproof.compose.deployment import Deployment
from stackproof.errors import InputError
from stackproof.findings import Finding, Verdict
from stackproof.judge.discover import LoadedPolicy, line_in
from stackproof.marks import Mark
from stackproof.policy.form import TEMPLATE, Problem
from stackproof.resolve.choices import MAX_RUNS, Choices, choosing
from stackproof.resolve.stack import Resource, Stack
from stackproof.resolve.values import Undecidable


@dataclass(frozen=True, slots=True)
class Witness:
    """Values that make a problem.

    Attributes:
        values: parameter and value as text, in the order in which the policy read them.
        declared: whether the template itself speaks of each of these values, as default or as allowed value.
    """

    values: tuple[tuple[str, str], ...] = ()
    declared: bool = True

    @property
    def admitted(self) -> tuple[str, ...]:
        """The parameters to constrain; none where all values are declared."""
        return () if self.declared else tuple(name for name, _ in self.values)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer of one policy about one subject in one environment.

    Attributes:
        failures: what is wrong; empty where nothing is.
        undecided: what cannot be decided before deployment.
        witnesses: by problem, the values that make it, where parameters were not bound.
    """

    policy: LoadedPolicy
    subject: Resource | Stack
    failures: tuple[Problem, ...]
    undecided: tuple[Problem, ...]
    witnesses: MappingABC[Problem, Witness] = field(default_factory=dict)

    @property
    def verdict(self) -> Verdict:
        """Fail before unproven before pass."""
        if self.failures:
            return Verdict.FAIL
        return Verdict.UNPROVEN if self.undecided else Verdict.PASS


def judge(deployment: Deployment, policies: Iterable[LoadedPolicy]) -> Iterator[Judgement]:
    """Ask policies about a deployment.

    Raises:
        InputError: a policy itself is broken, or a property has a type that CloudFormation would refuse.
    """
    for policy in policies:
        if policy.policy.protected_only and not deployment.environment.protected:
            continue
        for subject in _subjects(policy, deployment):
            yield _judge_one(policy, subject, deployment)


def _subjects(policy: LoadedPolicy, deployment: Deployment) -> Iterable[Resource | Stack]:
    if policy.policy.types == TEMPLATE:
        return deployment.stacks.values()
    return deployment.of_type(*policy.policy.types)


def _judge_one(policy: LoadedPolicy, subject: Resource | Stack, deployment: Deployment) -> Judgement:
    failures: dict[Problem, None] = {}
    undecided: dict[Problem, None] = {}
    choices = Choices()
    with choosing(choices):
        for _ in range(MAX_RUNS):
            for found, verdict in _one_run(policy, subject, deployment):
                (failures if verdict is Verdict.FAIL else undecided)[found] = None
            if not choices.advance():
                break
        else:
            undecided[Problem(f"more than {MAX_RUNS:,} combinations to look at", "", subject.mark)] = None
    return Judgement(policy, subject, tuple(failures), tuple(undecided))


def _one_run(
    policy: LoadedPolicy, subject: Resource | Stack, deployment: Deployment
) -> Iterator[tuple[Problem, Verdict]]:
    """Run a check once; what it found before a question stayed open counts."""
    try:
        for found in policy.check(subject, deployment):
            yield found, Verdict.FAIL
    except Undecidable as reason:
        yield Problem(reason.reason, reason.path, reason.mark), Verdict.UNPROVEN
    except InputError as wrong:
        # A property of a type that CloudFormation would refuse; it must not keep the rest from being judged.
        yield Problem(wrong.message, "", wrong.mark or subject.mark), Verdict.UNPROVEN
    except RecursionError:
        raise
    except (Exception, SystemExit) as error:
        # A broken policy must stop the gate; it never counts as passed.
        raise broken(policy, subject, error) from error


def broken(policy: LoadedPolicy, subject: Resource | Stack, error: BaseException) -> InputError:
    """Return the error that stops the gate: a policy that cannot judge."""
    line = line_in(error, policy.path)
    about = subject.logical_id if isinstance(subject, Resource) else subject.name
    return InputError(
        f"policy {policy.policy.id} cannot judge {about} ({subject.mark}): {type(error).__name__}: {error}",
        Mark(str(policy.path), line),
    )


def findings(deployment: Deployment, judgements: Iterable[Judgement]) -> Iterator[Finding]:
    """Return what judgements of one environment say, as findings."""
    environments = (deployment.environment.name,) if deployment.environment.name else ()
    for judgement in judgements:
        rule = judgement.policy.rule
        subject = judgement.subject
        for verdict, problems in (
            (Verdict.FAIL, judgement.failures),
            (Verdict.UNPROVEN, judgement.undecided),
        ):
            for found in problems:
                witness = judgement.witnesses.get(found, Witness())
                yield Finding(
                    rule=rule,
                    verdict=verdict,
                    message=found.message,
                    fix=_fix(found.fix or rule.remediation, witness),
                    mark=found.mark,
                    resource=subject.logical_id if isinstance(subject, Resource) else "",
                    path=found.path,
                    system=deployment.system,
                    layer=(subject.stack if isinstance(subject, Resource) else subject.name)
                    if deployment.system
                    else "",
                    environments=environments,
                    witness=witness.values,
                    declared=witness.declared,
                    template=subject.mark.file,
                )


def _fix(usual: str, witness: Witness) -> str:
    """Return how to mend a problem: where only the want of a constraint admits it, the constraint."""
    if witness.declared:
        return usual
    excluded = ", ".join(f"{value or 'the empty text'} for {name}" for name, value in witness.values)
    return f"Exclude {excluded} by AllowedValues or AllowedPattern; or: {usual}"


def merged(found: Iterable[Finding], environments: Sequence[str]) -> tuple[Finding, ...]:
    """Return findings sorted by place, the same one of several environments as one.

    Parameters:
        found: findings of one system.
        environments: the environments in the manifest's order.
    """
    together: dict[Finding, set[str]] = {}
    for finding in found:
        together.setdefault(replace(finding, environments=()), set()).update(finding.environments)
    whole = [
        replace(finding, environments=tuple(name for name in environments if name in names))
        for finding, names in together.items()
    ]
    return tuple(sorted(whole, key=lambda f: (f.mark, f.rule.id, f.resource, f.path, f.message)))
