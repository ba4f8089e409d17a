"""Fn::Cidr: a network cut into equal blocks."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from itertools import islice

from stackproof.load.nodes import Node
from stackproof.resolve.functions.arguments import arguments, scalar, whole_number
from stackproof.resolve.scope import Scope, error
from stackproof.resolve.values import Value
from stackproof.symbols import Deferred, Symbol

_CIDR = re.compile(r"([0-9A-Fa-f.:]+)/([0-9]{1,3})")

MAX_BLOCKS = 256
"""The documented range of ``count`` is 1 to 256."""


def cidr(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Cidr``: blocks of ``2 ** cidrBits`` addresses, IPv4 or IPv6; deferred where the network is a reference."""
    demand = "every Fn::Cidr object requires an ipBlock, a count of 1 to 256 and optional cidrBits"
    block_node, count_node, *bits_node = arguments(node, (2, 3), demand)
    block = scalar(block_node, scope, demand)
    count = whole_number(count_node, scope, demand)
    bits: int | Symbol | None = whole_number(bits_node[0], scope, demand) if bits_node else None
    if isinstance(block, Symbol) or isinstance(count, Symbol) or isinstance(bits, Symbol):
        return Deferred("Fn::Cidr", (block, count, bits))
    if not 1 <= count <= MAX_BLOCKS:
        raise error(f"{demand}; the count is {count}", count_node.mark)
    try:
        address, prefix = _CIDR.fullmatch(block).groups()  # type: ignore[union-attr]
        network = ipaddress.ip_network((address, int(prefix)), strict=False)
    except (AttributeError, ValueError):
        raise error(f"Fn::Cidr: '{block}' is not a CIDR block", block_node.mark) from None
    if bits is None:
        bits = 8 if network.version == 4 else 64
    return _blocks(network, count, bits, node)


def _blocks(
    network: ipaddress.IPv4Network | ipaddress.IPv6Network, count: int, bits: int, node: Node
) -> tuple[str, ...]:
    prefix = network.max_prefixlen - bits
    if bits < 1 or prefix < network.prefixlen or count > 2 ** (prefix - network.prefixlen):
        room = 2 ** (prefix - network.prefixlen) if bits >= 1 and prefix >= network.prefixlen else 0
        raise error(
            f"Fn::Cidr: {network} has room for {room} blocks of {bits} bits, not for {count}; "
            "lower the count or cidrBits",
            node.mark,
        )
    return _cut(network, prefix, count)


# A template cuts the same network again for every subnet and rule.
@lru_cache(maxsize=64)
def _cut(network: ipaddress.IPv4Network | ipaddress.IPv6Network, prefix: int, count: int) -> tuple[str, ...]:
    return tuple(str(block) for block in islice(network.subnets(new_prefix=prefix), count))
