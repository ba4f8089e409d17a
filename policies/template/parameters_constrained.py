"""Parameters are constrained."""

from collections.abc import Iterator

from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack
from stackproof.policy.sections import is_constrained, together

POLICY = Policy(
    id="SP904",
    severity=Severity.LOW,
    types=TEMPLATE,
    rationale="A wrong value that the template refuses at once costs seconds; one that a service refuses, a rollback.",
    remediation="Give each parameter AllowedValues, an AllowedPattern, bounds or a type of AWS.",
)


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """One finding for all of a template; CloudFormation itself checks the values of types such as AWS::EC2::VPC::Id."""
    loose = [
        parameter.name
        for parameter in stack.template.parameters.values()
        if "AWS::" not in parameter.type and not is_constrained(parameter)
    ]
    yield from together(stack, "Parameters", loose, "without a constraint")
