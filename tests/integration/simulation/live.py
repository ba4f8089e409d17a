"""The deployments that stand in a real account, for the same questions as in simulation: ``pytest --live``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from stackproof import Deployment, load_system
from stackproof.compose.system import system_paths
from stackproof.deploy.request import stack_name
from stackproof.pytest_plugin import subject_of


@dataclass(frozen=True)
class LiveAccount:
    """The account that the ambient credentials lead to; AWS_ENDPOINT_URL may lead elsewhere.

    Attributes:
        region: the region that its clients use unless they are asked for another.
    """

    region: str

    def client(self, service: str, region: str = "") -> Any:
        """Return a boto3 client of a service."""
        return _client(service, region or self.region)

    def cloudformation(self, region: str = "") -> Any:
        """Return CloudFormation's client in a region."""
        return self.client("cloudformation", region)


@cache
def _client(service: str, region: str) -> Any:
    return boto3.client(service, region_name=region)


def stacks_of(deployment: Deployment) -> dict[str, str] | None:
    """Return the names of the stacks of a deployment by layer; None where it does not stand.

    Each layer is a stack of its own, or all are nested in one that is named as the deployment, as taskcat leaves them.
    """
    account = LiveAccount(deployment.environment.region)
    root = f"{deployment.system}-{deployment.environment.name}"
    nested = _nested(account.cloudformation(), root)
    found = {}
    for layer, stack in deployment.stacks.items():
        name = nested.get(layer.replace("-", "").lower(), stack_name(stack))
        if not _stands(account.cloudformation(stack.context.region or ""), name):
            return None
        found[layer] = name
    return found


def _stands(client: Any, name: str) -> bool:
    try:
        (stack,) = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise
    return str(stack["StackStatus"]) in ("CREATE_COMPLETE", "UPDATE_COMPLETE")


def _nested(client: Any, root: str) -> dict[str, str]:
    """Return the names of the stacks that a root nests, by the small letters of their logical ids."""
    if not _stands(client, root):
        return {}
    found = client.describe_stack_resources(StackName=root)["StackResources"]
    # The id of a nested stack is its ARN: arn:aws:cloudformation:REGION:ACCOUNT:stack/NAME/UUID.
    return {one["LogicalResourceId"].lower(): one["PhysicalResourceId"].split("/")[1] for one in found}


class Standing:
    """Which deployments stand, and so which tests can ask them.

    Parameters:
        systems: those that must stand; none for all of the repository.
    """

    def __init__(self, systems: Iterable[str]) -> None:
        known = {path.stem: path for path in system_paths()}
        wanted = tuple(systems) or tuple(known)
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise pytest.UsageError(f"no system '{unknown[0]}'")
        self._stacks: dict[tuple[str, str], dict[str, str]] = {}
        for name in wanted:
            system = load_system(known[name])
            deployments = [system.deployment(environment) for environment in system.environments]
            found = {one: stacks for one in deployments if (stacks := stacks_of(one)) is not None}
            if not found:
                raise pytest.UsageError(f"--live: {name} stands in no environment here")
            self._stacks |= {(name, one.environment.name): stacks for one, stacks in found.items()}

    def why_not(self, item: pytest.Item) -> str:
        """Return why a test cannot be asked of a real account; empty where it can."""
        if "simulated" not in getattr(item, "fixturenames", ()):
            return "asks no account"
        marker = item.get_closest_marker("simulation_only")
        if marker is not None:
            return str(marker.args[0])
        system, environment = subject_of(item)
        stacks = self._stacks.get((system, environment))
        if stacks is None:
            return "of other systems and environments"
        marker = item.get_closest_marker("own_stacks_only")
        nested = any(name != f"{system}-{environment}-{layer}" for layer, name in stacks.items())
        return str(marker.args[0]) if marker is not None and nested else ""

    def stacks(self, deployment: Deployment) -> dict[str, str]:
        """Return the names of a deployment's stacks by layer."""
        return self._stacks[(deployment.system, deployment.environment.name)]
