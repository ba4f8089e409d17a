"""Messages on which a function fails again and again are set aside."""

from collections.abc import Iterator, Mapping

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.documents import parsed
from stackproof.policy.reading import mentions

POLICY = Policy(
    id="SP544",
    severity=Severity.LOW,
    types=("AWS::SQS::Queue",),
    rationale="A message that a function cannot work on comes back until it expires, and is then lost.",
    remediation="Set RedrivePolicy to a queue for what was received too often.",
    controls=("NIST SI-11",),
)


def check(queue: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Only where a function reads the queue; not of the queue in which such messages end."""
    readers = deployment.of_type("AWS::Lambda::EventSourceMapping")
    if not any(mentions(reader.get("EventSourceArn"), queue, deployment) for reader in readers):
        return
    if not stated(queue, "RedrivePolicy") and not _is_last(queue, deployment):
        yield problem(queue, "RedrivePolicy", "a message that makes its function fail is never set aside")


def _is_last(queue: Resource, deployment: Deployment) -> bool:
    for source in deployment.users_of(queue):
        redrive = parsed(source.get("RedrivePolicy")) if source.type == "AWS::SQS::Queue" else None
        if isinstance(redrive, Mapping) and mentions(redrive.get("deadLetterTargetArn"), queue, deployment):
            return True
    return False
