"""Pseudo parameters in every partition, dynamic references and SSM parameters: known, or symbols, never guesses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stackproof import Stack
from stackproof.resolve.context import Context
from stackproof.resolve.values import plain_value
from stackproof.symbols import Deferred, Dynamic, Pseudo, Reference, SsmParameter, Text

PARTITIONS = {
    "us-east-1": ("aws", "amazonaws.com"),
    "eu-central-2": ("aws", "amazonaws.com"),
    "us-gov-west-1": ("aws-us-gov", "amazonaws.com"),
    "cn-north-1": ("aws-cn", "amazonaws.com.cn"),
    "us-iso-east-1": ("aws-iso", "c2s.ic.gov"),
    "us-isob-east-1": ("aws-iso-b", "sc2s.sgov.gov"),
    "us-isof-south-1": ("aws-iso-f", "csp.hci.ic.gov"),
    "eu-isoe-west-1": ("aws-iso-e", "cloud.adc-e.uk"),
    "eusc-de-east-1": ("aws-eusc", "amazonaws.eu"),
}
PLACE = """\
Resources:
  Subject:
    Type: AWS::SSM::Parameter
    Properties:
      Value:
        - !Ref AWS::Region
        - !Ref AWS::Partition
        - !Ref AWS::URLSuffix
        - !Ref AWS::StackName
        - !Ref AWS::AccountId
        - !Ref AWS::StackId
        - !Ref AWS::NotificationARNs
"""


@pytest.mark.parametrize("region", PARTITIONS)
def test_partition_follows_from_region(region: str, stack: Callable[..., Stack]) -> None:
    """Partition and URL suffix are those of the region; what only the account knows is a symbol."""
    made = stack(PLACE, Context(stack="web", stack_name="shop-dev-web", region=region))
    assert made["Subject"]["Value"] == [
        region,
        *PARTITIONS[region],
        "shop-dev-web",
        Pseudo("AWS::AccountId"),
        Pseudo("AWS::StackId"),
        Pseudo("AWS::NotificationARNs"),
    ]


def test_nothing_is_known(stack: Callable[..., Stack]) -> None:
    """Without a place every pseudo parameter is a symbol."""
    made = stack(PLACE, Context(stack="web"))
    names = ("Region", "Partition", "URLSuffix", "StackName", "AccountId", "StackId", "NotificationARNs")
    assert made["Subject"]["Value"] == [Pseudo(f"AWS::{name}") for name in names]


def test_account_is_known(stack: Callable[..., Stack]) -> None:
    """An account that the manifest names is known, leading zeros included."""
    made = stack(PLACE, Context(stack="web", account="012345678901"))
    assert plain_value(made["Subject"]["Value"])[4] == "012345678901"


SECRET = Reference("web", "Secret")
DYNAMIC = {
    "ssm": ("'{{resolve:ssm:/app/size:3}}'", Dynamic("ssm", "/app/size:3"), "/app/size"),
    "ssm without a version": ("'{{resolve:ssm:/app/size}}'", Dynamic("ssm", "/app/size"), "/app/size"),
    "ssm-secure": ("'{{resolve:ssm-secure:/app/key:1}}'", Dynamic("ssm-secure", "/app/key:1"), "/app/key"),
    "secretsmanager": ("'{{resolve:secretsmanager:db}}'", Dynamic("secretsmanager", "db"), "db"),
    "secretsmanager with a key": (
        "'{{resolve:secretsmanager:db:SecretString:password}}'",
        Dynamic("secretsmanager", "db:SecretString:password"),
        "db",
    ),
    "secretsmanager with a version stage": (
        "'{{resolve:secretsmanager:db:SecretString:password:AWSPREVIOUS}}'",
        Dynamic("secretsmanager", "db:SecretString:password:AWSPREVIOUS"),
        "db",
    ),
    "secretsmanager by ARN": (
        "'{{resolve:secretsmanager:arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf:SecretString:p}}'",
        Dynamic("secretsmanager", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf:SecretString:p"),
        "arn:aws:secretsmanager:eu-west-1:111111111111:secret:db-AbCdEf",
    ),
    "inside of Sub": (
        "!Sub '{{resolve:secretsmanager:${Secret}:SecretString:password}}'",
        Dynamic("secretsmanager", Text((SECRET, ":SecretString:password"))),
        SECRET,
    ),
    "inside of Join": (
        "!Join ['', ['{{resolve:secretsmanager:', !Ref Secret, ':SecretString:password}}']]",
        Dynamic("secretsmanager", Text((SECRET, ":SecretString:password"))),
        SECRET,
    ),
    "with a known variable": (
        "!Sub '{{resolve:ssm:/${Name}/size}}'",
        Dynamic("ssm", "/shop/size"),
        "/shop/size",
    ),
}
HEAD = """\
Parameters:
  Name: {Type: String, Default: shop}
Resources:
  Secret: {Type: AWS::SecretsManager::Secret}
  Subject:
    Type: AWS::RDS::DBInstance
    Properties:
      Value: %s
"""


@pytest.mark.parametrize("name", DYNAMIC)
def test_dynamic_reference(name: str, stack: Callable[..., Stack]) -> None:
    """A dynamic reference stays one, and says what it reads."""
    written, expected, source = DYNAMIC[name]
    found = stack(HEAD % written)["Subject"]["Value"]
    assert found == expected
    assert isinstance(found, Dynamic)
    assert found.source == source


MIXED = {
    "several": (
        "'{{resolve:ssm:/user}}:{{resolve:ssm-secure:/password}}@db'",
        Text((Dynamic("ssm", "/user"), ":", Dynamic("ssm-secure", "/password"), "@db")),
    ),
    "side by side": (
        "'{{resolve:ssm:/a}}{{resolve:ssm:/b}}'",
        Text((Dynamic("ssm", "/a"), Dynamic("ssm", "/b"))),
    ),
    "several inside of Sub": (
        "!Sub '${Name}={{resolve:ssm:/${Name}}} {{resolve:secretsmanager:${Secret}}}'",
        Text(("shop=", Dynamic("ssm", "/shop"), " ", Dynamic("secretsmanager", SECRET))),
    ),
    "an unknown service is text": ("'{{resolve:vault:x}}'", "{{resolve:vault:x}}"),
    "an unclosed one is text": ("'{{resolve:ssm:x}'", "{{resolve:ssm:x}"),
    "a body is needed": ("'{{resolve:ssm}}'", "{{resolve:ssm}}"),
    "Base64 of one": (
        "!Base64 '{{resolve:ssm:x}}'",
        Deferred("Fn::Base64", (Dynamic("ssm", "x"),)),
    ),
}


@pytest.mark.parametrize("name", MIXED)
def test_dynamic_references_in_text(name: str, stack: Callable[..., Stack]) -> None:
    """Text around dynamic references is known; what is none stays text."""
    written, expected = MIXED[name]
    assert stack(HEAD % written)["Subject"]["Value"] == expected


def test_dynamic_reference_is_written_as_it_was(stack: Callable[..., Stack]) -> None:
    """Messages show a dynamic reference as the template has it."""
    found = stack(HEAD % "!Sub '{{resolve:secretsmanager:${Secret}:SecretString:password}}'")["Subject"]["Value"]
    assert str(found) == "{{resolve:secretsmanager:${Secret}:SecretString:password}}"


SSM = {
    "AWS::SSM::Parameter::Value<String>": False,
    "AWS::SSM::Parameter::Value<List<String>>": True,
    "AWS::SSM::Parameter::Value<CommaDelimitedList>": True,
    "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>": False,
    "AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>": True,
}


@pytest.mark.parametrize("kind", SSM)
def test_ssm_parameter(kind: str, stack: Callable[..., Stack]) -> None:
    """The value behind an SSM parameter stays a symbol with the declared type; texts around it are known."""
    text = f"""\
Parameters:
  Key: {{Type: '{kind}', Default: /app/key}}
Resources:
  Subject:
    Type: AWS::SSM::Parameter
    Properties:
      Whole: !Ref Key
      Part: {"!Select [0, !Ref Key]" if SSM[kind] else "!Sub 'x${Key}'"}
"""
    symbol = SsmParameter("Key", "/app/key", kind)
    subject = stack(text)["Subject"]
    assert subject["Whole"] == symbol
    assert subject["Part"] == (Deferred("Fn::Select", (0, symbol)) if SSM[kind] else Text(("x", symbol)))


def test_ssm_parameter_name_is_text(stack: Callable[..., Stack]) -> None:
    """``AWS::SSM::Parameter::Name`` hands over the name itself."""
    text = "Parameters: {K: {Type: AWS::SSM::Parameter::Name, Default: /a}}\n"
    text += "Resources: {S: {Type: a, Properties: {V: !Ref K}}}\n"
    assert stack(text)["S"]["V"] == "/a"


def test_macro_leaves_properties_open(stack: Callable[..., Stack]) -> None:
    """Beside ``Fn::Transform`` a property that is not written is unknown, not absent (AWS accepts it there)."""
    text = """\
Resources:
  Subject:
    Type: AWS::SSM::Parameter
    Properties:
      Name: written
      Fn::Transform: AddTags
"""
    subject = stack(text)["Subject"]
    assert subject["Name"] == "written"
    assert plain_value(subject.properties) == {"Name": "written"}
    assert subject["Tags"] == Deferred("Fn::Transform", ('"AddTags"', "Tags"))


def test_macros_of_different_arguments_differ(stack: Callable[..., Stack]) -> None:
    """Nobody may take the results of two macro calls for one value."""
    text = """\
Resources:
  Subject:
    Type: a
    Properties:
      A: {'Fn::Transform': {Name: M, Parameters: {P: 1}}}
      B: {'Fn::Transform': {Name: M, Parameters: {P: 2}}}
      C: {'Fn::Transform': {Parameters: {P: 1}, Name: M}}
"""
    subject = stack(text)["Subject"]
    assert subject["A"] != subject["B"]
    assert subject["A"] == subject["C"]
