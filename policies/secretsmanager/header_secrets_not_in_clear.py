"""Headers by which servers know each other hold no secrets in clear."""

import re
from collections.abc import Iterator
from typing import Any

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.alternatives import elements, unknown
from stackproof.policy.credentials import exposure, names_credential
from stackproof.policy.distributions import DISTRIBUTION, configuration
from stackproof.policy.reading import each_block

RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"

POLICY = Policy(
    id="SP443",
    severity=Severity.HIGH,
    types=(DISTRIBUTION, RULE),
    rationale="Who knows the value that a distribution sends to its origin goes around the distribution and its "
    "firewall; in a template or a parameter everybody knows it.",
    remediation="Refer to a generated secret with {{resolve:secretsmanager:…}} in both places.",
    controls=("NIST IA-5(7)",),
)

_PROVES = re.compile(r"(^|-)(verify|verification|secret|auth|authorization)\Z", re.IGNORECASE)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Headers that are named like a proof or a credential; others carry settings."""
    for block, key, name, value in _sent(resource) if resource.type == DISTRIBUTION else _demanded(resource):
        if not isinstance(name, str) or not (_PROVES.search(name) or names_credential(name)):
            continue
        found = exposure(value, deployment, unknown(block, key, value), within=True)
        if found:
            yield problem(resource, block.path_of(key), f"the value of the header {name} {found}")


def _sent(distribution: Resource) -> Iterator[tuple[Block, str, Any, Any]]:
    for origin in each_block(configuration(distribution), "Origins"):
        for header in each_block(origin, "OriginCustomHeaders"):
            yield header, "HeaderValue", header.get("HeaderName"), header.get("HeaderValue", "")


def _demanded(rule: Resource) -> Iterator[tuple[Block, str, Any, Any]]:
    for condition in each_block(rule.properties, "Conditions"):
        header = condition.block("HttpHeaderConfig")
        for value in each(elements(header, "Values")):
            yield header, "Values", header.get("HttpHeaderName"), value
