"""Containers run an image that is told by its tag or digest."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.alternatives import alternatives, unknown
from stackproof.policy.containers import TASK, called, containers
from stackproof.symbols import Pseudo, parts_of

POLICY = Policy(
    id="SP646",
    severity=Severity.MEDIUM,
    types=(TASK,),
    rationale="What latest means changes between two starts of one task, so that nobody knows what runs, and a roll "
    "back goes nowhere.",
    remediation="Name the image by its digest, or by a tag that is never moved.",
    controls=("NIST CM-2", "NIST SI-7"),
)

_UNKNOWN, _NO_TAG = "\x01", "\x02"


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A tag that is a parameter without a value may be any; a repository without a tag means latest."""
    for container in containers(task):
        for image in each(alternatives(container.get("Image"))):
            text = "".join(_known(part, deployment) for part in parts_of(image))
            name = text.rpartition("/")[2]
            _, colon, tag = name.partition(":")
            if "@" in name or tag.lower().strip(_UNKNOWN + _NO_TAG) not in ("", "latest"):
                continue
            if _UNKNOWN in (tag if colon else name):
                raise unknown(container, "Image", image)
            yield problem(task, container.path_of("Image"), f"{called(container)} runs whatever image is the latest")


def _known(part: str | Symbol, deployment: Deployment) -> str:
    """Return a part of the name of an image as text, with one character for what is not known."""
    if isinstance(part, str):
        return part
    resource = deployment.follow(part)
    no_tag = isinstance(part, Pseudo) or (resource is not None and resource.type == "AWS::ECR::Repository")
    return _NO_TAG if no_tag else _UNKNOWN
