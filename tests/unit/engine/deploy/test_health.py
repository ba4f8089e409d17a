"""Whether an application answers: real requests to servers on this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stackproof import System, load_system
from stackproof.deploy.health import Prober, Target, application_layer, healthy, means_well, smoke, target_of
from stackproof.errors import InputError
from tests.unit.engine.deploy.clients import refusal
from tests.unit.engine.deploy.market import Market
from tests.unit.engine.deploy.servers import Site, Time, self_signed, serving


@pytest.fixture
def site() -> Iterator[Site]:
    """A site that answers nothing yet."""
    with serving() as found:
        yield found


# --- One request. ---


@pytest.mark.parametrize(
    ("status", "statuses", "well"),
    [
        (200, "200", True),
        (204, "200", False),
        (204, "200-299", True),
        (301, "200-299", False),
        (204, "200,204", True),
        (302, "200,302", True),
        (200, "nonsense", False),
    ],
)
def test_statuses_mean_what_a_target_group_says(status: int, statuses: str, well: bool) -> None:
    assert means_well(status, statuses) is well


def test_a_healthy_answer(site: Site) -> None:
    site.at("/health/")
    assert healthy(f"{site.url}/health/") == (True, f"GET {site.url}/health/: 200")


def test_an_answer_of_another_status_is_not_healthy(site: Site) -> None:
    site.at("/health/", 503)
    assert healthy(f"{site.url}/health/") == (False, f"GET {site.url}/health/: 503, not 200")


def test_a_redirect_on_the_same_host_is_followed(site: Site) -> None:
    site.at("/health", 301, b"", Location="/health/")
    site.at("/health/")
    assert healthy(f"{site.url}/health")[0]


def test_a_redirect_to_another_host_is_no_health(site: Site) -> None:
    """Whoever answers there says nothing about this application."""
    site.at("/health", 302, b"", Location="http://elsewhere.example.com/sign-in")
    assert healthy(f"{site.url}/health") == (
        False,
        f"GET {site.url}/health: 302, sent to http://elsewhere.example.com/sign-in",
    )


def test_a_circle_of_redirects_is_no_health(site: Site) -> None:
    site.at("/health", 302, b"", Location="/health")
    assert healthy(f"{site.url}/health") == (False, f"GET {site.url}/health: 302, sent to {site.url}/health")


@pytest.mark.parametrize(("status", "body"), [(200, b"hello"), (401, b"who are you?"), (404, b"not here")])
def test_a_first_page_that_is_no_failure_passes_the_smoke_test(site: Site, status: int, body: bytes) -> None:
    site.at("/", status, body)
    assert smoke(f"{site.url}/") == (True, f"GET {site.url}/: {status}")


@pytest.mark.parametrize(
    ("status", "body", "told"), [(500, b"sorry", "500"), (502, b"", "502"), (200, b"", "200, and nothing in it")]
)
def test_a_first_page_that_is_a_failure_or_empty_does_not(site: Site, status: int, body: bytes, told: str) -> None:
    site.at("/", status, body)
    assert smoke(f"{site.url}/") == (False, f"GET {site.url}/: {told}")


def test_a_first_page_may_send_to_another_host(site: Site) -> None:
    site.at("/", 302, b"", Location="https://sign-in.example.com/")
    assert smoke(f"{site.url}/") == (True, f"GET {site.url}/: 302, sends to https://sign-in.example.com/")


def test_a_certificate_that_nobody_vouches_for_is_said(tmp_path: Path) -> None:
    with serving(self_signed(tmp_path)) as site:
        site.at("/health/")
        well, told = healthy(f"{site.url}/health/")
    assert not well
    assert told.startswith(f"GET {site.url}/health/: the certificate does not hold: self")


def test_a_server_that_does_not_speak_tls_is_said(site: Site) -> None:
    well, told = healthy(site.url.replace("http://", "https://"))
    assert (well, "SSL" in told.upper()) == (False, True)


def test_nobody_there_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert healthy(f"http://127.0.0.1:{port}/") == (False, f"GET http://127.0.0.1:{port}/: Connection refused")


# --- Patience. ---


def _target(site: Site) -> Target:
    return Target(f"{site.url}/", f"{site.url}/health/")


def test_an_application_that_needs_its_time_is_waited_for(site: Site) -> None:
    site.at("/")
    for status in (503, 503, 503, 200):
        site.at("/health/", status)
    time = Time()
    found = Prober(60, time.sleep, time).probe(_target(site))
    assert (found.well, found.attempts, time.pauses) == (True, 4, [1.0, 2.0, 4.0])
    assert found.told == (f"GET {site.url}/health/: 200", f"GET {site.url}/: 200")


def test_an_application_that_stays_ill_is_given_up_in_time(site: Site) -> None:
    site.at("/")
    site.at("/health/", 503)
    time = Time()
    found = Prober(60, time.sleep, time).probe(_target(site))
    assert time.pauses == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    assert (found.well, found.told) == (False, (f"GET {site.url}/health/: 503, not 200; for 60 s",))


def test_a_healthy_application_with_a_broken_first_page_is_ill(site: Site) -> None:
    site.at("/", 500)
    site.at("/health/")
    time = Time()
    found = Prober(3, time.sleep, time).probe(_target(site))
    assert (found.well, found.told) == (False, (f"GET {site.url}/: 500; for 3 s",))


class _Balancer:
    """Says one state of targets after the other."""

    def __init__(self, *states: tuple[str, ...] | Exception) -> None:
        self._states = list(states)

    def describe_target_health(self, TargetGroupArn: str) -> Any:  # noqa: N803 - as boto3 has it
        assert TargetGroupArn == "arn:group"
        found = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        if isinstance(found, Exception):
            raise found
        return {
            "TargetHealthDescriptions": [
                {"TargetHealth": {"State": state, "Description": "it said 500" if state == "unhealthy" else ""}}
                for state in found
            ]
        }


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([("initial", "initial"), ("healthy", "initial"), ("healthy", "healthy")], "2 of 2 targets are healthy"),
        ([("healthy", "draining")], "1 of 2 targets are healthy"),
        ([refusal("Throttling", "Rate exceeded"), ("healthy",)], "1 of 1 targets are healthy"),
    ],
)
def test_behind_an_edge_the_load_balancer_is_asked(site: Site, states: list[Any], told: str) -> None:
    site.at("/")
    balancer, time = _Balancer(*states), Time()
    target = Target(f"{site.url}/", groups=("arn:group",), region="us-east-1")
    found = Prober(60, time.sleep, time, lambda _region: balancer).probe(target)
    assert (found.well, found.told[0]) == (True, told)


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([("healthy", "unhealthy")], "1 of 2 targets are not healthy: it said 500; for 3 s"),
        ([()], "0 of 0 targets are healthy; for 3 s"),
        (
            [refusal("AccessDenied", "no", "DescribeTargetHealth")],
            "the load balancer does not say how its targets are: An error occurred (AccessDenied) when calling the "
            "DescribeTargetHealth operation: no; for 3 s",
        ),
    ],
)
def test_targets_that_are_not_healthy_are_said(site: Site, states: list[Any], told: str) -> None:
    site.at("/")
    balancer, time = _Balancer(*states), Time()
    target = Target(f"{site.url}/", groups=("arn:group",), region="us-east-1")
    found = Prober(3, time.sleep, time, lambda _region: balancer).probe(target)
    assert (found.well, found.told) == (False, (told,))


# --- What is asked. ---


def test_the_applications_own_address_is_asked_as_its_load_balancer_does(market: Market) -> None:
    outputs = {"web": {"Url": "http://market.example.com"}}
    assert target_of(market.deployment(), outputs, {}) == Target(
        "http://market.example.com", "http://market.example.com/health/", "200-204"
    )


@pytest.mark.parametrize(
    ("given", "url", "health"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/", "http://127.0.0.1:8000/health/"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/", "http://127.0.0.1:8000/health/"),
        ("https://here.example.com/alive?x=1", "https://here.example.com/", "https://here.example.com/alive?x=1"),
    ],
)
def test_another_address_can_be_asked(market: Market, given: str, url: str, health: str) -> None:
    assert target_of(market.deployment(), {}, {}, given) == Target(url, health, "200-204")


@pytest.mark.parametrize("given", ["here.example.com", "ftp://here.example.com", "http://", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(market: Market, given: str) -> None:
    with pytest.raises(InputError, match="is no address"):
        target_of(market.deployment(), {}, {}, given)


def test_a_system_without_an_address_is_not_asked(market: Market) -> None:
    market.only("base", "data")
    assert target_of(market.deployment(), {"base": {"NetworkId": "vpc-1"}}, {}) is None


@pytest.mark.parametrize(
    ("system", "environment", "path"), [("maticko", "prod", "/health/"), ("mattilda", "prod", "/health")]
)
def test_our_systems_are_asked_for_health_where_their_load_balancers_ask(
    system: str, environment: str, path: str
) -> None:
    deployment = _system(system).deployment(environment)
    assert application_layer(deployment) == "application"
    found = target_of(deployment, {"application": {"Url": "https://x.example.com"}}, {})
    assert found == Target("https://x.example.com", f"https://x.example.com{path}", "200")


def test_a_system_behind_an_edge_is_asked_through_it() -> None:
    """Its load balancer lets nobody pass who does not come by the edge."""
    outputs = {"application": {"Url": "https://api.example.com"}, "edge": {"Url": "https://example.com"}}
    found = target_of(_system("caja").deployment("prod"), outputs, {"Targets": "arn:group"})
    assert found == Target("https://example.com", groups=("arn:group",), region="us-east-1")


def _system(name: str) -> System:
    return load_system(Path(__file__).parents[4] / "cloudformation" / "systems" / f"{name}.yaml")
