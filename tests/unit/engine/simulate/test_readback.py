"""Reading back what a service shows."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.simulate.readback import unshown


@pytest.mark.parametrize(
    ("declared", "described", "missing"),
    [
        ({"CidrBlock": "10.0.0.0/16"}, {"Vpcs": [{"CidrBlock": "10.0.0.0/16"}]}, []),
        ({"MultiAZ": "true"}, {"MultiAZ": True}, []),
        ({"MultiAZ": True}, {"MultiAZ": False}, ["MultiAZ"]),
        # A value that could be anything counts under its own name only.
        ({"MultiAZ": True}, {"Encrypted": True}, ["MultiAZ"]),
        ({"Port": "5432"}, {"Endpoint": {"Port": 5432}}, []),
        ({"Threshold": 70}, {"Threshold": 70.0}, []),
        # Enabled or enable, one or many, capitals or not.
        ({"EnableIAMDatabaseAuthentication": True}, {"IAMDatabaseAuthenticationEnabled": True}, []),
        ({"EnableCloudwatchLogsExports": ["postgresql"]}, {"EnabledCloudwatchLogsExports": ["postgresql"]}, []),
        # A telling value is found wherever it stands.
        ({"VPCSecurityGroups": ["sg-0123456789"]}, {"Groups": [{"Id": "sg-0123456789"}]}, []),
        ({"VPCSecurityGroups": ["sg-0123456789"]}, {"Groups": []}, ["VPCSecurityGroups.*"]),
        ({"Tags": [{"Key": "Name", "Value": "a"}]}, {"Tags": [{"Key": "Name", "Value": "a"}]}, []),
        ({"Tags": [{"Key": "Name", "Value": "a"}]}, {"Tags": [{"TagKey": "Name", "TagValue": "a"}]}, []),
        ({"Tags": [{"Key": "Name", "Value": "a"}]}, {"tags": [{"key": "Name", "value": "a"}]}, []),
        ({"Tags": [{"Key": "Name", "Value": "a"}]}, {"Tags": []}, ["Tags"]),
        ({"SearchString": "/login"}, {"SearchString": b"/login"}, []),
        (
            {"Parameters": {"rds.force_ssl": "1"}},
            {"Parameters": [{"ParameterName": "rds.force_ssl", "ParameterValue": "1"}]},
            [],
        ),
        ({"KeyPolicy": {"Effect": "Allow"}}, {"Policy": '{"Effect": "Allow"}'}, []),
        ({"VPCZoneIdentifier": ["subnet-1", "subnet-2"]}, {"VPCZoneIdentifier": "subnet-1,subnet-2"}, []),
    ],
)
def test_unshown(declared: dict[str, Any], described: dict[str, Any], missing: list[str]) -> None:
    """A declared value is shown or missing, by its path."""
    assert list(unshown(declared, [described])) == missing
