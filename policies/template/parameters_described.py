"""Parameters are described."""

from collections.abc import Iterator

from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack
from stackproof.policy.sections import together

POLICY = Policy(
    id="SP903",
    severity=Severity.LOW,
    types=TEMPLATE,
    rationale="Who deploys a template sees its parameters first, and often nothing else.",
    remediation="Describe in Description what each parameter is for.",
)


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """One finding for all of a template."""
    bare = [parameter.name for parameter in stack.template.parameters.values() if not parameter.description.strip()]
    yield from together(stack, "Parameters", bare, "without a description")
