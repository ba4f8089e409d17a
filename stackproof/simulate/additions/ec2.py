"""What moto's EC2 forgets or lacks, on its own models."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from inspect import signature
from typing import Any

from botocore import xform_name
from moto.ec2.models import elastic_ip_addresses
from moto.ec2.models.route_tables import RouteTable
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.utils import parse_user_data, random_public_ip
from moto.elbv2.models import elbv2_backends

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response


def _remember(thing: Any, request: Mapping[str, Any], names: Iterable[str]) -> None:
    """Keep parameters on a model, where moto's serializer finds them by the names of the answer."""
    for name in names:
        if name in request:
            setattr(thing, xform_name(name), request[name])


def _dependent(what: str) -> Refused:
    return Refused("DependencyViolation", what)


_HOSTNAMES = {
    "EnableResourceNameDnsARecordOnLaunch": "EnableResourceNameDnsARecord",
    "EnableResourceNameDnsAAAARecordOnLaunch": "EnableResourceNameDnsAAAARecord",
}


def _create_subnet(response: Response, request: Item) -> Any:
    """Choose the zone with the fewest subnets where none is named; moto chooses at random."""
    if "AvailabilityZone" not in request and "AvailabilityZoneId" not in request:
        taken = Counter(
            subnet.availability_zone
            for subnets in response.ec2_backend.subnets.values()
            for subnet in subnets.values()
            if subnet.vpc_id == request["VpcId"]
        )
        zones = [zone.name for zone in response.ec2_backend.describe_availability_zones()]
        response.params["AvailabilityZone"] = min(zones, key=taken.__getitem__)
    answer = response.create_subnet()
    subnet = answer.result["Subnet"]
    subnet.enable_dns64 = False
    subnet.block_public_access_states = {"InternetGatewayBlockMode": "off"}
    return answer


def _modify_subnet_attribute(response: Response, request: Item) -> Any:
    """Change the attributes that moto does not know, too."""
    subnet = response.ec2_backend.get_subnet(request["SubnetId"])
    for name in ("EnableDns64", "MapCustomerOwnedIpOnLaunch"):
        if name in request:
            setattr(subnet, xform_name(name), request[name]["Value"])
    if "EnableLniAtDeviceIndex" in request:
        subnet.enable_lni_at_device_index = request["EnableLniAtDeviceIndex"]
    options = subnet.private_dns_name_options_on_launch
    if "PrivateDnsHostnameTypeOnLaunch" in request:
        options["HostnameType"] = request["PrivateDnsHostnameTypeOnLaunch"]
    for name, option in _HOSTNAMES.items():
        if name in request:
            options[option] = request[name]["Value"]
    return response.modify_subnet_attribute()


def _create_tags(response: Response, _request: Item) -> Any:
    """Take a tag without a value for one whose value is empty."""
    for tag in response.params.get("Tags", ()):
        tag.setdefault("Value", "")
    return response.create_tags()


def _delete_vpc(response: Response, request: Item) -> Any:
    """Keep a VPC while gateways, groups or ACLs are left in it; moto looks for subnets and tables only."""
    backend, vpc = response.ec2_backend, request["VpcId"]
    gateways = [gateway for gateway in backend.internet_gateways.values() if gateway.vpc and gateway.vpc.id == vpc]
    groups = [group for group in backend.groups.get(vpc, {}).values() if group.name != "default"]
    acls = [acl for acl in backend.network_acls.values() if acl.vpc_id == vpc and not acl.default]
    if gateways or groups or acls:
        raise _dependent(f"The vpc '{vpc}' has dependencies and cannot be deleted.")
    return response.delete_vpc()


def _delete_subnet(response: Response, request: Item) -> Any:
    """Keep a subnet while network interfaces stand in it."""
    subnet = request["SubnetId"]
    if any(interface.subnet.id == subnet for interface in response.ec2_backend.enis.values()):
        raise _dependent(f"The subnet '{subnet}' has dependencies and cannot be deleted.")
    return response.delete_subnet()


def _delete_security_group(response: Response, request: Item) -> Any:
    """Keep a group while interfaces, load balancers (whose interfaces moto has not) or rules of other groups use it."""
    backend, own = response.ec2_backend, request.get("GroupId")
    others = [group for groups in backend.groups.values() for group in groups.values() if group.id != own]
    rules = [rule for group in others for rule in (*group.ingress_rules, *group.egress_rules)]
    by_rules = any(rule.source_group.get("GroupId") == own for rule in rules)
    by_interfaces = any(group.id == own for interface in backend.enis.values() for group in interface.group_set)
    balancers = elbv2_backends[response.current_account][response.region].load_balancers.values()
    by_balancers = any(own in (balancer.security_groups or ()) for balancer in balancers)
    if own and (by_rules or by_interfaces or by_balancers):
        raise _dependent(f"resource {own} has a dependent object")
    return response.delete_security_group()


def _detach_internet_gateway(response: Response, request: Item) -> Any:
    """Keep a gateway attached while public addresses are mapped through it."""
    backend, vpc = response.ec2_backend, request["VpcId"]
    attached = [interface for interface in backend.enis.values() if interface.subnet.vpc_id == vpc]
    if any(address.eni in attached for address in backend.addresses if address.eni):
        raise _dependent(
            f"Network {vpc} has some mapped public address(es). "
            "Please unmap those public address(es) before detaching the gateway."
        )
    return response.detach_internet_gateway()


def _allocate_address(response: Response, request: Item) -> Any:
    answer = response.allocate_address()
    address = response.ec2_backend.addresses[-1]
    address.network_border_group = response.region
    address.public_ipv4_pool = "amazon"
    _remember(address, request, ("NetworkBorderGroup", "PublicIpv4Pool"))
    return answer


def _create_nat_gateway(response: Response, request: Item) -> Any:
    """Give a gateway an address of its subnet, the one that is asked for if any; moto makes up one of anywhere."""
    answer = response.create_nat_gateway()
    gateway = list(response.ec2_backend.nat_gateways.values())[-1]
    subnet = response.ec2_backend.get_subnet(gateway.subnet_id)
    own = request.get("PrivateIpAddress")
    if own:
        subnet.request_ip(own, gateway)
    else:
        own = subnet.get_available_subnet_ip(gateway)
    interface = gateway._eni
    interface.private_ip_address = own
    interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": own}]
    interface.description = f"Interface for NAT Gateway {gateway.id}"
    gateway.address_set[0] |= {"privateIp": own, "isPrimary": True, "status": "succeeded"}
    return answer


def _create_vpc_endpoint(response: Response, request: Item) -> Any:
    """Keep what moto forgets, and let the interfaces have addresses of their subnets and the endpoint's groups."""
    answer = response.create_vpc_endpoint()
    endpoint = list(response.ec2_backend.vpc_end_points.values())[-1]
    endpoint.vpc_endpoint_type = endpoint.vpc_endpoint_type or "Gateway"
    endpoint.ip_address_type = "ipv4"
    if endpoint.vpc_endpoint_type == "Gateway" and "PrivateDnsEnabled" not in request:
        endpoint.private_dns_enabled = False
    _remember(endpoint, request, ("IpAddressType", "DnsOptions"))
    if endpoint.vpc_endpoint_type == "Interface":
        _place(response.ec2_backend, endpoint)
    return answer


def _place(backend: Any, endpoint: Any) -> None:
    """Let an interface endpoint have one network interface in each of its subnets."""
    for name in endpoint.network_interface_ids:
        backend.enis.pop(name, None)
    groups = list(endpoint.security_group_ids)
    endpoint.network_interface_ids = []
    for subnet_id in endpoint.subnet_ids or ():
        subnet = backend.get_subnet(subnet_id)
        address = subnet.get_available_subnet_ip(endpoint)
        interface = backend.create_network_interface(
            subnet, address, groups, description=f"VPC Endpoint Interface {endpoint.id}"
        )
        endpoint.network_interface_ids.append(interface.id)
    endpoint.dns_entries = list(_names(backend, endpoint))


def _names(backend: Any, endpoint: Any) -> Iterator[Item]:
    """Iterate over the names of an endpoint: of the region, of each zone, and the service's own where it is private."""
    service = str(endpoint.service_name).removeprefix("com.amazonaws.").removeprefix(f"{backend.region_name}.")
    zone, own = f"Z{endpoint.id[-13:].upper()}", f"{endpoint.id}-{endpoint.id[-8:]}"
    domain = f"{service}.{backend.region_name}.vpce.amazonaws.com"
    zones = [backend.get_subnet(subnet).availability_zone for subnet in endpoint.subnet_ids or ()]
    yield from ({"DnsName": f"{name}.{domain}", "HostedZoneId": zone} for name in (own, *(f"{own}-{z}" for z in zones)))
    if endpoint.private_dns_enabled:
        private = ".".join((*reversed(service.split(".")), backend.region_name, "amazonaws.com"))
        yield {"DnsName": private, "HostedZoneId": f"Z{endpoint.id[5:18].upper()}"}


def _modify_vpc_endpoint(response: Response, request: Item) -> Any:
    """Change what moto cannot change, too: names in DNS, the policy back to everything, interfaces and routes."""
    answer = response.modify_vpc_endpoint()
    backend = response.ec2_backend
    endpoint = backend.vpc_end_points[request["VpcEndpointId"]]
    prefixes = endpoint.destination_prefix_list_id
    for table in request.get("RemoveRouteTableIds", ()) if prefixes else ():
        backend.delete_route(table, prefixes)
    for table in request.get("AddRouteTableIds", ()) if prefixes else ():
        backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes)
    _remember(endpoint, request, ("PrivateDnsEnabled", "IpAddressType", "DnsOptions"))
    if request.get("ResetPolicy"):
        endpoint.policy_document = json.dumps(endpoint.DEFAULT_POLICY)
    if endpoint.vpc_endpoint_type == "Interface":
        _place(backend, endpoint)
    return answer


def _describe_launch_templates(response: Response, _request: Item) -> Any:
    """Show the tags that a template has now; moto shows those that it was made with."""
    for template in response.ec2_backend.launch_templates.values():
        template.tags = template.get_tags()
    return response.describe_launch_templates()


def _create_launch_template(response: Response, _request: Item) -> Any:
    """Keep the tags of a template out of what its instances are launched with."""
    answer = response.create_launch_template()
    template = list(response.ec2_backend.launch_templates.values())[-1]
    _tidy(template.latest_version())
    return answer


def _create_launch_template_version(response: Response, _request: Item) -> Any:
    """Keep user data in the form in which instances are launched with it."""
    answer = response.create_launch_template_version()
    backend = response.ec2_backend
    name = response._get_param("LaunchTemplateName")
    template = backend.get_launch_template_by_name(name) if name else None
    version = (template or backend.get_launch_template(response._get_param("LaunchTemplateId"))).latest_version()
    version.data["UserData"] = parse_user_data(version.data.get("UserData"))
    _tidy(version)
    return answer


def _tidy(version: Any) -> None:
    tags = version.data.get("TagSpecifications", [])
    version.data["TagSpecifications"] = [tag for tag in tags if tag.get("ResourceType") != "launch-template"]


def _create_dhcp_options(response: Response, request: Item) -> Any:
    answer = response.create_dhcp_options()
    options = list(response.ec2_backend.dhcp_options_sets.values())[-1]
    for specified in request.get("TagSpecifications", ()):
        options.add_tags({tag["Key"]: tag["Value"] for tag in specified["Tags"]})
    return answer


def _attach_transit_gateway(response: Response, request: Item) -> Any:
    answer = response.create_transit_gateway_vpc_attachment()
    attachment = list(response.ec2_backend.transit_gateway_attachments.values())[-1]
    for specified in request.get("TagSpecifications", ()):
        attachment.add_tags({tag["Key"]: tag["Value"] for tag in specified["Tags"]})
    return answer


def _create_flow_logs(response: Response, request: Item) -> Any:
    backend = response.ec2_backend
    before = set(backend.flow_logs)
    answer = response.create_flow_logs()
    for name in backend.flow_logs.keys() - before:
        _remember(backend.flow_logs[name], request, ("DestinationOptions", "DeliverCrossAccountRole"))
    return answer


def _modify_managed_prefix_list(response: Response, request: Item) -> Any:
    """Change the size of a list, and leave its name where the request has none."""
    found = response.ec2_backend.managed_prefix_lists[request["PrefixListId"]]
    name = found.prefix_list_name
    answer = response.modify_managed_prefix_list()
    found.prefix_list_name = request.get("PrefixListName", name)
    found.max_entries = request.get("MaxEntries", found.max_entries)
    return answer


def _modify_network_interface(response: Response, request: Item) -> Any:
    """Change the description, too."""
    if "Description" in request:
        interface = response.ec2_backend.get_network_interface(request["NetworkInterfaceId"])
        interface.description = request["Description"].get("Value", "")
        return {}
    return response.modify_network_interface_attribute()


def _create_acl_entry(response: Response, request: Item) -> Any:
    answer = response.create_network_acl_entry()
    _tell_icmp(response, request)
    return answer


def _replace_acl_entry(response: Response, request: Item) -> Any:
    answer = response.replace_network_acl_entry()
    _tell_icmp(response, request)
    return answer


def _tell_icmp(response: Response, request: Item) -> None:
    """Keep type and code of ICMP, which moto looks for under another name."""
    entry = response.ec2_backend.get_network_acl(request["NetworkAclId"]).network_acl_entries[-1]
    told = request.get("IcmpTypeCode", {})
    entry.icmp_code, entry.icmp_type = told.get("Code"), told.get("Type")


_make_rule: Any = SecurityGroupRule.__init__
_RULE = signature(_make_rule)


def make_rule(self: Any, *given: Any, **parameters: Any) -> None:
    """Make a rule that remembers what its prefix list is for."""
    _make_rule(self, *given, **parameters)
    arguments = _RULE.bind(self, *given, **parameters).arguments
    self.prefix_list = arguments.get("prefix_list_id") or {}


def described(rule: Any) -> str | None:
    """Return what a rule of a security group is for; moto knows it of address ranges only, not of groups and lists."""
    peers = (rule.ip_range, rule.source_group, getattr(rule, "prefix_list", {}))
    return next((peer["Description"] for peer in peers if peer and "Description" in peer), None)


def public_address() -> str:
    """Return an address of the kind that Amazon's pool has; moto's are those of the own machine."""
    return str(random_public_ip())


def _describe_rules_anew(response: Response, request: Item) -> Any:
    """Change the descriptions of rules that are named by their ids; moto finds rules by their contents only."""
    by_id = {item["SecurityGroupRuleId"]: item for item in request.get("SecurityGroupRuleDescriptions", ())}
    if not by_id:
        direction = "egress" if response._get_action().endswith("Egress") else "ingress"
        return getattr(response, f"update_security_group_rule_descriptions_{direction}")()
    group = response.ec2_backend.get_security_group_by_name_or_id(request.get("GroupId") or request["GroupName"])
    for rule in (*group.ingress_rules, *group.egress_rules):
        if rule.id in by_id:
            description = by_id[rule.id].get("Description", "")
            peer = rule.ip_range or rule.source_group or rule.prefix_list
            if description:
                peer["Description"] = description
            else:
                peer.pop("Description", None)
    return {"Return": True}


METHODS: Mapping[tuple[str, str], Method] = {
    ("ec2", "AllocateAddress"): _allocate_address,
    ("ec2", "CreateDhcpOptions"): _create_dhcp_options,
    ("ec2", "CreateFlowLogs"): _create_flow_logs,
    ("ec2", "CreateLaunchTemplate"): _create_launch_template,
    ("ec2", "CreateLaunchTemplateVersion"): _create_launch_template_version,
    ("ec2", "CreateNatGateway"): _create_nat_gateway,
    ("ec2", "CreateNetworkAclEntry"): _create_acl_entry,
    ("ec2", "CreateSubnet"): _create_subnet,
    ("ec2", "CreateTags"): _create_tags,
    ("ec2", "CreateTransitGatewayVpcAttachment"): _attach_transit_gateway,
    ("ec2", "CreateVpcEndpoint"): _create_vpc_endpoint,
    ("ec2", "DeleteSecurityGroup"): _delete_security_group,
    ("ec2", "DeleteSubnet"): _delete_subnet,
    ("ec2", "DeleteVpc"): _delete_vpc,
    ("ec2", "DescribeLaunchTemplates"): _describe_launch_templates,
    ("ec2", "DetachInternetGateway"): _detach_internet_gateway,
    ("ec2", "ModifyManagedPrefixList"): _modify_managed_prefix_list,
    ("ec2", "ModifyNetworkInterfaceAttribute"): _modify_network_interface,
    ("ec2", "ModifySubnetAttribute"): _modify_subnet_attribute,
    ("ec2", "ModifyVpcEndpoint"): _modify_vpc_endpoint,
    ("ec2", "ReplaceNetworkAclEntry"): _replace_acl_entry,
    ("ec2", "UpdateSecurityGroupRuleDescriptionsEgress"): _describe_rules_anew,
    ("ec2", "UpdateSecurityGroupRuleDescriptionsIngress"): _describe_rules_anew,
}
PATCHES = (
    (elastic_ip_addresses, "random_ip", public_address),
    (SecurityGroupRule, "__init__", make_rule),
    (SecurityGroupRule, "description", property(described)),
    (RouteTable, "propagating_vgws", ()),
)
