"""Databases lie in subnets without a way to the internet."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, Undecidable, each, problem
from stackproof.policy.alternatives import stated, unknown
from stackproof.policy.databases import is_member, is_replica
from stackproof.policy.reading import members

POLICY = Policy(
    id="SP307",
    severity=Severity.HIGH,
    types=("AWS::RDS::DBInstance", "AWS::RDS::DBCluster"),
    rationale="In a subnet that is routed to an internet gateway only a security group stands between world and data.",
    remediation="Set DBSubnetGroupName to a group of subnets without a route to an internet gateway.",
    controls=("FSBP RDS.46", "NIST SC-7"),
)


def check(database: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The subnet group is followed to the subnets, their route tables and the routes, across stacks."""
    if is_member(database) or (is_replica(database) and not stated(database, "DBSubnetGroupName")):
        return
    if not stated(database, "DBSubnetGroupName") or database.get("DBSubnetGroupName") == "default":
        yield problem(database, "DBSubnetGroupName", "it lies in the default VPC, whose subnets are public")
        return
    group = deployment.follow(database["DBSubnetGroupName"])
    if group is None:
        raise unknown(database, "DBSubnetGroupName", database["DBSubnetGroupName"])
    for value in each(members(group.properties, "SubnetIds")):
        subnet = deployment.follow(value)
        if subnet is None:
            raise unknown(group, "SubnetIds", value)
        route = _way_out(subnet, deployment)
        if route:
            found = f"its subnet {subnet.logical_id} has a way to the internet, {route.logical_id}"
            yield problem(database, "DBSubnetGroupName", found)


def _way_out(subnet: Resource, deployment: Deployment) -> Resource | None:
    """Return the route of a subnet to an internet gateway; the main table of a VPC made here has none."""
    associations = [
        found
        for found in deployment.of_type("AWS::EC2::SubnetRouteTableAssociation")
        if deployment.follow(found.get("SubnetId")) is subnet
    ]
    if not associations and deployment.follow(subnet.get("VpcId")) is None:
        raise Undecidable("nothing is known of the main route table of its VPC", subnet.mark_of("VpcId"), "")
    for association in associations:
        table = deployment.follow(association.get("RouteTableId"))
        if table is None:
            raise unknown(association, "RouteTableId", association.get("RouteTableId"))
        for route in deployment.of_type("AWS::EC2::Route"):
            if deployment.follow(route.get("RouteTableId")) is table and _leads_out(route, deployment):
                return route
    return None


def _leads_out(route: Resource, deployment: Deployment) -> bool:
    gateway = route.get("GatewayId")
    target = deployment.follow(gateway)
    if target is None and isinstance(gateway, Symbol):
        raise unknown(route, "GatewayId", gateway)
    return target.type == "AWS::EC2::InternetGateway" if target else str(gateway or "").startswith("igw-")
