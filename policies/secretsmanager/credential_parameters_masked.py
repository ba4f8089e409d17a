"""Parameters for credentials are masked."""

from collections.abc import Iterator

from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack, problem
from stackproof.policy.credentials import credential_parameters

POLICY = Policy(
    id="SP414",
    severity=Severity.MEDIUM,
    types=TEMPLATE,
    rationale="Without NoEcho the console and the API show the value to everybody who may look at the stack.",
    remediation="Set NoEcho to true or, better, take the credential from Secrets Manager instead of a parameter.",
    controls=("NIST IA-5(7)",),
)


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """A parameter is one for a credential where its name says so."""
    for parameter in credential_parameters(stack.template):
        if not parameter.no_echo:
            yield problem(stack, f"Parameters.{parameter.name}", f"the parameter {parameter.name} is not masked")
