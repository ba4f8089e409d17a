"""Repositories let old images go."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP663",
    severity=Severity.LOW,
    types=("AWS::ECR::Repository",),
    rationale="Every build adds an image, and an old one is deployed by mistake with all that has become known of it.",
    remediation="State LifecyclePolicy with a rule that expires untagged images, or all but the newest.",
    controls=("FSBP ECR.3", "NIST CM-2"),
)


def check(repository: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whatever it says."""
    if not stated(repository, "LifecyclePolicy") or not stated(
        repository.block("LifecyclePolicy"), "LifecyclePolicyText"
    ):
        yield problem(repository, "LifecyclePolicy", "its images stay for ever")
