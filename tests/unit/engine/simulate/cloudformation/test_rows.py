"""What a template may say, and what CloudFormation makes of it: functions, parameters, limits, refusals.

Each test names the page of the AWS CloudFormation user guide that it holds the simulation to.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from .stage import SHOP, TOPIC, Stage, of


def out(stage: Stage, value: str, sections: str = "", **request: Any) -> str:
    """Return what an expression becomes as the value of a stack's output."""
    stage.create(f"{sections}\n{TOPIC}Outputs: {{Out: {{Value: {value}}}}}\n", **request)
    return stage.outputs()["Out"]


# --- Functions. ---

FUNCTIONS = {
    "Sub": ("!Sub '${AWS::StackName} in ${AWS::Region}'", "shop in us-east-1"),
    "Sub with variables": ("!Sub ['${A}-${B}', {A: 1, B: !Ref AWS::Partition}]", "1-aws"),
    "Join and Split": ("!Join ['+', !Split [',', 'a,b,c']]", "a+b+c"),
    "Select": ("!Select [1, [a, b]]", "b"),
    "Base64": ("!Base64 hello", "aGVsbG8="),
    "Cidr": ("!Join [' ', !Cidr [10.0.0.0/16, 3, 8]]", "10.0.0.0/24 10.0.1.0/24 10.0.2.0/24"),
    "Cidr of IPv6": ("!Select [1, !Cidr ['2001:db8::/56', 2, 64]]", "2001:db8:0:1::/64"),
    "GetAZs": ("!Join [' ', !GetAZs '']", "us-east-1a us-east-1b us-east-1c us-east-1d us-east-1e us-east-1f"),
    "GetAZs of another region": ("!Join [' ', !GetAZs eu-west-1]", "eu-west-1a eu-west-1b eu-west-1c"),
    "account": ("!Ref AWS::AccountId", "111111111111"),
    "URL suffix": ("!Ref AWS::URLSuffix", "amazonaws.com"),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(stage: Stage, name: str) -> None:
    """Intrinsic function reference."""
    expression, value = FUNCTIONS[name]
    assert out(stage, expression) == value


EXTENSIONS = "Transform: AWS::LanguageExtensions\n"


def test_for_each_makes_resources(stage: Stage) -> None:
    """Fn::ForEach: Identifier, Collection, OutputKey; needs the transform AWS::LanguageExtensions."""
    stage.create(
        EXTENSIONS
        + """
Resources:
  Fn::ForEach::Topics:
    - Name
    - [Orders, Returns]
    - Topic${Name}: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Name}}
""",
        Capabilities=["CAPABILITY_AUTO_EXPAND"],
    )
    assert set(stage.resources()) == {"TopicOrders", "TopicReturns"}


def test_a_map_may_have_a_default(stage: Stage) -> None:
    """Fn::FindInMap enhancements: DefaultValue."""
    sections = f"{EXTENSIONS}Mappings: {{Sizes: {{prod: {{Size: large}}}}}}"
    value = "!FindInMap [Sizes, dev, Size, {DefaultValue: small}]"
    assert out(stage, value, sections, Capabilities=["CAPABILITY_AUTO_EXPAND"]) == "small"


def test_a_key_that_a_map_lacks_is_refused(stage: Stage) -> None:
    """Fn::FindInMap."""
    outputs = "Outputs: {O: {Value: !FindInMap [Sizes, dev, Size]}}\n"
    said = stage.refuses(f"Mappings: {{Sizes: {{prod: {{Size: large}}}}}}\n{TOPIC}{outputs}")
    assert said == "Template error: Unable to get mapping for Sizes::dev::Size"


def test_to_json_string_and_length(stage: Stage) -> None:
    """Fn::ToJsonString, Fn::Length; they need the transform AWS::LanguageExtensions."""
    value = "!Sub ['${A} ${B}', {A: {'Fn::ToJsonString': {a: [1]}}, B: {'Fn::Length': [x, y]}}]"
    found = out(stage, value, EXTENSIONS, Capabilities=["CAPABILITY_AUTO_EXPAND"])
    assert found.rpartition(" ")[2] == "2"
    assert json.loads(found.rpartition(" ")[0]) == {"a": [1]}


def test_no_value_removes_a_property(stage: Stage) -> None:
    """AWS::NoValue."""
    stage.create("""
    Conditions: {Named: !Equals [a, b]}
    Resources:
      Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: !If [Named, mine, !Ref AWS::NoValue]}}
    """)
    assert "shop-Topic-" in stage.physical("Topic")


# --- Parameters. ---


def with_parameter(**declared: Any) -> dict[str, Any]:
    """Return a template with one parameter P, whose value is an output."""
    return {
        "Parameters": {"P": {"Type": "String", **declared}},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {"Out": {"Value": {"Fn::Sub": "${P}"}}},
    }


REFUSED: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "missing": ({}, None, "Parameters: [P] must have values"),
    "allowed values": (
        {"AllowedValues": ["a", "b"]},
        "c",
        "Parameter 'P' must be one of AllowedValues",
    ),
    "pattern": ({"AllowedPattern": "[a-z]+"}, "A1", "Parameter 'P' must match pattern [a-z]+"),
    "too short": ({"MinLength": 3}, "ab", "Parameter 'P' must contain at least 3 characters"),
    "too long": ({"MaxLength": 3}, "abcd", "Parameter 'P' must contain at most 3 characters"),
    "too small": ({"Type": "Number", "MinValue": 3}, "2", "Parameter 'P' must be a number not less than 3"),
    "too large": ({"Type": "Number", "MaxValue": 3}, "4", "Parameter 'P' must be a number not greater than 3"),
    "no number": ({"Type": "Number"}, "many", "Parameter 'P' must be a number."),
    "own words": (
        {"AllowedPattern": "[a-z]+", "ConstraintDescription": "lower case only"},
        "A1",
        "Parameter P failed to satisfy constraint: lower case only",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_values_that_a_parameter_refuses(stage: Stage, name: str) -> None:
    """CloudFormation template Parameters syntax: AllowedValues, AllowedPattern, Min, Max, ConstraintDescription."""
    declared, value, said = REFUSED[name]
    given = {} if value is None else {"P": value}
    assert stage.refuses(with_parameter(**declared), Parameters=given) == said


def test_a_parameter_that_the_template_lacks_is_refused(stage: Stage) -> None:
    """CreateStack: parameters must exist in the template."""
    said = stage.refuses(with_parameter(Default="x"), Parameters={"Q": "1"})
    assert said == "Parameters: [Q] do not exist in the template"


def test_a_list_has_a_default(stage: Stage) -> None:
    """CommaDelimitedList: an array of literal strings separated by commas."""
    body = with_parameter(Type="CommaDelimitedList", Default="a, b,c")
    body["Outputs"]["Out"]["Value"] = {"Fn::Join": ["+", {"Ref": "P"}]}
    stage.create(body)
    assert stage.outputs() == {"Out": "a+b+c"}


MISSING = {
    "AWS::EC2::VPC::Id": "vpc-00000000",
    "AWS::EC2::Subnet::Id": "subnet-00000000",
    "AWS::EC2::SecurityGroup::Id": "sg-00000000",
    "AWS::EC2::Image::Id": "ami-00000000",
    "AWS::EC2::KeyPair::KeyName": "nobody",
    "AWS::EC2::AvailabilityZone::Name": "us-east-1z",
    "AWS::Route53::HostedZone::Id": "Z0000000000000",
    "AWS::SSM::Parameter::Name": "/nothing",
    "List<AWS::EC2::VPC::Id>": "vpc-00000000",
}


@pytest.mark.parametrize("kind", MISSING)
def test_parameters_name_what_the_account_has(stage: Stage, kind: str) -> None:
    """AWS-specific parameter types: a value must exist in the account and Region where the stack is made."""
    stage.create(with_parameter(Type=kind) | {"Outputs": {}}, Parameters={"P": MISSING[kind]})
    assert of(stage.news(), SHOP)[1] == (
        f"ROLLBACK_IN_PROGRESS Parameter validation failed: parameter value {MISSING[kind]} for parameter name P does "
        "not exist. Rollback requested by user."
    )


def test_a_parameter_may_name_what_exists(stage: Stage) -> None:
    """AWS-specific parameter types."""
    vpc = stage.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    stage.create(with_parameter(Type="AWS::EC2::VPC::Id"), Parameters={"P": vpc})
    assert stage.outputs() == {"Out": vpc}


def test_a_parameter_takes_its_value_from_parameter_store(stage: Stage) -> None:
    """SSM parameter types: the value is fetched, and told as ResolvedValue."""
    stage.client("ssm").put_parameter(Name="/size", Value="large", Type="String")
    stage.create(with_parameter(Type="AWS::SSM::Parameter::Value<String>"), Parameters={"P": "/size"})
    assert stage.outputs() == {"Out": "large"}
    assert stage.described()["Parameters"] == [
        {"ParameterKey": "P", "ParameterValue": "/size", "ResolvedValue": "large"}
    ]


def test_a_value_that_changed_in_parameter_store_is_an_update(stage: Stage) -> None:
    """SSM parameter types: on an update CloudFormation fetches the value again."""
    ssm = stage.client("ssm")
    ssm.put_parameter(Name="/size", Value="large", Type="String")
    stage.create(with_parameter(Type="AWS::SSM::Parameter::Value<String>"), Parameters={"P": "/size"})
    ssm.put_parameter(Name="/size", Value="small", Type="String", Overwrite=True)
    stage.update(Parameters={"P": None})
    assert stage.outputs() == {"Out": "small"}


# --- Secrets. ---

SECRET = """
Parameters:
  Password: {Type: String, NoEcho: true, Default: correct-horse}
  Number: {Type: Number, NoEcho: true, Default: 987654}
  Many: {Type: CommaDelimitedList, NoEcho: true, Default: 'battery,staple'}
Resources:
  A:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Value: !Sub ['${Password} ${Number} ${Joined}', {Joined: !Join ['/', !Ref Many]}]}
"""
SECRETS = ("correct-horse", "987654", "battery", "staple")


def tells(answer: Any) -> list[str]:
    """Return the secrets that an answer tells."""
    return [secret for secret in SECRETS if secret in json.dumps(answer, default=str)]


def test_no_echo_is_masked_in_parameters(stage: Stage) -> None:
    """NoEcho: masks the parameter value for any calls that describe the stack."""
    stage.create(SECRET)
    shown = {one["ParameterKey"]: one["ParameterValue"] for one in stage.described()["Parameters"]}
    assert shown == {"Password": "****", "Number": "****", "Many": "****"}


def test_no_echo_is_masked_in_events(stage: Stage) -> None:
    """NoEcho: masks the parameter value for any calls that describe stack events."""
    stage.create(SECRET)
    stage.update(Parameters={"Password": "battery-powered", "Number": None, "Many": None})
    stage.delete()
    assert tells(stage.events(stage.cfn.list_stacks()["StackSummaries"][0]["StackId"])) == []


def test_no_echo_is_masked_in_change_sets(stage: Stage) -> None:
    """NoEcho: change sets tell neither values nor property values."""
    stage.create(SECRET)
    stage.change_set(Parameters={"Password": "battery-powered", "Number": None, "Many": None})
    answer = stage.cfn.describe_change_set(StackName=SHOP, ChangeSetName="next", IncludePropertyValues=True)
    assert tells(answer) == []
    assert answer["Changes"] != []


def test_no_echo_is_masked_in_reasons(stage: Stage) -> None:
    """NoEcho."""
    body = """
    Parameters: {Name: {Type: AWS::EC2::KeyPair::KeyName, NoEcho: true}}
    Resources: {Topic: {Type: AWS::SNS::Topic}}
    """
    stage.create(body, Parameters={"Name": "correct-horse"})
    assert tells(stage.events()) == []


def test_the_service_has_the_secret_itself(stage: Stage) -> None:
    """NoEcho: it masks what CloudFormation tells, not what it does."""
    stage.create(SECRET)
    found = stage.client("ssm").get_parameter(Name=stage.physical("A"))["Parameter"]["Value"]
    assert found == "correct-horse 987654 battery/staple"


DYNAMIC = {
    "ssm": ("{{resolve:ssm:/plain}}", "old"),
    "ssm with version": ("{{resolve:ssm:/plain:1}}", "older"),
    "ssm-secure": ("{{resolve:ssm-secure:/secure}}", "hidden"),
    "secret": ("{{resolve:secretsmanager:login:SecretString:password}}", "correct-horse"),
    "whole secret": ("{{resolve:secretsmanager:word}}", "staple"),
    "inside of a text": ("x-{{resolve:ssm:/plain}}-y", "x-old-y"),
}


def sources(stage: Stage) -> None:
    """Put values where dynamic references find them."""
    ssm, secrets = stage.client("ssm"), stage.client("secretsmanager")
    ssm.put_parameter(Name="/plain", Value="older", Type="String")
    ssm.put_parameter(Name="/plain", Value="old", Type="String", Overwrite=True)
    ssm.put_parameter(Name="/secure", Value="hidden", Type="SecureString")
    secrets.create_secret(Name="login", SecretString='{"password": "correct-horse"}')
    secrets.create_secret(Name="word", SecretString="staple")


@pytest.mark.parametrize("name", DYNAMIC)
def test_dynamic_references(stage: Stage, name: str) -> None:
    """Get values stored in other services using dynamic references."""
    reference, value = DYNAMIC[name]
    sources(stage)
    properties = {"Type": "String", "Value": reference}
    stage.create({"Resources": {"A": {"Type": "AWS::SSM::Parameter", "Properties": properties}}})
    assert stage.client("ssm").get_parameter(Name=stage.physical("A"))["Parameter"]["Value"] == value


def test_what_a_dynamic_reference_to_a_secret_holds_is_not_told(stage: Stage) -> None:
    """Dynamic references: CloudFormation never stores the actual value of a secret."""
    sources(stage)
    reference = "{{resolve:secretsmanager:login:SecretString:password}}"
    properties = {"Type": "String", "Value": reference}
    stage.create({"Resources": {"A": {"Type": "AWS::SSM::Parameter", "Properties": properties}}})
    assert tells(stage.events()) == []


def test_a_secret_that_changed_is_no_change_of_the_resource(stage: Stage) -> None:
    """Get a secret from Secrets Manager: only an update of the resource that contains the reference fetches it."""
    sources(stage)
    body = """
    Parameters: {Text: {Type: String, Default: '1'}}
    Resources:
      A: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: '{{resolve:secretsmanager:word}}'}}
      B: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: !Ref Text}}
    """
    stage.create(body)
    stage.client("secretsmanager").put_secret_value(SecretId="word", SecretString="battery")
    stage.news()
    stage.update(Parameters={"Text": "2"})
    assert of(stage.news(), "A") == []
    assert stage.client("ssm").get_parameter(Name=stage.physical("A"))["Parameter"]["Value"] == "staple"


def test_a_dynamic_reference_to_nothing_fails_the_stack(stage: Stage) -> None:
    """Dynamic references."""
    properties = {"Type": "String", "Value": "{{resolve:ssm:/nothing}}"}
    stage.create({"Resources": {"A": {"Type": "AWS::SSM::Parameter", "Properties": properties}}})
    assert stage.status() == "ROLLBACK_COMPLETE"


# --- Limits and refusals. ---


def many(section: str, count: int) -> dict[str, Any]:
    """Return a template with so many resources, parameters or outputs."""
    one: dict[str, Any] = {
        "Resources": {"Type": "AWS::SNS::Topic"},
        "Parameters": {"Type": "String", "Default": "x"},
        "Outputs": {"Value": "x"},
    }
    found = {"Resources": {"Topic": one["Resources"]}}
    return found | {section: {f"N{number}": one[section] for number in range(count)}}


@pytest.mark.parametrize(("section", "limit"), [("Parameters", 200), ("Outputs", 200)])
def test_limits_of_sections(stage: Stage, section: str, limit: int) -> None:
    """CloudFormation quotas: parameters and outputs in a template."""
    stage.create(many(section, limit))
    assert stage.status() == "CREATE_COMPLETE"
    assert stage.refuses(many(section, limit + 1), "other").startswith("Template format error: Number of ")


def test_a_template_has_at_most_500_resources(stage: Stage) -> None:
    """CloudFormation quotas: resources in a template."""
    assert stage.refuses(many("Resources", 501)) == (
        "Template format error: Number of resources, 501, is greater than maximum allowed, 500"
    )


def test_a_template_body_has_at_most_51200_bytes(stage: Stage) -> None:
    """CloudFormation quotas: template body size in a request."""
    fits = TOPIC + "#" * (51_200 - len(TOPIC))
    stage.create(fits)
    said = stage.refuses(f"{fits}#", "other")
    assert said.startswith("1 validation error detected: Value '")
    assert said.endswith(
        "' at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to 51200"
    )


def test_a_larger_template_may_stand_in_a_bucket(stage: Stage) -> None:
    """CloudFormation quotas: template body size for an S3 object, 1 MB."""
    s3 = stage.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="large.yaml", Body=(TOPIC + "#" * 60_000).encode())
    stage.cfn.create_stack(StackName=SHOP, TemplateURL="https://templates.s3.amazonaws.com/large.yaml")
    assert stage.status() == "CREATE_COMPLETE"


RULES = """
Parameters: {Environment: {Type: String}, Size: {Type: String}}
Rules:
  Production:
    RuleCondition: !Equals [!Ref Environment, prod]
    Assertions:
      - Assert: !Contains [[large], !Ref Size]
        AssertDescription: production is large
"""


def test_rules_are_asserted(stage: Stage) -> None:
    """CloudFormation template Rules syntax: if an assertion fails, the stack is not created."""
    said = stage.refuses(RULES + TOPIC, Parameters={"Environment": "prod", "Size": "small"})
    assert "production is large" in said
    stage.create(RULES + TOPIC, Parameters={"Environment": "dev", "Size": "small"})
    assert stage.status() == "CREATE_COMPLETE"


REFUSED_TEMPLATES = {
    "unknown type": (
        "Resources: {A: {Type: AWS::SNS::Teapot}}",
        "Template format error: Unrecognized resource types: [AWS::SNS::Teapot]",
    ),
    "unknown name": (
        "Resources: {A: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Ref Nobody}}}",
        "Template format error: Unresolved resource dependencies [Nobody] in the Resources block of the template",
    ),
    "no resources": (
        "Description: nothing",
        "Template format error: At least one Resources member must be defined.",
    ),
    "no template": ("hello", "Template format error: unsupported structure."),
}


@pytest.mark.parametrize("name", REFUSED_TEMPLATES)
def test_templates_that_are_refused(stage: Stage, name: str) -> None:
    """Troubleshooting CloudFormation: validation errors."""
    body, said = REFUSED_TEMPLATES[name]
    assert stage.refuses(body) == said
    assert stage.cfn.list_stacks()["StackSummaries"] == []


def test_an_unknown_property_fails_its_resource(stage: Stage) -> None:
    """Troubleshooting CloudFormation: unsupported property."""
    stage.create("Resources: {A: {Type: AWS::SNS::Topic, Properties: {Colour: blue}}}")
    assert stage.status() == "ROLLBACK_COMPLETE"
    assert any("extraneous key [Colour] is not permitted" in line for line in of(stage.news(), "A"))


ROLE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      %s
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]
"""


@pytest.mark.parametrize(
    ("name", "given", "missing"),
    [
        ("", [], "CAPABILITY_IAM"),
        ("RoleName: mine", ["CAPABILITY_IAM"], "CAPABILITY_NAMED_IAM"),
    ],
)
def test_iam_needs_a_capability(stage: Stage, name: str, given: list[str], missing: str) -> None:
    """Acknowledging IAM resources in CloudFormation templates."""
    body = ROLE % (name or "Path: /")
    assert stage.refuses(body, Capabilities=given) == (
        f"InsufficientCapabilitiesException: Requires capabilities : [{missing}]"
    )
    stage.create(body, Capabilities=[missing])
    assert stage.status() == "CREATE_COMPLETE"


def test_overlapping_subnets_fail(stage: Stage) -> None:
    """AWS::EC2::Subnet: the block must not overlap with that of another subnet of the VPC."""
    stage.create("""
    Resources:
      Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
      A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
      B: {Type: AWS::EC2::Subnet, DependsOn: A, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.128/25}}
    """)
    assert stage.status() == "ROLLBACK_COMPLETE"
    assert any("conflicts with another subnet" in line for line in of(stage.news(), "B"))
