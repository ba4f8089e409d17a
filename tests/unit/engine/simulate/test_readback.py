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
        # A telling value is found by a word of the names that lead to it.
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
        # What stands nearest under all the names is the value's own place, whatever else says the same.
        ({"A": {"Enabled": True}}, {"A": {"Enabled": False, "Logging": {"Enabled": True}}}, ["A.Enabled"]),
        ({"A": {"Enabled": True}}, {"B": {"Enabled": True}}, ["A.Enabled"]),
        # A place is taken once: what was lost does not hide behind its neighbour.
        (
            {"Rules": [{"Status": "Enabled", "Marker": {"Status": "Enabled"}}]},
            {"Rules": [{"Status": "Enabled"}]},
            ["Rules.*.Marker.Status"],
        ),
        # A call that shows one property alone leaves out its name.
        ({"Versioning": {"Status": "Enabled"}}, {"Status": "Enabled"}, []),
        # An element of a list is found by its id or whatever it has in common with one that is shown.
        (
            {"Rules": [{"Id": "a", "Days": 1}, {"Id": "b", "Days": 2}]},
            {"Rules": [{"ID": "b", "Days": 1}, {"ID": "a", "Days": 2}]},
            ["Rules.*.Days"],
        ),
        (
            {"Rules": [{"Id": "a", "Days": 1}, {"Id": "b", "Days": 1}]},
            {"Rules": [{"ID": "b", "Days": 1}]},
            ["Rules.*.Id"],
        ),
        # One that the service splits or joins is found all the same.
        (
            {"Ingress": [{"Port": 443, "Cidr": "10.0.0.0/8"}, {"Port": 443, "Cidr": "172.16.0.0/12"}]},
            {"Ingress": [{"Port": 443, "Ranges": [{"Cidr": "10.0.0.0/8"}, {"Cidr": "172.16.0.0/12"}]}]},
            [],
        ),
        (
            {"GroupIngress": [{"Protocol": "tcp"}], "GroupEgress": [{"Protocol": "tcp"}]},
            {"Groups": [{"Permissions": [{"Protocol": "tcp"}], "PermissionsEgress": [{"Protocol": "tcp"}]}]},
            [],
        ),
        # Other names for a level: by a word that they share, or none above at all.
        (
            {"Origins": [{"OriginCustomHeaders": [{"HeaderName": "x"}]}]},
            {"Origins": [{"CustomHeaders": {"Items": [{"HeaderName": "x"}]}}]},
            [],
        ),
        ({"EncryptionByDefault": {"Kind": "k"}}, {"ApplyEncryptionByDefault": {"Kind": "k"}}, []),
        # A constant of the API tells nothing, however long.
        ({"Preference": "DISABLED_BY_DEFAULT"}, {"PreferenceOfExport": "DISABLED_BY_DEFAULT"}, ["Preference"]),
        # A tag is nobody else's.
        ({"Name": "a"}, {"Tags": [{"Key": "Name", "Value": "b"}], "Name": "a"}, []),
        (
            {"Name": "a", "Tags": [{"Key": "Name", "Value": "a"}]},
            [{"Summary": {"Name": "a"}}, [{"Key": "Name", "Value": "a"}]],
            [],
        ),
        ({"Tags": [{"Key": "Name", "Value": "small-dev-thing"}]}, {"TagName": "small-dev-thing"}, ["Tags"]),
    ],
)
def test_unshown(declared: dict[str, Any], described: Any, missing: list[str]) -> None:
    """A declared value is shown or missing, by its path."""
    assert list(unshown(declared, [described])) == missing
