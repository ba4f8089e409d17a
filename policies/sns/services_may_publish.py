"""Services that publish to an encrypted topic may use its key."""

from collections.abc import Iterator
from typing import Any

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, as_text, problem
from stackproof.policy.alternatives import elements, stated, unknown
from stackproof.policy.documents import Statement, any_of, covers, statements
from stackproof.policy.reading import mentions

POLICY = Policy(
    id="SP533",
    severity=Severity.MEDIUM,
    types=("AWS::SNS::Topic",),
    rationale="What a service cannot encrypt it does not send: the deployment succeeds, and no alarm is ever heard.",
    remediation="Give the topic a key of yours whose policy allows the service kms:Decrypt and kms:GenerateDataKey.",
    controls=("NIST AU-6(1)", "NIST SI-4(5)"),
)

_ALARM = ("AlarmActions", "OKActions", "InsufficientDataActions")
# "Enable compatibility between event sources from AWS services and encrypted topics" in the Amazon SNS developer guide.
_SERVICES = {
    "AWS::CloudWatch::Alarm": "cloudwatch.amazonaws.com",
    "AWS::CloudWatch::CompositeAlarm": "cloudwatch.amazonaws.com",
    "AWS::Events::Rule": "events.amazonaws.com",
    "AWS::RDS::EventSubscription": "events.rds.amazonaws.com",
    "AWS::S3::Bucket": "s3.amazonaws.com",
}
_NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")


def check(topic: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The policy of an AWS managed key cannot be changed, and lets no service in."""
    if not stated(topic, "KmsMasterKeyId"):
        return
    publishers = {
        _SERVICES[user.type]: user for user in deployment.users_of(topic) if _publishes(user, topic, deployment)
    }
    if not publishers:
        return
    named = topic.get("KmsMasterKeyId")
    managed = as_text(named).endswith("alias/aws/sns")
    key = None if managed else _key(named, topic, deployment)
    for service, user in publishers.items():
        if key is None or not _admits(key, service):
            yield problem(topic, "KmsMasterKeyId", f"{service}, such as for {user.logical_id}, may not use its key")


def _publishes(user: Resource, topic: Resource, deployment: Deployment) -> bool:
    if user.type.startswith("AWS::CloudWatch::"):
        targets: list[Any] = [action for key in _ALARM for action in elements(user, key)]
        return any(mentions(target, topic, deployment) for target in targets)
    return user.type in _SERVICES


def _key(named: Any, topic: Resource, deployment: Deployment) -> Resource:
    found = deployment.follow(named)
    if found is None and not isinstance(named, Symbol):
        aliases = deployment.of_type("AWS::KMS::Alias")
        found = next((alias for alias in aliases if alias.get("AliasName") == named), None)
    if found is not None and found.type == "AWS::KMS::Alias":
        found = deployment.follow(found.get("TargetKeyId"))
    if found is None or found.type != "AWS::KMS::Key":
        raise unknown(topic, "KmsMasterKeyId", named)
    return found


def _admits(key: Resource, service: str) -> bool:
    granted = [
        statement
        for statement in statements(key.properties, "KeyPolicy", together=True)
        if statement.allows and any_of(_principals(statement), lambda name: name in ("*", service)) is not False
    ]
    return all(
        any(any_of(statement.values("Action"), covers(action)) is not False for statement in granted)
        for action in _NEEDED
    )


def _principals(statement: Statement) -> list[Any]:
    return [value for kind, value in statement.principals if kind == "Service" or value == "*"]
