"""Event buses are not open to everybody."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.documents import statements

POLICY = Policy(
    id="SP562",
    severity=Severity.HIGH,
    types=("AWS::Events::EventBusPolicy", "AWS::Events::EventBus"),
    rationale="Who may put events on a bus starts whatever its rules start.",
    remediation="Name accounts in Principal, or limit it by a condition on aws:PrincipalOrgID.",
    controls=("NIST AC-3", "NIST AC-4"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A statement, a whole policy, or the principal alone, as it was written before."""
    is_bus = resource.type == "AWS::Events::EventBus"
    key = "Policy" if is_bus else "Statement"
    for statement in statements(resource.properties, key, whole=not is_bus):
        if statement.open_to_everyone():
            path = statement.path_of("NotPrincipal" if "NotPrincipal" in statement else "Principal")
            yield problem(resource, path, "it is open to everybody")
    if not is_bus and resource.text("Principal") == "*" and not stated(resource, "Condition"):
        yield problem(resource, "Principal", "it is open to everybody")
