"""Parameters for credentials have no default."""

from collections.abc import Iterator

from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack, problem
from stackproof.policy.credentials import credential_parameters, is_pointer

POLICY = Policy(
    id="SP415",
    severity=Severity.HIGH,
    types=TEMPLATE,
    rationale="A default is a password that everybody who has the template knows, and most deployments keep it.",
    remediation="Remove the Default or, better, take the credential from Secrets Manager instead of a parameter.",
    controls=("NIST IA-5(7)",),
)


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """An empty default and one that only points to a secret give nothing away."""
    for parameter in credential_parameters(stack.template):
        default = parameter.default
        if default and not default.startswith("{{resolve:") and not is_pointer(default):
            path = f"Parameters.{parameter.name}.Default"
            yield problem(stack, path, f"the parameter {parameter.name} has a default")
