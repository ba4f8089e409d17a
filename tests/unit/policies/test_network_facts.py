"""What `stackproof.policy.network` says about address ranges, ports and zones, beyond what the tables show."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.policy.network import GLOBAL_IPV6, MULTICAST_IPV4, WORLD_PREFIX, in_words, is_world, same_zone
from stackproof.symbols import Deferred, Unbound

ZONES = Deferred("Fn::GetAZs", ("us-east-1",))

networks = st.one_of(
    st.builds(
        lambda base, length: ipaddress.ip_network((base, length), strict=False),
        st.ip_addresses(v=4).map(int),
        st.integers(0, 32),
    ),
    st.builds(
        lambda base, length: ipaddress.ip_network((ipaddress.IPv6Address(base), length), strict=False),
        st.integers(0, 2**128 - 1),
        st.integers(0, 128),
    ),
)


@pytest.mark.parametrize(
    "text",
    ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "8.0.0.0/7", "2000::/3", "2600::/12", "10.1.2.3/0", " ::/1 "],
)
def test_world(text: str) -> None:
    """The whole, its halves and quarters, a continent; host bits do not matter."""
    assert is_world(text)


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.0.2.7/32",
        "192.0.2.7",
        "224.0.0.0/4",
        "224.0.0.0/3",
        "fc00::/7",
        "fe80::/10",
        "2001:db8::/32",
    ],
)
def test_not_world(text: str) -> None:
    """Private, multicast and local ranges of any size, and parts of the internet."""
    assert not is_world(text)


@pytest.mark.parametrize("text", ["", "office", "10.0.0.0/33", "1.2.3.4/5/6", "sg-12345678"])
def test_no_range(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="does not appear to be"):
        is_world(text)


@given(networks)
def test_what_holds_the_world_is_the_world(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    """No range becomes harmless by growing."""
    if network.prefixlen and is_world(str(network)):
        assert is_world(str(network.supernet()))


@given(networks)
def test_a_long_prefix_is_never_the_world(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    """And a short one is unless nobody on the internet can have it."""
    expected = network.prefixlen <= WORLD_PREFIX[network.version]
    if isinstance(network, ipaddress.IPv6Network):
        expected = expected and network.overlaps(GLOBAL_IPV6)
    elif network.network_address >= MULTICAST_IPV4:
        expected = False
    assert is_world(str(network)) is expected


def test_words() -> None:
    """Few are listed, many are counted."""
    names = {1: "A", 2: "B", 3: "C", 4: "D"}
    assert in_words([1], names) == "A (1)"
    assert in_words([1, 2], names) == "A (1) and B (2)"
    assert in_words([1, 2, 3], names) == "A (1), B (2) and C (3)"
    assert in_words([1, 2, 3, 4], names) == "A (1), B (2) and 2 more"


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("us-east-1a", "us-east-1a", True),
        ("us-east-1a", "us-east-1b", False),
        (Unbound("Zone"), Unbound("Zone"), True),
        (Unbound("ZoneA"), Unbound("ZoneB"), None),
        (Unbound("ZoneA"), "us-east-1a", None),
        (Deferred("Fn::Select", (0, ZONES)), Deferred("Fn::Select", (0, ZONES)), True),
        (Deferred("Fn::Select", (0, ZONES)), Deferred("Fn::Select", (1, ZONES)), False),
        (Deferred("Fn::Select", (0, ZONES)), Deferred("Fn::Select", (Unbound("Index"), ZONES)), None),
        (None, None, None),
    ],
)
def test_same_zone(first: object, second: object, expected: bool | None) -> None:
    """Two elements of one list of zones differ; two parameters may not."""
    assert same_zone(first, second) is expected
