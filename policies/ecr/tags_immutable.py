"""Tags of images are never moved."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import elements
from stackproof.resolve.values import Block

POLICY = Policy(
    id="SP662",
    severity=Severity.MEDIUM,
    types=("AWS::ECR::Repository",),
    rationale="Whoever may push could put another image under the tag that runs, and nobody knows what ran before.",
    remediation="Set ImageTagMutability to IMMUTABLE.",
    controls=("FSBP ECR.2", "NIST CM-2", "NIST CM-8"),
)


def check(repository: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Named exceptions, such as a tag of a cache, are allowed; an exception for everything is none."""
    mutability = repository.text("ImageTagMutability", "MUTABLE").upper()
    if mutability not in ("IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"):
        yield problem(repository, "ImageTagMutability", "its tags can be moved to other images")
    elif mutability == "IMMUTABLE_WITH_EXCLUSION":
        for exception in elements(repository, "ImageTagMutabilityExclusionFilters"):
            key = "ImageTagMutabilityExclusionFilterValue"
            if isinstance(exception, Block) and not exception.text(key).strip("*"):
                yield problem(repository, exception.path_of(key), "its exception lets every tag be moved")
