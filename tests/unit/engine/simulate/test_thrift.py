"""What saves moto from working out again what is known gives the same answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from botocore.utils import parse_timestamp
from moto.core import responses, utils
from moto.core.base_backend import AccountSpecificBackend
from moto.ec2.models.core import TaggedEC2Resource
from moto.ec2.responses import EC2Response
from moto.kms import models as kms

from stackproof.simulate import simulated_account
from stackproof.simulate.additions import thrift
from stackproof.simulate.clients import session

moto: Any = responses
keys: Any = kms
REGION = "eu-west-1"


def test_method_names_are_those_of_moto() -> None:
    with simulated_account(REGION):
        assert moto.method_names_from_class(EC2Response) == utils.method_names_from_class(EC2Response)


def test_tags_are_those_of_moto() -> None:
    """Whatever stands beside the resource that is asked for."""
    thrifty, own = thrift._tags, TaggedEC2Resource.get_tags
    with simulated_account(REGION) as account:
        ec2 = account.client("ec2")
        tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "one"}, {"Key": "Other", "Value": "two"}]}]
        made = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
        from moto.ec2.models import ec2_backends

        vpc = ec2_backends["123456789012"][REGION].vpcs[made]
        with patch.object(TaggedEC2Resource, "get_tags", own):
            expected = vpc.get_tags()
        assert thrifty(vpc) == expected
        assert [tag["key"] for tag in expected] == ["Name", "Other"]


@pytest.mark.parametrize(("specification", "same"), [("SYMMETRIC_DEFAULT", True), ("RSA_2048", False)])
def test_only_keys_that_use_their_private_key_have_one_of_their_own(specification: str, same: bool) -> None:
    with simulated_account(REGION):
        one, other = keys.generate_private_key(specification), keys.generate_private_key(specification)
    assert (one is other) is same


@pytest.mark.parametrize("service", ["ec2", "iam", "s3"])
def test_regions_are_those_of_moto(service: str) -> None:
    own = AccountSpecificBackend._generate_regions.__wrapped__
    assert thrift.regions(None, service) == own(None, service)


@pytest.mark.parametrize(
    "text",
    ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05+00:00", "Fri, 02 Jan 2026 03:04:05 GMT"],
)
def test_times_are_those_of_botocore(text: str) -> None:
    parser = session()._session.get_component("response_parser_factory")._defaults["timestamp_parser"]
    assert parser(text) == parse_timestamp(text)


def test_times_are_in_utc() -> None:
    parser = session()._session.get_component("response_parser_factory")._defaults["timestamp_parser"]
    assert parser(1767323045) == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
