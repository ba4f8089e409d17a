"""Constraints of parameters are described."""

from collections.abc import Iterator

from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack
from stackproof.policy.sections import is_constrained, together

POLICY = Policy(
    id="SP905",
    severity=Severity.LOW,
    types=TEMPLATE,
    rationale="Without it CloudFormation answers a wrong value with a regular expression.",
    remediation="Describe in ConstraintDescription which values are permitted.",
)


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """One finding for all of a template."""
    bare = [
        parameter.name
        for parameter in stack.template.parameters.values()
        if is_constrained(parameter) and not parameter.constraint_description.strip()
    ]
    yield from together(stack, "Parameters", bare, "without a ConstraintDescription")
