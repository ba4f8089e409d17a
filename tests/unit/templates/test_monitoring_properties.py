"""What holds of the monitoring layer for every value that it permits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Stack, load_system
from stackproof.resolve.values import plain_value
from stackproof.strategies import stacks

TEMPLATE = load_system("caja").templates["monitoring"]
EVERY = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("CJ-07")
@EVERY
@given(stacks(TEMPLATE))
def test_topics_are_always_encrypted(stack: Stack) -> None:
    """With the stack's own key, which rotates."""
    topics = stack.of_type("AWS::SNS::Topic")
    assert [topic.logical_id for topic in topics] == ["CriticalTopic", "WarningTopic", "InformationTopic"]
    assert {str(topic["KmsMasterKeyId"]) for topic in topics} == {"${TopicKey.Arn}"}
    assert stack["TopicKey"].boolean("EnableKeyRotation")


@pytest.mark.promise("CJ-07")
@EVERY
@given(stacks(TEMPLATE))
def test_nobody_publishes_without_tls(stack: Stack) -> None:
    """Every topic has a policy that says so."""
    denied = [
        str(statement["Resource"])
        for policy in stack.of_type("AWS::SNS::TopicPolicy")
        for statement in policy.block("PolicyDocument").items_of("Statement")
        if statement["Effect"] == "Deny"
    ]
    assert denied == ["${CriticalTopic}", "${WarningTopic}", "${InformationTopic}"]


@pytest.mark.promise("CJ-07")
@EVERY
@given(stacks(TEMPLATE, Environment="prod"))
def test_monitoring_of_production_is_full(stack: Stack) -> None:
    """No value spares production the news."""
    assert len(stack.of_type("AWS::Events::Rule")) == 4


@pytest.mark.promise("CJ-07")
@EVERY
@given(stacks(TEMPLATE))
def test_escalation_is_as_asked(stack: Stack) -> None:
    """By HTTPS only, to the address in the secret of this system and environment."""
    found = [(item.text("Protocol"), str(item["Endpoint"])) for item in stack.of_type("AWS::SNS::Subscription")]
    secret = f"{stack.values['System']}/{stack.values['Environment']}/escalation"
    wanted = [("https", f"{{{{resolve:secretsmanager:{secret}:SecretString:url}}}}")]
    assert found == (wanted if stack.values["Escalation"] == "true" else [])


@pytest.mark.promise("CJ-11")
@EVERY
@given(stacks(TEMPLATE))
def test_budget_counts_the_account_or_the_tags(stack: Stack) -> None:
    """Of tags both, so that another environment in the same account is left out."""
    budget = stack["Budget"].block("Budget")
    filters = plain_value(budget["CostFilters"]) if "CostFilters" in budget else None
    tags = [f"user:System${stack.values['System']}", f"user:Environment${stack.values['Environment']}"]
    assert filters == ({"TagKeyValue": tags} if stack.values["BudgetScope"] == "tags" else None)
    assert budget.block("BudgetLimit").text("Amount") == stack.values["MonthlyBudgetUsd"]
