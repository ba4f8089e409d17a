"""Images are scanned for known vulnerabilities."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, Undecidable, problem
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP661",
    severity=Severity.MEDIUM,
    types=("AWS::ECR::Repository",),
    rationale="Most of an image is other people's software, whose flaws become known after it was built.",
    remediation="Set ScanOnPush of ImageScanningConfiguration to true, or declare a scanning configuration of the "
    "registry that covers the repository.",
    controls=("FSBP ECR.1", "NIST RA-5"),
)


def check(repository: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The repository's own setting, or a rule of the registry in any stack."""
    unsure: Undecidable | None = None
    try:
        if repository.block("ImageScanningConfiguration").boolean("ScanOnPush"):
            return
    except Undecidable as reason:
        unsure = reason
    for registry in deployment.of_type("AWS::ECR::RegistryScanningConfiguration"):
        for rule in blocks(registry.properties, "Rules"):
            for entry in blocks(rule, "RepositoryFilters"):
                if _covers(entry.text("Filter"), repository):
                    return
    if unsure is not None:
        raise unsure
    path = "ImageScanningConfiguration.ScanOnPush"
    yield problem(repository, path, "neither it nor the registry says that its images are scanned")


def _covers(pattern: str, repository: Resource) -> bool:
    if not pattern.strip("*"):
        return True
    name = repository.get("RepositoryName")
    if isinstance(name, Symbol):
        raise Undecidable(f"whether {pattern} covers it depends on its name", repository.mark, "RepositoryName")
    # Without a wildcard a filter means every name that holds it.
    return name is not None and fnmatchcase(f"{name}", pattern if "*" in pattern else f"*{pattern}*")
