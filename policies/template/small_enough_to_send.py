"""Templates are small enough to be sent without a bucket."""

import json
from collections.abc import Iterator

from stackproof.load.nodes import plain
from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack, problem
from stackproof.quotas import REQUEST_BYTES

POLICY = Policy(
    id="SP909",
    severity=Severity.LOW,
    types=TEMPLATE,
    rationale="CloudFormation takes a larger template only from a bucket, which must be there first.",
    remediation="Move long scripts out of the template, or make two stacks of it.",
)


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """The size of the file; where there is none, that of the shortest JSON."""
    size = stack.template.size or len(json.dumps(plain(stack.template.root), separators=(",", ":")).encode())
    if size > REQUEST_BYTES:
        yield problem(stack, "", f"it has {size:,} bytes; {REQUEST_BYTES:,} can be sent")
