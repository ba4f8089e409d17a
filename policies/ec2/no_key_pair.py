"""Instances start without a key pair."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.instances import STARTED_FROM, settings
from stackproof.policy.reading import present

POLICY = Policy(
    id="SP105",
    severity=Severity.MEDIUM,
    types=STARTED_FROM,
    rationale="A private key is copied and never expires; Session Manager asks IAM each time and keeps a record.",
    remediation="Remove KeyName and use Session Manager.",
    controls=("NIST AC-17", "NIST IA-5"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whatever the name is: an unknown one is a key pair too."""
    block = settings(resource)
    if present(block, "KeyName") and block["KeyName"] != "":
        yield problem(resource, block.path_of("KeyName"), "it gives instances a key pair")
