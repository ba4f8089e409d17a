"""Subnets of databases and caches have no route to the internet."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.network import SUBNET_GROUPS, database_subnets, subnets_behind, way_out
from stackproof.policy.reading import members, undecidable

POLICY = Policy(
    id="SP110",
    severity=Severity.HIGH,
    types=("AWS::EC2::Route", *SUBNET_GROUPS),
    rationale="A database that is not reached from outside and cannot call out keeps its data.",
    remediation="Remove the route, or associate the subnets with a route table of their own that holds none.",
    controls=("NIST AC-4", "NIST SC-7"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Subnets without a route table of their own take the VPC's main one, which leads nowhere by itself."""
    if resource.type in SUBNET_GROUPS:
        check_known(resource, deployment)
        return
    inside = database_subnets(deployment)
    isolated = [subnet for subnet in subnets_behind(resource, deployment) if subnet in inside]
    way = way_out(resource, deployment) if isolated else None
    if way:
        key, words = way
        names = " and ".join(sorted(subnet.logical_id for subnet in isolated))
        yield problem(resource, key, f"it gives {words} to {names}, where databases or caches live")


def check_known(group: Resource, deployment: Deployment) -> None:
    """Refuse to judge subnets whose routes no template of the deployment shows."""
    for value in each(members(group.properties, "SubnetIds")):
        if deployment.follow(value) is None:
            raise undecidable(group.properties, "SubnetIds", f"holds {value}, whose routes no template shows")
