"""Distributions in front of a bucket say what their root is."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.distributions import configuration, runs_code, serves_bucket

POLICY = Policy(
    id="SP710",
    severity=Severity.LOW,
    types=("AWS::CloudFront::Distribution",),
    rationale="A request for the root of a bucket is a request for the list of all that it holds.",
    remediation="Set DefaultRootObject, such as index.html.",
    controls=("FSBP CloudFront.1", "NIST SC-7(11)"),
)


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A server answers its root by itself, and so does a function that looks at requests."""
    config = configuration(distribution)
    if stated(config, "DefaultRootObject") or not serves_bucket(distribution, deployment):
        return
    if not runs_code(config.block("DefaultCacheBehavior"), "viewer-request", "origin-request"):
        yield problem(distribution, config.path_of("DefaultRootObject"), "its root leads to the list of the bucket")
