"""The structure that CloudFormation demands of a template, in its words (recorded ones where AWS was asked)."""

from __future__ import annotations

import pytest

from stackproof import InputError, parse_template

TOPIC = "Resources: {T: {Type: AWS::SNS::Topic}}\n"
FORMAT = "Template format error: "

# text, line, message
WRONG: dict[str, tuple[str, int, str]] = {
    "no resources": ("Description: a\n", 1, "At least one Resources member must be defined."),
    "empty resources": ("Description: a\nResources: {}\n", 2, "At least one Resources member must be defined."),
    # Recorded for {"Resources": ""}.
    "resources of text": ("Resources: ''\n", 1, "Any Resources member must be an object."),
    "resource of text": ("Resources:\n  A: b\n", 2, "Any Resources member must be an object."),
    "resource of null": (
        "Resources:\n  A:\n",
        2,
        "null values are not allowed in templates; remove the key or use AWS::NoValue",
    ),
    "no type": (
        "Resources:\n  A: {Properties: {}}\n",
        2,
        "[/Resources/A] Every Resources object must contain a Type member.",
    ),
    "type of a list": ("Resources:\n  A: {Type: [a]}\n", 2, "Type must be a string."),
    "unknown attribute": (
        "Resources:\n  A:\n    Type: a\n    Propertes: {}\n",
        4,
        "Invalid template resource property 'Propertes'; did you mean 'Properties'?",
    ),
    "properties of a list": (
        "Resources:\n  A:\n    Type: a\n    Properties: [a]\n",
        4,
        "[/Resources/A/Properties] must be an object.",
    ),
    "properties of a function": (
        "Resources:\n  A:\n    Type: a\n    Properties: !If [C, {}, {}]\n",
        4,
        "[/Resources/A/Properties] Encountered unsupported property Fn::If",
    ),
    "unknown deletion policy": (
        "Resources:\n  A:\n    Type: a\n    DeletionPolicy: Retian\n",
        4,
        "Unrecognized DeletionPolicy Retian for resource A; did you mean 'Retain'?",
    ),
    "unknown replace policy": (
        "Resources:\n  A:\n    Type: a\n    UpdateReplacePolicy: Keep\n",
        4,
        "Unrecognized UpdateReplacePolicy Keep for resource A",
    ),
    "replace policy that is a deletion policy only": (
        "Resources:\n  A:\n    Type: a\n    UpdateReplacePolicy: RetainExceptOnCreate\n",
        4,
        "Unrecognized UpdateReplacePolicy RetainExceptOnCreate for resource A",
    ),
    "null property": (
        "Resources:\n  A:\n    Type: a\n    Properties:\n      Name:\n",
        5,
        "null values are not allowed in templates; remove the key or use AWS::NoValue",
    ),
    "name with a hyphen": ("Resources:\n  A-b: {Type: a}\n", 2, "Resource name A-b is non alphanumeric."),
    "empty name": ("Resources:\n  '': {Type: a}\n", 2, "Resource name is non alphanumeric."),
    "name in another script": ("Resources:\n  Ä: {Type: a}\n", 2, "Resource name Ä is non alphanumeric."),
    "unknown section": ("Resourcess: {}\n", 1, "Invalid template property 'Resourcess'; did you mean 'Resources'?"),
    "DependsOn of an object": ("Resources:\n  A: {Type: a, DependsOn: {b: c}}\n", 2, "DependsOn must be a string."),
    "condition of a list": ("Resources:\n  A: {Type: a, Condition: [b]}\n", 2, "Condition must be a string."),
    # Parameters
    "parameter of text": (f"{TOPIC}Parameters:\n  P: a\n", 3, "[/Parameters/P] a parameter must be an object."),
    "parameter without a type": (
        f"{TOPIC}Parameters:\n  P: {{Default: a}}\n",
        3,
        "Every Parameters object must contain a Type member: P.",
    ),
    "unknown constraint": (
        f"{TOPIC}Parameters:\n  P:\n    Type: String\n    AllowedValue: [a]\n",
        5,
        "[/Parameters/P] Invalid template parameter property 'AllowedValue'; did you mean 'AllowedValues'?",
    ),
    # Recorded.
    "pseudo parameter as name": (
        f"{TOPIC}Parameters:\n  AWS::NoValue: {{Type: String}}\n",
        3,
        "Parameter name AWS::NoValue is non alphanumeric.",
    ),
    "default of a list": (
        f"{TOPIC}Parameters:\n  P: {{Type: String, Default: [a]}}\n",
        3,
        "a string, number or boolean is expected here",
    ),
    "allowed values of text": (
        f"{TOPIC}Parameters:\n  P: {{Type: String, AllowedValues: a}}\n",
        3,
        "AllowedValues must be a list.",
    ),
    "length of text": (f"{TOPIC}Parameters:\n  P: {{Type: String, MaxLength: a}}\n", 3, "MaxLength must be a number."),
    "length without end": (
        f"{TOPIC}Parameters:\n  P: {{Type: String, MaxLength: 1e999999}}\n",
        3,
        "MaxLength must be a number.",
    ),
    "length of no number": (
        f"{TOPIC}Parameters:\n  P: {{Type: String, MinLength: nan}}\n",
        3,
        "MinLength must be a number.",
    ),
    "negative length": (
        f"{TOPIC}Parameters:\n  P: {{Type: String, MinLength: -1}}\n",
        3,
        "MinLength must be a whole number.",
    ),
    "broken length": (
        f"{TOPIC}Parameters:\n  P: {{Type: String, MinLength: 1.5}}\n",
        3,
        "MinLength must be a whole number.",
    ),
    "value without end": (
        f"{TOPIC}Parameters:\n  P: {{Type: Number, MinValue: inf}}\n",
        3,
        "MinValue must be a number.",
    ),
    # Mappings; both recorded.
    "map of text": (f"{TOPIC}Mappings:\n  M: a\n", 3, "Every Mappings member M must be a map."),
    "map of depth one": (f"{TOPIC}Mappings:\n  M: {{a: b}}\n", 3, "Every Mappings member of M must be a map: a."),
    "map of depth three": (
        f"{TOPIC}Mappings:\n  M: {{a: {{b: {{c: d}}}}}}\n",
        3,
        "Every Mappings attribute must be a String or a List.",
    ),
    "map of a reference": (
        f"{TOPIC}Mappings:\n  M: {{a: {{b: !Ref T}}}}\n",
        3,
        "Every Mappings attribute must be a String or a List.",
    ),
    # Rules, outputs
    "rule without assertions": (
        f"{TOPIC}Rules:\n  R: {{}}\n",
        3,
        "Rule R must be an object with a list of Assertions.",
    ),
    "output without a value": (
        f"{TOPIC}Outputs:\n  O: {{Description: a}}\n",
        3,
        "Every Outputs member must contain a Value object: O",
    ),
    "output of text": (f"{TOPIC}Outputs:\n  O: a\n", 3, "[/Outputs/O] an output must be an object."),
    "unknown key of an output": (
        f"{TOPIC}Outputs:\n  O: {{Value: a, Exports: b}}\n",
        3,
        "[/Outputs/O] Invalid template output property 'Exports'; did you mean 'Export'?",
    ),
    "export without a name": (
        f"{TOPIC}Outputs:\n  O: {{Value: a, Export: {{}}}}\n",
        3,
        "[/Outputs/O/Export] must contain a Name.",
    ),
    "export of text": (
        f"{TOPIC}Outputs:\n  O: {{Value: a, Export: b}}\n",
        3,
        "[/Outputs/O/Export] must contain a Name.",
    ),
    "transform without a name": (f"{TOPIC}Transform: {{Parameters: {{}}}}\n", 2, "a transform needs a Name"),
    # Quotas
    "too many parameters": (
        f"{TOPIC}Parameters:\n" + "".join(f"  P{i}: {{Type: String}}\n" for i in range(201)),
        3,
        "201 Parameters; CloudFormation accepts at most 200.",
    ),
    "too many resources": (
        "Resources:\n" + "".join(f"  R{i}: {{Type: a}}\n" for i in range(501)),
        2,
        "501 Resources; CloudFormation accepts at most 500.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_refused(name: str) -> None:
    """What CloudFormation refuses is refused in its words and in the right line."""
    text, line, message = WRONG[name]
    with pytest.raises(InputError) as caught:
        parse_template(text, "web.yaml")
    assert str(caught.value) == f"web.yaml:{line}: {FORMAT}{message}"


def test_parameter() -> None:
    """A parameter is read with all its constraints; values become text as CloudFormation makes it."""
    parameter = parse_template(f"""\
{TOPIC}
Parameters:
  P:
    Type: Number
    Default: 010
    AllowedValues: [010, 2.50, true]
    MinValue: -1.5
    MaxValue: '9'
    NoEcho: 'True'
    Description: d
    ConstraintDescription: c
""").parameters["P"]
    assert (parameter.type, parameter.default, parameter.allowed_values) == ("Number", "010", ("010", "2.50", "true"))
    assert (parameter.min_value, parameter.max_value, parameter.no_echo) == (-1.5, 9.0, True)
    assert (parameter.description, parameter.constraint_description, parameter.mark.line) == ("d", "c", 4)


def test_sections() -> None:
    """Resources, outputs and transforms are read with their names, conditions, order and lines."""
    template = parse_template("""\
Transform: [AWS::LanguageExtensions, {Name: Mine, Parameters: {A: 1}}]
Resources:
  B: {Type: b, Condition: C, DependsOn: A}
  A: {Type: a, DependsOn: [B]}
Conditions: {C: !Equals [a, a]}
Outputs:
  O: {Value: x, Description: d, Condition: C, Export: {Name: n}}
""")
    assert [
        (name, item.type, item.condition, item.depends_on, item.mark.line) for name, item in template.resources.items()
    ] == [
        ("B", "b", "C", ("A",), 3),
        ("A", "a", None, ("B",), 4),
    ]
    assert (template.outputs["O"].description, template.outputs["O"].condition) == ("d", "C")
    assert (template.transforms, template.macros, template.language_extensions) == (
        ("AWS::LanguageExtensions", "Mine"),
        ("Mine",),
        True,
    )


def test_section_that_a_macro_fills() -> None:
    """A section with ``Fn::Transform`` is only partly known, as if a macro changed the template."""
    template = parse_template("""\
Resources:
  A: {Type: a}
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/more.yaml}}
""")
    assert template.macros == ("AWS::Include",)
    assert list(template.resources) == ["A"]


def test_mark_of() -> None:
    """A dotted path leads to its line, or to that of the nearest part that is written."""
    template = parse_template("Resources:\n  A:\n    Type: a\n    Properties:\n      X: {Y: 1}\n", "web.yaml")
    paths = ("", "Resources.A", "Resources.A.Properties.X.Y", "Resources.A.Properties.Z", "Nowhere")
    assert [template.mark_of(path).line for path in paths] == [1, 2, 5, 4, 1]
