"""What the shop promises about its orders, asked of the resolved templates."""

import pytest

from stackproof import Deployment, Stack, System
from stackproof.pytest_plugin import PolicyFindings


def test_only_prod_is_protected(system: System) -> None:
    assert {name for name, place in system.manifest.environments.items() if place.protected} == {"prod"}


def test_every_queue_is_encrypted_with_the_key_of_its_environment(deployment: Deployment) -> None:
    for queue in deployment.of_type("AWS::SQS::Queue"):
        assert deployment.follow(queue["KmsMasterKeyId"]) is deployment["keys"]["Key"]


@pytest.mark.promise("SHOP-01")
@pytest.mark.environments("prod")
@pytest.mark.layers("orders")
def test_orders_wait_for_two_weeks(stack: Stack) -> None:
    assert stack["Orders"].integer("MessageRetentionPeriod") == 14 * 24 * 60 * 60


def test_what_a_layer_shares_is_described(stack: Stack) -> None:
    assert all(output.description for output in stack.outputs.values())


def test_no_policy_finds_anything(policy_findings: PolicyFindings) -> None:
    assert policy_findings == []
