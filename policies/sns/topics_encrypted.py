"""Topics are encrypted at rest."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP510",
    severity=Severity.LOW,
    types=("AWS::SNS::Topic",),
    rationale="Messages wait on disks until they are delivered, and alarms tell an attacker what is weak.",
    remediation="Set KmsMasterKeyId; for alarms to a key of your own whose policy lets CloudWatch use it.",
    controls=("NIST SC-28",),
)


def check(topic: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Whichever key it is."""
    if not stated(topic, "KmsMasterKeyId"):
        yield problem(topic, "KmsMasterKeyId", "its messages are not encrypted with a key")
