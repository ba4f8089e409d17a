"""A deployment that stands in a simulated account, for tests that ask the services with plain boto3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy import Deployer
from stackproof.deploy.request import stack_name
from stackproof.simulate.account import SimulatedAccount, simulated_account
from stackproof.simulate.prerequisites import prerequisites, provide


@dataclass(frozen=True)
class Simulated:
    """A deployment that stands in a simulated account.

    Attributes:
        deployment: what was deployed.
        account: where it stands.
    """

    deployment: Deployment
    account: SimulatedAccount

    @property
    def system(self) -> str:
        """Name of the system."""
        return self.deployment.system

    @property
    def environment(self) -> str:
        """Name of the environment."""
        return self.deployment.environment.name

    def region_of(self, layer: str) -> str:
        """Return the region in which a layer stands."""
        return self.deployment[layer].context.region or self.account.region

    def client(self, service: str, region: str = "") -> Any:
        """Return a boto3 client, of the environment's region unless another is named."""
        return self.account.client(service, region)

    def id_of(self, layer: str, logical_id: str) -> str:
        """Return the physical id of a resource, as CloudFormation gives it."""
        found = self.client("cloudformation", self.region_of(layer)).describe_stack_resource(
            StackName=stack_name(self.deployment[layer]), LogicalResourceId=logical_id
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def outputs(self, layer: str) -> dict[str, str]:
        """Return the outputs of a stack."""
        client = self.client("cloudformation", self.region_of(layer))
        (stack,) = client.describe_stacks(StackName=stack_name(self.deployment[layer]))["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}


@contextmanager
def standing(deployment: Deployment) -> Iterator[Simulated]:
    """Deploy into a simulated account of its own, which is forgotten afterwards.

    What must stand in the account before, such as a secret that a template reads, is made up.

    Raises:
        InputError: boto3 or moto is not installed.
        DeployError: a stack cannot be created.
    """
    place = deployment.environment
    with simulated_account(place.region, place.account) as account:
        for needed in prerequisites(deployment):
            provide(needed, partial(account.client, region=needed.region))
        for _ in Deployer(deployment, account.cloudformation, sleep=_never).create():
            pass
        yield Simulated(deployment, account)


def _never(_seconds: float) -> None:
    raise AssertionError("nothing waits in a simulated account")
