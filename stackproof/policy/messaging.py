"""Facts about topics and queues for policies: which policies are attached to them."""

from __future__ import annotations

from stackproof.compose.deployment import Deployment
from stackproof.policy.alternatives import elements, unknown
from stackproof.policy.reading import may_be_any, mentions
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Undecidable

_ATTACHED = {
    "AWS::SNS::Topic": (("AWS::SNS::TopicPolicy", "Topics"), ("AWS::SNS::TopicInlinePolicy", "TopicArn")),
    "AWS::SQS::Queue": (("AWS::SQS::QueuePolicy", "Queues"), ("AWS::SQS::QueueInlinePolicy", "Queue")),
}


def policies_of(resource: Resource, deployment: Deployment) -> list[Resource]:
    """Return the policies of a topic or a queue, of whichever stack.

    Raises:
        Undecidable: there is none, and a policy of which no template shows what it is for.
    """
    found: list[Resource] = []
    unsure: Undecidable | None = None
    for kind, key in _ATTACHED[resource.type]:
        for policy in deployment.of_type(kind):
            for named in elements(policy, key):
                if mentions(named, resource, deployment):
                    found.append(policy)
                elif may_be_any(named):
                    unsure = unknown(policy, key, named)
    if unsure is not None and not found:
        raise unsure
    return found
