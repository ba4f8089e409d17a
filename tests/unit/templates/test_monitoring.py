"""The monitoring layer of every system, asked in every environment."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof import Deployment, Resource
from stackproof.resolve.values import plain_value

SEVERITIES = ("Critical", "Warning", "Information")


def _topics(deployment: Deployment) -> list[Resource]:
    return deployment["monitoring"].of_type("AWS::SNS::Topic")


def _statements(resource: Resource, document: str = "PolicyDocument") -> dict[str, dict[str, Any]]:
    """Return the statements of a document by their Sid."""
    return {item["Sid"]: plain_value(item) for item in resource.block(document).items_of("Statement")}


def _services(statement: dict[str, Any]) -> set[str]:
    principal = statement["Principal"]
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    return {services} if isinstance(services, str) else set(services)


def _shown(value: Any) -> Any:
    """Return a value with its symbols as text."""
    if isinstance(value, dict):
        return {key: _shown(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(inner) for inner in value]
    return str(value) if value is not None else None


@pytest.mark.promise("CJ-07")
@pytest.mark.promise("MT-23")
@pytest.mark.promise("MT-18")
def test_three_severities(deployment: Deployment) -> None:
    """A topic of each, exported under the name that the other layers import."""
    stack, name = deployment["monitoring"], f"{deployment.system}-{deployment.environment.name}"
    assert [topic.logical_id for topic in _topics(deployment)] == [f"{severity}Topic" for severity in SEVERITIES]
    found = {key: (deployment.follow(output.value), output.export) for key, output in stack.outputs.items()}
    assert found == {
        f"{severity}TopicArn": (stack[f"{severity}Topic"], f"{name}-Monitoring{severity}TopicArn")
        for severity in SEVERITIES
    }


@pytest.mark.promise("CJ-07")
@pytest.mark.promise("CJ-09")
def test_topics_are_encrypted_with_a_key_that_rotates(deployment: Deployment) -> None:
    """The key of AWS would let no alarm through."""
    key = deployment["monitoring"]["TopicKey"]
    assert {deployment.follow(topic["KmsMasterKeyId"]) for topic in _topics(deployment)} == {key}
    assert key.boolean("EnableKeyRotation")


@pytest.mark.promise("CJ-07")
def test_who_may_use_the_key(deployment: Deployment) -> None:
    """Alarms and budgets of this account by their account, events by the topic that they are for."""
    key = _statements(deployment["monitoring"]["TopicKey"], "KeyPolicy")
    account = {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}}
    found = {
        sid: (_services(statement), _shown(statement.get("Condition")))
        for sid, statement in key.items()
        if "Service" in statement["Principal"]
    }
    context = "arn:aws:sns:us-east-1:${AWS::AccountId}:*"
    assert found == {
        "AlarmsAndBudgetsOfThisAccount": ({"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}, account),
        "EventsForTopicsOfThisAccount": (
            {"events.amazonaws.com"},
            {"ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": context}},
        ),
    }
    actions = {action for statement in key.values() if _services(statement) for action in statement["Action"]}
    assert actions == {"kms:Decrypt", "kms:GenerateDataKey*"}


PUBLISHERS = {
    "Critical": {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"},
    "Warning": {"cloudwatch.amazonaws.com", "budgets.amazonaws.com"},
    "Information": {"cloudwatch.amazonaws.com", "events.amazonaws.com"},
}


@pytest.mark.promise("CJ-07")
@pytest.mark.parametrize("severity", SEVERITIES)
def test_who_may_publish(deployment: Deployment, severity: str) -> None:
    """The services that do, for this account where they say so, and nobody without TLS."""
    stack = deployment["monitoring"]
    policy = stack[f"{severity}TopicPolicy"]
    assert [deployment.follow(topic) for topic in policy.items_of("Topics")] == [stack[f"{severity}Topic"]]
    statements = _statements(policy)
    allowed = [statement for statement in statements.values() if statement["Effect"] == "Allow"]
    assert set().union(*(_services(statement) for statement in allowed)) == PUBLISHERS[severity]
    bare = [_services(statement) for statement in allowed if "Condition" not in statement]
    # SNS evaluates no condition for EventBridge.
    assert bare == ([{"events.amazonaws.com"}] if severity == "Information" else [])
    assert statements["NobodyWithoutTls"]["Effect"] == "Deny"
    assert statements["NobodyWithoutTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


ESCALATED = {("caja", "staging"), ("caja", "prod")}


@pytest.mark.promise("CJ-07")
def test_escalation(deployment: Deployment) -> None:
    """Critical messages wake somebody where that is promised; the address is in no template and no parameter."""
    system, name = deployment.system, deployment.environment.name
    stack = deployment["monitoring"]
    found = [
        (deployment.follow(item["TopicArn"]), item.text("Protocol"), str(item["Endpoint"]))
        for item in stack.of_type("AWS::SNS::Subscription")
    ]
    endpoint = f"{{{{resolve:secretsmanager:{system}/{name}/escalation:SecretString:url}}}}"
    assert found == ([(stack["CriticalTopic"], "https", endpoint)] if (system, name) in ESCALATED else [])


NEWS = {
    "CapacityRule": "aws.application-autoscaling",
    "DeploymentsRule": "aws.cloudformation",
    "InstancesRule": "aws.autoscaling",
    "ServicesRule": "aws.ecs",
}


@pytest.mark.promise("CJ-07")
def test_monitoring_grows_with_the_environment(deployment: Deployment) -> None:
    """The dev environments are spared the news of deployments and scaling."""
    stack = deployment["monitoring"]
    rules = {rule.logical_id: rule for rule in stack.of_type("AWS::Events::Rule")}
    found = {name: rule.block("EventPattern").items_of("source")[0] for name, rule in rules.items()}
    assert found == ({} if deployment.environment.name == "dev" else NEWS)
    targets = [deployment.follow(target["Arn"]) for rule in rules.values() for target in rule.items_of("Targets")]
    assert targets == [stack["InformationTopic"]] * len(rules)


@pytest.mark.promise("CJ-07")
@pytest.mark.promise("CJ-14")
@pytest.mark.environments("test", "staging", "prod")
def test_news_of_this_system_only(deployment: Deployment) -> None:
    """Each rule is limited by what begins the names of this system's stacks, groups and services."""
    stack, system = deployment["monitoring"], deployment.system
    environment = f"{system}-{deployment.environment.name}-"
    arn = "arn:aws:%s:us-east-1:${AWS::AccountId}:%s"
    found = {
        rule.logical_id: [str(prefix) for prefix in _prefixes(plain_value(rule["EventPattern"]))]
        for rule in stack.of_type("AWS::Events::Rule")
    }
    assert found == {
        "DeploymentsRule": [arn % ("cloudformation", f"stack/{environment}")],
        "InstancesRule": [environment],
        "ServicesRule": [arn % ("ecs", f"service/{system}-")],
        "CapacityRule": [f"service/{system}-"],
    }


def _prefixes(pattern: Any) -> list[Any]:
    if isinstance(pattern, dict):
        inner = [found for value in pattern.values() for found in _prefixes(value)]
        return [pattern["prefix"]] if "prefix" in pattern else inner
    return [found for item in pattern for found in _prefixes(item)] if isinstance(pattern, list | tuple) else []


BUDGETS = {
    "maticko": {"dev": 100, "test": 150, "prod": 500},
    "caja": {"dev": 200, "staging": 900, "prod": 1200},
    "muejam": {"dev": 250, "staging": 550, "prod": 2000},
    "mattilda": {"staging": 150, "prod": 250},
}


@pytest.mark.promise("CJ-11")
def test_budget(deployment: Deployment) -> None:
    """Of a month, for all that the environment's account costs."""
    budget = deployment["monitoring"]["Budget"].block("Budget")
    amount = BUDGETS[deployment.system][deployment.environment.name]
    assert (budget.text("BudgetType"), budget.text("TimeUnit")) == ("COST", "MONTHLY")
    assert (budget.block("BudgetLimit").integer("Amount"), budget.block("BudgetLimit").text("Unit")) == (amount, "USD")
    assert "CostFilters" not in budget


@pytest.mark.promise("CJ-11")
def test_budget_warns_before_it_is_spent(deployment: Deployment) -> None:
    """At 80 % and when 100 % are foreseen; what is spent is critical."""
    stack = deployment["monitoring"]
    found = [
        (
            item.block("Notification").text("NotificationType"),
            item.block("Notification").integer("Threshold"),
            [deployment.follow(one["Address"]) for one in item.items_of("Subscribers")],
        )
        for item in stack["Budget"].items_of("NotificationsWithSubscribers")
    ]
    warning, critical = [stack["WarningTopic"]], [stack["CriticalTopic"]]
    assert found == [("ACTUAL", 80, warning), ("FORECASTED", 100, warning), ("ACTUAL", 100, critical)]


@pytest.mark.promise("CJ-13")
def test_names_and_tags(deployment: Deployment) -> None:
    """Every taggable resource carries the cost-allocation tags and a name of system and environment."""
    system, name = deployment.system, deployment.environment.name
    found = {
        resource.logical_id: {tag["Key"]: str(tag["Value"]) for tag in resource.items_of(key)}
        for resource in deployment["monitoring"].resources.values()
        for key in ("Tags", "ResourceTags")
        if key in resource
    }
    untagged = set(deployment["monitoring"].resources) - set(found)
    assert {deployment["monitoring"][one].type for one in untagged} <= {
        "AWS::SNS::TopicPolicy",
        "AWS::SNS::Subscription",
    }
    wrong = [
        logical_id
        for logical_id, tags in found.items()
        if (tags["System"], tags["Environment"], tags["Layer"]) != (system, name, "monitoring")
        or not tags["Name"].startswith(f"{system}-{name}-")
    ]
    assert wrong == []


@pytest.mark.promise("CJ-07")
def test_needs_no_other_layer(deployment: Deployment) -> None:
    """So that it stands before all whose alarms report to it."""
    others = {
        reference.stack
        for resource in deployment["monitoring"].resources.values()
        for reference in resource.references()
    }
    assert others == {"monitoring"}
