"""A wrong template is refused with the words that AWS has for it: recorded, or quoted in public reports."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof import InputError, Stack
from stackproof.resolve.context import Context
from stackproof.simulate.cloudformation.refusals import (
    Refusal,
    check_functions,
    check_outputs,
    parameter_texts,
    parameter_values,
    read,
    wording,
)

FORMAT = "Template format error: "
TOPIC = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
WITH = "Conditions: {Yes: !Equals [a, a]}\nResources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: %s}}}\n"
UNSUPPORTED = (
    "Template Error: Encountered unsupported function: %s Supported functions are: [Fn::Base64, Fn::GetAtt, "
    "Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, "
    "Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, "
    "Fn::RefAll, Fn::Sub, Fn::Cidr]"
)
EXPORT = (
    "The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or "
    "hyphens."
)


def _refusal(text: str, **parameters: str) -> str:
    """Return what creating a stack is answered."""
    with pytest.raises(Refusal) as caught:
        _create(text, parameters)
    assert caught.value.code == "ValidationError"
    return caught.value.message


def _create(text: str, parameters: dict[str, str]) -> None:
    template = read(text)
    given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
    values = parameter_values(template, parameter_texts(template, given))
    try:
        stack = Stack(template, values, Context(stack="s", stack_name="s", region="us-east-1", account="1" * 12))
        stack.check()
    except InputError as error:
        raise Refusal(wording(error)) from None
    check_outputs(stack)


TEXTS: dict[str, tuple[str, str]] = {
    "an address": ("https://example.com/template.yaml", f"{FORMAT}unsupported structure."),
    "a list": ("[a]", f"{FORMAT}unsupported structure."),
    "nothing": ("", f"{FORMAT}unsupported structure."),
    "= in JSON": ('{"Resources"="a"}', f"{FORMAT}JSON not well-formed. (line 1, column 14)"),
    "no quotes in JSON": ("{bad", f"{FORMAT}JSON not well-formed. (line 1, column 3)"),
    "no value in JSON": ('{\n  "Resources": {,\n}', f"{FORMAT}JSON not well-formed. (line 2, column 18)"),
    "a word in JSON": ('{"a": bad', f"{FORMAT}JSON not well-formed. (line 1, column 10)"),
    "JSON that breaks off": ('{"a": 1', f"{FORMAT}JSON not well-formed. (line 1, column 8)"),
    "wrong indentation": (
        "Resources:\n  Topic:\n    Properties:\n        A: b\n      C:\n        D: e\n",
        f"{FORMAT}YAML not well-formed.",
    ),
    "no colon": (
        "Description: x\nResources:\n  Host1:\n    Type AWS::EC2::Instance\n    Properties:\n      A: b\n",
        f"{FORMAT}YAML not well-formed. (line 5, column 15)",
    ),
    "an unknown tag": (
        "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Nope x\n",
        f"{FORMAT}YAML not well-formed. (line 5, column 18)",
    ),
    "an alias": (
        "Resources:\n  A: &a {Type: AWS::SNS::Topic}\n  B: *a\n",
        "Template error: YAML aliases are not allowed in CloudFormation templates",
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_template(name: str) -> None:
    text, message = TEXTS[name]
    assert _refusal(text) == message


def test_a_star_is_no_alias() -> None:
    assert read(f"{TOPIC}Metadata: |\n  rm *.txt\n").resources.keys() == {"Topic"}


SECTIONS: dict[str, tuple[str, str]] = {
    "unknown sections": (
        f"{TOPIC}FrontendDistribution: a\nRouterFunction: b\n",
        "Invalid template property or properties [FrontendDistribution, RouterFunction]",
    ),
    "no resources": ("Description: x\n", f"{FORMAT}At least one Resources member must be defined."),
    "no resource": ("Resources: {}\n", f"{FORMAT}At least one Resources member must be defined."),
    "resources that are text": ("Resources: ''\n", f"{FORMAT}Any Resources member must be an object."),
    "outputs that are text": (f"{TOPIC}Outputs: ''\n", f"{FORMAT}Any Outputs member must be an object."),
    "another version": (
        f"AWSTemplateFormatVersion: '2011-01-01'\n{TOPIC}",
        f"{FORMAT}unsupported value for AWSTemplateFormatVersion.",
    ),
    "a long description": (
        f"Description: {'x' * 1025}\n{TOPIC}",
        f"{FORMAT}'Description' length is greater than 1024.",
    ),
    "501 resources": (
        "Resources:\n" + "".join(f"  T{number}: {{Type: AWS::SNS::Topic}}\n" for number in range(501)),
        f"{FORMAT}Number of resources, 501, is greater than maximum allowed, 500",
    ),
    "201 parameters": (
        f"{TOPIC}Parameters:\n" + "".join(f"  P{number}: {{Type: String}}\n" for number in range(201)),
        f"{FORMAT}Number of parameters, 201, is greater than maximum allowed, 200",
    ),
    "201 outputs": (
        f"{TOPIC}Outputs:\n" + "".join(f"  O{number}: {{Value: a}}\n" for number in range(201)),
        f"{FORMAT}Number of outputs, 201, is greater than maximum allowed, 200",
    ),
    # Nulls
    "null section": ("Resources:\n", "[/Resources] 'null' values are not allowed in templates"),
    "null property": (
        "Resources: {Host: {Type: AWS::EC2::Instance, Properties: {Monitoring: ~}}}",
        "[/Resources/Host/Type/Monitoring] 'null' values are not allowed in templates",
    ),
    "null deep in a property": (
        "Resources: {Role: {Type: AWS::IAM::Role, Properties: {Policies: [{A: b}, {Statement: [~]}]}}}",
        "[/Resources/Role/Type/Policies/1/Statement/0] 'null' values are not allowed in templates",
    ),
    "null dependency": (
        "Resources: {Topic: {Type: AWS::SNS::Topic, DependsOn: [~]}}",
        "[/Resources/Topic/DependsOn/0] 'null' values are not allowed in templates",
    ),
    "null default": (
        f"{TOPIC}Parameters: {{P: {{Type: String, Default: ~}}}}",
        "[/Parameters/P/Default] 'null' values are not allowed in templates",
    ),
    # Names
    "name of a parameter": (
        f"{TOPIC}Parameters: {{'AWS::NoValue': {{Type: String}}}}",
        f"{FORMAT}Parameter name AWS::NoValue is non alphanumeric.",
    ),
    "name of a resource": (
        "Resources: {my-topic: {Type: AWS::SNS::Topic}}",
        f"{FORMAT}Resource name my-topic is non alphanumeric.",
    ),
    "name of an output": (
        f"{TOPIC}Outputs: {{my-url: {{Value: a}}}}",
        f"{FORMAT}Outputs name 'my-url' is non alphanumeric.",
    ),
    "one name twice": (
        f"{TOPIC}Parameters: {{Topic: {{Type: String}}}}",
        "Template error: all resources and parameters must have unique names. Common name(s):[Topic]",
    ),
    # Parameters
    "parameter without a type": (
        f"{TOPIC}Parameters: {{P: {{Default: a}}}}",
        f"{FORMAT}Every Parameters object must contain a Type member.",
    ),
    "unknown attribute of a parameter": (
        f"{TOPIC}Parameters: {{P: {{Type: String, DefaultValue: a}}}}",
        "Invalid template parameter property 'DefaultValue'",
    ),
    "unknown type of a parameter": (
        f"{TOPIC}Parameters: {{P: {{Type: Bool}}}}",
        f"{FORMAT}Unrecognized parameter type: Bool",
    ),
    "a function as default": (
        f"{TOPIC}Parameters: {{P: {{Type: String, Default: !GetAZs ''}}}}",
        f"{FORMAT}Every Default member must be a string.",
    ),
    "allowed values in one text": (
        f"{TOPIC}Parameters: {{P: {{Type: String, AllowedValues: a b}}}}",
        f"{FORMAT}Every AllowedValues member must be a list.",
    ),
    "a default that is not allowed": (
        f"{TOPIC}Parameters: {{P: {{Type: String, Default: c, AllowedValues: [a, b]}}}}",
        "Parameter 'P' must be one of AllowedValues",
    ),
    "a long default": (
        f"{TOPIC}Parameters: {{P: {{Type: String, Default: {'x' * 4097}}}}}",
        f"{FORMAT}Parameter 'P' default value '[****]' length is greater than 4096.",
    ),
    "a default of any version": (
        f"{TOPIC}Parameters: {{P: {{Type: String, Default: '{{{{resolve:ssm:/a}}}}'}}}}",
        "Template error: parameter P should not contain ssm versionless resolver",
    ),
    # Mappings
    "map that is text": (f"{TOPIC}Mappings: {{M: a}}", f"{FORMAT}Every Mappings member M must be a map"),
    "key of a map that is text": (
        f"{TOPIC}Mappings: {{M: {{a: b}}}}",
        f"{FORMAT}Every Mappings member a must be a map",
    ),
    "map of three levels": (
        f"{TOPIC}Mappings: {{M: {{a: {{b: {{c: d}}}}}}}}",
        f"{FORMAT}Every Mappings attribute must be a String or a List.",
    ),
    "attribute of a map with a hyphen": (
        f"{TOPIC}Mappings: {{M: {{us-east-1: {{x86-64: a}}}}}}",
        f"{FORMAT}Mappings attribute name 'x86-64' must contain only alphanumeric characters.",
    ),
    # Resources
    "resource that is text": ("Resources: {A: b}", f"{FORMAT}[/Resources/A] resource definition is malformed"),
    "resource without a type": (
        "Resources: {A: {Properties: {}}}",
        f"{FORMAT}[/Resources/A] Every Resources object must contain a Type member.",
    ),
    "unknown attribute of a resource": (
        "Resources: {A: {Type: AWS::SNS::Topic, Invalid: 10}}",
        "Invalid template resource property 'Invalid'",
    ),
    "condition that is a function": (
        "Resources: {A: {Type: AWS::SNS::Topic, Condition: !Equals [a, a]}}",
        f"{FORMAT}Every Condition member must be a string.",
    ),
    "dependency that is an object": (
        "Resources: {A: {Type: AWS::SNS::Topic, DependsOn: {B: c}}}",
        f"{FORMAT}DependsOn must be a string or list of strings.",
    ),
    "dependency in a list that is an object": (
        "Resources: {A: {Type: AWS::SNS::Topic, DependsOn: [{B: c}]}}",
        f"{FORMAT}Every DependsOn value must be a string.",
    ),
    "unknown deletion policy": (
        "Resources: {A: {Type: AWS::SNS::Topic, DeletionPolicy: Retian}}",
        f"{FORMAT}Unrecognized DeletionPolicy Retian for resource A",
    ),
    "loop without the transform": (
        "Resources: {'Fn::ForEach::A': [N, [a], {'T${N}': {Type: AWS::SNS::Topic}}], B: {Type: AWS::SNS::Topic}}",
        f"{FORMAT}[/Resources/Fn::ForEach::A] resource definition is malformed",
    ),
    "transform without a name": (f"Transform: {{A: b}}\n{TOPIC}", "Transforms defined as maps require Name key."),
    # Outputs
    "output without a value": (
        f"{TOPIC}Outputs: {{O: {{Description: a}}}}",
        f"{FORMAT}Every Outputs member must contain a Value object",
    ),
    "output that is a list": (
        f"{TOPIC}Outputs: {{O: {{Value: [a]}}}}",
        f"{FORMAT}The Value field of every Outputs member must evaluate to a String and not a List.",
    ),
    "output that is an object": (
        f"{TOPIC}Outputs: {{O: {{Value: {{A: b}}}}}}",
        f"{FORMAT}The Value field of every Outputs member must evaluate to a String and not a Map.",
    ),
    "output that becomes a list": (
        f"{TOPIC}Outputs: {{O: {{Value: !Split [',', 'a,b']}}}}",
        f"{FORMAT}The Value field of every Outputs member must evaluate to a String.",
    ),
    "output that becomes nothing": (
        f"{TOPIC}Outputs: {{O: {{Value: !Ref AWS::NoValue}}}}",
        f"{FORMAT}The Value field of every Outputs member must evaluate to a String.",
    ),
    "export without a name": (
        f"{TOPIC}Outputs: {{O: {{Value: a, Export: {{}}}}}}",
        f"{FORMAT}Output O is malformed. {EXPORT}",
    ),
    "name of an export": (
        f"{TOPIC}Outputs: {{O: {{Value: a, Export: {{Name: a_b}}}}}}",
        f"{FORMAT}Output O is malformed. {EXPORT}",
    ),
    "long name of an export": (
        f"{TOPIC}Outputs: {{O: {{Value: a, Export: {{Name: {'a' * 257}}}}}}}",
        f"{FORMAT}Output O is malformed. The Name field of every Export member must not be longer than 256 characters.",
    ),
    "name of an export that hangs on a resource": (
        f"{TOPIC}Outputs: {{O: {{Value: a, Export: {{Name: !Sub '${{Topic}}-a'}}}}}}",
        f"{FORMAT}Output O is malformed.  The Name field of Export must not depend on any resources, imported values, "
        "or Fn::GetAZs.",
    ),
    "one export twice": (
        f"{TOPIC}Outputs: {{O: {{Value: a, Export: {{Name: e}}}}, P: {{Value: a, Export: {{Name: e}}}}}}",
        "The Outputs section contains duplicate Export names: [e, e]. Specify a unique name for each export.",
    ),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_the_form_of_a_template(name: str) -> None:
    text, message = SECTIONS[name]
    assert _refusal(text) == message


FUNCTIONS: dict[str, tuple[str, str]] = {
    "Ref": ("!Ref [a]", "Template error: every Ref object must have a single String value."),
    "Fn::If without a condition": (
        "!If [!Ref AWS::Region, a, b]",
        "Template error: Fn::If requires a list argument with the first element being a condition",
    ),
    "Fn::If of two": ("!If [Yes, a]", "Template error: Fn::If requires a list argument with three elements"),
    "Fn::If of nothing": ("!If [C, a, b]", "Template error: unresolved condition dependency C in Fn::If"),
    "Fn::Select beyond a list that is written": (
        "!Select [100, [test]]",
        "Template error: Fn::Select requires a list argument with two elements: an integer index and a list",
    ),
    "Fn::Select beyond a list that is made": (
        "!Select [3, !Split [',', 'a,b']]",
        "Template error: Fn::Select cannot select nonexistent value at index 3",
    ),
    "Fn::Split": (
        "!Split ['-']",
        "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be "
        "split or a function that returns a string to be split.",
    ),
    "Fn::Sub of a shell's variable": (
        "!Sub '${FOO:-bar}'",
        "Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, "
        "periods, and colons",
    ),
    "Fn::Sub of an unknown name": (
        "!Sub '${Nope}'",
        f"{FORMAT}Unresolved resource dependencies [Nope] in the Resources block of the template",
    ),
    "Fn::Sub of an attribute of nothing": (
        "!Sub '${Nope.Arn}'",
        "Template error: instance of Fn::Sub references invalid resource attribute Nope.Arn",
    ),
    "Fn::Sub with a list": (
        "!Sub ['${A}', {A: [b]}]",
        "Template error: every value of the context object of every Fn::Sub object must be a string or a function that "
        "returns a string",
    ),
    "Fn::GetAtt of nothing": (
        "!GetAtt Nope.Arn",
        "Template error: instance of Fn::GetAtt references undefined resource Nope",
    ),
    "Fn::FindInMap of nothing": (
        "!FindInMap [M, a, b]",
        "Template error: Mapping named 'M' is not present in the 'Mappings' section of template.",
    ),
    "Fn::FindInMap with a default": (
        "!FindInMap [M, a, b, {DefaultValue: c}]",
        "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute "
        "for return value",
    ),
    "unknown function": ("{'Fn::GetAttr': [a, b]}", UNSUPPORTED % "Fn::GetAttr"),
    "function of the transform": ("{'Fn::Length': [a, b]}", UNSUPPORTED % "Fn::Length"),
    "several unknown names": (
        "[!Ref EnableBucketKey, !Ref KmsKey, !Ref Environment, !Ref Environment]",
        f"{FORMAT}Unresolved resource dependencies [Environment, EnableBucketKey, KmsKey] in the Resources block of "
        "the template",
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_wrong_use_of_a_function(name: str) -> None:
    value, message = FUNCTIONS[name]
    assert _refusal(WITH % value) == message


@pytest.mark.parametrize("name", FUNCTIONS)
def test_validation_without_values_finds_it_too(name: str) -> None:
    """``ValidateTemplate`` knows no parameter."""
    value, message = FUNCTIONS[name]
    with pytest.raises(Refusal) as caught:
        check_functions(read(WITH % value))
    assert caught.value.message == message


NAMES: dict[str, tuple[str, str]] = {
    "dependency": (
        "Resources: {A: {Type: AWS::SNS::Topic, DependsOn: Nope}}",
        f"{FORMAT}Unresolved resource dependencies [Nope] in the Resources block of the template",
    ),
    "output": (
        f"{TOPIC}Outputs: {{O: {{Value: !Ref Nope}}}}",
        f"{FORMAT}Unresolved resource dependencies [Nope] in the Outputs block of the template",
    ),
    "condition of a resource": (
        "Resources: {A: {Type: AWS::SNS::Topic, Condition: Nope}}",
        f"{FORMAT}Condition Nope is not defined.",
    ),
    "condition in a condition": (
        f"{TOPIC}Conditions: {{C: !Not [!Condition Nope]}}",
        f"{FORMAT}Unresolved condition dependencies [Nope] in the Conditions block of the template",
    ),
    "resource in a condition": (
        f"{TOPIC}Conditions: {{C: !Equals [!Ref Topic, a]}}",
        f"{FORMAT}Unresolved dependencies [Topic]. Cannot reference resources in the Conditions block of the template",
    ),
    "attribute in a condition": (
        f"{TOPIC}Conditions: {{C: !Equals [!GetAtt Topic.Arn, a]}}",
        f"{FORMAT}Unresolved dependencies [Topic]. Cannot reference resources in the Conditions block of the template",
    ),
    "import in a condition": (
        f"{TOPIC}Conditions: {{C: !Equals [!ImportValue a, a]}}",
        "Template error: Cannot use Fn::ImportValue in Conditions",
    ),
    "condition that is text": (
        f"{TOPIC}Conditions: {{C: maybe}}",
        f"{FORMAT}Conditions can only be boolean operations on parameters and other conditions",
    ),
    "conditions in a circle": (
        f"{TOPIC}Conditions: {{A: !Not [!Condition B], B: !Not [!Condition A]}}",
        "Template error: Found circular condition dependency between B and A",
    ),
    "resources in a circle": (
        "Resources: {A: {Type: T, DependsOn: B}, B: {Type: T, DependsOn: A}, C: {Type: T, DependsOn: A}, D: {Type: T}}",
        "Circular dependency between resources: [A, B, C]",
    ),
    "resource that a condition leaves out": (
        "Conditions: {No: !Equals [a, b]}\n"
        "Resources: {A: {Type: T, Condition: No}, B: {Type: T, Properties: {P: !Ref A}}}",
        f"{FORMAT}Unresolved resource dependencies [A] in the Resources block of the template",
    ),
    "output that a condition leaves out": (
        "Conditions: {No: !Equals [a, b]}\n"
        "Resources: {A: {Type: T, Condition: No}, B: {Type: T}}\nOutputs: {O: {Value: !Ref A}}",
        "Unresolved resource dependencies [A] in the Outputs block of the template",
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_nothing_has(name: str) -> None:
    text, message = NAMES[name]
    assert _refusal(text) == message


LOOPS: dict[str, tuple[str, str]] = {
    "two arguments": ("[N, [a]]", "Fn::ForEach layout is incorrect"),
    "outputs in a list": ("[N, [a], [b]]", "Fn::ForEach layout is incorrect"),
    "a list as identifier": ("[[N], [a], {'T${N}': {Type: T}}]", "Fn::ForEach layout is incorrect"),
    "a text as collection": (
        "[N, a, {'T${N}': {Type: T}}]",
        "Could not find a collection or could not be resolved for Fn::ForEach",
    ),
    "one key twice": (
        "[N, [a, b], {T: {Type: T}}]",
        "Duplicate key 'T' when merging keys to parent object in Fn::ForEach",
    ),
}


@pytest.mark.parametrize("name", LOOPS)
def test_a_wrong_loop(name: str) -> None:
    loop, message = LOOPS[name]
    text = f"Transform: AWS::LanguageExtensions\nResources: {{'Fn::ForEach::A': {loop}, B: {{Type: T}}}}"
    assert _refusal(text) == f"Transform AWS::LanguageExtensions failed with: {message}"


VALUES: dict[str, tuple[str, dict[str, str], str]] = {
    "none": ("{A: {Type: String}}", {}, "Parameters: [A] must have values"),
    "several": (
        "{KmsKey: {Type: String}, Environment: {Type: String}, EnableBucketKey: {Type: String}}",
        {},
        "Parameters: [Environment, EnableBucketKey, KmsKey] must have values",
    ),
    "unknown": ("{A: {Type: String}}", {"A": "a", "B": "b"}, "Parameters: [B] do not exist in the template"),
    "not asked for": ("{}", {"B": "b"}, "Parameter values specified for a template which does not require them."),
    "not allowed": (
        "{A: {Type: String, AllowedValues: [a]}}",
        {"A": "b"},
        "Parameter 'A' must be one of AllowedValues",
    ),
    "other form": (
        "{A: {Type: String, AllowedPattern: '[a-z]*'}}",
        {"A": "1"},
        "Parameter 'A' must match pattern [a-z]*",
    ),
    "short": ("{A: {Type: String, MinLength: 3}}", {"A": "a"}, "Parameter 'A' must contain at least 3 characters"),
    "long": ("{A: {Type: String, MaxLength: 5}}", {"A": "aaaaaa"}, "Parameter 'A' must contain at most 5 characters"),
    "low": ("{A: {Type: Number, MinValue: 1.5}}", {"A": "1"}, "Parameter 'A' must be a number not less than 1.5"),
    "high": (
        "{A: {Type: Number, MaxValue: 1000000}}",
        {"A": "1000001"},
        "Parameter 'A' must be a number not greater than 1000000",
    ),
    "no number": ("{A: {Type: Number}}", {"A": "not-a-number"}, "Parameter 'A' must be a number."),
    "no numbers": ("{A: {Type: List<Number>}}", {"A": "1,b"}, "Parameter 'A' must be a number."),
    "with its own words": (
        "{A: {Type: String, AllowedValues: [a], ConstraintDescription: Must be a.}}",
        {"A": "b"},
        "Parameter A failed to satisfy constraint: Must be a.",
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_not_permitted(name: str) -> None:
    parameters, given, message = VALUES[name]
    assert _refusal(f"{TOPIC}Parameters: {parameters}", **given) == message


def test_a_rule_speaks_its_own_words() -> None:
    rules = "Rules: {R: {Assertions: [{Assert: !Equals [a, b], AssertDescription: Choose a b.}]}}\n"
    assert _refusal(TOPIC + rules) == "Choose a b."


def test_the_words_for_people_say_more() -> None:
    """Our own message keeps the place and the hint."""
    template = read(WITH % "!Ref Topci", "web.yaml")
    with pytest.raises(InputError) as caught:
        Stack(template, {}, Context())
    wanted: dict[str, Any] = {
        "message": f"{FORMAT}Unresolved resource dependencies [Topci] in the Resources block of the template; "
        "did you mean 'Topic'?",
        "wording": f"{FORMAT}Unresolved resource dependencies [Topci] in the Resources block of the template",
    }
    assert {"message": caught.value.message, "wording": caught.value.wording} == wanted
