"""Services keep two tasks at least in protected environments."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import elements
from stackproof.policy.containers import SERVICE, scalable_target_of

POLICY = Policy(
    id="SP643",
    severity=Severity.MEDIUM,
    types=(SERVICE,),
    rationale="With one task the service is down until another has started, and no zone stands in for it.",
    remediation="Set DesiredCount, or MinCapacity of the service's scalable target, to 2 or more.",
    controls=("NIST CP-10", "NIST SC-5"),
    protected_only=True,
)


def check(service: Resource, deployment: Deployment) -> Iterator[Problem]:
    """What it may shrink to counts; what has to be alone, such as a scheduler, lets its old task stop first."""
    if service.text("SchedulingStrategy", "REPLICA").upper() == "DAEMON":
        return
    if service.block("DeploymentController").text("Type", "ECS").upper() == "EXTERNAL":
        return
    target = scalable_target_of(service, deployment)
    count = service.integer("DesiredCount", 1) if target is None else target.integer("MinCapacity")
    if count < 2 and not _must_be_alone(service):
        tasks = "one task" if count == 1 else "no task"
        message = f"it runs as {tasks}" if target is None else f"{target.logical_id} may shrink it to {tasks}"
        yield problem(service, "DesiredCount", message)


def _must_be_alone(service: Resource) -> bool:
    limits = service.block("DeploymentConfiguration")
    stops_first = limits.integer("MaximumPercent", 200) <= 100 and limits.integer("MinimumHealthyPercent", 100) == 0
    return stops_first and not elements(service, "LoadBalancers")
