"""Queues are encrypted at rest."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP541",
    severity=Severity.MEDIUM,
    types=("AWS::SQS::Queue",),
    rationale="Messages wait on disks until somebody takes them.",
    remediation="Set KmsMasterKeyId, or leave SqsManagedSseEnabled on.",
    controls=("FSBP SQS.1", "NIST SC-28"),
)


def check(queue: Resource, deployment: Deployment) -> Iterator[Problem]:
    """SQS encrypts with its own key unless that is switched off."""
    if not queue.boolean("SqsManagedSseEnabled", default=True) and not stated(queue, "KmsMasterKeyId"):
        yield problem(queue, "SqsManagedSseEnabled", "its messages are not encrypted")
