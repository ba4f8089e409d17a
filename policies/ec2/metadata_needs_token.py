"""Instance metadata is given only for a token (IMDSv2)."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.instances import STARTED_FROM, launch_template_of, settings

POLICY = Policy(
    id="SP106",
    severity=Severity.HIGH,
    types=STARTED_FROM,
    rationale="Without a token, a single request that an application is tricked into sending hands out its role.",
    remediation="Set HttpTokens of MetadataOptions to required.",
    controls=("FSBP EC2.8", "FSBP EC2.170", "FSBP AutoScaling.3", "CIS 5.6", "NIST AC-3"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """An instance takes from its launch template what it does not say itself; that template is judged on its own."""
    block = settings(resource)
    options = block.block("MetadataOptions")
    inherits = resource.type == "AWS::EC2::Instance" and "HttpTokens" not in options
    if inherits and launch_template_of(resource.properties, "LaunchTemplate", deployment) is not None:
        return
    if options.text("HttpTokens") == "required" or options.text("HttpEndpoint") == "disabled":
        return
    said = (
        "accepts requests without one" if "HttpTokens" in options else "says nothing, and so may be given without one"
    )
    yield problem(resource, options.path_of("HttpTokens"), f"no token is demanded for instance metadata: it {said}")
