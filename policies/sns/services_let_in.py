"""Topics let in the services that publish to them."""

from collections.abc import Iterator
from typing import Any

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import elements
from stackproof.policy.documents import Statement, any_of, covers, statements
from stackproof.policy.messaging import policies_of
from stackproof.policy.reading import mentions

POLICY = Policy(
    id="SP534",
    severity=Severity.MEDIUM,
    types=("AWS::SNS::Topic",),
    rationale="A topic policy replaces the one of AWS, which lets the alarms of the account in, and EventBridge is in "
    "neither: whoever is shut out publishes nothing, and nobody hears of that.",
    remediation="Allow sns:Publish in the topic policy to the service, such as cloudwatch.amazonaws.com.",
    controls=("NIST AU-6(1)", "NIST SI-4(5)"),
)

_ALARM = ("AlarmActions", "OKActions", "InsufficientDataActions")
_CLOUDWATCH, _EVENTS = "cloudwatch.amazonaws.com", "events.amazonaws.com"


def check(topic: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Topics of which templates show the policies; who must write as whom is for the conditions to say."""
    publishers: dict[str, Resource] = {}
    for user in deployment.users_of(topic):
        service = _service(user, topic, deployment)
        if service:
            publishers.setdefault(service, user)
    if not publishers:
        return
    policies = policies_of(topic, deployment)
    if not policies:
        publishers.pop(_CLOUDWATCH, None)
    granted = [statement for policy in policies for statement in _granting(policy)]
    for service, user in publishers.items():
        if not any(_admits(statement, service) for statement in granted):
            yield problem(topic, "", f"its policy does not let in {service}, such as for {user.logical_id}")


def _service(user: Resource, topic: Resource, deployment: Deployment) -> str:
    """Return the service that publishes to a topic for a resource; nothing where none does."""
    if user.type in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        targets: list[Any] = [action for key in _ALARM for action in elements(user, key)]
        return _CLOUDWATCH if any(mentions(target, topic, deployment) for target in targets) else ""
    if user.type != "AWS::Events::Rule":
        return ""
    # With a role of its own a target is published to by that role.
    named = [target for target in elements(user, "Targets") if "RoleArn" not in target]
    return _EVENTS if any(mentions(target.get("Arn"), topic, deployment) for target in named) else ""


def _granting(policy: Resource) -> Iterator[Statement]:
    for statement in statements(policy.properties, "PolicyDocument", together=True):
        if statement.allows and any_of(statement.values("Action"), covers("sns:Publish")) is not False:
            yield statement


def _admits(statement: Statement, service: str) -> bool:
    """Return whether a statement lets a service in; one for an account may do so for its alarms."""
    if "NotPrincipal" in statement:
        return True
    services = [value for kind, value in statement.principals if kind == "Service" or value == "*"]
    account = service == _CLOUDWATCH and any(kind == "AWS" for kind, _ in statement.principals)
    return account or any_of(services, lambda name: name in ("*", service)) is not False
