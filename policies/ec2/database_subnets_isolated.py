"""Subnets of databases and caches have no route to the internet."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.network import (
    SUBNET_GROUPS,
    are_inhabited,
    associations_of,
    database_subnets,
    routes_of,
    subnets_behind,
    way_out,
)
from stackproof.policy.reading import followed, members, undecidable

POLICY = Policy(
    id="SP110",
    severity=Severity.HIGH,
    types=(
        "AWS::EC2::Route",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPNGatewayRoutePropagation",
        *SUBNET_GROUPS,
    ),
    rationale="A database that is not reached from outside and cannot call out keeps its data.",
    remediation="Remove the route, or associate the subnets with a route table of their own that holds none.",
    controls=("NIST AC-4", "NIST SC-7"),
)

OWN_TABLE = "Associate the subnet with a route table of the databases that holds no such route."
OWN_SUBNETS = "List subnets of the databases' own, whose route table holds no such route."


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Who is at fault: the group whose subnets serve others, the association with a table of others, or the route."""
    if resource.type in SUBNET_GROUPS:
        yield from group_at_fault(resource, deployment)
    elif resource.type == "AWS::EC2::VPNGatewayRoutePropagation":
        check_announced(resource, deployment)
    elif resource.type == "AWS::EC2::Route":
        isolated = own(list(subnets_behind(resource, deployment)), deployment)
        way = way_out(resource, deployment) if isolated and not serves_others(resource, deployment) else None
        if way:
            yield problem(resource, way[0], f"it gives {way[1]} to {names(isolated)}, where databases or caches live")
    elif own(followed(resource, "SubnetId", deployment), deployment) and serves_others(resource, deployment):
        for route in each(routes_of(resource, deployment)):
            way = way_out(route, deployment)
            if way:
                subnet = names(followed(resource, "SubnetId", deployment))
                message = f"it gives {way[1]} by {route.logical_id} to {subnet}, where databases or caches live"
                yield problem(resource, "RouteTableId", message, OWN_TABLE)


def group_at_fault(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Subnets without a route table of their own take the VPC's main one, which leads nowhere by itself."""
    for value in each(members(group.properties, "SubnetIds")):
        subnet = deployment.follow(value)
        if subnet is None:
            raise undecidable(group.properties, "SubnetIds", f"holds {value}, whose routes no template shows")
        for association in each(associations_of(subnet, deployment)):
            for route in each(routes_of(association, deployment)):
                way = way_out(route, deployment) if are_inhabited([subnet], deployment) else None
                if way:
                    message = f"its subnet {subnet.logical_id}, which serves others too, has {way[1]}"
                    yield problem(group, "SubnetIds", message, OWN_SUBNETS)


def check_announced(propagation: Resource, deployment: Deployment) -> None:
    """Refuse to judge the routes that the other end of a VPN announces."""
    tables = followed(propagation, "RouteTableIds", deployment)
    for association in deployment.of_type("AWS::EC2::SubnetRouteTableAssociation"):
        of_databases = own(followed(association, "SubnetId", deployment), deployment)
        if of_databases and deployment.follow(association.get("RouteTableId")) in tables:
            why = f"gives {names(of_databases)} every route that the other end of a VPN announces"
            raise undecidable(propagation.properties, "RouteTableIds", why)


def own(subnets: list[Resource] | set[Resource], deployment: Deployment) -> list[Resource]:
    """Return those of some subnets in which databases live and nothing else."""
    inside = database_subnets(deployment)
    return [subnet for subnet in subnets if subnet in inside and not are_inhabited([subnet], deployment)]


def serves_others(user: Resource, deployment: Deployment) -> bool:
    """Return whether the route table of a route or association directs subnets that are not the databases' alone."""
    behind = list(subnets_behind(user, deployment))
    return len(own(behind, deployment)) < len(behind)


def names(subnets: list[Resource] | set[Resource]) -> str:
    """Return the names of subnets."""
    return " and ".join(sorted(subnet.logical_id for subnet in subnets))
