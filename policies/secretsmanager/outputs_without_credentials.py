"""Outputs hold no credentials."""

import re
from collections.abc import Iterator
from typing import Any

from stackproof.load.nodes import plain
from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack, problem
from stackproof.policy.credentials import credential_parameters

POLICY = Policy(
    id="SP423",
    severity=Severity.HIGH,
    types=TEMPLATE,
    rationale="CloudFormation masks a NoEcho parameter itself, and not what an output makes of it.",
    remediation="Remove the output, or give out the ARN of a secret instead.",
    controls=("NIST IA-5(7)",),
)

_VARIABLE = re.compile(r"\$\{\s*([A-Za-z0-9]+)\s*\}")


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """Masked parameters, and those that are named like a credential; once for each output."""
    masked = {name for name, parameter in stack.template.parameters.items() if parameter.no_echo}
    masked |= {parameter.name for parameter in credential_parameters(stack.template)}
    for output in stack.template.outputs.values():
        found = next((name for name in _parameters(plain(output.value)) if name in masked), "")
        if found:
            path = f"Outputs.{output.name}.Value"
            yield problem(stack, path, f"the output {output.name} shows the parameter {found}")


def _parameters(value: Any) -> Iterator[str]:
    """Iterate over the names that a value refers to."""
    if isinstance(value, list):
        for element in value:
            yield from _parameters(element)
    for key, element in value.items() if isinstance(value, dict) else ():
        text = element[0] if isinstance(element, list) and element else element
        if key == "Ref":
            yield str(element)
        elif key == "Fn::Sub" and isinstance(text, str):
            yield from _VARIABLE.findall(text)
        yield from _parameters(element)
