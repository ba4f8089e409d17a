"""Values that one layer puts out and the manifest hands to another, over regions too."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof import InputError, load_system
from stackproof.symbols import Deferred, Reference

SPARE = """\
Parameters: {Kind: {Type: String, Default: large}}
Resources: {Bucket: {Type: AWS::S3::Bucket}}
Outputs:
  BucketArn: {Value: !GetAtt Bucket.Arn, Export: {Name: spare-bucket}}
  Names: {Value: !Ref Bucket}
  Kind: {Value: !Ref Kind}
"""
STORE = """\
Parameters:
  Replica: {Type: String, Default: '', AllowedPattern: '^$|^arn:.*$', ConstraintDescription: empty or an ARN}
  Kind: {Type: String, Default: small, AllowedValues: [small, large]}
  Names: {Type: CommaDelimitedList, Default: ''}
Conditions: {IsLarge: !Equals [!Ref Kind, large]}
Resources:
  Store:
    Type: AWS::S3::Bucket
    Properties:
      ReplicationConfiguration: {Rules: [{Destination: {Bucket: !Ref Replica}}]}
  Extra: {Type: AWS::SNS::Topic, Condition: IsLarge, Properties: {Names: !Ref Names}}
"""
MANIFEST = """\
system: shop
region: eu-west-1
environments: {dev: {branch: dev}, prod: {branch: main}}
layers:
  store:
    template: store.yaml
    parameters:
      Replica: {dev: '', prod: {output: spare.BucketArn}}
      Kind: {prod: {output: spare.Kind}}
      Names: {prod: {output: spare.Names}}
  spare:
    template: spare.yaml
    region: us-west-2
    environments: [prod]
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a system of two layers in two regions."""
    monkeypatch.chdir(tmp_path)
    Path("store.yaml").write_text(STORE)
    Path("spare.yaml").write_text(SPARE)
    Path("shop.yaml").write_text(MANIFEST)
    return Path()


def test_output_becomes_the_other_stacks_value(here: Path) -> None:
    """The policy of a bucket can follow its replica into another region."""
    prod = load_system(here / "shop.yaml").deployment("prod")
    rule = prod["store"]["Store"].block("ReplicationConfiguration").items_of("Rules")[0]
    assert rule["Destination"]["Bucket"] == Reference("spare", "Bucket", "Arn")
    assert prod.follow(rule["Destination"]["Bucket"]) is prod["spare"]["Bucket"]


def test_output_orders_the_stacks(here: Path) -> None:
    """Who puts a value out is deployed before who is handed it, also where nothing is imported."""
    prod = load_system(here / "shop.yaml").deployment("prod")
    assert list(prod.stacks) == ["spare", "store"]
    assert [use.name for use in prod.imports["store"]] == ["spare.BucketArn", "spare.Kind", "spare.Names"]


def test_known_output_decides_conditions(here: Path) -> None:
    """A value that is known before deployment is taken as if the manifest had it, whichever layer comes first."""
    system = load_system(here / "shop.yaml")
    assert "Extra" in system.deployment("prod")["store"]
    assert "Extra" not in system.deployment("dev")["store"]


def test_output_for_a_list_is_split(here: Path) -> None:
    """CloudFormation splits the text of a list parameter at its commas."""
    prod = load_system(here / "shop.yaml").deployment("prod")
    assert prod["store"]["Extra"]["Names"] == Deferred("Fn::Split", (",", Reference("spare", "Bucket")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("output: spare.BucketArn", "output: spare.BucketArm"),
            "the layer 'spare' has no output 'BucketArm' in this environment; did you mean 'BucketArn'? (in shop prod)",
        ),
        (
            ("dev: ''", "dev: {output: spare.BucketArn}"),
            "the layer 'spare' is not part of 'dev' (in shop dev)",
        ),
        (
            ("output: spare.BucketArn", "output: spare.Kind"),
            "Parameter 'Replica' failed to satisfy constraint: empty or an ARN (must match pattern ^$|^arn:.*$); the "
            "value is 'large' (in shop prod)",
        ),
        (
            ("      Kind: {prod: {output: spare.Kind}}", "      Sort: {prod: {output: spare.Kind}}"),
            "store.yaml has no parameter 'Sort' (in shop prod)",
        ),
    ],
)
def test_wrong_outputs_are_named(here: Path, change: tuple[str, str], message: str) -> None:
    """An output that is not there, or that the parameter does not permit, is an error at its line."""
    (here / "shop.yaml").write_text(MANIFEST.replace(*change))
    system = load_system(here / "shop.yaml")
    with pytest.raises(InputError) as caught:
        _ = system.deployment("dev"), system.deployment("prod")
    assert (caught.value.message, str(caught.value.mark)[:10]) == (message, "shop.yaml:")


def test_exports_end_at_the_region(here: Path) -> None:
    """An import from another region is refused with the way out."""
    imported = "  Far: {Type: AWS::SNS::Topic, Properties: {DisplayName: !ImportValue spare-bucket}}\n"
    (here / "store.yaml").write_text(STORE + imported)
    with pytest.raises(InputError) as caught:
        load_system(here / "shop.yaml").deployment("prod")
    assert caught.value.message == (
        "No export named spare-bucket found in eu-west-1: spare exports it in us-west-2, and exports end at the "
        "region; hand it over in the manifest with {output: spare.BucketArn} (in shop prod)"
    )


def test_one_name_may_be_exported_in_two_regions(here: Path) -> None:
    """Names of exports are unique within a region only."""
    (here / "store.yaml").write_text(f"{STORE}Outputs: {{One: {{Value: x, Export: {{Name: spare-bucket}}}}}}\n")
    assert len(load_system(here / "shop.yaml").deployment("prod").stacks) == 2


def test_outputs_in_a_circle_are_refused(here: Path) -> None:
    """Two layers whose conditions wait for each other cannot be deployed."""
    (here / "spare.yaml").write_text(
        SPARE.replace("Resources:", "Conditions: {IsA: !Equals [!Ref Kind, a]}\nResources:").replace(
            "Type: AWS::S3::Bucket}", "Type: AWS::S3::Bucket, Condition: IsA}"
        )
    )
    (here / "store.yaml").write_text(f"{STORE}Outputs: {{Kind: {{Value: !If [IsLarge, a, b]}}}}\n")
    (here / "shop.yaml").write_text(f"{MANIFEST}    parameters: {{Kind: {{output: store.Kind}}}}\n")
    with pytest.raises(InputError, match="conditions hang on outputs in a circle"):
        load_system(here / "shop.yaml").deployment("prod")
