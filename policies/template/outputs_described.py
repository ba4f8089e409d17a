"""Outputs are described."""

from collections.abc import Iterator

from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack
from stackproof.policy.sections import together

POLICY = Policy(
    id="SP907",
    severity=Severity.LOW,
    types=TEMPLATE,
    rationale="Outputs are what other stacks and people build on, so that they must know what it is.",
    remediation="Describe in Description what each output holds.",
)


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """One finding for all of a template, outputs of other scenarios among them."""
    bare = [output.name for output in stack.template.outputs.values() if not output.description.strip()]
    yield from together(stack, "Outputs", bare, "without a description")
