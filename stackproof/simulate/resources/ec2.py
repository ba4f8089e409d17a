"""EC2: networks and launch templates."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe


def _modify(job: Job, operation: str, key: str, *names: str) -> None:
    """Set attributes that take one call each."""
    for name in names:
        value = job.take(name)
        if value is not None:
            switch = {"Value": as_text(value).lower() == "true"}
            getattr(job.client, operation)(**{key: job.physical_id, name: switch})


def _vpc(job: Job) -> None:
    _modify(job, "modify_vpc_attribute", "VpcId", "EnableDnsSupport", "EnableDnsHostnames")


def _subnet(job: Job) -> None:
    _modify(job, "modify_subnet_attribute", "SubnetId", "MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation")


def _attach_gateway(job: Job) -> None:
    vpc_id, internet, private = (job.take(name) for name in ("VpcId", "InternetGatewayId", "VpnGatewayId"))
    if private:
        raise NotImplementedError("VpnGatewayId is not simulated")
    job.request = {"VpcId": vpc_id, "InternetGatewayId": internet}
    job.client.attach_internet_gateway(**job.request)
    job.physical_id = f"IGW|{vpc_id}"


def _detach_gateway(job: Job, _snapshot: bool) -> None:
    job.client.detach_internet_gateway(**job.request)


def _gateway(job: Job) -> Any:
    return job.client.describe_internet_gateways(InternetGatewayIds=[job.request["InternetGatewayId"]])


def _associated_tables(job: Job) -> Any:
    filters = [{"Name": "association.route-table-association-id", "Values": [job.physical_id]}]
    return job.client.describe_route_tables(Filters=filters)["RouteTables"]


def _release_address(job: Job, _snapshot: bool) -> None:
    job.client.release_address(AllocationId=job.answer["AllocationId"])


def _delete_nat_gateway(job: Job, _snapshot: bool) -> None:
    found = job.client.describe_nat_gateways(NatGatewayIds=[job.physical_id])["NatGateways"][0]
    job.client.delete_nat_gateway(NatGatewayId=job.physical_id)
    delete_interfaces(job.client, [address["NetworkInterfaceId"] for address in found["NatGatewayAddresses"]])


def delete_interfaces(client: Any, ids: list[str]) -> None:
    """Remove the network interfaces of something that is gone; in AWS they go with it, in moto 5.2.5 they stay."""
    for interface in ids:
        client.delete_network_interface(NetworkInterfaceId=interface)


def _delete_route(job: Job, _snapshot: bool) -> None:
    keys = ("RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock")
    job.client.delete_route(**{key: job.request[key] for key in keys if key in job.request})


def _listed(operation: str, key: str) -> Any:
    def remove(job: Job, _snapshot: bool) -> None:
        getattr(job.client, operation)(**{key: [job.physical_id]})

    return remove


def _template_version(job: Job, name: str) -> Any:
    if name not in ("LatestVersionNumber", "DefaultVersionNumber"):
        raise KeyError(name)
    answer = job.client.describe_launch_templates(LaunchTemplateIds=[job.physical_id])
    return str(answer["LaunchTemplates"][0][name])


RECIPES = (
    Recipe(
        "AWS::EC2::VPC",
        "ec2",
        "create_vpc",
        "Vpc.VpcId",
        "delete_vpc",
        "VpcId",
        tag_type="vpc",
        late=("EnableDnsSupport", "EnableDnsHostnames"),
        after=_vpc,
        attributes={"VpcId": "Vpc.VpcId", "CidrBlock": "Vpc.CidrBlock"},
        show=(
            "describe_vpcs:VpcIds",
            "describe_vpc_attribute:VpcId:Attribute=enableDnsSupport",
            "describe_vpc_attribute:VpcId:Attribute=enableDnsHostnames",
        ),
    ),
    Recipe(
        "AWS::EC2::Subnet",
        "ec2",
        "create_subnet",
        "Subnet.SubnetId",
        "delete_subnet",
        "SubnetId",
        tag_type="subnet",
        late=("MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation"),
        after=_subnet,
        attributes={"SubnetId": "Subnet.SubnetId", "AvailabilityZone": "Subnet.AvailabilityZone"},
        show=("describe_subnets:SubnetIds",),
    ),
    Recipe(
        "AWS::EC2::InternetGateway",
        "ec2",
        "create_internet_gateway",
        "InternetGateway.InternetGatewayId",
        "delete_internet_gateway",
        "InternetGatewayId",
        tag_type="internet-gateway",
        attributes={"InternetGatewayId": "InternetGateway.InternetGatewayId"},
        show=("describe_internet_gateways:InternetGatewayIds",),
    ),
    Recipe("AWS::EC2::VPCGatewayAttachment", "ec2", make=_attach_gateway, remove=_detach_gateway, show=(_gateway,)),
    Recipe(
        "AWS::EC2::RouteTable",
        "ec2",
        "create_route_table",
        "RouteTable.RouteTableId",
        "delete_route_table",
        "RouteTableId",
        tag_type="route-table",
        attributes={"RouteTableId": "RouteTable.RouteTableId"},
        show=("describe_route_tables:RouteTableIds",),
    ),
    Recipe(
        "AWS::EC2::Route",
        "ec2",
        "create_route",
        "=RouteTableId",
        remove=_delete_route,
        show=("describe_route_tables:RouteTableIds",),
    ),
    Recipe(
        "AWS::EC2::SubnetRouteTableAssociation",
        "ec2",
        "associate_route_table",
        "AssociationId",
        "disassociate_route_table",
        "AssociationId",
        attributes={"Id": "AssociationId"},
        show=(_associated_tables,),
    ),
    Recipe(
        "AWS::EC2::EIP",
        "ec2",
        "allocate_address",
        "PublicIp",
        remove=_release_address,
        tag_type="elastic-ip",
        attributes={"AllocationId": "AllocationId", "PublicIp": "PublicIp"},
        show=("describe_addresses:PublicIps",),
    ),
    Recipe(
        "AWS::EC2::NatGateway",
        "ec2",
        "create_nat_gateway",
        "NatGateway.NatGatewayId",
        remove=_delete_nat_gateway,
        tag_type="natgateway",
        attributes={"NatGatewayId": "NatGateway.NatGatewayId"},
        show=("describe_nat_gateways:NatGatewayIds",),
    ),
    Recipe(
        "AWS::EC2::FlowLog",
        "ec2",
        "create_flow_logs",
        "FlowLogIds.0",
        remove=_listed("delete_flow_logs", "FlowLogIds"),
        names={"ResourceId": "ResourceIds"},
        tag_type="vpc-flow-log",
        attributes={"Id": "FlowLogIds.0"},
        show=("describe_flow_logs:FlowLogIds",),
        hidden=("ResourceType",),
    ),
    Recipe(
        "AWS::EC2::VPCEndpoint",
        "ec2",
        "create_vpc_endpoint",
        "VpcEndpoint.VpcEndpointId",
        remove=_listed("delete_vpc_endpoints", "VpcEndpointIds"),
        tag_type="vpc-endpoint",
        attributes={"Id": "VpcEndpoint.VpcEndpointId"},
        show=("describe_vpc_endpoints:VpcEndpointIds",),
    ),
    Recipe(
        "AWS::EC2::LaunchTemplate",
        "ec2",
        "create_launch_template",
        "LaunchTemplate.LaunchTemplateId",
        "delete_launch_template",
        "LaunchTemplateId",
        name="LaunchTemplateName",
        name_length=128,
        attributes={"LaunchTemplateId": "LaunchTemplate.LaunchTemplateId"},
        describe=_template_version,
        show=("describe_launch_templates:LaunchTemplateIds", "describe_launch_template_versions:LaunchTemplateId"),
    ),
)
