"""Sends the requests of a case to a simulated account, one after the other, and keeps the answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from tests.integration.recorded.cases import Case

_REFERENCE = re.compile(r"<(\d+(?:\.\w+)*)>")
"""A part of an earlier answer, in a parameter: ``<0.StackId>``."""


class Answers:
    """What a case's requests were answered, by the number of the request.

    A refusal is ``{"Error": {...}, "text": ...}``: the error as the service sent it, and as boto3 words it.
    """

    def __init__(self) -> None:
        self._answers: list[Any] = []

    def __len__(self) -> int:
        return len(self._answers)

    def add(self, answer: Any) -> None:
        """Keep the answer to the next request."""
        self._answers.append(answer)

    def find(self, path: str) -> Any:
        """Return the part of the answers at a path.

        Parameters:
            path: names and positions joined by dots, the number of the request first. A name in a list is the key of
                an output, or a member of all of its elements.

        Raises:
            LookupError: there is no such part.
        """
        found: Any = self._answers
        for step in path.split("."):
            found = _step(found, step)
        return found


def _step(value: Any, step: str) -> Any:
    if isinstance(value, list) and not step.isdigit():
        for element in value:
            if isinstance(element, dict) and element.get("OutputKey") == step:
                return element["OutputValue"]
        return [_step(element, step) for element in value]
    try:
        return value[int(step)] if isinstance(value, list) else value[step]
    except (KeyError, IndexError, TypeError) as error:
        raise LookupError(f"no {step} in {value}") from error


def replay(case: Case, client: Callable[[str], Any]) -> Answers:
    """Return the answers to the requests of a case; it ends early where a request needs an answer that there is not.

    Parameters:
        case: the case.
        client: gives a boto3 client of a service, which takes parameters as they are.
    """
    answers = Answers()
    for call in case.calls:
        try:
            params = _filled(call.params, answers)
        except LookupError:
            return answers
        try:
            answer = getattr(client(call.service), xform_name(call.operation))(**params)
            answers.add({name: value for name, value in answer.items() if name != "ResponseMetadata"})
        except ClientError as error:
            answers.add({"Error": error.response["Error"], "text": str(error)})
    return answers


def _filled(value: Any, answers: Answers) -> Any:
    if isinstance(value, dict):
        return {name: _filled(child, answers) for name, child in value.items()}
    if isinstance(value, list):
        return [_filled(child, answers) for child in value]
    if isinstance(value, str):
        return _REFERENCE.sub(lambda found: str(answers.find(found[1])), value)
    return value
