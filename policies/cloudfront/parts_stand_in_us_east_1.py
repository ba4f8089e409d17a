"""Certificates and web ACLs of distributions stand in us-east-1."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.distributions import certificates, configuration
from stackproof.policy.documents import pattern_text

POLICY = Policy(
    id="SP713",
    severity=Severity.HIGH,
    types=("AWS::CloudFront::Distribution",),
    rationale="CloudFront takes certificates and web ACLs from us-east-1 only, so that the deployment fails.",
    remediation="Create the certificate and the web ACL by a stack in us-east-1.",
    controls=("NIST CM-2",),
)

HOME = "us-east-1"


def check(distribution: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Where the region of a stack is not known nothing is said: CloudFormation says it before anything is served."""
    config = configuration(distribution)
    acl, path = config.get("WebACLId"), config.path_of("WebACLId")
    region = _region(acl, deployment)
    found = deployment.follow(acl)
    if (found is not None and found.text("Scope") == "REGIONAL") or ":regional/webacl/" in pattern_text(acl):
        yield problem(distribution, path, "this web ACL is for regional resources")
    elif region not in ("", HOME):
        yield problem(distribution, path, f"its web ACL stands in {region}")
    for certificate in certificates(distribution):
        region = _region(certificate.get("AcmCertificateArn"), deployment)
        if region not in ("", HOME):
            path = certificate.path_of("AcmCertificateArn")
            yield problem(distribution, path, f"its certificate stands in {region}")


def _region(value: object, deployment: Deployment) -> str:
    """Return the region of a resource or an ARN; empty where it is not known."""
    found = deployment.follow(value)
    if found is not None:
        return deployment.stacks[found.stack].context.region or ""
    parts = pattern_text(value).split(":", 5)
    known = len(parts) == 6 and parts[0] == "arn" and parts[3].replace("-", "").isalnum()
    return parts[3] if known else ""
