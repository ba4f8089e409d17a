"""EC2: addresses, what they belong to, and lists of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.resources.ec2 import TAGS, delete_interfaces, removed_as_list
from stackproof.simulate.updates import came_and_went, described, same


def _address(job: Job) -> Any:
    return job.client.describe_addresses(AllocationIds=[job.answer["AllocationId"]])["Addresses"][0]


def _associate(job: Job) -> None:
    """Give an address to the instance that is wanted now, or take it from whoever has it."""
    if not job.touched("InstanceId"):
        return
    current = _address(job).get("AssociationId")
    if current:
        job.client.disassociate_address(AssociationId=current)
    instance = job.wanted.properties.get("InstanceId")
    if instance:
        job.client.associate_address(AllocationId=job.answer["AllocationId"], InstanceId=instance)


TAGS_OF_ADDRESS = replace(TAGS, id=lambda job: job.answer["AllocationId"])


def _release_address(job: Job, _snapshot: bool) -> None:
    job.client.release_address(AllocationId=job.answer["AllocationId"])


def _associate_separately(job: Job) -> None:
    """Give an address, which a template may name by itself, to an instance or an interface."""
    names = {"EIP": "PublicIp"}
    request = {names.get(name, name): job.take(name) for name in list(job.left)}
    job.physical_id = job.client.associate_address(**request)["AssociationId"]


def _association(job: Job) -> Any:
    filters = [{"Name": "association-id", "Values": [job.physical_id]}]
    return job.client.describe_addresses(Filters=filters)["Addresses"]


def _without_draining(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties without how long connections are drained, which CloudFormation keeps to itself."""
    return {name: value for name, value in properties.items() if name != "MaxDrainDurationSeconds"}


def _association_id(job: Job, name: str) -> Any:
    return {"Id": job.physical_id}[name]


def _delete_nat_gateway(job: Job, _snapshot: bool) -> None:
    found = job.client.describe_nat_gateways(NatGatewayIds=[job.physical_id])["NatGateways"][0]
    job.client.delete_nat_gateway(NatGatewayId=job.physical_id)
    for address in found["NatGatewayAddresses"]:
        if address.get("AssociationId"):
            job.client.disassociate_address(AssociationId=address["AssociationId"])
    delete_interfaces(job.client, [address["NetworkInterfaceId"] for address in found["NatGatewayAddresses"]])


def _nat_gateway(job: Job, name: str) -> Any:
    found = job.client.describe_nat_gateways(NatGatewayIds=[job.physical_id])["NatGateways"][0]
    if name == "EniId":
        return found["NatGatewayAddresses"][0]["NetworkInterfaceId"]
    return {"NatGatewayId": found["NatGatewayId"]}[name]


_LISTED = {"SubnetIds": "SubnetIds", "SecurityGroupIds": "SecurityGroupIds", "RouteTableIds": "RouteTableIds"}


def _change_endpoint(job: Job) -> None:
    """Add and remove subnets, groups and tables, and set the rest; without a policy an endpoint allows everything."""
    request: dict[str, Any] = {}
    for name in _LISTED:
        added, removed = came_and_went(job, name)
        if job.touched(name):
            request |= {f"Add{name}": added, f"Remove{name}": removed}
    if job.touched("PolicyDocument"):
        policy = job.wanted.properties.get("PolicyDocument")
        request |= {"PolicyDocument": policy} if policy else {"ResetPolicy": True}
    for name, default in (("PrivateDnsEnabled", False), ("IpAddressType", "ipv4"), ("DnsOptions", {})):
        if job.touched(name):
            request[name] = job.wanted.properties.get(name, default)
    request = {name: value for name, value in request.items() if value not in ([], {})}
    if request:
        job.call("modify_vpc_endpoint", request, VpcEndpointId=job.physical_id)


def _endpoint(job: Job, name: str) -> Any:
    found = job.client.describe_vpc_endpoints(VpcEndpointIds=[job.physical_id])["VpcEndpoints"][0]
    match name:
        case "Id":
            return found["VpcEndpointId"]
        case "CreationTimestamp":
            return found[name].isoformat()
        case "NetworkInterfaceIds":
            return found[name]
        case "DnsEntries":
            return [f"{entry['HostedZoneId']}:{entry['DnsName']}" for entry in found.get(name, ())]
    raise KeyError(name)


def _change_prefixes(job: Job) -> None:
    """Make a new version of a list with other entries."""
    request: dict[str, Any] = {}
    added, removed = came_and_went(job, "Entries")
    if job.touched("Entries"):
        current = job.client.describe_managed_prefix_lists(PrefixListIds=[job.physical_id])["PrefixLists"][0]
        gone = [{"Cidr": entry["Cidr"]} for entry in removed]
        request = {"CurrentVersion": current["Version"], "AddEntries": added, "RemoveEntries": gone}
    if job.touched("PrefixListName"):
        request["PrefixListName"] = job.wanted.properties["PrefixListName"]
    if job.touched("MaxEntries"):
        job.call(
            "modify_managed_prefix_list",
            {"MaxEntries": job.wanted.properties["MaxEntries"]},
            PrefixListId=job.physical_id,
        )
    if request:
        job.call("modify_managed_prefix_list", request, PrefixListId=job.physical_id)


_PREFIXES = same("PrefixListId", "OwnerId", "Version") | {"Arn": "PrefixListArn"}


def _interface(properties: dict[str, Any]) -> dict[str, Any]:
    renamed = dict(properties)
    if "GroupSet" in renamed:
        renamed["Groups"] = renamed.pop("GroupSet")
    return renamed


def _change_interface(job: Job) -> None:
    """Set the attributes that take one call each."""
    now, own = job.wanted.properties, {"NetworkInterfaceId": job.physical_id}
    if job.touched("Description"):
        job.client.modify_network_interface_attribute(**own, Description={"Value": now.get("Description", "")})
    if job.touched("SourceDestCheck"):
        switch = {"Value": str(now.get("SourceDestCheck", True)).lower() == "true"}
        job.client.modify_network_interface_attribute(**own, SourceDestCheck=switch)
    if "GroupSet" in now and job.touched("GroupSet"):
        job.client.modify_network_interface_attribute(**own, Groups=now["GroupSet"])


def _interface_attribute(job: Job, name: str) -> Any:
    found = job.client.describe_network_interfaces(NetworkInterfaceIds=[job.physical_id])["NetworkInterfaces"][0]
    match name:
        case "Id":
            return job.physical_id
        case "VpcId":
            return found[name]
        case "PrimaryPrivateIpAddress":
            return found["PrivateIpAddress"]
        case "SecondaryPrivateIpAddresses":
            return [one["PrivateIpAddress"] for one in found["PrivateIpAddresses"] if not one["Primary"]]
    raise KeyError(name)


RECIPES = (
    Recipe(
        "AWS::EC2::EIP",
        "ec2",
        "allocate_address",
        "PublicIp",
        remove=_release_address,
        tag_type="elastic-ip",
        late=("InstanceId",),
        after=_associate,
        attributes={"AllocationId": "AllocationId", "PublicIp": "PublicIp"},
        show=("describe_addresses:PublicIps",),
        tagging=TAGS_OF_ADDRESS,
        change=_associate,
    ),
    Recipe(
        "AWS::EC2::EIPAssociation",
        "ec2",
        make=_associate_separately,
        delete="disassociate_address",
        key="AssociationId",
        describe=_association_id,
        show=(_association,),
    ),
    Recipe(
        "AWS::EC2::NatGateway",
        "ec2",
        "create_nat_gateway",
        "NatGateway.NatGatewayId",
        remove=_delete_nat_gateway,
        prepare=_without_draining,
        tag_type="natgateway",
        describe=_nat_gateway,
        show=("describe_nat_gateways:NatGatewayIds",),
        hidden=("MaxDrainDurationSeconds",),
        tagging=TAGS,
        ignored=("MaxDrainDurationSeconds",),
    ),
    Recipe(
        "AWS::EC2::VPCEndpoint",
        "ec2",
        "create_vpc_endpoint",
        "VpcEndpoint.VpcEndpointId",
        remove=removed_as_list("delete_vpc_endpoints", "VpcEndpointIds"),
        tag_type="vpc-endpoint",
        describe=_endpoint,
        show=("describe_vpc_endpoints:VpcEndpointIds",),
        tagging=TAGS,
        change=_change_endpoint,
    ),
    Recipe(
        "AWS::EC2::PrefixList",
        "ec2",
        "create_managed_prefix_list",
        "PrefixList.PrefixListId",
        "delete_managed_prefix_list",
        "PrefixListId",
        tag_type="prefix-list",
        describe=described("describe_managed_prefix_lists", "PrefixListIds", "PrefixLists", _PREFIXES),
        show=("describe_managed_prefix_lists:PrefixListIds", "get_managed_prefix_list_entries:PrefixListId"),
        tagging=TAGS,
        change=_change_prefixes,
    ),
    Recipe(
        "AWS::EC2::NetworkInterface",
        "ec2",
        "create_network_interface",
        "NetworkInterface.NetworkInterfaceId",
        "delete_network_interface",
        "NetworkInterfaceId",
        prepare=_interface,
        tag_type="network-interface",
        describe=_interface_attribute,
        late=("SourceDestCheck",),
        after=_change_interface,
        show=("describe_network_interfaces:NetworkInterfaceIds",),
        tagging=TAGS,
        change=_change_interface,
    ),
)
