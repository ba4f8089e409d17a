"""Services of protected environments go back when a deployment fails."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, Undecidable, problem
from stackproof.policy.containers import SERVICE, follows_deployments

POLICY = Policy(
    id="SP642",
    severity=Severity.MEDIUM,
    types=(SERVICE,),
    rationale="Without it ECS starts tasks of a broken image again and again, and CloudFormation waits for hours.",
    remediation="Set Enable and Rollback of DeploymentCircuitBreaker to true.",
    controls=("NIST CP-10", "NIST SI-17"),
    protected_only=True,
)


def check(service: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The circuit breaker or alarms; CodeDeploy and others who deploy have means of their own."""
    if not follows_deployments(service):
        return
    configuration = service.block("DeploymentConfiguration")
    unsure: Undecidable | None = None
    for key in ("DeploymentCircuitBreaker", "Alarms"):
        try:
            if _goes_back(configuration.block(key)):
                return
        except Undecidable as reason:
            unsure = reason
    if unsure is not None:
        raise unsure
    yield problem(service, "DeploymentConfiguration.DeploymentCircuitBreaker", "a failed deployment stays as it is")


def _goes_back(block: Block) -> bool:
    return block.boolean("Enable") and block.boolean("Rollback")
