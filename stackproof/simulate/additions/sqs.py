"""SQS: who may use a queue for its dead letters, and a policy that outlives the change of another attribute."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import EmptyResult
from moto.sqs.models import Queue

from stackproof.simulate.additions.keeping import Item, Method, Response

_ALLOW = "RedriveAllowPolicy"


def _set_queue_attributes(response: Response, request: Item) -> Any:
    """Set attributes; moto forgets a queue's policy with every other attribute, and keeps an empty key or policy."""
    queue: Any = response.sqs_backend.get_queue(response._get_queue_name())
    given = dict(request.get("Attributes", {}))
    if "KmsMasterKeyId" in given:
        # Either SQS or KMS has the key.
        given.setdefault("SqsManagedSseEnabled", "false" if given["KmsMasterKeyId"] else "true")
    queue._set_attributes({"Policy": queue.policy, **given})
    for name in ("kms_master_key_id", "redrive_allow_policy"):
        setattr(queue, name, getattr(queue, name) or None)
    return EmptyResult()


METHODS: Mapping[tuple[str, str], Method] = {("sqs", "SetQueueAttributes"): _set_queue_attributes}

PATCHES = (
    (Queue, "BASE_ATTRIBUTES", [*Queue.BASE_ATTRIBUTES, _ALLOW]),
    (Queue, "redrive_allow_policy", None),
)
