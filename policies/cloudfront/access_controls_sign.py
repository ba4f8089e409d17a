"""Origin access controls sign their requests."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP709",
    severity=Severity.MEDIUM,
    types=("AWS::CloudFront::OriginAccessControl",),
    rationale="An origin that answers requests without a signature answers everybody.",
    remediation="Set SigningBehavior to always.",
    controls=("FSBP CloudFront.13",),
)


def check(control: Resource, deployment: Deployment) -> Iterator[Problem]:
    """With no-override viewers sign for themselves, and who does not is signed for."""
    config = control.block("OriginAccessControlConfig")
    if config.text("SigningBehavior") == "never":
        yield problem(control, config.path_of("SigningBehavior"), "it signs nothing")
