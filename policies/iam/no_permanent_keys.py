"""No permanent access keys are valid."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP407",
    severity=Severity.HIGH,
    types=("AWS::IAM::AccessKey",),
    rationale="An access key is valid until somebody remembers it, and most break-ins begin with one that leaked; "
    "CloudFormation can only hand it over in clear.",
    remediation="Use a role: of an instance, of a task, or through OpenID Connect for what runs outside of AWS.",
    controls=("FSBP IAM.3", "NIST AC-2", "NIST IA-5"),
)


def check(key: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A key that is being retired is made inactive before it goes."""
    if key.text("Status", "Active") != "Inactive":
        yield problem(key, "", "it is a permanent access key")
