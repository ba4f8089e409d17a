"""All layers of a deployment: their order, what is checked before anything is changed, what a failure leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stackproof.deploy import Deployer, DeployError, Event, Terms
from stackproof.deploy.stacks import find
from stackproof.simulate.account import SimulatedAccount
from tests.unit.engine.deploy.clients import Broken, Slow, refusal
from tests.unit.engine.deploy.market import LAYERS, Market, history, told

BAD = "Value: first", "Value: ''"


class World:
    """The market in its account."""

    def __init__(self, account: SimulatedAccount, market: Market) -> None:
        self.account = account
        self.market = market
        self.client = account.cloudformation()

    def deployer(
        self, environment: str = "dev", client: Callable[[str], Any] | None = None, workers: int = 1, **terms: Any
    ) -> Deployer:
        """Return a new deployer of what the files say now."""
        deployment = self.market.deployment(environment)
        wished = Terms(guarded=deployment.environment.protected, **terms)
        return Deployer(
            deployment, client or self.account.cloudformation, lambda _seconds: None, wished, workers=workers
        )

    def deploy(self, environment: str = "dev", **wishes: Any) -> list[Event]:
        """Deploy what the files say now."""
        return list(self.deployer(environment, **wishes).update())

    def histories(self, environment: str = "dev") -> dict[str, list[str]]:
        """Return the statuses of every stack that stands, by layer."""
        names = {layer: f"market-{environment}-{layer}" for layer in LAYERS}
        return {layer: history(self.client, name) for layer, name in names.items() if find(self.client, name)}


@pytest.fixture
def world(account: SimulatedAccount, market: Market) -> World:
    """The market, not deployed."""
    return World(account, market)


def _order(events: list[Event], status: str) -> list[str]:
    return [layer for layer, found in told(events) if found == status]


# --- Order. ---


def test_nothing_happens_until_the_events_are_read(world: World) -> None:
    world.deployer().update()
    assert world.histories() == {}


@pytest.mark.parametrize("workers", [1, 4])
def test_each_layer_is_created_after_those_that_it_imports_from(world: World, workers: int) -> None:
    created = _order(world.deploy(workers=workers), "CREATE_COMPLETE")
    assert sorted(created) == sorted(LAYERS)
    assert created[0] == "delivery"
    assert created.index("base") < created.index("data")
    assert created.index("monitoring") < created.index("web")


@pytest.mark.parametrize("workers", [1, 4])
def test_each_layer_is_deleted_before_those_that_it_imports_from(world: World, workers: int) -> None:
    world.deploy()
    deleted = _order(list(world.deployer(workers=workers).delete()), "DELETE_COMPLETE")
    assert sorted(deleted) == sorted(LAYERS)
    assert deleted[-1] == "delivery"
    assert deleted.index("data") < deleted.index("base")


def test_the_count_reaches_the_number_of_resources(world: World) -> None:
    events = world.deploy(workers=4)
    size = sum(len(stack.resources) for stack in world.market.deployment().stacks.values())
    assert ({event.total for event in events}, max(event.done for event in events)) == ({size}, size)


def test_a_layer_about_which_nothing_changes_is_left_alone(world: World) -> None:
    world.deploy()
    world.market.change("base")
    assert {layer for layer, _ in told(world.deploy())} == {"base"}


def test_create_refuses_to_touch_what_stands(world: World) -> None:
    world.deploy()
    with pytest.raises(DeployError, match=r"Stack \[market-dev-delivery\] already exists"):
        list(world.deployer().create())


# --- The role. ---


def _roles(world: World) -> dict[str, str]:
    stacks = world.client.describe_stacks()["Stacks"]
    return {stack["StackName"].rpartition("-")[2]: stack.get("RoleARN", "") for stack in stacks}


def test_cloudformation_works_with_the_role_of_the_delivery_layer(world: World) -> None:
    """The layer that makes the role is made with the permissions of whoever deploys."""
    world.deploy()
    delivery = find(world.client, "market-dev-delivery")
    assert delivery is not None
    arn = delivery.outputs["StackRoleArn"]
    assert _roles(world) == {layer: "" if layer == "delivery" else arn for layer in LAYERS}


def test_without_a_layer_that_makes_a_role_there_is_none(world: World) -> None:
    world.market.only("base", "data")
    world.deploy()
    assert _roles(world) == {"base": "", "data": ""}


# --- Before anything is changed. ---


def _risky(world: World) -> None:
    """Deploy, and then want a harmless change in one layer and a dangerous one in another after it."""
    world.deploy("prod")
    world.market.change("base")
    world.market.change("data", "-goods'", "-wares'")


def test_a_protected_environment_refuses_a_dangerous_change_before_anything_is_changed(world: World) -> None:
    _risky(world)
    before = world.histories("prod")
    with pytest.raises(DeployError) as caught:
        world.deploy("prod")
    assert str(caught.value) == (
        "market-prod-data: Bucket: data/Bucket (AWS::S3::Bucket): replaces a resource with data (because of "
        "BucketName). To go on, name it: --accept data/Bucket"
    )
    assert world.histories("prod") == before


def test_a_protected_environment_refuses_to_lose_data_before_anything_is_changed(world: World) -> None:
    world.deploy("prod")
    world.market.change("base")
    path = world.market.folder / "data.yaml"
    text = path.read_text()
    path.write_text(text[: text.index("  Bucket:")] + text[text.index("  Note:") :])
    before = world.histories("prod")
    with pytest.raises(DeployError, match=r"data/Bucket \(AWS::S3::Bucket\): loses data"):
        world.deploy("prod")
    assert world.histories("prod") == before


def test_drift_is_found_before_anything_is_changed(world: World) -> None:
    world.deploy("prod")
    world.market.change("base")
    world.market.change("web")
    stack = world.client.describe_stack_resources(StackName="market-prod-web", LogicalResourceId="Note")
    name = stack["StackResources"][0]["PhysicalResourceId"]
    world.account.client("ssm").put_parameter(Name=name, Value="by hand", Overwrite=True)
    before = world.histories("prod")
    with pytest.raises(DeployError, match=r"market-prod-web: Note: changed outside of CloudFormation: Note \(Value\)"):
        world.deploy("prod")
    assert world.histories("prod") == before


def test_all_refusals_are_known_at_once(world: World) -> None:
    _risky(world)
    world.market.change("web")
    stack = world.client.describe_stack_resources(StackName="market-prod-web", LogicalResourceId="Note")
    name = stack["StackResources"][0]["PhysicalResourceId"]
    world.account.client("ssm").put_parameter(Name=name, Value="by hand", Overwrite=True)
    deployer = world.deployer("prod", workers=4)
    with pytest.raises(DeployError):
        list(deployer.update())
    assert sorted(deployer.failures) == ["data", "web"]


def test_what_is_accepted_by_name_is_done_and_guarded_again(world: World) -> None:
    _risky(world)
    world.deploy("prod", accepted=frozenset({"data/Bucket"}))
    client = world.client
    found = client.describe_stack_resources(StackName="market-prod-data", LogicalResourceId="Bucket")
    assert found["StackResources"][0]["PhysicalResourceId"] == "market-prod-wares"
    assert "LogicalResourceId/Bucket" in client.get_stack_policy(StackName="market-prod-data")["StackPolicyBody"]


def test_an_unprotected_environment_replaces_what_it_is_told_to(world: World) -> None:
    world.deploy()
    world.market.change("data", "-goods'", "-wares'")
    assert _order(world.deploy(), "UPDATE_COMPLETE") == ["data"]


def test_a_change_that_cloudformation_refuses_is_found_before_anything_is_changed(world: World) -> None:
    world.deploy()
    world.market.change("base")
    world.market.change(
        "monitoring", "Resources:", "  Gone: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /no}\nResources:"
    )
    before = world.histories()
    with pytest.raises(DeployError, match=r"market-dev-monitoring: Unable to fetch parameters \[/no\]"):
        world.deploy()
    assert world.histories() == before


def test_what_a_layer_before_will_put_right_is_no_refusal(world: World) -> None:
    """The import is unknown as long as the layer that exports it is not updated."""
    world.deploy()
    name = "!Sub '${System}-${Environment}-More'"
    world.market.change("base", "Outputs:", f"Outputs:\n  More: {{Value: more, Export: {{Name: {name}}}}}")
    world.market.change("data", "Value: first", f"Value: {{'Fn::ImportValue': {name}}}")
    assert _order(world.deploy(), "UPDATE_COMPLETE") == ["base", "data"]


def test_a_half_deleted_stack_is_found_before_anything_is_changed(world: World) -> None:
    world.deploy()
    world.market.change("base")
    before = world.histories()

    class Client(Broken):
        def describe_stacks(self, **request: Any) -> Any:
            answer = world.client.describe_stacks(**request)
            if "data" in answer["Stacks"][0]["StackName"]:
                answer["Stacks"][0]["StackStatus"] = "DELETE_FAILED"
            return answer

    with pytest.raises(DeployError, match="market-dev-data: DELETE_FAILED"):
        world.deploy(client=lambda _region: Client(world.client, {}))
    assert world.histories() == before


def test_a_review_that_no_longer_fits_is_found_before_anything_is_changed(world: World) -> None:
    """Not even where the layer comes after one that is to change."""
    world.deploy()
    world.market.change("base")
    world.market.change("data")
    planned = {layer: world.deployer().run(layer).planned() for layer in ("base", "data")}
    reviewed = {layer: found.id for layer, found in planned.items() if found is not None}
    world.client.delete_change_set(ChangeSetName=reviewed["data"])
    before = world.histories()
    with pytest.raises(DeployError, match="market-dev-data: the reviewed change set is gone; preview again"):
        world.deploy(reviewed=reviewed)
    assert world.histories() == before


# --- Failures. ---


@pytest.mark.parametrize("workers", [1, 4])
def test_a_layer_that_fails_keeps_those_after_it_from_beginning(world: World, workers: int) -> None:
    world.market.change("base", *BAD)
    deployer = world.deployer(workers=workers)
    with pytest.raises(DeployError) as caught:
        list(deployer.update())
    assert (caught.value.layer, caught.value.logical_id) == ("base", "Note")
    assert list(deployer.failures) == ["base"]
    found = world.histories()
    assert found["base"][-1] == "ROLLBACK_COMPLETE"
    assert "data" not in found
    assert found["delivery"][-1] == "CREATE_COMPLETE"


def test_of_several_failures_at_the_same_time_none_is_lost(world: World) -> None:
    world.deploy()
    world.market.change("base", *BAD)
    world.market.change("web", *BAD)
    # web does not need base to change; both are under way when either fails.
    deployer = world.deployer(workers=4, client=lambda _region: Slow(world.client, polls=3))
    with pytest.raises(DeployError):
        list(deployer.update())
    assert set(deployer.failures) <= {"base", "web"}
    assert {layer for layer, found in world.histories().items() if found[-1] == "UPDATE_ROLLBACK_COMPLETE"} == set(
        deployer.failures
    )


def test_after_it_is_mended_the_rest_is_deployed_and_nothing_twice(world: World) -> None:
    world.market.change("base", *BAD)
    with pytest.raises(DeployError):
        world.deploy()
    world.market.change("base", *BAD[::-1])
    assert _order(world.deploy(), "CREATE_COMPLETE") == ["base", "data", "web"]
    assert {tuple(found) for found in world.histories().values()} == {
        ("REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE")
    }


def test_credentials_that_expire_in_the_middle_lose_nothing(world: World) -> None:
    slow = Slow(world.client, polls=2)
    expired = refusal("ExpiredToken", "The security token included in the request is expired")
    broken = Broken(slow, {"describe_stacks": [None] * 15 + [expired] * 1000})
    with pytest.raises(DeployError, match="the credentials have expired"):
        world.deploy(client=lambda _region: broken)
    assert 0 < len(slow.executed) < len(LAYERS)
    world.deploy(client=lambda _region: slow)
    assert sorted(slow.executed) == sorted(f"market-dev-{layer}" for layer in LAYERS)


@pytest.mark.parametrize("steps", range(1, 60, 6))
def test_a_run_that_ends_anywhere_is_taken_up_again(world: World, steps: int) -> None:
    """Nothing is deployed twice, nothing is left out."""
    slow = Slow(world.client, polls=2)
    for _, _ in zip(range(steps), world.deployer(client=lambda _region: slow).update(), strict=False):
        pass
    world.deploy(client=lambda _region: slow)
    assert sorted(slow.executed) == sorted(f"market-dev-{layer}" for layer in LAYERS)
    assert {found[-1] for found in world.histories().values()} == {"CREATE_COMPLETE"}
    assert world.deploy() == []


# --- Going back. ---


def test_what_was_changed_is_brought_back_in_reverse(world: World) -> None:
    world.deploy()
    world.market.change("base")
    world.market.change("data")
    deployer = world.deployer()
    list(deployer.update())
    assert list(deployer.changes) == ["base", "data"]
    assert _order(list(deployer.bring_back()), "UPDATE_COMPLETE") == ["data", "base"]
    assert world.deployer().run("base").planned() is not None
    world.market.change("base", "Value: second", "Value: first")
    world.market.change("data", "Value: second", "Value: first")
    assert world.deploy() == []


def test_a_value_that_must_not_be_shown_is_kept(world: World) -> None:
    """CloudFormation masks it, so that it is left as it is where the stack is brought back."""
    world.deploy()
    world.market.change("data")
    deployer = world.deployer()
    list(deployer.update())
    list(deployer.bring_back())
    client = world.client
    found = client.describe_stack_resources(StackName="market-dev-data", LogicalResourceId="Credentials")
    arn = found["StackResources"][0]["PhysicalResourceId"]
    value = world.account.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    assert value == "hush-hush-4711"


def test_data_that_this_run_added_to_a_protected_stack_goes_with_it(world: World) -> None:
    """The stack policy, which denies to remove data, lets pass what is younger than the run."""
    world.deploy("prod")
    more = "Resources:\n  More: {Type: 'AWS::S3::Bucket'}"
    world.market.change("data", "Resources:", more)
    deployer = world.deployer("prod")
    list(deployer.update())
    assert _order(list(deployer.bring_back()), "UPDATE_COMPLETE") == ["data"]
    types = [
        found["LogicalResourceId"]
        for found in world.client.describe_stack_resources(StackName="market-prod-data")["StackResources"]
    ]
    assert sorted(types) == ["Bucket", "Credentials", "Note"]
