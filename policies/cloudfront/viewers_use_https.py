"""Distributions answer viewers over HTTPS only."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.distributions import behaviours

POLICY = Policy(
    id="SP701",
    severity=Severity.HIGH,
    types=("AWS::CloudFront::Distribution",),
    rationale="A site that answers on HTTP too sends passwords and sessions in clear for everybody on the way to read.",
    remediation="Set ViewerProtocolPolicy to redirect-to-https or https-only.",
    controls=("FSBP CloudFront.3", "NIST SC-8", "NIST SC-23"),
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Each behaviour has a policy of its own."""
    for behaviour in behaviours(distribution):
        if behaviour.text("ViewerProtocolPolicy") not in ("redirect-to-https", "https-only"):
            yield problem(distribution, behaviour.path_of("ViewerProtocolPolicy"), "it answers on HTTP too")
