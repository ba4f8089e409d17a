"""The simulated CloudFormation answers as AWS did: requests that were sent to AWS are sent to it, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config

from stackproof.simulate import simulated_account
from tests.integration.recorded.cases import ACCOUNT, Case, load
from tests.integration.recorded.comparison import Comparison
from tests.integration.recorded.expected import DISAGREEING, FOUND, REFUSED, ROLLED_BACK
from tests.integration.recorded.replay import Answers, replay

CASES = load()
SHARE = 0.75
"""The least share of the complete cases that must agree."""


@pytest.mark.parametrize("name", [name for name in CASES if name not in DISAGREEING])
def test_a_case_is_answered_as_by_aws(name: str) -> None:
    assert differences(CASES[name]) == []


@pytest.mark.parametrize("name", DISAGREEING)
def test_a_case_that_is_listed_as_disagreeing_disagrees(name: str) -> None:
    assert differences(CASES[name]) != []


def test_most_of_the_complete_cases_agree() -> None:
    complete = [name for name, case in CASES.items() if case.complete]

    assert len([name for name in complete if name not in DISAGREEING]) >= SHARE * len(complete)


@pytest.mark.parametrize("table", [REFUSED, ROLLED_BACK, FOUND, DISAGREEING])
def test_the_tables_name_cases_that_are_there(table: Any) -> None:
    assert [name for name in table if name not in CASES] == []


def differences(case: Case) -> list[str]:
    """Return how our answers to the requests of a case differ from AWS's."""
    with simulated_account(case.region, ACCOUNT):
        answers = replay(case, clients(case.region))
    comparison = Comparison()
    for point in case.points:
        comparison.look_up(point.answer, answers, point.at, point.name)
    for path, value in FOUND.get(case.id, {}).items():
        comparison.look_up(value, answers, path, path)
    missing = [f"the answer to request {len(answers)} is needed"] if len(answers) < len(case.calls) else []
    return [*comparison.differences, *missing, *_refusals(case, answers), *_failures(case, answers)]


def clients(region: str) -> Callable[[str], Any]:
    """Return what gives clients that leave the checking of parameters to the service."""

    @cache
    def client(service: str) -> Any:
        return boto3.client(
            service,
            region_name=region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(parameter_validation=False),
        )

    return client


def _refusals(case: Case, answers: Answers) -> Iterator[str]:
    """Iterate over refusals that AWS does not make, and over those that it makes and we do not."""
    recorded = {int(point.at) for point in case.points if point.at.isdigit()}
    expected = REFUSED.get(case.id, {})
    for number, call in enumerate(case.calls[: len(answers)]):
        answer = answers.find(str(number))
        code = answer["Error"]["Code"] if "text" in answer else ""
        if number not in recorded and code != expected.get(number, ""):
            ours, theirs = answer.get("text", "carried out"), expected.get(number, "carries it out")
            yield f"{number} {call.operation}: {ours}, AWS {theirs}"


def _failures(case: Case, answers: Answers) -> Iterator[str]:
    """Iterate over stacks that are described as failed, where the case is not about that."""
    for number in range(len(answers)):
        for stack in answers.find(str(number)).get("Stacks", ()):
            status, reason = stack["StackStatus"], stack.get("StackStatusReason", "")
            if (status.endswith("FAILED") or "ROLLBACK" in status) and case.id not in ROLLED_BACK:
                yield f"{number} {stack['StackName']} is {status}: {reason}"
