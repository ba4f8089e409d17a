"""Facts about networks for policies: what is the world, which ports a rule opens, where a subnet's traffic goes."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.policy.alternatives import elements
from stackproof.policy.reading import all_hold, belonging_to, blocks, followed, present, same, undecidable
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Block, Undecidable, as_text
from stackproof.symbols import Deferred, Reference, Symbol, parts_of

WORLD_PREFIX = {4: 7, 6: 12}
"""A public range of this prefix length or shorter is the world, so that halves and quarters of it are too.

IPv4: the 60 rules that a security group may have by default, of /8 each, reach less than a quarter of the internet.
IPv6: /12 is what a regional registry holds, and so a continent.
"""

MULTICAST_IPV4 = ipaddress.IPv4Address("224.0.0.0")
"""From here on no address is a single host's: multicast, then reserved ones."""

GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")

REMOTE_ACCESS = {22: "SSH", 23: "Telnet", 3389: "RDP", 5900: "VNC", 5985: "WinRM", 5986: "WinRM"}
"""Ports at which somebody works on a machine from afar."""

DATA_STORES = {
    1433: "SQL Server",
    1521: "Oracle",
    2049: "NFS",
    2379: "etcd",
    3306: "MySQL",
    5432: "PostgreSQL",
    5439: "Redshift",
    5984: "CouchDB",
    6379: "Redis",
    8182: "Neptune",
    9042: "Cassandra",
    9092: "Kafka",
    9200: "OpenSearch",
    9300: "OpenSearch",
    11211: "Memcached",
    27017: "MongoDB",
}
"""Ports at which data is kept."""

_PROTOCOLS = {"-1": "all", "all": "all", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}
_EVERY_PORT = range(65_536)

_INGRESS = ("SecurityGroupIngress", "SourcePrefixListId")
_EGRESS = ("SecurityGroupEgress", "DestinationPrefixListId")


def is_world(text: str) -> bool:
    """Return whether an address range is the whole internet, or so much of it that the rest does not matter.

    Parameters:
        text: a range in CIDR notation, IPv4 or IPv6.

    Raises:
        ValueError: the text is no address range.
    """
    network = ipaddress.ip_network(text.strip(), strict=False)
    if network.prefixlen > WORLD_PREFIX[network.version]:
        return False
    if isinstance(network, ipaddress.IPv6Network):
        return network.overlaps(GLOBAL_IPV6)
    return network.network_address < MULTICAST_IPV4


def names_world(block: Block, key: str, deployment: Deployment) -> bool:
    """Return whether a property that holds an address range names the world; False where it is absent.

    Raises:
        Undecidable: the range is known only after deployment.
    """
    return key in block and _world(block[key], block, key, deployment)


def listed(block: Block, key: str, deployment: Deployment) -> Sequence[Block]:
    """Return the entries of the prefix list that a property names; none where it is absent.

    Raises:
        Undecidable: no template of the deployment holds the list.
    """
    if key not in block:
        return ()
    found = deployment.follow(block[key])
    if found is None or found.type != "AWS::EC2::PrefixList":
        raise undecidable(block, key, "is a prefix list that no template of the deployment holds")
    return blocks(found.properties, "Entries")


def lists_world(block: Block, key: str, deployment: Deployment) -> bool:
    """Return whether a property names a prefix list that holds the world; see `listed`."""
    return any(names_world(entry, "Cidr", deployment) for entry in listed(block, key, deployment))


def _world(value: Any, block: Block, key: str, deployment: Deployment) -> bool:
    if not isinstance(value, Symbol):
        try:
            return is_world(as_text(value))
        except ValueError:
            raise undecidable(block, key, f"is '{value}', which is no address range") from None
    if isinstance(value, Reference):
        resource = deployment.follow(value)
        # A VPC, a subnet and an address are never the world.
        if resource is not None and resource.type.startswith("AWS::EC2::"):
            return False
    if isinstance(value, Deferred) and value.function == "Fn::If":
        return _either(value.arguments[1:], block, key, deployment)
    if isinstance(value, Deferred) and value.function == "Fn::Select":
        ranges = value.arguments[1]
        whole = ranges.arguments[0] if isinstance(ranges, Deferred) and ranges.function == "Fn::Cidr" else ranges
        # A part of something that is not the world is not the world either.
        if isinstance(whole, str | Symbol) and not _world(whole, block, key, deployment):
            return False
    prefix = _prefix_length(value)
    if prefix is not None:
        return prefix <= WORLD_PREFIX[6 if "Ipv6" in key else 4]
    raise undecidable(block, key, f"is {value}, which is known only after deployment")


def _either(branches: tuple[Any, ...], block: Block, key: str, deployment: Deployment) -> bool:
    """Return the answer of both branches of a condition that is not known, where they agree."""
    answers = {_world(branch, block, key, deployment) for branch in branches if isinstance(branch, str | Symbol)}
    if len(answers) == 1 and all(isinstance(branch, str | Symbol) for branch in branches):
        return answers.pop()
    raise undecidable(block, key, "depends on a condition that is known only after deployment")


def _prefix_length(value: Symbol) -> int | None:
    """Return the prefix length of a range of which only that is known, such as ``${Address}/32``."""
    last = parts_of(value)[-1]
    if not isinstance(last, str):
        return None
    length = last.rpartition("/")[2]
    return int(length) if "/" in last and length.isdigit() else None


_INSIDE = tuple(
    map(
        ipaddress.ip_network,
        # Private, shared (RFC 6598), loopback and link-local; IPv6 likewise.
        [
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "fc00::/7",
            "fe80::/10",
            "::1/128",
        ],
    )
)
NARROW = {4: 24, 6: 64}
"""A range of this prefix length or longer is part of a network: AWS gives every IPv6 subnet a /64."""


def is_outside(text: str) -> bool:
    """Return whether an address range holds addresses of the internet.

    Raises:
        ValueError: the text is no address range.
    """
    network = ipaddress.ip_network(text.strip(), strict=False)
    # Both networks are of one version where they are compared.
    return not any(network.version == inside.version and network.subnet_of(inside) for inside in _INSIDE)  # type: ignore[arg-type]


def breadth(block: Block, key: str, deployment: Deployment) -> str:
    """Return what is too much about an address range for a single tier, in words; nothing where it is narrow.

    Raises:
        Undecidable: the range is known only after deployment, or whether an IPv6 range is one's own.
    """
    value = block[key]
    if not isinstance(value, Symbol):
        return _breadth_of_text(as_text(value).strip(), block, key)
    resource = deployment.follow(_whole_of(value))
    if isinstance(value, Reference) and resource is not None and resource.type == "AWS::EC2::Subnet":
        return ""
    bits = _cidr_bits(value)
    if bits is not None:
        return "" if bits <= (64 if "Ipv6" in key else 8) else f"a range of {bits} bits"
    if resource is not None and resource.type in ("AWS::EC2::VPC", "AWS::EC2::VPCCidrBlock"):
        return "the whole VPC"
    prefix = _prefix_length(value)
    if prefix is not None and prefix < NARROW[6 if "Ipv6" in key else 4]:
        return f"a range as wide as /{prefix}"
    raise undecidable(block, key, f"is {value}, which is known only after deployment")


def _breadth_of_text(text: str, block: Block, key: str) -> str:
    try:
        network, outside = ipaddress.ip_network(text, strict=False), is_outside(text)
    except ValueError:
        raise undecidable(block, key, f"is '{text}', which is no address range") from None
    if network.prefixlen < NARROW[network.version]:
        return f"addresses of the internet, {text}" if outside else f"a range as wide as {text}"
    if outside and network.version == 6:
        raise undecidable(block, key, f"is {text}, and no template shows whether that is a range of one's own")
    return f"addresses of the internet, {text}" if outside else ""


def _whole_of(value: Symbol) -> Any:
    """Return the list that an element is selected from; the value itself where it is no element."""
    return value.arguments[1] if isinstance(value, Deferred) and value.function == "Fn::Select" else value


def _cidr_bits(value: Symbol) -> int | None:
    """Return how many bits of hosts an element of ``Fn::Cidr`` has; None where it is no such element."""
    whole = _whole_of(value)
    if isinstance(whole, Deferred) and whole.function == "Fn::Cidr" and len(whole.arguments) == 3:
        bits = as_text(whole.arguments[2]) if not isinstance(whole.arguments[2], Symbol) else ""
        return int(bits) if bits.isdigit() else None
    return None


@dataclass(frozen=True, slots=True)
class TrafficRule:
    """One rule of a security group, written inside of it or standing alone.

    Attributes:
        block: its properties.
        prefix_list: the property that names a prefix list.
    """

    block: Block
    prefix_list: str

    @property
    def protocol(self) -> str:
        """``all``, ``tcp``, ``udp``, ``icmp``, ``icmpv6`` or a protocol number.

        Raises:
            Undecidable: it is known only after deployment.
        """
        text = self.block.text("IpProtocol", "-1").strip().lower()
        return _PROTOCOLS.get(text, text)

    @property
    def ports(self) -> range:
        """The ports that it opens: every one for protocols without ports, none for ICMP.

        Raises:
            Undecidable: they are known only after deployment.
        """
        if self.protocol.startswith("icmp"):
            return range(0)
        if self.protocol not in ("tcp", "udp"):
            return _EVERY_PORT
        return port_range(self.block, "FromPort", "ToPort")

    def opens(self, ports: Iterable[int]) -> tuple[int, ...]:
        """Return which of some ports it opens; only TCP and UDP have any."""
        opened = self.ports if self.protocol in ("all", "tcp", "udp") else range(0)
        return tuple(port for port in ports if port in opened)

    def world(self, deployment: Deployment) -> str:
        """Return the property that names the world, or nothing where none does.

        Raises:
            Undecidable: the range, or what a prefix list holds, is known only after deployment.
        """
        for key in ("CidrIp", "CidrIpv6"):
            if names_world(self.block, key, deployment):
                return key
        return self.prefix_list if lists_world(self.block, self.prefix_list, deployment) else ""

    @property
    def described(self) -> str:
        """The protocol and ports in words, such as ``TCP ports 20 to 25``."""
        protocol, ports = self.protocol, self.ports
        if protocol not in ("tcp", "udp"):
            return "every protocol and port" if protocol == "all" else f"protocol {protocol}"
        if len(ports) >= len(_EVERY_PORT) - 1:
            return f"every {protocol.upper()} port"
        if len(ports) == 1:
            return f"{protocol.upper()} port {ports[0]}"
        return f"{protocol.upper()} ports {ports.start} to {ports.stop - 1}"


def port_range(block: Block, first: str, last: str) -> range:
    """Return the ports from one property to another; a missing one, and -1, mean no bound.

    Raises:
        Undecidable: one of them is known only after deployment.
    """
    low, high = block.integer(first, -1), block.integer(last, -1)
    return range(max(low, 0), (high if high >= 0 else _EVERY_PORT[-1]) + 1)


def ingress_rules(resource: Resource) -> Sequence[TrafficRule]:
    """Return the ingress rules of an ``AWS::EC2::SecurityGroup``, or the one of an ``…Ingress``.

    Raises:
        Undecidable: which rules there are is known only after deployment.
    """
    return _rules(resource, *_INGRESS)


def egress_rules(resource: Resource) -> Sequence[TrafficRule]:
    """Return the egress rules of an ``AWS::EC2::SecurityGroup``, or the one of an ``…Egress``; see `ingress_rules`."""
    return _rules(resource, *_EGRESS)


def _rules(resource: Resource, inline: str, prefix_list: str) -> Sequence[TrafficRule]:
    if resource.type != "AWS::EC2::SecurityGroup":
        return (TrafficRule(resource.properties, prefix_list),)
    return blocks(resource.properties, inline).map(lambda block: TrafficRule(block, prefix_list))


def world_let_through(rule: TrafficRule, opens: Callable[[TrafficRule], bool], deployment: Deployment) -> str:
    """Return the property of a rule that names the world, or nothing where it does not or opens nothing of interest.

    Parameters:
        rule: the rule.
        opens: whether it opens what the policy is about.
        deployment: where prefix lists and the like are.

    Raises:
        Undecidable: the answer is known only after deployment.
    """
    if all_hold(lambda: opens(rule), lambda: bool(rule.world(deployment))):
        return rule.world(deployment)
    return ""


WEB = {"tcp": (80, 443), "udp": (443,)}
"""The ports of a site; the second 443 is HTTP/3."""


def beyond_web(rule: TrafficRule) -> bool:
    """Return whether a rule opens a port that is not for the web."""
    return any(port not in WEB.get(rule.protocol, ()) for port in rule.ports)


def reported_elsewhere(rule: TrafficRule, deployment: Deployment) -> bool:
    """Return whether a rule lets the world in on more than the web's ports, or may do so: see SP101 to SP103."""
    if not beyond_web(rule):
        return False
    try:
        return bool(rule.world(deployment))
    except Undecidable:
        return True


def in_words(ports: Iterable[int], names: dict[int, str]) -> str:
    """Return ports with their names, such as ``SSH (22) and RDP (3389)``."""
    words = [f"{names[port]} ({port})" for port in ports]
    if len(words) > 3:
        return f"{words[0]}, {words[1]} and {len(words) - 2} more"
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


# --- Routes ---

SUBNET_GROUPS = (
    "AWS::DAX::SubnetGroup",
    "AWS::DocDB::DBSubnetGroup",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::MemoryDB::SubnetGroup",
    "AWS::Neptune::DBSubnetGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::Redshift::ClusterSubnetGroup",
)
"""Types that say in which subnets databases and caches live."""


def database_subnets(deployment: Deployment) -> set[Resource]:
    """Return the subnets, of whichever stack, in which databases and caches live; unknown ones are left out."""
    groups = deployment.of_type(*SUBNET_GROUPS)
    return {subnet for group in groups for subnet in followed(group, "SubnetIds", deployment)}


def subnets_behind(route: Resource, deployment: Deployment) -> Iterator[Resource]:
    """Iterate over the subnets whose traffic a route, or an association, directs: those of its route table."""
    table = same(deployment, route.get("RouteTableId"))
    for association in deployment.of_type("AWS::EC2::SubnetRouteTableAssociation"):
        if same(deployment, association.get("RouteTableId")) == table:
            subnet = deployment.follow(association.get("SubnetId"))
            if subnet is not None:
                yield subnet


def way_out(route: Resource, deployment: Deployment) -> tuple[str, str] | None:
    """Return how a route leads to the internet: the property and its words; None where it does not.

    Raises:
        Undecidable: its target or destination is known only after deployment.
    """
    for key, words in _WAYS_OUT.items():
        if present(route.properties, key) and not _is_private_nat(deployment.follow(route[key])):
            return key, words
    if _is_internet_gateway(route, deployment):
        return "GatewayId", "an internet gateway"
    for key in ("DestinationCidrBlock", "DestinationIpv6CidrBlock"):
        if names_world(route.properties, key, deployment):
            return key, "a target that stands for the internet"
    if lists_world(route.properties, "DestinationPrefixListId", deployment):
        return "DestinationPrefixListId", "a target that stands for the internet"
    return None


_WAYS_OUT = {
    "NatGatewayId": "a NAT gateway",
    "EgressOnlyInternetGatewayId": "an egress-only internet gateway",
    "CarrierGatewayId": "a carrier gateway",
}


def _is_private_nat(target: Resource | None) -> bool:
    return target is not None and target.type == "AWS::EC2::NatGateway" and target.text("ConnectivityType") == "private"


def _is_internet_gateway(route: Resource, deployment: Deployment) -> bool:
    if "GatewayId" not in route:
        return False
    gateway = deployment.follow(route["GatewayId"])
    if gateway is not None and gateway.type.startswith("AWS::EC2::"):
        return gateway.type == "AWS::EC2::InternetGateway"
    return route.text("GatewayId").startswith("igw-")


def routes_of(association: Resource, deployment: Deployment) -> list[Resource]:
    """Return the routes of the route table that an ``AWS::EC2::SubnetRouteTableAssociation`` names.

    Raises:
        Undecidable: no template of the deployment holds the table.
    """
    table = deployment.follow(association.get("RouteTableId"))
    if table is None:
        raise undecidable(association.properties, "RouteTableId", "is a route table that no template shows")
    return belonging_to(deployment, table, "RouteTableId", "AWS::EC2::Route")


def associations_of(subnet: Resource, deployment: Deployment) -> list[Resource]:
    """Return what gives a subnet its route table: nothing where that is the main one of a VPC made here.

    That one leads nowhere, and no template can add a route to it.

    Raises:
        Undecidable: it is the main route table of a VPC that no template shows.
    """
    found = belonging_to(deployment, subnet, "SubnetId", "AWS::EC2::SubnetRouteTableAssociation")
    if not found and deployment.follow(subnet.get("VpcId")) is None:
        raise undecidable(subnet.properties, "VpcId", "is a VPC whose main route table no template shows")
    return found


def internet_route(subnet: Resource, deployment: Deployment) -> Resource | None:
    """Return the route of a subnet to an internet gateway, which makes it a public one; None where it has none.

    Raises:
        Undecidable: its route table, or the gateway of a route, is known only after deployment.
    """
    found = (route for one in associations_of(subnet, deployment) for route in routes_of(one, deployment))
    return next((route for route in found if _is_internet_gateway(route, deployment)), None)


def are_inhabited(subnets: Iterable[Resource], deployment: Deployment) -> bool:
    """Return whether load balancers, NAT gateways or instances stand in one of some subnets."""
    wanted = set(subnets)
    return any(
        wanted & followed(user, key, deployment) for kind, key in _INHABITANTS for user in deployment.of_type(kind)
    ) or any(
        deployment.follow(mapping.get("SubnetId")) in wanted
        for balancer in deployment.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer")
        for mapping in elements(balancer, "SubnetMappings")
        if isinstance(mapping, Block)
    )


_INHABITANTS = (
    ("AWS::AutoScaling::AutoScalingGroup", "VPCZoneIdentifier"),
    ("AWS::EC2::Instance", "SubnetId"),
    ("AWS::EC2::NatGateway", "SubnetId"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "Subnets"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Subnets"),
)


def zone_of(subnet: Resource) -> Any:
    """Return the availability zone of a subnet, known or as a symbol; None where AWS chooses it."""
    return subnet.get("AvailabilityZone", subnet.get("AvailabilityZoneId"))


def same_zone(first: Any, second: Any) -> bool | None:
    """Return whether two zones are one; None where that is known only after deployment."""
    if first is None or second is None:
        return None
    if first == second:
        return True
    if not isinstance(first, Symbol) and not isinstance(second, Symbol):
        return False
    # Two elements of one list of zones.
    selected = all(isinstance(zone, Deferred) and zone.function == "Fn::Select" for zone in (first, second))
    if selected and first.arguments[1] == second.arguments[1]:
        return None if any(isinstance(zone.arguments[0], Symbol) for zone in (first, second)) else False
    return None


# --- Network ACLs ---

_ACL_PROTOCOLS = {"-1": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}


def entry_ports(entry: Resource) -> range:
    """Return the ports of an ``AWS::EC2::NetworkAclEntry``; none for ICMP, every one for protocols without ports.

    Raises:
        Undecidable: they are known only after deployment.
    """
    protocol = _ACL_PROTOCOLS.get(entry.text("Protocol", "-1"), "other")
    if protocol.startswith("icmp"):
        return range(0)
    if protocol in ("all", "other"):
        return _EVERY_PORT if protocol == "all" else range(0)
    return port_range(entry.block("PortRange"), "From", "To")


def entry_world(entry: Resource, deployment: Deployment) -> str:
    """Return the property of an ``AWS::EC2::NetworkAclEntry`` that names the world, or nothing.

    Raises:
        Undecidable: the range is known only after deployment.
    """
    keys = ("CidrBlock", "Ipv6CidrBlock")
    return next((key for key in keys if names_world(entry.properties, key, deployment)), "")


def denied_before(entry: Resource, key: str, port: int, deployment: Deployment) -> bool:
    """Return whether the same network ACL denies a port to the whole world under a lower number than an entry's.

    Parameters:
        entry: an entry that allows the port to the world.
        key: its property that names the world; the other entry must name the whole of that family.
        port: the port.
        deployment: where the other entries are.

    Raises:
        Undecidable: an entry's number, action or range is known only after deployment.
    """
    acl = same(deployment, entry.get("NetworkAclId"))
    return any(
        other is not entry
        and same(deployment, other.get("NetworkAclId")) == acl
        and not other.boolean("Egress")
        and other.text("RuleAction").lower() == "deny"
        and other.integer("RuleNumber") < entry.integer("RuleNumber")
        and other.text(key) in ("0.0.0.0/0", "::/0")
        and _ACL_PROTOCOLS.get(other.text("Protocol", "-1")) in ("all", "tcp")
        and port in entry_ports(other)
        for other in deployment.of_type("AWS::EC2::NetworkAclEntry")
    )


def in_two_zones(subnets: Iterable[Any], block: Block, key: str, deployment: Deployment) -> bool:
    """Return whether subnets are in two zones at least; two that no template shows count as two zones.

    Parameters:
        subnets: ids and references.
        block: what holds the list.
        key: the property that is the list.
        deployment: where the subnets are.

    Raises:
        Undecidable: a symbol may stand for several subnets.
    """
    found = [same(deployment, subnet) for subnet in subnets]
    distinct = [subnet for index, subnet in enumerate(found) if subnet not in found[:index]]
    zones = [zone_of(subnet) if isinstance(subnet, Resource) else None for subnet in distinct]
    pairs = ((first, second) for index, first in enumerate(zones) for second in zones[index + 1 :])
    if any(same_zone(first, second) is not True for first, second in pairs):
        return True
    unknown = next((subnet for subnet in found if isinstance(subnet, Symbol)), None)
    if unknown is not None:
        raise undecidable(block, key, f"holds {unknown}, which may be one subnet or several")
    return False
