"""EC2: networks, their gateways and routes."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.handlers import CannotUpdateError
from stackproof.simulate.recipe import Job, Recipe, Tagging
from stackproof.simulate.updates import described, in_turn, only, same, switches

TAGS = Tagging("create_tags", "delete_tags", "Resources", keys="Tags")
"""How everything of EC2 is tagged."""


def delete_interfaces(client: Any, ids: list[str]) -> None:
    """Remove the network interfaces of something that is gone; in AWS they go with it, in moto 5.2.5 they stay."""
    for interface in ids:
        client.delete_network_interface(NetworkInterfaceId=interface)


def removed_as_list(operation: str, key: str) -> Any:
    """Return what removes a thing by an operation that takes a list of ids."""

    def remove(job: Job, _snapshot: bool) -> None:
        getattr(job.client, operation)(**{key: [job.physical_id]})

    return remove


_vpc = switches("modify_vpc_attribute", "VpcId", EnableDnsSupport=True, EnableDnsHostnames=False)


def _tenancy(job: Job) -> None:
    if job.touched("InstanceTenancy"):
        wanted = job.wanted.properties.get("InstanceTenancy", "default")
        job.client.modify_vpc_tenancy(VpcId=job.physical_id, InstanceTenancy=wanted)


def _vpc_attribute(job: Job, name: str) -> Any:
    vpc = job.client.describe_vpcs(VpcIds=[job.physical_id])["Vpcs"][0]
    filters = [{"Name": "vpc-id", "Values": [job.physical_id]}]
    match name:
        case "VpcId" | "CidrBlock":
            return vpc[name]
        case "CidrBlockAssociations":
            return [association["AssociationId"] for association in vpc["CidrBlockAssociationSet"]]
        case "Ipv6CidrBlocks":
            return [association["Ipv6CidrBlock"] for association in vpc.get("Ipv6CidrBlockAssociationSet", ())]
        case "DefaultNetworkAcl":
            acls = job.client.describe_network_acls(Filters=filters)["NetworkAcls"]
            return next(acl["NetworkAclId"] for acl in acls if acl["IsDefault"])
        case "DefaultSecurityGroup":
            groups = job.client.describe_security_groups(Filters=filters)["SecurityGroups"]
            return next(group["GroupId"] for group in groups if group["GroupName"] == "default")
    raise KeyError(name)


_ON_LAUNCH = {
    "EnableResourceNameDnsARecord": "EnableResourceNameDnsARecordOnLaunch",
    "EnableResourceNameDnsAAAARecord": "EnableResourceNameDnsAAAARecordOnLaunch",
}


def _names_on_launch(job: Job) -> None:
    """Set the names that instances of a subnet get; each takes one call."""
    if not job.touched("PrivateDnsNameOptionsOnLaunch"):
        return
    wanted = job.wanted.properties.get("PrivateDnsNameOptionsOnLaunch") or {}
    job.client.modify_subnet_attribute(
        SubnetId=job.physical_id, PrivateDnsHostnameTypeOnLaunch=wanted.get("HostnameType", "ip-name")
    )
    for option, parameter in _ON_LAUNCH.items():
        switch = {"Value": str(wanted.get(option, False)).lower() == "true"}
        job.client.modify_subnet_attribute(**{"SubnetId": job.physical_id, parameter: switch})


_subnet = in_turn(
    switches(
        "modify_subnet_attribute",
        "SubnetId",
        MapPublicIpOnLaunch=False,
        AssignIpv6AddressOnCreation=False,
        EnableDns64=False,
    ),
    _names_on_launch,
)


def _ipv6(job: Job) -> None:
    """Give a subnet another range of IPv6 addresses, or none."""
    if not job.touched("Ipv6CidrBlock"):
        return
    subnet = job.client.describe_subnets(SubnetIds=[job.physical_id])["Subnets"][0]
    for association in subnet["Ipv6CidrBlockAssociationSet"]:
        job.client.disassociate_subnet_cidr_block(AssociationId=association["AssociationId"])
    wanted = job.wanted.properties.get("Ipv6CidrBlock")
    if wanted:
        job.client.associate_subnet_cidr_block(SubnetId=job.physical_id, Ipv6CidrBlock=wanted)


_SUBNET = same("SubnetId", "AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "VpcId", "OutpostArn") | {
    "Ipv6CidrBlocks": "Ipv6CidrBlockAssociationSet.Ipv6CidrBlock",
    "BlockPublicAccessStates": "BlockPublicAccessStates",
    "BlockPublicAccessStates.InternetGatewayBlockMode": "BlockPublicAccessStates.InternetGatewayBlockMode",
}


def _subnet_attribute(job: Job, name: str) -> Any:
    if name == "NetworkAclAssociationId":
        filters = [{"Name": "association.subnet-id", "Values": [job.physical_id]}]
        (acl,) = job.client.describe_network_acls(Filters=filters)["NetworkAcls"]
        found = (one for one in acl["Associations"] if one["SubnetId"] == job.physical_id)
        return next(found)["NetworkAclAssociationId"]
    return described("describe_subnets", "SubnetIds", "Subnets", _SUBNET)(job, name)


def _attach_gateway(job: Job) -> None:
    vpc_id = job.take("VpcId")
    _attach(job, vpc_id, job.take("InternetGatewayId"), job.take("VpnGatewayId"))
    job.physical_id = f"{_kind(job)}|{vpc_id}"


def _kind(job: Job) -> str:
    return "IGW" if "InternetGatewayId" in job.request else "VGW"


def _attach(job: Job, vpc_id: str, internet: str | None, private: str | None) -> None:
    if internet:
        job.request = {"VpcId": vpc_id, "InternetGatewayId": internet}
        job.client.attach_internet_gateway(**job.request)
    if private:
        if not internet:
            job.request = {"VpcId": vpc_id, "VpnGatewayId": private}
        job.client.attach_vpn_gateway(VpcId=vpc_id, VpnGatewayId=private)


def _detach_gateway(job: Job, _snapshot: bool) -> None:
    _detach(job, job.wanted.properties)


def _detach(job: Job, held: dict[str, Any]) -> None:
    for name, operation in (("InternetGatewayId", "internet"), ("VpnGatewayId", "vpn")):
        if held.get(name):
            detach = getattr(job.client, f"detach_{operation}_gateway")
            detach(**{"VpcId": held["VpcId"], name: held[name]})


def _exchange_gateway(job: Job) -> None:
    """Attach another gateway of the same kind; one of the other kind would have another id."""
    names = ("InternetGatewayId", "VpnGatewayId")
    if set(only(job.before, names)) != set(only(job.wanted.properties, names)):
        raise CannotUpdateError(job.wanted.type, names)
    if job.touched(*names):
        _detach(job, job.before)
        internet, private = (job.wanted.properties.get(name) for name in names)
        _attach(job, job.wanted.properties["VpcId"], internet, private)


def _gateway(job: Job) -> Any:
    """Show the gateways with what they are attached to."""
    held, found = job.wanted.properties, []
    if held.get("InternetGatewayId"):
        found.append(job.client.describe_internet_gateways(InternetGatewayIds=[held["InternetGatewayId"]]))
    if held.get("VpnGatewayId"):
        found.append(job.client.describe_vpn_gateways(VpnGatewayIds=[held["VpnGatewayId"]]))
    return [{name: value for name, value in answer.items() if name != "ResponseMetadata"} for answer in found]


def _attachment_type(job: Job, name: str) -> Any:
    return {"AttachmentType": _kind(job)}[name]


_OF_PEER = ("AssumeRoleRegion", "PeerRoleArn")
"""How CloudFormation comes to accept a connection in another account; the API does not know of it."""


def _without_role(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if name not in _OF_PEER}


def _accept_peer(job: Job) -> None:
    """Accept a connection to a network of the same account and region, as CloudFormation does."""
    peer, own = (job.answer["VpcPeeringConnection"].get(f"{side}VpcInfo", {}) for side in ("Accepter", "Requester"))
    if all(peer.get(name) == own.get(name) for name in ("OwnerId", "Region")):
        job.client.accept_vpc_peering_connection(VpcPeeringConnectionId=job.physical_id)


def _peered(job: Job) -> Any:
    answer = job.client.describe_vpc_peering_connections(VpcPeeringConnectionIds=[job.physical_id])
    found = answer["VpcPeeringConnections"][0]
    peer = found["AccepterVpcInfo"]
    shown = {"PeerVpcId": peer["VpcId"], "PeerOwnerId": peer["OwnerId"], "PeerRegion": peer.get("Region")}
    return found["RequesterVpcInfo"] | shown | {"Tags": found.get("Tags", []), "Status": found["Status"]}


_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")


def _create_route(job: Job) -> None:
    job.request = dict(job.wanted.properties)
    job.call("create_route", job.request)
    job.left = {name: None for name in job.left if name not in job.request}
    job.physical_id = f"{job.request['RouteTableId']}|{_destination(job)}"


def _destination(job: Job) -> str:
    return str(next(job.request[name] for name in _DESTINATIONS if name in job.request))


def _exchange_target(job: Job) -> None:
    """Let a route lead elsewhere; the call takes the destination and the new target."""
    names = [name for name in (*job.left, *job.gone) if name not in ("RouteTableId", *_DESTINATIONS)]
    if job.touched(*names):
        job.request = dict(job.wanted.properties)
        job.call("replace_route", job.request)


def _route(job: Job) -> Any:
    table = job.client.describe_route_tables(RouteTableIds=[job.request["RouteTableId"]])["RouteTables"][0]
    found = [route for route in table["Routes"] if _destination(job) in route.values()]
    return {"RouteTableId": table["RouteTableId"], "Routes": found}


def _delete_route(job: Job, _snapshot: bool) -> None:
    job.client.delete_route(**only(job.request, ("RouteTableId", *_DESTINATIONS)))


def _cidr_block(job: Job, name: str) -> Any:
    return {"CidrBlock": _destination(job)}[name]


def _associated_tables(job: Job) -> Any:
    filters = [{"Name": "association.route-table-association-id", "Values": [job.physical_id]}]
    return job.client.describe_route_tables(Filters=filters)["RouteTables"]


def _tables_of_gateway(job: Job) -> Any:
    return job.client.describe_route_tables(RouteTableIds=[job.request["RouteTableId"]])["RouteTables"]


def _add_range(job: Job) -> None:
    """Give a VPC a further range of addresses."""
    answer = job.call("associate_vpc_cidr_block", job.wanted.properties)
    job.left = {name: None for name in job.left if name not in job.wanted.properties}
    found = answer.get("CidrBlockAssociation") or answer["Ipv6CidrBlockAssociation"]
    job.request = dict(job.wanted.properties)
    job.physical_id = found["AssociationId"]


def _range(job: Job) -> Any:
    """Show the range of addresses, one of several that the VPC has."""
    vpc = job.client.describe_vpcs(VpcIds=[job.request["VpcId"]])["Vpcs"][0]
    ranges = [*vpc.get("CidrBlockAssociationSet", ()), *vpc.get("Ipv6CidrBlockAssociationSet", ())]
    return {"VpcId": vpc["VpcId"], "Ranges": [one for one in ranges if one["AssociationId"] == job.physical_id]}


def _range_id(job: Job, name: str) -> Any:
    return {"Id": job.physical_id}[name]


_DHCP = {
    "DomainName": "domain-name",
    "DomainNameServers": "domain-name-servers",
    "NtpServers": "ntp-servers",
    "NetbiosNameServers": "netbios-name-servers",
    "NetbiosNodeType": "netbios-node-type",
    "Ipv6AddressPreferredLeaseTime": "ipv6-address-preferred-lease-time",
}


def _shown_options(job: Job) -> Any:
    """Show the options under the names of the properties."""
    found = job.client.describe_dhcp_options(DhcpOptionsIds=[job.physical_id])["DhcpOptions"][0]
    values = {item["Key"]: [value["Value"] for value in item["Values"]] for item in found["DhcpConfigurations"]}
    return {"Tags": found["Tags"]} | {name: values[key] for name, key in _DHCP.items() if key in values}


def _dhcp_options(properties: dict[str, Any]) -> dict[str, Any]:
    """Return options in the form of the API: names of their own, every value a list."""
    options = [
        {"Key": key, "Values": [str(item) for item in value] if isinstance(value, list) else [str(value)]}
        for name, key in _DHCP.items()
        if (value := properties.get(name)) is not None
    ]
    rest = {name: value for name, value in properties.items() if name not in _DHCP}
    return {**rest, "DhcpConfigurations": options}


def _choose_options(job: Job) -> None:
    job.request = {"VpcId": job.take("VpcId"), "DhcpOptionsId": job.take("DhcpOptionsId")}
    job.client.associate_dhcp_options(**job.request)
    job.physical_id = f"{job.request['DhcpOptionsId']}|{job.request['VpcId']}"


def _default_options(job: Job, _snapshot: bool) -> None:
    job.client.associate_dhcp_options(VpcId=job.request["VpcId"], DhcpOptionsId="default")


def _vpc_of(job: Job) -> Any:
    return job.client.describe_vpcs(VpcIds=[job.request["VpcId"]])["Vpcs"]


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
        describe=_vpc_attribute,
        show=(
            "describe_vpcs:VpcIds",
            "describe_vpc_attribute:VpcId:Attribute=enableDnsSupport",
            "describe_vpc_attribute:VpcId:Attribute=enableDnsHostnames",
        ),
        tagging=TAGS,
        change=in_turn(_vpc, _tenancy),
    ),
    Recipe(
        "AWS::EC2::Subnet",
        "ec2",
        "create_subnet",
        "Subnet.SubnetId",
        "delete_subnet",
        "SubnetId",
        tag_type="subnet",
        late=(
            "MapPublicIpOnLaunch",
            "AssignIpv6AddressOnCreation",
            "EnableDns64",
            "PrivateDnsNameOptionsOnLaunch",
        ),
        after=_subnet,
        describe=_subnet_attribute,
        show=("describe_subnets:SubnetIds",),
        tagging=TAGS,
        change=in_turn(_subnet, _ipv6),
    ),
    Recipe(
        "AWS::EC2::VPCCidrBlock",
        "ec2",
        make=_add_range,
        delete="disassociate_vpc_cidr_block",
        key="AssociationId",
        describe=_range_id,
        show=(_range,),
        hidden=("AmazonProvidedIpv6CidrBlock",),
    ),
    Recipe(
        "AWS::EC2::DHCPOptions",
        "ec2",
        "create_dhcp_options",
        "DhcpOptions.DhcpOptionsId",
        "delete_dhcp_options",
        "DhcpOptionsId",
        prepare=_dhcp_options,
        tag_type="dhcp-options",
        attributes={"DhcpOptionsId": "DhcpOptions.DhcpOptionsId"},
        show=(_shown_options,),
        tagging=TAGS,
    ),
    Recipe(
        "AWS::EC2::VPCDHCPOptionsAssociation", "ec2", make=_choose_options, remove=_default_options, show=(_vpc_of,)
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
        tagging=TAGS,
    ),
    Recipe(
        "AWS::EC2::EgressOnlyInternetGateway",
        "ec2",
        "create_egress_only_internet_gateway",
        "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId",
        "delete_egress_only_internet_gateway",
        "EgressOnlyInternetGatewayId",
        tag_type="egress-only-internet-gateway",
        attributes={"Id": "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId"},
        show=("describe_egress_only_internet_gateways:EgressOnlyInternetGatewayIds",),
        tagging=TAGS,
    ),
    Recipe(
        "AWS::EC2::VPNGateway",
        "ec2",
        "create_vpn_gateway",
        "VpnGateway.VpnGatewayId",
        "delete_vpn_gateway",
        "VpnGatewayId",
        tag_type="vpn-gateway",
        attributes={"VPNGatewayId": "VpnGateway.VpnGatewayId"},
        show=("describe_vpn_gateways:VpnGatewayIds",),
        tagging=TAGS,
    ),
    Recipe(
        "AWS::EC2::VPCGatewayAttachment",
        "ec2",
        make=_attach_gateway,
        remove=_detach_gateway,
        describe=_attachment_type,
        show=(_gateway,),
        change=_exchange_gateway,
    ),
    Recipe(
        "AWS::EC2::CustomerGateway",
        "ec2",
        "create_customer_gateway",
        "CustomerGateway.CustomerGatewayId",
        "delete_customer_gateway",
        "CustomerGatewayId",
        tag_type="customer-gateway",
        attributes={"CustomerGatewayId": "CustomerGateway.CustomerGatewayId"},
        show=("describe_customer_gateways:CustomerGatewayIds",),
        tagging=TAGS,
    ),
    Recipe(
        "AWS::EC2::VPCPeeringConnection",
        "ec2",
        "create_vpc_peering_connection",
        "VpcPeeringConnection.VpcPeeringConnectionId",
        "delete_vpc_peering_connection",
        "VpcPeeringConnectionId",
        prepare=_without_role,
        tag_type="vpc-peering-connection",
        after=_accept_peer,
        attributes={"Id": "VpcPeeringConnection.VpcPeeringConnectionId"},
        show=(_peered,),
        hidden=_OF_PEER,
        tagging=TAGS,
        ignored=_OF_PEER,
    ),
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
        tagging=TAGS,
    ),
    Recipe(
        "AWS::EC2::Route",
        "ec2",
        make=_create_route,
        remove=_delete_route,
        describe=_cidr_block,
        show=(_route,),
        change=_exchange_target,
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
        "AWS::EC2::GatewayRouteTableAssociation",
        "ec2",
        "associate_route_table",
        "=GatewayId",
        remove=lambda job, _snapshot: job.client.disassociate_route_table(AssociationId=job.answer["AssociationId"]),
        attributes={"AssociationId": "AssociationId"},
        show=(_tables_of_gateway,),
    ),
    Recipe(
        "AWS::EC2::FlowLog",
        "ec2",
        "create_flow_logs",
        "FlowLogIds.0",
        remove=removed_as_list("delete_flow_logs", "FlowLogIds"),
        names={"ResourceId": "ResourceIds"},
        tag_type="vpc-flow-log",
        attributes={"Id": "FlowLogIds.0"},
        show=("describe_flow_logs:FlowLogIds",),
        hidden=("ResourceType",),
        tagging=TAGS,
    ),
)
