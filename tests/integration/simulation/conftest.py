"""Ma-Ticko, deployed once per environment into a simulated account; the tests ask the services what a tester would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from stackproof import Deployment
from stackproof.deploy import Deployer
from stackproof.deploy.request import stack_name
from stackproof.simulate import SimulatedAccount, simulated_account


@dataclass(frozen=True)
class Simulated:
    """A deployment that stands in a simulated account."""

    deployment: Deployment
    account: SimulatedAccount

    @property
    def environment(self) -> str:
        """Name of the environment."""
        return self.deployment.environment.name

    @property
    def prefix(self) -> str:
        """What the names of this environment begin with."""
        return f"{self.deployment.system}-{self.environment}"

    def client(self, service: str) -> Any:
        """Return a boto3 client."""
        return self.account.client(service)

    def id_of(self, layer: str, logical_id: str) -> str:
        """Return the physical id of a resource, as CloudFormation gives it."""
        found = self.client("cloudformation").describe_stack_resource(
            StackName=stack_name(self.deployment[layer]), LogicalResourceId=logical_id
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def outputs(self, layer: str) -> dict[str, str]:
        """Return the outputs of a stack."""
        stacks = self.client("cloudformation").describe_stacks(StackName=stack_name(self.deployment[layer]))["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}


@pytest.fixture(scope="module")
def simulated(deployment: Deployment) -> Iterator[Simulated]:
    """The deployment of one system and environment, standing in a simulated account."""
    place = deployment.environment
    with simulated_account(place.region, place.account) as account:
        for _ in Deployer(deployment, account.cloudformation, sleep=_never).create():
            pass
        yield Simulated(deployment, account)


@pytest.fixture(scope="session")
def by_environment() -> Callable[..., Any]:
    """Choose a value by environment: ``by_environment(simulated, dev=1, test=1, prod=2)``."""

    def choose(simulated: Simulated, **values: Any) -> Any:
        return values[simulated.environment]

    return choose


def _never(_seconds: float) -> None:
    raise AssertionError("nothing waits in a simulated account")
