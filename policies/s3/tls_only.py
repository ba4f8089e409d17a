"""Buckets refuse requests without TLS."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, problem
from stackproof.policy.alternatives import unknown
from stackproof.policy.documents import Statement, any_of, is_everything, is_service_wide, pattern_text, statements

POLICY = Policy(
    id="SP506",
    severity=Severity.MEDIUM,
    types=("AWS::S3::Bucket",),
    rationale="S3 answers plain HTTP too, so that a client with a wrong address sends objects and signatures readable.",
    remediation="Add a bucket policy that denies s3:* to everybody where aws:SecureTransport is false.",
    controls=("FSBP S3.5", "CIS 2.1.1", "NIST SC-8"),
)


def check(bucket: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Bucket policies of all stacks that name this bucket."""
    unsure = None
    for policy in deployment.of_type("AWS::S3::BucketPolicy"):
        named = policy.get("Bucket")
        if deployment.follow(named) is bucket or (named is not None and named == bucket.get("BucketName")):
            if any(map(_denies_plain, statements(policy.properties, "PolicyDocument", together=True))):
                return
        elif isinstance(named, Symbol) and deployment.follow(named) is None:
            unsure = unknown(policy, "Bucket", named)
    if unsure is not None:
        raise unsure
    yield problem(bucket, "", "no bucket policy refuses requests without TLS")


def _denies_plain(statement: Statement) -> bool:
    return (
        statement.denies
        and bool(any_of([value for kind, value in statement.principals if kind == "AWS"], is_everything))
        and bool(any_of(statement.values("Action"), is_service_wide))
        and any(pattern_text(resource).endswith("*") for resource in statement.values("Resource"))
        and any(
            (key == "aws:securetransport" and operator == "bool" and pattern_text(values[0]).lower() == "false")
            or (key == "s3:tlsversion" and operator.startswith("numericlessthan"))
            for operator, key, values in statement.conditions()
        )
    )
