"""Parameter Store is given no credentials by templates."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Dynamic, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import leaves, unknown
from stackproof.policy.credentials import exposure, is_pointer, names_credential
from stackproof.policy.documents import pattern_text

POLICY = Policy(
    id="SP445",
    severity=Severity.HIGH,
    types=("AWS::SSM::Parameter",),
    rationale="CloudFormation makes plain parameters only, which everybody reads who may read parameters.",
    remediation="Move the credential to a secret of Secrets Manager.",
    controls=("NIST IA-5(7)", "NIST SC-28"),
)


def check(parameter: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A parameter is judged by its name; one that only says where the credential lies is none."""
    name, value = pattern_text(parameter.get("Name", "")), parameter.get("Value")
    if not names_credential(name.rpartition("/")[2]) or is_pointer(value):
        return
    if any(isinstance(leaf, Dynamic) and leaf.service != "ssm" for leaf in leaves(value)):
        yield problem(parameter, "Value", "it holds the secret in clear once CloudFormation has resolved it")
        return
    found = exposure(value, deployment, unknown(parameter, "Value", value))
    if found:
        yield problem(parameter, "Value", f"its value {found}")
