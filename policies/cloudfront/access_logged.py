"""Distributions of protected environments log access."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import elements, stated
from stackproof.policy.deliveries import is_delivered
from stackproof.policy.distributions import configuration

POLICY = Policy(
    id="SP711",
    severity=Severity.MEDIUM,
    types=("AWS::CloudFront::Distribution",),
    rationale="After an attack or an outage the access log is what tells who asked for what.",
    remediation="Add an AWS::Logs::DeliverySource of type ACCESS_LOGS with a delivery, or set Bucket of Logging.",
    controls=("FSBP CloudFront.5", "NIST AU-2", "NIST AU-12"),
    protected_only=True,
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Logs to a bucket, deliveries of CloudWatch Logs, or logs in real time."""
    config = configuration(distribution)
    if stated(config.block("Logging"), "Bucket") or elements(
        config.block("DefaultCacheBehavior"), "RealtimeLogConfigArn"
    ):
        return
    if not is_delivered(distribution, deployment):
        yield problem(distribution, config.path_of("Logging"), "it keeps no access log")
