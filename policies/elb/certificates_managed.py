"""Certificates of classic load balancers renew themselves."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.documents import pattern_text
from stackproof.policy.reading import blocks

POLICY = Policy(
    id="SP232",
    severity=Severity.MEDIUM,
    types=("AWS::ElasticLoadBalancing::LoadBalancer",),
    rationale="A certificate that was uploaded to IAM expires unless somebody thinks of it, and its private key was in "
    "somebody's hands.",
    remediation="Name a certificate of AWS Certificate Manager in SSLCertificateId.",
    controls=("FSBP ELB.2", "NIST SC-12", "NIST SC-17"),
)


def check(balancer: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Certificates of IAM are told by their ARN."""
    for listener in each(blocks(balancer.properties, "Listeners")):
        if "SSLCertificateId" not in listener or is_managed(listener["SSLCertificateId"], deployment):
            continue
        if ":server-certificate/" in listener.text("SSLCertificateId"):
            yield problem(balancer, listener.path_of("SSLCertificateId"), "its certificate was uploaded to IAM")


def is_managed(value: object, deployment: Deployment) -> bool:
    """Return whether a value is surely a certificate of AWS Certificate Manager."""
    found = deployment.follow(value)
    return found is not None or ":acm:" in pattern_text(value)
