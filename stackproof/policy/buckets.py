"""Facts about S3 buckets: what they are for, which rules make their objects leave, and how they are encrypted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.policy.alternatives import elements, unknown
from stackproof.policy.documents import Statement, any_of, statements
from stackproof.resolve.stack import Resource, references_in
from stackproof.resolve.values import Block, Undecidable
from stackproof.symbols import Symbol

BUCKET = "AWS::S3::Bucket"

_WRITERS = {
    "AWS::CloudTrail::Trail": ("S3BucketName",),
    "AWS::Config::DeliveryChannel": ("S3BucketName",),
    "AWS::EC2::FlowLog": ("LogDestination",),
    "AWS::ElasticLoadBalancing::LoadBalancer": ("AccessLoggingPolicy",),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("LoadBalancerAttributes",),
    "AWS::Logs::DeliveryDestination": ("DestinationResourceArn",),
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": ("DestinationArn",),
    BUCKET: ("LoggingConfiguration", "DestinationBucketName"),
    "AWS::WAFv2::LoggingConfiguration": ("LogDestinationConfigs",),
}
"""Where resources name the bucket that they write logs to."""

_DISTRIBUTION = "AWS::CloudFront::Distribution"
_SERVICES = frozenset(
    {
        "cloudtrail.amazonaws.com",
        "config.amazonaws.com",
        "delivery.logs.amazonaws.com",
        "logdelivery.elasticloadbalancing.amazonaws.com",
        "logging.s3.amazonaws.com",
    }
)
"""Services that deliver logs and nothing else."""


def receives_logs(bucket: Resource, deployment: Deployment) -> bool:
    """Return whether a bucket is where logs are kept, by what names it or by what its policy admits.

    Raises:
        Undecidable: its policy is known only after deployment.
    """
    if bucket.get("AccessControl") == "LogDeliveryWrite" or receives_cloudfront_logs(bucket, deployment):
        return True
    if any(
        user is not bucket and _names(_inside(user, path), bucket)
        for kind, path in _WRITERS.items()
        for user in deployment.of_type(kind)
    ):
        return True
    return any(
        statement.allows and bool(any_of(_services(statement), _SERVICES.__contains__))
        for policy in policies_of(bucket, deployment)
        for statement in statements(policy.properties, "PolicyDocument", together=True)
    )


def receives_cloudfront_logs(bucket: Resource, deployment: Deployment) -> bool:
    """Return whether CloudFront writes standard logs to a bucket, for which it needs an ACL."""
    path = ("DistributionConfig", "Logging", "Bucket")
    return any(_names(_inside(user, path), bucket) for user in deployment.of_type(_DISTRIBUTION))


def is_origin(bucket: Resource, deployment: Deployment) -> bool:
    """Return whether CloudFront hands out what lies in a bucket."""
    path = ("DistributionConfig", "Origins")
    return any(_names(_inside(user, path), bucket) for user in deployment.of_type(_DISTRIBUTION))


def policies_of(bucket: Resource, deployment: Deployment) -> list[Resource]:
    """Return the bucket policies of all stacks that surely name a bucket."""
    return [
        policy
        for policy in deployment.of_type("AWS::S3::BucketPolicy")
        if deployment.follow(policy.get("Bucket")) is bucket
        or (policy.get("Bucket") is not None and policy.get("Bucket") == bucket.get("BucketName"))
    ]


def is_versioned(bucket: Resource) -> bool:
    """Return whether a bucket keeps earlier versions of its objects.

    Raises:
        Undecidable: it is known only after deployment.
    """
    return bucket.block("VersioningConfiguration").text("Status") == "Enabled"


def has_lifecycle_rule(bucket: Resource, test: Callable[[Block], bool]) -> bool:
    """Return whether an enabled lifecycle rule passes a test.

    Raises:
        Undecidable: none surely does, and one may.
    """
    configuration = bucket.block("LifecycleConfiguration")
    unsure: Undecidable | None = None
    for rule in elements(configuration, "Rules"):
        if not isinstance(rule, Block):
            unsure = unknown(configuration, "Rules", rule)
            continue
        try:
            if rule.text("Status") == "Enabled" and test(rule):
                return True
        except Undecidable as reason:
            unsure = reason
    if unsure is not None:
        raise unsure
    return False


def default_encryption(bucket: Resource) -> Block:
    """Return how new objects are encrypted where they do not say it themselves; an empty block where nothing is said.

    Raises:
        Undecidable: it is known only after deployment.
    """
    configuration = bucket.block("BucketEncryption")
    for rule in configuration.items_of("ServerSideEncryptionConfiguration"):
        if isinstance(rule, Symbol):
            raise unknown(configuration, "ServerSideEncryptionConfiguration", rule)
        if isinstance(rule, Block):
            return rule.block("ServerSideEncryptionByDefault")
    return configuration.block("ServerSideEncryptionByDefault")


def _services(statement: Statement) -> list[Any]:
    return [value for kind, value in statement.principals if kind == "Service"]


def _inside(resource: Resource, path: tuple[str, ...]) -> Any:
    value: Any = resource.properties
    for key in path:
        if not isinstance(value, Block):
            return value  # A function: whatever it names counts.
        value = value.get(key)
    return value


def _names(value: Any, bucket: Resource) -> bool:
    """Return whether a value names a bucket, by reference or by its own name."""
    name = bucket.get("BucketName")
    if name is not None and value == name:
        return True
    return any((found.stack, found.logical_id) == (bucket.stack, bucket.logical_id) for found in references_in(value))
