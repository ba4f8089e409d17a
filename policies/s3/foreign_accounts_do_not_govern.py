"""Bucket policies let no other account change who may do what."""

import re
from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.documents import any_of, covers, pattern_text, statements

POLICY = Policy(
    id="SP529",
    severity=Severity.HIGH,
    types=("AWS::S3::BucketPolicy",),
    rationale="Whoever may change the policy, the ACLs or the encryption of a bucket gives everything that it holds to "
    "whom he likes.",
    remediation="Remove the actions that change policy, ACLs or encryption from what other accounts may do.",
    controls=("FSBP S3.6", "NIST AC-3", "NIST AC-6"),
)

_ACCOUNT = re.compile(r"(?:arn:[^:]+:iam::)?(\d{12}|\x01)(?::.*)?")
_GOVERNS = covers(
    "s3:DeleteBucketPolicy",
    "s3:PutBucketAcl",
    "s3:PutBucketPolicy",
    "s3:PutEncryptionConfiguration",
    "s3:PutObjectAcl",
)


def check(policy: Resource, deployment: Deployment) -> Iterator[Problem]:
    """An account is another one where it is written in digits and not known to be the own."""
    own = deployment.stacks[policy.stack].context.account
    for statement in statements(policy.properties, "PolicyDocument"):
        governs = any_of(statement.values("Action"), _GOVERNS)
        if not statement.allows or governs is False:
            continue
        for kind, value in each(statement.principals):
            found = _ACCOUNT.fullmatch(pattern_text(value)) if kind == "AWS" else None
            if found is None or found[1] == own:
                continue
            if found[1] == "\x01" or governs is None:
                raise statement.undecidable("Action" if governs is None else "Principal")
            message = f"the account {found[1]} may change who may do what"
            yield problem(policy, statement.path_of("Principal"), message)
