"""Caches lie in subnets that were made for them."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, problem
from stackproof.policy.alternatives import stated, unknown
from stackproof.policy.caches import CACHES, SERVERLESS

POLICY = Policy(
    id="SP609",
    severity=Severity.HIGH,
    types=CACHES,
    rationale="The default group holds the subnets of the default VPC, which are public and shared by everything.",
    remediation="Set CacheSubnetGroupName to a group of subnets without a route to an internet gateway.",
    controls=("FSBP ElastiCache.7", "NIST SC-7"),
)


def check(cache: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The routes of a subnet group are judged once, where they stand: see SP110."""
    key = "SubnetIds" if cache.type == SERVERLESS else "CacheSubnetGroupName"
    value = cache.get(key)
    if not stated(cache, key) or value == "default":
        yield problem(cache, key, "it lies in the default VPC, whose subnets are public")
    elif isinstance(value, Symbol) and cache.type != SERVERLESS and deployment.follow(value) is None:
        raise unknown(cache, key, value)
