"""A stack holds what exists in its scenario, and refuses what cannot exist."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stackproof import InputError, Stack, Undecidable
from stackproof.symbols import Condition, Deferred, Pseudo, Reference

CHOICE = """\
Parameters:
  Environment: {Type: String, Default: dev}
Conditions:
  IsProduction: !Equals [!Ref Environment, prod]
  Open: !Equals [!Ref AWS::AccountId, '1']
Resources:
  Always: {Type: AWS::SNS::Topic}
  Standby: {Type: AWS::SNS::Topic, Condition: IsProduction, DependsOn: Always}
  Maybe: {Type: AWS::SNS::Topic, Condition: Open}
Outputs:
  StandbyArn: {Condition: IsProduction, Value: !Ref Standby}
  Name: {Value: !If [IsProduction, !Ref Standby, !Ref Always]}
"""


def test_conditions_decide_what_exists(stack: Callable[..., Stack]) -> None:
    """Resources and outputs under a false condition are absent; an undecided resource is there and says so."""
    dev, prod = stack(CHOICE), stack(CHOICE, Environment="prod")
    assert list(dev.resources) == ["Always", "Maybe"]
    assert list(prod.resources) == ["Always", "Standby", "Maybe"]
    assert {name: output.value for name, output in dev.outputs.items()} == {"Name": Reference("web", "Always")}
    assert {name: output.value for name, output in prod.outputs.items()} == {
        "StandbyArn": Reference("web", "Standby"),
        "Name": Reference("web", "Standby"),
    }
    expression = Deferred("Fn::Equals", (Pseudo("AWS::AccountId"), "1"))
    assert dev["Maybe"].condition == Condition("web", "Open", expression)
    assert dev["Always"].condition is None
    assert prod["Standby"].depends_on == ("Always",)


RESOURCES = "Template format error: Unresolved resource dependencies [%s] in the Resources block of the template"
OUTPUTS = RESOURCES.replace("Resources block", "Outputs block")
WRONG = {
    "a reference to a resource that does not exist": (
        "Resources:\n  A: {Type: a, Condition: Never}\n  B:\n    Type: a\n    Properties: {Name: !Ref A}\n",
        3,
        RESOURCES % "A" + " (A exists only if Never)",
    ),
    "an attribute of a resource that does not exist": (
        "Resources:\n  A: {Type: a, Condition: Never}\n  B:\n    Type: a\n    Properties: {Name: !Sub '${A.Arn}'}\n",
        3,
        RESOURCES % "A" + " (A exists only if Never)",
    ),
    "an output of a resource that does not exist": (
        "Resources:\n  A: {Type: a, Condition: Never}\n  B: {Type: a}\nOutputs:\n  Id: {Value: !Ref A}\n",
        5,
        OUTPUTS % "A" + " (A exists only if Never)",
    ),
    "DependsOn of nothing": (
        "Resources:\n  A:\n    Type: a\n    DependsOn: [A1, Bb]\n  A1: {Type: a}\n  B: {Type: a}\n",
        4,
        RESOURCES % "Bb",
    ),
    "an unknown condition of a resource": (
        "Resources:\n  A:\n    Type: a\n    Condition: Neverr\n",
        4,
        "Template error: unresolved condition dependency Neverr; did you mean 'Never'?",
    ),
    "an unknown condition of an output": (
        "Resources:\n  A: {Type: a}\nOutputs:\n  Id: {Condition: Neverr, Value: a}\n",
        4,
        "Template error: unresolved condition dependency Neverr; did you mean 'Never'?",
    ),
    "a misspelt name in the metadata of updates": (
        "Resources:\n  A:\n    Type: a\n    UpdatePolicy:\n      AutoScalingRollingUpdate: {MaxBatchSize: !Ref Bb}\n",
        5,
        RESOURCES % "Bb",
    ),
    "a resource that refers to itself": (
        "Resources:\n  A:\n    Type: a\n    Properties: {Name: !Ref A}\n",
        2,
        "Circular dependency between resources: [A]",
    ),
    "resources in a circle": (
        "Resources:\n  C: {Type: a, DependsOn: A}\n  A: {Type: a, Properties: {Name: !GetAtt B.Arn}}\n"
        "  B: {Type: a, Properties: {Name: !Sub 'x-${C}'}}\n",
        2,
        "Circular dependency between resources: [A, B, C]",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_reference(name: str, stack: Callable[..., Stack]) -> None:
    """A reference that leads nowhere, or round in a circle, is refused where it stands."""
    text, line, message = WRONG[name]
    with pytest.raises(InputError) as caught:
        stack(text + "Conditions: {Never: !Equals [a, b]}\n")
    assert str(caught.value).startswith(f"web.yaml:{line}: {message}")


def test_dependency_on_an_absent_resource_is_dropped(stack: Callable[..., Stack]) -> None:
    """CloudFormation leaves DependsOn out where the resource does not exist."""
    made = stack(
        "Conditions: {Never: !Equals [a, b]}\n"
        "Resources:\n  A: {Type: a, Condition: Never}\n  B: {Type: a, DependsOn: A}\n"
    )
    assert list(made.resources) == ["B"]


def test_branch_that_is_not_taken_may_name_what_does_not_exist(stack: Callable[..., Stack]) -> None:
    """Only the branch that is taken needs its resource."""
    made = stack(
        "Conditions: {Never: !Equals [a, b]}\nResources:\n  A: {Type: a, Condition: Never}\n"
        "  B: {Type: a, Properties: {Name: !If [Never, !Ref A, none]}}\n"
    )
    assert made["B"]["Name"] == "none"


DEPENDS = (
    "Template format error: The Name field of Export must not depend on any resources, imported values, or Fn::GetAZs"
)
EXPORTS = {
    "a resource": (
        "!Sub '${V}-Id'",
        DEPENDS,
    ),
    "an import": (
        "{'Fn::ImportValue': a}",
        DEPENDS,
    ),
    "nothing": ("''", "Template format error: The Name field of every Export member must be specified"),
    "a list": ("[a]", "Template error: every Export Name must be a string"),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_wrong_export(name: str, stack: Callable[..., Stack]) -> None:
    """An export's name is known before anything is deployed."""
    written, message = EXPORTS[name]
    text = f"Resources:\n  V: {{Type: a}}\nOutputs:\n  Id:\n    Value: x\n    Export:\n      Name: {written}\n"
    with pytest.raises(InputError) as caught:
        stack(text)
    assert str(caught.value) == f"web.yaml:7: {message}"


READS = """\
Resources:
  Subject:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Snapshot
    Properties:
      Text: 'true'
      Yes: true
      Number: '7'
      Nested: {Inner: [1, 2]}
      Unknown: !Ref AWS::AccountId
      Several:
        - First: a
        - !Ref AWS::NoValue
        - Second: b
"""


def test_typed_reads(stack: Callable[..., Stack]) -> None:
    """Policies read properties as CloudFormation does: text for boolean, text for number, one for a list of one."""
    subject = stack(READS)["Subject"]
    assert (subject.boolean("Text"), subject.boolean("Yes"), subject.boolean("Absent", default=True)) == (
        True,
        True,
        True,
    )
    assert (subject.integer("Number"), subject.text("Yes"), subject.items_of("Text")) == (7, "true", ("true",))
    assert subject.block("Nested").items_of("Inner") == (1, 2)
    assert subject.block("Absent") == {}
    assert subject.attributes.text("DeletionPolicy") == "Snapshot"


@pytest.mark.parametrize("read", ["boolean", "integer", "text", "items_of", "block"])
def test_reading_a_symbol_is_undecidable(read: str, stack: Callable[..., Stack]) -> None:
    """What is known only after deployment is never read as anything; the reason has path and line."""
    with pytest.raises(Undecidable) as caught:
        getattr(stack(READS)["Subject"], read)("Unknown")
    assert str(caught.value) == "web.yaml:10: Unknown is ${AWS::AccountId}, which is known only after deployment"
    assert caught.value.path == "Unknown"


def test_reading_a_wrong_type(stack: Callable[..., Stack]) -> None:
    """A property of a wrong type is an error of the template."""
    subject = stack(READS)["Subject"]
    with pytest.raises(InputError) as number:
        subject.integer("Text")
    with pytest.raises(InputError) as block:
        subject.block("Text")
    assert str(number.value) == "web.yaml:6: 'Text' must be a number, not 'true'"
    assert str(block.value) == "web.yaml:6: 'Text' must be an object"


MARKS = {
    "": 2,
    "Number": 8,
    "Nested": 9,
    "Nested.Inner": 9,
    "Nested.Absent": 9,
    "Several": 11,
    "Several.0.First": 12,
    "Several.2.Second": 14,
    "Absent": 2,
    "DeletionPolicy": 4,
}


@pytest.mark.parametrize("path", MARKS)
def test_marks(path: str, stack: Callable[..., Stack]) -> None:
    """Every property path has its line; an absent one that of the nearest thing written."""
    assert str(stack(READS)["Subject"].mark_of(path)) == f"web.yaml:{MARKS[path]}"
