"""Tasks stand in private subnets."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.containers import SERVICE, TASK_SET, network_of
from stackproof.policy.network import internet_route
from stackproof.policy.reading import members, undecidable

POLICY = Policy(
    id="SP638",
    severity=Severity.MEDIUM,
    types=(SERVICE, TASK_SET),
    rationale="In a public subnet one address and one rule are all that is missing for the world to reach a task.",
    remediation="List subnets whose route table leads to no internet gateway.",
    controls=("NIST AC-4", "NIST SC-7"),
)


def check(service: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Tasks without a network of their own stand where their instances do."""
    network = network_of(service.properties)
    if "Subnets" not in network:
        return
    single = deployment.follow(network["Subnets"]) is not None
    for value in (network["Subnets"],) if single else each(members(network, "Subnets")):
        subnet = deployment.follow(value)
        if subnet is None:
            raise undecidable(network, "Subnets", f"holds {value}, whose routes no template shows")
        route = internet_route(subnet, deployment)
        if route:
            message = f"its tasks stand in {subnet.logical_id}, which {route.logical_id} makes public"
            yield problem(service, network.path_of("Subnets"), message)
