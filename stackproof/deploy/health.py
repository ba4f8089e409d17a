"""Whether the application answers: a health check and a smoke test over HTTP, as a user's browser would ask.

Load balancers, names and certificates take their time, so that everything is asked again until time is up; what was
wrong the last time is what is said.
"""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.errors import InputError
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Undecidable

TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
URL_OUTPUT = "Url"
DEFAULT_PATH = "/health"

PATIENCE_SECONDS = 300.0
"""For how long it is asked in all."""
REQUEST_SECONDS = 10.0
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 15.0
MAX_REDIRECTS = 5
MAX_BODY = 64 * 1024
"""Bytes that are read of an answer."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked after a deployment.

    Attributes:
        url: the address of the application, as its users have it.
        health: the address that says whether it is well; empty where only the load balancer may ask for it.
        statuses: HTTP statuses that mean well, as a target group writes them: ``200``, ``200-299``, ``200,204``.
        groups: ARNs of target groups that are asked instead of ``health``.
        region: where the target groups are.
    """

    url: str
    health: str = ""
    statuses: str = "200"
    groups: tuple[str, ...] = ()
    region: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """What was found.

    Attributes:
        well: whether the application answers as it should.
        told: what it answered, or what was wrong the last time; one line for each thing that was asked.
        attempts: how often it was asked.
    """

    well: bool
    told: tuple[str, ...]
    attempts: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer over HTTP.

    Attributes:
        url: who answered, after all redirects.
        elsewhere: where the answer sends to, on another host; empty where it does not.
    """

    status: int
    body: bytes
    url: str
    elsewhere: str = ""


class UnreachedError(Exception):
    """Nobody answered; the message is why."""


def target_of(
    deployment: Deployment, outputs: Mapping[str, Mapping[str, str]], groups: Mapping[str, str], url: str = ""
) -> Target | None:
    """Return what is to be asked of a deployment; None where it has no application with an address.

    The last layer with an address is what users see. Where that is not the application itself, an edge stands before
    it, past which nobody can ask the application: its load balancer is asked whether its targets are healthy.

    Parameters:
        outputs: of each stack that stands, by layer.
        groups: ARNs of the application's target groups, by logical id.
        url: an address that is asked instead of the application's own; with a path, that is asked for health.

    Raises:
        InputError: the address is none.
    """
    application = application_layer(deployment)
    path, statuses = _health_check(deployment, application)
    if url:
        base = _checked(url)
        given = base.path.rstrip("/")
        health = url if given else urllib.parse.urljoin(url, path)
        return Target(urllib.parse.urljoin(url, "/"), health, statuses)
    faces = [layer for layer in deployment.stacks if outputs.get(layer, {}).get(URL_OUTPUT)]
    if not faces:
        return None
    seen = outputs[faces[-1]][URL_OUTPUT]
    if application in ("", faces[-1]):
        return Target(seen, urllib.parse.urljoin(seen, path), statuses)
    region = deployment.stack(application).context.region or ""
    return Target(seen, groups=tuple(groups.values()), region=region)


def application_layer(deployment: Deployment) -> str:
    """Return the layer that has an address and target groups behind it; empty where there is none."""
    for layer, stack in deployment.stacks.items():
        if URL_OUTPUT in stack.outputs and _groups(stack.resources.values()):
            return layer
    return ""


def _groups(resources: Iterable[Resource]) -> list[Resource]:
    return [resource for resource in resources if resource.type == TARGET_GROUP]


def _health_check(deployment: Deployment, layer: str) -> tuple[str, str]:
    """Return the path that the load balancer itself asks for, and the statuses that it takes for health."""
    path, statuses = DEFAULT_PATH, "200"
    if layer:
        group = _groups(deployment.stack(layer).resources.values())[0]
        with suppress(Undecidable, InputError):
            path = group.text("HealthCheckPath", DEFAULT_PATH)
        with suppress(Undecidable, InputError):
            statuses = group.block("Matcher").text("HttpCode", "200") if "Matcher" in group else "200"
    return path, statuses


def _checked(url: str) -> urllib.parse.SplitResult:
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(f"'{url}' is no address; it begins with http:// or https:// and a host")
    return parts


class Prober:
    """Asks an application until it is well, or time is up.

    Parameters:
        patience: for how long, in seconds.
        sleep: waits; takes seconds.
        clock: seconds that only grow.
        balancer: gives a boto3 client of Elastic Load Balancing in a region.
    """

    def __init__(
        self,
        patience: float = PATIENCE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        balancer: Callable[[str], Any] | None = None,
    ) -> None:
        self.patience = patience
        self._sleep = sleep
        self._clock = clock
        self._balancer = balancer

    def probe(self, target: Target) -> Health:
        """Ask for health and for the first page, again and again until both are as they should be."""
        begun, pause, attempts = self._clock(), FIRST_PAUSE, 0
        while True:
            attempts += 1
            found = [self._health(target), smoke(target.url)]
            if all(well for well, _ in found):
                return Health(True, tuple(told for _, told in found), attempts)
            if self._clock() - begun + pause > self.patience:
                wrong = (told for well, told in found if not well)
                return Health(False, tuple(f"{told}; for {self.patience:.0f} s" for told in wrong), attempts)
            self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _health(self, target: Target) -> tuple[bool, str]:
        if target.health:
            return healthy(target.health, target.statuses)
        return self._targets(target)

    def _targets(self, target: Target) -> tuple[bool, str]:
        """Ask the load balancer whether it has a healthy target and no unhealthy one."""
        if self._balancer is None or not target.groups:
            return True, "no target group to ask"
        states: list[str] = []
        reasons: list[str] = []
        try:
            for arn in target.groups:
                for found in self._balancer(target.region).describe_target_health(TargetGroupArn=arn)[
                    "TargetHealthDescriptions"
                ]:
                    states.append(found["TargetHealth"]["State"])
                    reasons.append(str(found["TargetHealth"].get("Description") or ""))
        except Exception as error:
            if not type(error).__module__.startswith("botocore"):
                raise
            return False, f"the load balancer does not say how its targets are: {error}"
        bad = [position for position, state in enumerate(states) if state in ("unhealthy", "initial", "unavailable")]
        if bad:
            because = reasons[bad[0]]
            return False, f"{len(bad)} of {len(states)} targets are not healthy{f': {because}' if because else ''}"
        good = states.count("healthy")
        return bool(good), f"{good} of {len(states)} targets are healthy"


def healthy(url: str, statuses: str = "200") -> tuple[bool, str]:
    """Ask an address for health; return whether it is well, and what it said."""
    try:
        answer = ask(url)
    except UnreachedError as error:
        return False, f"GET {url}: {error}"
    if answer.elsewhere:
        return False, f"GET {url}: {answer.status}, sent to {answer.elsewhere}"
    said = f"GET {url}: {answer.status}"
    return (True, said) if means_well(answer.status, statuses) else (False, f"{said}, not {statuses}")


def smoke(url: str) -> tuple[bool, str]:
    """Ask for the first page: whoever answers with anything but a failure, and not with nothing, is there."""
    try:
        answer = ask(url)
    except UnreachedError as error:
        return False, f"GET {url}: {error}"
    if answer.elsewhere:
        return True, f"GET {url}: {answer.status}, sends to {answer.elsewhere}"
    if answer.status >= 500:
        return False, f"GET {url}: {answer.status}"
    if not answer.body:
        return False, f"GET {url}: {answer.status}, and nothing in it"
    return True, f"GET {url}: {answer.status}"


def means_well(status: int, statuses: str) -> bool:
    """Return whether a status is among those that a target group's matcher names."""
    for part in statuses.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit() and int(first) <= status <= int(last if last.isdigit() else first):
            return True
    return False


def ask(url: str, timeout: float = REQUEST_SECONDS) -> Answer:
    """Ask for an address as a browser does, but never follow to another host, nor from HTTPS to HTTP.

    Raises:
        UnreachedError: nobody answers, or not in HTTP, or with a certificate that does not hold.
    """
    opener = urllib.request.build_opener(_Redirects())
    request = urllib.request.Request(url, headers={"User-Agent": "stackproof", "Accept": "*/*"})  # noqa: S310 - checked
    try:
        with opener.open(request, timeout=timeout) as found:
            return Answer(found.status, found.read(MAX_BODY), found.url)
    except urllib.error.HTTPError as error:
        with error:
            return _refused(error)
    except urllib.error.URLError as error:
        raise UnreachedError(_told(error.reason)) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachedError(_told(error)) from None


def _refused(error: urllib.error.HTTPError) -> Answer:
    """Return an answer that is no success: a failure, or a redirect that is not followed."""
    sent = error.headers.get("Location", "") if 300 <= error.code < 400 else ""
    body = b""
    with suppress(OSError, http.client.HTTPException):
        body = error.read(MAX_BODY)
    return Answer(error.code, body, error.url or "", urllib.parse.urljoin(error.url or "", sent) if sent else "")


class _Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS
    max_repeats = MAX_REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        old, new = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if old.hostname != new.hostname or (old.scheme, new.scheme) == ("https", "http"):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _told(reason: Any) -> str:
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"the certificate does not hold: {reason.verify_message or reason}"
    if isinstance(reason, TimeoutError):
        return f"no answer within {REQUEST_SECONDS:.0f} s"
    if isinstance(reason, OSError):
        return str(reason.strerror or reason)
    return f"{reason}" if str(reason) else type(reason).__name__


def physical_groups(client: Any, stack: str, wanted: Sequence[Resource]) -> dict[str, str]:
    """Return the ARNs of a stack's target groups, by logical id.

    Parameters:
        client: a boto3 client of CloudFormation.
        wanted: the stack's resources.
    """
    names = {resource.logical_id for resource in _groups(wanted)}
    return {
        found["LogicalResourceId"]: str(found["PhysicalResourceId"])
        for page in client.get_paginator("list_stack_resources").paginate(StackName=stack)
        for found in page["StackResourceSummaries"]
        if found["LogicalResourceId"] in names and found.get("PhysicalResourceId")
    }
