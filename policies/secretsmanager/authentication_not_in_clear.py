"""Metadata for cfn-init holds no credentials in clear."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import unknown
from stackproof.policy.credentials import exposure

POLICY = Policy(
    id="SP444",
    severity=Severity.CRITICAL,
    types=(
        "AWS::EC2::Instance",
        "AWS::EC2::LaunchTemplate",
        "AWS::AutoScaling::LaunchConfiguration",
        "AWS::AutoScaling::AutoScalingGroup",
    ),
    rationale="Everybody who may describe the stack reads its metadata, and so does every process of the instance.",
    remediation="Name a role in roleName in the place of keys and passwords.",
    controls=("NIST IA-5(7)",),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """What cfn-init authenticates itself with."""
    for name, entry in resource.attributes.block("Metadata").block("AWS::CloudFormation::Authentication").items():
        if not isinstance(entry, Block):
            continue
        for key in ("password", "secretKey"):
            found = exposure(entry[key], deployment, unknown(entry, key, entry[key])) if key in entry else ""
            if found:
                yield problem(resource, entry.path_of(key), f"{key} of {name} {found}")
