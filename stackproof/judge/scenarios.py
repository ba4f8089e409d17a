"""Ask policies about open deployments: every scenario that what they read can make, and the smallest that fails.

Each policy runs on each resource as often as the parameters that it really reads have values (depth-first replay). A
problem counts where the template's rules can hold beside the values that make it; it is told once, with the fewest
values that make it for certain: its witness.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field

from stackproof.bind.domains import Domain
from stackproof.compose.open import OpenDeployment, Others
from stackproof.errors import InputError
from stackproof.findings import Verdict
from stackproof.judge.discover import LoadedPolicy
from stackproof.judge.judge import Judgement, Witness, broken
from stackproof.marks import Mark
from stackproof.policy.form import TEMPLATE, Problem
from stackproof.resolve.choices import MAX_RUNS, MAX_SCENARIOS, Choices, Name, choosing
from stackproof.resolve.open import OpenResource, OpenStack
from stackproof.resolve.values import Undecidable

MAX_SMALLER = 200
"""Runs that are spent on making one witness smaller."""

_SHOWN = 8

Assignment = MappingABC[Name, int]
"""Parameters with the option that each has."""

_Place = tuple[str, Mark, int]
"""Where a problem is: its path, its line, and which of several there."""


def judge_scenarios(deployment: OpenDeployment, policies: Iterable[LoadedPolicy]) -> Iterator[Judgement]:
    """Ask policies about an open deployment.

    Raises:
        InputError: a policy itself is broken.
    """
    for policy in policies:
        if policy.policy.protected_only and not deployment.environment.protected:
            continue
        for subject in _subjects(policy, deployment):
            yield _answer(policy, subject, deployment)


def _subjects(policy: LoadedPolicy, deployment: OpenDeployment) -> Iterable[OpenResource | OpenStack]:
    if policy.policy.types == TEMPLATE:
        return deployment.stacks.values()
    return deployment.candidates(*policy.policy.types)


@dataclass(slots=True)
class _Seen:
    """A problem with the smallest values seen so far that make it."""

    problem: Problem
    verdict: Verdict
    assignment: dict[Name, int]


@dataclass(slots=True)
class _Outcome:
    """What one run found.

    Attributes:
        problems: each with what it proves.
        refused: whether CloudFormation would not accept the values.
        absent: whether the subject does not exist under them.
    """

    problems: list[tuple[Problem, Verdict]] = field(default_factory=list)
    refused: bool = False
    absent: bool = False


def _answer(policy: LoadedPolicy, subject: OpenResource | OpenStack, deployment: OpenDeployment) -> Judgement:
    """Ask one policy about one subject, in every scenario that it tells apart.

    Whether resources exist that have nothing to do with the subject would multiply the scenarios, although it hardly
    ever matters. So it is tried whether it does: first all of them are there, then none; where the answers differ,
    their conditions are read.
    """
    answers = []
    for others in (Others.PRESENT, Others.ABSENT):
        question = _Question(policy, subject, deployment, others)
        answers.append((question.answer(), question.places))
        if not deployment.assumed:
            return answers[0][0]
    (present, places), (_, other_places) = answers
    if places == other_places:
        return present
    return _Question(policy, subject, deployment, Others.READ).answer()


class _Question:
    """One policy about one subject, in every scenario."""

    def __init__(
        self, policy: LoadedPolicy, subject: OpenResource | OpenStack, deployment: OpenDeployment, others: Others
    ) -> None:
        self._policy = policy
        self._subject = subject
        self._deployment = deployment
        self._seen: dict[_Place, _Seen] = {}
        self._decided = False
        self._guessed: dict[_Place, _Seen] = {}
        deployment.look_from(subject, others)

    @property
    def places(self) -> set[tuple[_Place, Verdict]]:
        """What was found, and where."""
        return {(place, found.verdict) for place, found in (self._seen | self._guessed).items()}

    def answer(self) -> Judgement:
        """Run the check in every scenario that it tells apart."""
        choices = Choices()
        runs = scenarios = 0
        while runs < MAX_RUNS and scenarios < MAX_SCENARIOS:
            runs += 1
            with choosing(choices):
                self._one_scenario(choices)
            scenarios += any(choices.parameters.values())
            if not choices.advance():
                return self._judgement(None)
        return self._judgement(self._too_many(choices))

    def _one_scenario(self, choices: Choices) -> None:
        outcome = self._run(choices)
        taken, reached = choices.parameters, choices.reached
        if outcome.refused or outcome.absent:
            return
        if not outcome.problems:
            self._decided = True
            return
        if not self._permitted(taken):
            # Another value of what the rules read may permit what was found: the trail goes on through these.
            return
        choices.cut(reached)
        self._note(outcome, taken)

    def _run(self, choices: Choices) -> _Outcome:
        """Run the check once under the values of the choices."""
        outcome = _Outcome()
        try:
            if isinstance(self._subject, OpenResource) and not self._subject.exists:
                return _Outcome(absent=True)
            for found in self._policy.check(self._subject, self._deployment):
                outcome.problems.append((found, Verdict.FAIL))
        except Undecidable as reason:
            outcome.problems.append((Problem(reason.reason, reason.path, reason.mark), Verdict.UNPROVEN))
        except InputError as wrong:
            if wrong.message.startswith("Template") or not self._is_declared(choices.parameters):
                return _Outcome(refused=True)
            mark = wrong.mark or self._subject.mark
            outcome.problems.append((Problem(wrong.message, "", mark), Verdict.UNPROVEN))
        except RecursionError:
            raise
        except (Exception, SystemExit) as error:
            # A broken policy must stop the gate; it never counts as passed.
            raise broken(self._policy, self._subject, error) from error
        return outcome

    def _permitted(self, taken: Assignment) -> bool:
        """Return whether the rules of every template that was read hold."""
        names = {stack for stack, _ in taken} | {self._stack}
        return all(self._deployment.stacks[name].permitted() for name in names)

    @property
    def _stack(self) -> str:
        return self._subject.stack if isinstance(self._subject, OpenResource) else self._subject.name

    def _note(self, outcome: _Outcome, taken: dict[Name, int]) -> None:
        guessed = not self._is_declared(taken) and not self._stands_for_any(taken)
        self._decided = self._decided or any(verdict is Verdict.FAIL for _, verdict in outcome.problems)
        for place, found, verdict in _placed(outcome.problems):
            # A made-up value that makes no sense where it stands says nothing; others decide.
            book = self._guessed if guessed and verdict is Verdict.UNPROVEN else self._seen
            known = book.get(place)
            if known is None or self._rank(verdict, taken) < self._rank(known.verdict, known.assignment):
                book[place] = _Seen(found, verdict, taken)

    def _rank(self, verdict: Verdict, taken: Assignment) -> tuple[bool, bool, bool, int, int]:
        """Order: failures, then declared values, then what any value makes, then few values, near the default."""
        declared, general = self._is_declared(taken), self._stands_for_any(taken)
        return (verdict is not Verdict.FAIL, not declared, not general, len(taken), sum(taken.values()))

    def _is_declared(self, taken: Assignment) -> bool:
        return all(self._domain(name).declared[option] for name, option in taken.items())

    def _stands_for_any(self, taken: Assignment) -> bool:
        """Return whether every value that the template does not speak of stands for any other."""
        return all(
            self._domain(name).declared[option] or self._domain(name).is_open(option) for name, option in taken.items()
        )

    def _domain(self, name: Name) -> Domain:
        return self._deployment.stacks[name[0]].domains[name[1]]

    # --- What is told. ---

    def _judgement(self, bound: Problem | None) -> Judgement:
        seen = dict(self._seen)
        if not seen and not self._decided:
            seen = self._guessed
        failing = {(path, mark) for (path, mark, _), found in seen.items() if found.verdict is Verdict.FAIL}
        told = {
            place: found for place, found in seen.items() if found.verdict is Verdict.FAIL or place[:2] not in failing
        }
        failures = {found.problem: self._witness(place, found) for place, found in told.items() if _fails(found)}
        undecided = {found.problem: self._witness(place, found) for place, found in told.items() if not _fails(found)}
        if bound is not None:
            undecided[bound] = Witness()
        return Judgement(self._policy, self._subject, tuple(failures), tuple(undecided), failures | undecided)

    def _witness(self, place: _Place, found: _Seen) -> Witness:
        smaller = self._smaller(place, found)
        several = sum(bool(stack.domains) for stack in self._deployment.stacks.values()) > 1
        values = tuple(
            (f"{stack}.{name}" if several else name, self._domain((stack, name)).texts[option])
            for (stack, name), option in smaller.items()
        )
        return Witness(values, self._is_declared(smaller))

    def _smaller(self, place: _Place, found: _Seen) -> dict[Name, int]:
        """Return the values without those that do not matter: whatever else they were, the problem is there."""
        needed = dict(found.assignment)
        runs = [MAX_SMALLER]
        for name in list(needed):
            rest = {key: option for key, option in needed.items() if key != name}
            options = range(len(self._domain(name).values))
            if all(self._happens(place, found.verdict, rest | {name: option}, runs) for option in options):
                needed = rest
        return needed

    def _happens(self, place: _Place, verdict: Verdict, fixed: Assignment, runs: list[int]) -> bool:
        """Return whether the problem is there under some values, whatever the other parameters' first ones are."""
        choices = Choices(fixed, first=True)
        while runs[0] > 0:
            runs[0] -= 1
            with choosing(choices):
                outcome = self._run(choices)
                found = {where for where, _, what in _placed(outcome.problems) if what is verdict}
                if place in found or (outcome.refused and verdict is Verdict.FAIL):
                    return True
            if not choices.advance():
                return False
        return False

    def _too_many(self, choices: Choices) -> Problem:
        names = list(dict.fromkeys(name for _, name in choices.read_so_far))
        shown = ", ".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
        return Problem(f"more than {MAX_SCENARIOS:,} combinations of {shown} to look at", "", self._subject.mark)


def _fails(found: _Seen) -> bool:
    return found.verdict is Verdict.FAIL


def _placed(problems: Iterable[tuple[Problem, Verdict]]) -> Iterator[tuple[_Place, Problem, Verdict]]:
    """Number the problems of one run that stand at one place."""
    counts: dict[tuple[str, Mark], int] = {}
    for found, verdict in problems:
        key = (found.path, found.mark)
        counts[key] = counts.get(key, -1) + 1
        yield (*key, counts[key]), found, verdict
