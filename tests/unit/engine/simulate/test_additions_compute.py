"""What is added to moto's EC2, Elastic Load Balancing and Auto Scaling is held to the pinned release."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto.ec2.models.route_tables import RouteTable

from stackproof.simulate.additions import autoscaling, ec2, ec2_instances, elbv2

_MODULES: tuple[Any, ...] = (autoscaling, ec2, ec2_instances, elbv2)


@pytest.mark.parametrize(
    ("service", "operation"), [which for module in _MODULES for which in module.METHODS], ids=lambda value: str(value)
)
def test_operation_is_one_of_the_service(service: str, operation: str) -> None:
    """An operation that is answered here is one that a client can call."""
    model = boto3.client(service, region_name="us-east-1").meta.service_model
    assert operation in model.operation_names


_ADDED = {(RouteTable, "propagating_vgws")}


@pytest.mark.parametrize(
    ("owner", "name"),
    [(owner, name) for module in _MODULES for owner, name, _ in getattr(module, "PATCHES", ())],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_patched_name_exists(owner: Any, name: str) -> None:
    """What is replaced while a simulation runs is still there to be replaced; what is added is not there yet."""
    assert hasattr(owner, name) is ((owner, name) not in _ADDED)
