"""The root templates that taskcat deploys: one nested stack per layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stackproof import InputError, System, load_system
from stackproof.taskcat.roots import Root, roots

LAYER = """\
Parameters:
  System: {Type: String}
  Environment: {Type: String}
  DomainName: {Type: String, Default: ''}
  Origin: {Type: String, Default: ''}
  Image: {Type: String, Default: ''}
  OidcProvider: {Type: String, Default: create}
Resources:
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub '${DomainName}${Origin}${Image}${OidcProvider}'}}
Outputs:
  Arn: {Value: !Ref Topic, Export: {Name: !Sub '${System}-${Environment}-TopicArn'}}
"""
IMPORTING = """\
Parameters:
  System: {Type: String}
  Environment: {Type: String}
  Handed: {Type: String, Default: ''}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      DisplayName: !Join ['', [!Ref Handed, {'Fn::ImportValue': !Sub '${System}-${Environment}-TopicArn'}]]
"""
MANIFEST = """\
system: shop
region: us-east-1
environments:
  prod: {branch: main, protected: true}
  dev: {branch: dev}
  test: {branch: test}
layers:
  news:
    template: layer.yaml
    parameters: {DomainName: {dev: api.dev.shop.example.com}, Image: 'shop/web:1', Origin: 'https://dev.shop.example.com'}
"""


def system(folder: Path, further: str = "", **replaced: str) -> System:
    (folder / "layer.yaml").write_text(LAYER)
    (folder / "importing.yaml").write_text(IMPORTING)
    manifest = MANIFEST
    for old, new in replaced.items():
        manifest = manifest.replace(old, new)
    (folder / "shop.yaml").write_text(manifest + further)
    return load_system(folder / "shop.yaml")


def root(folder: Path, further: str = "", **replaced: str) -> Root:
    (found,) = roots([system(folder, further, **replaced)])
    return found


def properties(found: Root, logical_id: str) -> Any:
    return found.template["Resources"][logical_id]["Properties"]


SECOND = "  more: {template: importing.yaml}\n"
ASIDE = "  aside: {template: layer.yaml, region: eu-west-1}\n"


def test_first_environment_that_is_not_protected_stands_for_the_system(tmp_path: Path) -> None:
    found = root(tmp_path)
    assert (found.name, found.file) == ("shop-dev", "cloudformation/taskcat/shop-dev.yaml")


def test_system_that_is_protected_everywhere_has_no_root(tmp_path: Path) -> None:
    text = MANIFEST.replace("{branch: dev}", "{branch: dev, protected: true}")
    (tmp_path / "layer.yaml").write_text(LAYER)
    (tmp_path / "shop.yaml").write_text(text.replace("{branch: test}", "{branch: test, protected: true}"))
    assert roots([load_system(tmp_path / "shop.yaml")]) == []


def test_system_goes_to_a_second_region_under_another_name(tmp_path: Path) -> None:
    assert root(tmp_path).tests == {
        "shop-dev": {
            "template": "cloudformation/taskcat/shop-dev.yaml",
            "regions": ["us-east-1"],
            "stack_name": "shop-dev",
            "parameters": {"System": "shop", "Domain": "api.dev.shop.example.com"},
        },
        "shop-dev-us-west-2": {
            "template": "cloudformation/taskcat/shop-dev.yaml",
            "regions": ["us-west-2"],
            "stack_name": "shopusw2-dev",
            "parameters": {"System": "shopusw2", "Domain": "shopusw2.api.dev.shop.example.com"},
        },
    }


def test_system_of_the_second_region_goes_to_another_one(tmp_path: Path) -> None:
    found = root(tmp_path, **{"region: us-east-1": "region: us-west-2"})
    assert [test["regions"] for test in found.tests.values()] == [["us-west-2"], ["us-east-1"]]


@pytest.mark.parametrize(
    ("name", "region", "expected"),
    [
        ("shop", "us-east-1", "shopusw2"),
        ("averylongsystem", "us-east-1", "averylongsysusw2"),
        ("shop", "us-west-2", "shopuse1"),
    ],
)
def test_name_in_the_second_region_fits_the_layers(tmp_path: Path, name: str, region: str, expected: str) -> None:
    found = root(tmp_path, **{"system: shop": f"system: {name}", "region: us-east-1": f"region: {region}"})
    assert found.second_system == expected
    assert len(expected) <= 16


def test_layer_is_told_where_it_stands_and_what_the_manifest_says(tmp_path: Path) -> None:
    given = properties(root(tmp_path), "News")
    assert given["Parameters"] == {
        "System": {"Ref": "System"},
        "Environment": "dev",
        "DomainName": {"Ref": "Domain"},
        "Image": {"Fn::Sub": "${System}/web:1"},
        "Origin": "https://dev.shop.example.com",
        "OidcProvider": "existing",
    }
    assert {tag["Key"]: tag["Value"] for tag in given["Tags"]}["Layer"] == "news"


def test_domains_are_parts_of_one_domain(tmp_path: Path) -> None:
    """What they end with is one parameter, so that the second region has other ones."""
    further = "  site: {template: site.yaml, parameters: {DomainName: dev.shop.example.com, Origin: 'https://dev.shop.example.com'}}\n"
    (tmp_path / "site.yaml").write_text(LAYER.replace("TopicArn", "OtherArn"))
    found = root(tmp_path, further)
    assert found.domain == "dev.shop.example.com"
    assert properties(found, "News")["Parameters"]["DomainName"] == {"Fn::Sub": "api.${Domain}"}
    assert properties(found, "Site")["Parameters"]["DomainName"] == {"Ref": "Domain"}
    assert properties(found, "Site")["Parameters"]["Origin"] == {"Fn::Sub": "https://${Domain}"}


def test_layer_waits_for_those_whose_exports_it_needs(tmp_path: Path) -> None:
    assert root(tmp_path, SECOND).template["Resources"]["More"]["DependsOn"] == ["News"]


def test_output_that_is_handed_over_is_waited_for_by_itself(tmp_path: Path) -> None:
    further = "  more: {template: importing.yaml, parameters: {Handed: {output: news.Arn}}}\n"
    more = root(tmp_path, further).template["Resources"]["More"]
    assert more["Properties"]["Parameters"]["Handed"] == {"Fn::GetAtt": ["News", "Outputs.Arn"]}
    assert "DependsOn" not in more


def test_layer_that_names_its_region_stands_in_no_other(tmp_path: Path) -> None:
    further = "  more: {template: importing.yaml, region: us-east-1}\n"
    template = root(tmp_path, further).template
    assert template["Resources"]["More"]["Condition"] == "IsAtHome"
    assert template["Conditions"] == {"IsAtHome": {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}}
    assert "Conditions" not in root(tmp_path).template


def test_layer_of_another_region_is_left_out(tmp_path: Path) -> None:
    found = root(tmp_path, ASIDE)
    assert found.left_out == {"aside": "eu-west-1"}
    assert list(found.template["Resources"]) == ["News"]


def test_layer_that_needs_one_of_another_region_is_refused(tmp_path: Path) -> None:
    further = ASIDE + "  more:\n    template: importing.yaml\n    parameters: {Handed: {output: aside.Arn}}\n"
    with pytest.raises(InputError, match="'aside' stands in another region and cannot be nested beside it") as raised:
        _ = root(tmp_path, further).template
    assert raised.value.mark is not None
