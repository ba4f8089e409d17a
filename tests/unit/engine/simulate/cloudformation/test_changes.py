"""What a change set says: each rule by a pair of small templates, as real change sets show it.

A change is written down in lines: action, logical id, what becomes of the resource; then one line per detail:
attribute, property or path, what it requires, and why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from stackproof.bind.values import bind
from stackproof.load.template import parse_template
from stackproof.resolve.context import Context
from stackproof.resolve.stack import Stack
from stackproof.simulate.cloudformation.changes import changes, described, nothing_to_do
from stackproof.simulate.fill import Filler
from stackproof.symbols import SsmParameter

UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"
ARN = "arn:aws:sns:us-east-1:111111111111:"


@dataclass
class Side:
    """A stack with what the request said of it."""

    stack: Stack
    given: dict[str, str]
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Live:
    """A resource as it was deployed."""

    logical_id: str
    type: str
    physical_id: str
    properties: dict[str, Any]
    attributes: dict[str, Any]


class Account:
    """An account that holds one stack: topics and parameters are called as they are in AWS."""

    def __init__(self) -> None:
        self.live: dict[str, Live] = {}
        self.store: dict[str, str] = {}

    def side(self, template: Mapping[str, Any], tags: Mapping[str, str] | None = None, **given: str) -> Side:
        """Return a template with its parameters' values."""
        parsed = parse_template(json.dumps(template))
        values = bind(parsed, given, {}, parsed.mark)
        stored = {name: self.store[v.name] for name, v in values.items() if isinstance(v, SsmParameter)}
        sent = {name: given.get(name, parameter.default or "") for name, parameter in parsed.parameters.items()}
        place = Context(stack="shop", stack_name="shop", region="us-east-1", account="111111111111")
        return Side(Stack(parsed, values | stored, place), sent, dict(tags or {}))

    def deploy(self, side: Side) -> None:
        """Make the resources of a stack, in the order in which they are written."""
        for name, resource in side.stack.resources.items():
            properties = Filler(side.stack.scope, self).value(resource.properties)
            own = properties.get("TopicName") or properties.get("Name") or f"shop-{name}"
            physical_id = f"{ARN}{own}" if resource.type == "AWS::SNS::Topic" else own
            attributes = {key: value for key, value in resource.attributes.items() if key != "Properties"}
            self.live[name] = Live(name, resource.type, physical_id, properties, attributes)

    def attribute(self, logical_id: str, attribute: str) -> Any:
        """Return ``Ref`` or a property as attribute."""
        live = self.live[logical_id]
        return live.properties[attribute] if attribute else live.physical_id

    def pseudo(self, name: str) -> Any:
        """Return the stack's id."""
        return {"AWS::StackId": "arn:aws:cloudformation:us-east-1:111111111111:stack/shop/1"}[name]

    def ssm_parameter(self, name: str) -> str:
        """Return a value of Parameter Store."""
        return self.store[name]

    def export(self, name: str) -> str:
        """Return an export."""
        return f"export of {name}"

    def secret(self, reference: str) -> str:
        """Return a secret, which no change set may tell."""
        return f"the secret {reference}"

    def zones(self, region: str) -> list[str]:
        """Return zones."""
        return [f"{region}a", f"{region}b"]


def resource_of(kind: str, properties: Mapping[str, Any] | None = None, **attributes: Any) -> dict[str, Any]:
    return {"Type": kind} | ({} if properties is None else {"Properties": dict(properties)}) | attributes


def topic(name: Any = None, display: Any = None, **attributes: Any) -> dict[str, Any]:
    given = {"TopicName": name, "DisplayName": display}
    return resource_of(
        "AWS::SNS::Topic", {key: value for key, value in given.items() if value is not None}, **attributes
    )


def value(text: Any, **properties: Any) -> dict[str, Any]:
    return resource_of("AWS::SSM::Parameter", {"Type": "String", "Value": text, **properties})


def template(sections: Mapping[str, Any] | None = None, **resources: Any) -> dict[str, Any]:
    return {"Resources": resources} | dict(sections or {})


def strings(**defaults: str) -> dict[str, Any]:
    return {"Parameters": {name: {"Type": "String", "Default": default} for name, default in defaults.items()}}


def lines(told: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return changes in lines; see the module's docstring."""
    found: list[str] = []
    for change in told:
        resource = change["ResourceChange"]
        words = ["Action", "LogicalResourceId", "Replacement", "PolicyAction"]
        found.append(" ".join(resource[word] for word in words if word in resource))
        for detail in resource["Details"]:
            target = detail["Target"]
            what = target.get("Path") or "/".join(target[word] for word in ("Attribute", "Name") if word in target)
            values = [f"{target[word]!r}" for word in ("BeforeValue", "AfterValue") if word in target]
            why = f"{detail['Evaluation']} {detail['ChangeSource']} {detail.get('CausingEntity', '')}".rstrip()
            kind = [target["AttributeChangeType"]] if "AttributeChangeType" in target else []
            found.append("  " + " ".join([what, target["RequiresRecreation"], why, *kind, *values]))
    return found


def update(before: Mapping[str, Any], after: Mapping[str, Any], **options: Any) -> tuple[list[str], list[str]]:
    """Deploy a template and return the lines about another one, without and with values."""
    account = Account()
    old = account.side(before)
    account.deploy(old)
    found = changes(old, account.side(after), account.live, account, **options)
    return lines(described(found)), lines(described(found, values=True))


DIRECT = "  Properties/DisplayName Never Static DirectModification"

DIRECTLY = {
    "text": ("old", "new"),
    "function of plain data": ("old", {"Fn::Base64": "new"}),
    "function taken away": ({"Fn::Join": ["_", {"Fn::Split": ["-", "a-b"]}]}, "new"),
    "argument of a function": ({"Fn::Select": [1, ["a", "b"]]}, {"Fn::Select": [0, ["a", "b"]]}),
    "pseudo parameter": ({"Fn::Sub": "in ${AWS::StackName}"}, {"Fn::Sub": "at ${AWS::Region}"}),
    "substitution": ({"Fn::Sub": ["${a} ${b}", {"a": "1", "b": "2"}]}, {"Fn::Sub": ["${a}", {"a": "1"}]}),
}


@pytest.mark.parametrize(("before", "after"), DIRECTLY.values(), ids=DIRECTLY)
def test_what_is_written_differently_is_a_static_direct_modification(before: Any, after: Any) -> None:
    found, _ = update(template(A=topic("one", before)), template(A=topic("one", after)))
    assert found == ["Modify A False", DIRECT]


def test_a_mapping_that_changes_is_a_direct_modification_where_it_is_used() -> None:
    found = {"Fn::FindInMap": ["Names", "first", "text"]}

    def with_text(text: str) -> dict[str, Any]:
        return template({"Mappings": {"Names": {"first": {"text": text}}}}, A=topic("one", found))

    assert update(with_text("old"), with_text("new"))[0] == ["Modify A False", DIRECT]


@pytest.mark.parametrize(
    "use",
    [
        {"Ref": "P"},
        {"Fn::Sub": "<${P}>"},
        {"Fn::Sub": ["<${x}>", {"x": {"Ref": "P"}}]},
        {"Fn::Join": ["_", {"Fn::Split": ["-", {"Ref": "P"}]}]},
    ],
    ids=["Ref", "Sub", "Sub with a variable", "Split"],
)
def test_a_parameter_that_changes_is_told_as_cause_and_as_dynamic_direct_modification(use: Any) -> None:
    found, _ = update(template(strings(P="a-b"), A=topic("one", use)), template(strings(P="c-d"), A=topic("one", use)))
    assert found == [
        "Modify A False",
        "  Properties/DisplayName Never Dynamic DirectModification",
        "  Properties/DisplayName Never Static ParameterReference P",
    ]


def test_a_parameter_that_is_new_is_a_cause() -> None:
    found, _ = update(template(A=topic("one", "old")), template(strings(P="new"), A=topic("one", {"Ref": "P"})))
    assert found[1:] == [
        "  Properties/DisplayName Never Dynamic DirectModification",
        "  Properties/DisplayName Never Static ParameterReference P",
    ]


def test_a_parameter_that_keeps_its_value_is_no_cause() -> None:
    both = strings(P="same")
    found, _ = update(template(both, A=topic("one", "old")), template(both, A=topic("one", {"Ref": "P"})))
    assert found == ["Modify A False", DIRECT]


def test_a_parameter_whose_change_the_value_does_not_show_changes_nothing() -> None:
    chosen = {"Fn::If": ["Big", "large", "small"]}
    condition = {"Conditions": {"Big": {"Fn::Equals": [{"Ref": "P"}, "big"]}}}
    before, after = (template(strings(P=text) | condition, A=topic("one", chosen)) for text in ("tiny", "little"))
    assert update(before, after) == ([], [])


def test_a_condition_that_chooses_another_value_is_a_direct_modification() -> None:
    chosen = {"Fn::If": ["Big", "large", "small"]}
    condition = {"Conditions": {"Big": {"Fn::Equals": [{"Ref": "P"}, "big"]}}}
    before, after = (template(strings(P=text) | condition, A=topic("one", chosen)) for text in ("tiny", "big"))
    assert update(before, after)[0] == ["Modify A False", DIRECT]


def test_another_value_in_parameter_store_is_a_direct_modification() -> None:
    account = Account()
    stored = template({"Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>"}}}, A=value({"Ref": "P"}))
    account.store["key"] = "old"
    old = account.side(stored, P="key")
    account.deploy(old)
    account.store["key"] = "new"
    found = described(changes(old, account.side(stored, P="key"), account.live, account), values=True)
    assert lines(found) == [
        "Modify A False",
        "  /Properties/Value Never Static DirectModification Modify 'old' 'new'",
    ]


@pytest.mark.parametrize(
    ("use", "cause"),
    [
        ({"Ref": "A"}, "ResourceReference A"),
        ({"Fn::Sub": "<${A}>"}, "ResourceReference A"),
        ({"Fn::GetAtt": ["A", "TopicName"]}, "ResourceAttribute A.TopicName"),
        ({"Fn::Join": ["-", ["x", {"Fn::GetAtt": ["A", "TopicName"]}]]}, "ResourceAttribute A.TopicName"),
    ],
    ids=["Ref", "Sub", "GetAtt", "Join of GetAtt"],
)
def test_what_refers_to_a_resource_that_is_replaced_surely_changes(use: Any, cause: str) -> None:
    found, valued = update(template(A=topic("one"), B=value(use)), template(A=topic("two"), B=value(use)))
    assert found == [
        "Modify A True ReplaceAndDelete",
        "  Properties/TopicName Always Static DirectModification",
        "Modify B False",
        f"  Properties/Value Never Static {cause}",
    ]
    before = {"Ref": f"{ARN}one", "Fn::Sub": f"<{ARN}one>", "Fn::GetAtt": "one", "Fn::Join": "x-one"}[next(iter(use))]
    assert valued[3:] == [
        f"  /Properties/Value Never Dynamic DirectModification Modify '{before}' '{UNKNOWN}'",
        f"  /Properties/Value Never Static {cause} Modify '{before}' '{UNKNOWN}'",
    ]


def test_an_attribute_of_a_resource_that_changes_in_place_may_change() -> None:
    use = {"Fn::GetAtt": ["A", "DisplayName"]}
    found, valued = update(template(A=topic("one", "old"), B=value(use)), template(A=topic("one", "new"), B=value(use)))
    assert found[2:] == ["Modify B False", "  Properties/Value Never Dynamic ResourceAttribute A.DisplayName"]
    assert valued == [
        "Modify A False",
        "  /Properties/DisplayName Never Static DirectModification Modify 'old' 'new'",
    ], "with values, an attribute counts for what it is now"


def test_what_may_change_is_handed_on() -> None:
    def chain(first: str) -> dict[str, Any]:
        second, third = ({"Fn::GetAtt": [name, "DisplayName"]} for name in ("A", "B"))
        return template(A=topic("a", first), B=topic("b", second), C=topic("c", third))

    assert update(chain("old"), chain("new"))[0] == [
        "Modify A False",
        DIRECT,
        "Modify B False",
        "  Properties/DisplayName Never Dynamic ResourceAttribute A.DisplayName",
        "Modify C False",
        "  Properties/DisplayName Never Dynamic ResourceAttribute B.DisplayName",
    ]


def test_a_replacement_is_handed_on() -> None:
    def chain(first: str) -> dict[str, Any]:
        return template(A=topic(first), B=topic({"Fn::GetAtt": ["A", "TopicName"]}), C=value({"Ref": "B"}))

    assert update(chain("one"), chain("two"))[0][2:] == [
        "Modify B True ReplaceAndDelete",
        "  Properties/TopicName Always Static ResourceAttribute A.TopicName",
        "Modify C False",
        "  Properties/Value Never Static ResourceReference B",
    ]


def test_a_property_that_may_change_and_replaces_makes_a_conditional_replacement() -> None:
    use = topic({"Fn::GetAtt": ["A", "DisplayName"]})
    found, _ = update(
        template(A=topic("one", "old"), B=use, C=value({"Ref": "B"})),
        template(A=topic("one", "new"), B=use, C=value({"Ref": "B"})),
    )
    assert found[2:] == [
        "Modify B Conditional",
        "  Properties/TopicName Always Dynamic ResourceAttribute A.DisplayName",
        "Modify C False",
        "  Properties/Value Never Dynamic ResourceReference B",
    ]


def test_a_reference_to_a_resource_that_changes_in_place_does_not_change() -> None:
    found, _ = update(
        template(A=topic("one", "old"), B=value({"Ref": "A"})), template(A=topic("one", "new"), B=value({"Ref": "A"}))
    )
    assert found == ["Modify A False", DIRECT]


def test_a_reference_to_what_is_new_is_both_written_and_caused() -> None:
    found, valued = update(template(B=value("old")), template(A=topic("one"), B=value({"Ref": "A"})))
    assert found == [
        "Add A",
        "Modify B False",
        "  Properties/Value Never Dynamic DirectModification",
        "  Properties/Value Never Static ResourceReference A",
    ]
    assert valued[2] == f"  /Properties/Value Never Dynamic DirectModification Modify 'old' '{UNKNOWN}'"


def context(change: Mapping[str, Any], name: str) -> Any:
    return json.loads(change["ResourceChange"][name])["Properties"]


def test_a_new_resource_shows_what_is_known_of_it() -> None:
    account = Account()
    old = account.side(template(A=topic("one", "kept")))
    account.deploy(old)
    uses = {"Known": {"Fn::GetAtt": ["A", "DisplayName"]}, "Unknown": {"Fn::Sub": "<${C}>"}, "Number": 5, "Flag": True}
    after = account.side(template(A=topic("one", "kept"), B=value("x", Tags=uses), C=topic("new")))
    first = described(changes(old, after, account.live, account), values=True)[0]
    assert context(first, "AfterContext") == {
        "Type": "String",
        "Value": "x",
        "Tags": {"Known": "kept", "Unknown": UNKNOWN, "Number": "5", "Flag": "true"},
    }


def test_a_resource_that_goes_shows_no_references() -> None:
    account = Account()
    old = account.side(template(A=topic("one", "text"), B=value({"Fn::GetAtt": ["A", "DisplayName"]})))
    account.deploy(old)
    found = changes(old, account.side(template(A=topic("one", "text"))), account.live, account)
    assert described(found, values=True) == [
        {
            "Type": "Resource",
            "ResourceChange": {
                "Action": "Remove",
                "LogicalResourceId": "B",
                "PhysicalResourceId": "shop-B",
                "ResourceType": "AWS::SSM::Parameter",
                "PolicyAction": "Delete",
                "Scope": [],
                "Details": [],
                "BeforeContext": json.dumps(
                    {"Properties": {"Value": UNKNOWN, "Type": "String"}}, separators=(",", ":")
                ),
            },
        }
    ]


def test_a_new_stack_adds_everything() -> None:
    account = Account()
    side = account.side(template(A=topic("one"), B=value({"Ref": "A"})))
    assert described(changes(None, side, {}, account)) == [
        {
            "Type": "Resource",
            "ResourceChange": {
                "Action": "Add",
                "LogicalResourceId": name,
                "ResourceType": kind,
                "Scope": [],
                "Details": [],
            },
        }
        for name, kind in (("A", "AWS::SNS::Topic"), ("B", "AWS::SSM::Parameter"))
    ]


@pytest.mark.parametrize(
    ("gone", "here"), [("Remove A Delete", "yes"), ("Add A", "no")], ids=["does not hold any more", "holds now"]
)
def test_a_condition_decides_whether_a_resource_is_there(gone: str, here: str) -> None:
    def when(text: str) -> dict[str, Any]:
        sections = strings(P=text) | {"Conditions": {"Here": {"Fn::Equals": [{"Ref": "P"}, "yes"]}}}
        return template(sections, A=topic("one", Condition="Here"), B=topic("two"))

    other = "no" if here == "yes" else "yes"
    assert update(when(here), when(other))[0] == [gone]


REMOVALS = {
    "nothing said": ({}, "Delete"),
    "deleted": ({"DeletionPolicy": "Delete"}, "Delete"),
    "kept": ({"DeletionPolicy": "Retain"}, "Retain"),
    "kept unless just made": ({"DeletionPolicy": "RetainExceptOnCreate"}, "Retain"),
    "a volume with a snapshot": ({"DeletionPolicy": "Snapshot"}, "Snapshot"),
}


@pytest.mark.parametrize(("attributes", "policy"), REMOVALS.values(), ids=REMOVALS)
def test_the_deletion_policy_says_what_becomes_of_what_is_removed(attributes: dict[str, str], policy: str) -> None:
    volume = resource_of("AWS::EC2::Volume", {"AvailabilityZone": "us-east-1a", "Size": 1}, **attributes)
    assert update(template(A=volume, B=topic()), template(B=topic()))[0] == [f"Remove A {policy}"]


@pytest.mark.parametrize(("own", "policy"), [({}, "Snapshot"), ({"DBClusterIdentifier": "c"}, "Delete")])
def test_a_database_leaves_a_snapshot_unless_it_belongs_to_a_cluster(own: dict[str, str], policy: str) -> None:
    database = resource_of("AWS::RDS::DBInstance", {"DBInstanceClass": "db.t4g.micro", **own})
    assert update(template(A=database, B=topic()), template(B=topic()))[0] == [f"Remove A {policy}"]


@pytest.mark.parametrize(
    ("policy", "action"),
    [("Delete", "ReplaceAndDelete"), ("Retain", "ReplaceAndRetain"), ("Snapshot", "ReplaceAndSnapshot")],
)
def test_the_update_replace_policy_says_what_becomes_of_what_is_replaced(policy: str, action: str) -> None:
    before, after = (template(A=topic(name, UpdateReplacePolicy=policy)) for name in ("one", "two"))
    assert update(before, after)[0][0] == f"Modify A True {action}"


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({}, {"DeletionPolicy": "Retain"}, "DeletionPolicy Never Static DirectModification"),
        ({"UpdateReplacePolicy": "Retain"}, {}, "UpdateReplacePolicy Never Static DirectModification"),
        ({"Metadata": {"a": 1}}, {"Metadata": {"a": 2}}, "Metadata Never Static DirectModification"),
    ],
    ids=["DeletionPolicy", "UpdateReplacePolicy", "Metadata"],
)
def test_what_stands_beside_the_properties_counts(before: Any, after: Any, line: str) -> None:
    found, _ = update(template(A=topic("one", **before)), template(A=topic("one", **after)))
    assert found == ["Modify A False", f"  {line}"]


def test_a_dependency_does_not_count() -> None:
    before = template(A=topic("one"), B=topic("two"))
    after = template(A=topic("one"), B=topic("two", DependsOn=["A"]))
    assert update(before, after) == ([], [])


VALUES = {
    "added": ({}, {"DisplayName": "x"}, "/Properties/DisplayName Never Static DirectModification Add 'x'"),
    "removed": ({"DisplayName": "x"}, {}, "/Properties/DisplayName Never Static DirectModification Remove 'x'"),
    "left out by AWS::NoValue": (
        {"DisplayName": "x"},
        {"DisplayName": {"Ref": "AWS::NoValue"}},
        "/Properties/DisplayName Never Static DirectModification Remove 'x'",
    ),
    "an empty list": ({"Tags": []}, {}, "/Properties/Tags Never Static DirectModification Remove '[]'"),
    "a tag's value": (
        {"Tags": [{"Key": "k", "Value": "a"}]},
        {"Tags": [{"Key": "k", "Value": "b"}]},
        "/Properties/Tags/0/Value Never Static DirectModification Modify 'a' 'b'",
    ),
    "one more in a list": (
        {"Tags": [{"Key": "k", "Value": "a"}]},
        {"Tags": [{"Key": "k", "Value": "a"}, {"Key": "l", "Value": "b"}]},
        '/Properties/Tags/1 Never Static DirectModification Add \'{"Key":"l","Value":"b"}\'',
    ),
    "one less in a list": (
        {"Tags": [{"Key": "k", "Value": "a"}, {"Key": "l", "Value": "b"}]},
        {"Tags": [{"Key": "k", "Value": "a"}]},
        '/Properties/Tags/1 Never Static DirectModification Remove \'{"Key":"l","Value":"b"}\'',
    ),
    "a document": (
        {"DataProtectionPolicy": {"Name": "p", "Version": "1"}},
        {"DataProtectionPolicy": {"Name": "p", "Version": "2"}},
        "/Properties/DataProtectionPolicy Never Static DirectModification Modify "
        '\'{"Name":"p","Version":"1"}\' \'{"Name":"p","Version":"2"}\'',
    ),
    "numbers as text": (
        {"DisplayName": 1},
        {"DisplayName": True},
        "/Properties/DisplayName Never Static DirectModification Modify '1' 'true'",
    ),
}


@pytest.mark.parametrize(("before", "after", "line"), VALUES.values(), ids=VALUES)
def test_values_are_told_as_deep_as_they_differ(before: Any, after: Any, line: str) -> None:
    given = {"TopicName": "one"}
    _, valued = update(
        template(A=resource_of("AWS::SNS::Topic", given | before)),
        template(A=resource_of("AWS::SNS::Topic", given | after)),
    )
    assert valued == ["Modify A False", f"  {line}"]


def test_a_number_written_as_text_is_the_same() -> None:
    assert update(template(A=value(5)), template(A=value("5"))) == ([], [])


def test_each_changed_part_has_its_own_cause() -> None:
    def function(first: str, second: str) -> dict[str, Any]:
        variables = {"FIRST": {"Ref": "P"}, "SECOND": second, "THIRD": "same"}
        own = {"Environment": {"Variables": variables}, "Code": {"ZipFile": "x"}, "Role": "r"}
        return template(strings(P=first), A=resource_of("AWS::Lambda::Function", own))

    found, valued = update(function("a", "b"), function("c", "d"))
    assert found == [
        "Modify A False",
        "  Properties/Environment Never Dynamic DirectModification",
        "  Properties/Environment Never Static ParameterReference P",
    ]
    path = "/Properties/Environment/Variables"
    assert sorted(valued[1:]) == [
        f"  {path}/FIRST Never Dynamic DirectModification Modify 'a' 'c'",
        f"  {path}/FIRST Never Static ParameterReference P Modify 'a' 'c'",
        f"  {path}/SECOND Never Static DirectModification Modify 'b' 'd'",
    ]


def test_the_tags_of_a_resource_are_no_property() -> None:
    def tagged(text: str) -> dict[str, Any]:
        return template(A=resource_of("AWS::SNS::Topic", {"Tags": [{"Key": "k", "Value": text}]}))

    assert update(tagged("a"), tagged("b"))[0] == ["Modify A False", "  Tags Never Static DirectModification"]


def test_tags_that_are_a_map_are_a_property() -> None:
    found, _ = update(template(A=value("x")), template(A=value("x", Tags={"k": "v"})))
    assert found == ["Modify A False", "  Properties/Tags Never Static DirectModification"]


def test_the_tags_of_the_stack_change_every_resource_that_has_tags() -> None:
    account = Account()
    written = template(A=topic("one"), B=resource_of("AWS::SNS::TopicPolicy", {"Topics": [], "PolicyDocument": {}}))
    old, new = (account.side(written, tags={"team": name}) for name in ("old", "new"))
    account.deploy(old)
    found = lines(described(changes(old, new, account.live, account)))
    assert found == ["Modify A False", "  Tags Never Static DirectModification"]


def test_a_secret_parameter_is_masked() -> None:
    def secret(text: str) -> dict[str, Any]:
        declared = {"Parameters": {"P": {"Type": "String", "NoEcho": True, "Default": text}}}
        return template(declared, A=value({"Fn::Sub": "key=${P}"}))

    account = Account()
    old = account.side(secret("first"))
    account.deploy(old)
    found = described(changes(old, account.side(secret("second")), account.live, account), values=True)
    assert context(found[0], "BeforeContext")["Value"] == "key=****"
    assert context(found[0], "AfterContext")["Value"] == "key=****"
    assert lines(found)[1:] == [
        "  /Properties/Value Never Dynamic DirectModification Modify 'key=****' 'key=****'",
        "  /Properties/Value Never Static ParameterReference P Modify 'key=****' 'key=****'",
    ]


def test_a_dynamic_reference_is_told_as_it_is_written() -> None:
    reference = "{{resolve:secretsmanager:shop:SecretString:key}}"
    account = Account()
    old = account.side(template(A=value(reference)))
    account.deploy(old)
    after = account.side(template(A=value(reference, Description="new")))
    found = described(changes(old, after, account.live, account), values=True)
    assert [context(found[0], name)["Value"] for name in ("BeforeContext", "AfterContext")] == [reference, reference]
    assert lines(found)[1:] == ["  /Properties/Description Never Static DirectModification Add 'new'"]


def test_a_custom_resource_may_always_be_replaced() -> None:
    before, after = (template(A=resource_of("Custom::Thing", {"ServiceToken": "t", "Size": n})) for n in (1, 2))
    assert update(before, after)[0] == [
        "Modify A Conditional",
        "  Properties/Size Conditionally Static DirectModification",
    ]


NESTED = template(A=resource_of("AWS::CloudFormation::Stack", {"TemplateURL": "https://s3/one"}))


def test_a_nested_stack_may_always_change() -> None:
    assert update(NESTED, NESTED)[0] == ["Modify A False", "  Properties Never Dynamic Automatic"]


def test_a_nested_stack_whose_own_change_set_is_empty_does_not_change() -> None:
    assert update(NESTED, NESTED, nested={}) == ([], [])


def test_a_nested_stack_names_its_own_change_set() -> None:
    account = Account()
    side = account.side(NESTED)
    account.deploy(side)
    (change,) = changes(side, side, account.live, account, nested={"A": "arn:of:the:change-set"})
    assert change.described()["ResourceChange"]["ChangeSetId"] == "arn:of:the:change-set"


def test_an_import_names_the_resource_that_exists() -> None:
    account = Account()
    (change,) = changes(None, account.side(template(A=topic("one"))), {}, account, imported={"A": f"{ARN}one"})
    assert lines([change.described()]) == ["Import A"]
    assert change.described()["ResourceChange"]["PhysicalResourceId"] == f"{ARN}one"


def test_a_scope_names_every_attribute_once() -> None:
    account = Account()
    old = account.side(template(A=topic("one", "old")))
    account.deploy(old)
    own = {"TopicName": "one", "DisplayName": "new", "FifoTopic": False, "Tags": [{"Key": "k", "Value": "v"}]}
    after = account.side(template(A=resource_of("AWS::SNS::Topic", own, Metadata={"a": "b"})))
    (change,) = described(changes(old, after, account.live, account))
    assert sorted(change["ResourceChange"]["Scope"]) == ["Metadata", "Properties", "Tags"]


def test_changes_are_listed_by_name_the_shorter_of_two_last() -> None:
    account = Account()
    side = account.side(template(queue=topic(), Hello=topic(), HelloRole=topic(), Api=topic()))
    assert [change.logical_id for change in changes(None, side, {}, account)] == ["Api", "HelloRole", "Hello", "queue"]


def test_a_context_is_written_in_the_order_of_aws() -> None:
    account = Account()
    own = {"Name": "n", "Type": "String", "Value": "v", "Tags": {"a": "b"}}
    side = account.side(
        template(A=resource_of("AWS::SSM::Parameter", own, DeletionPolicy="Delete", Metadata={"m": "x"}))
    )
    (change,) = described(changes(None, side, {}, account), values=True)
    assert change["ResourceChange"]["AfterContext"] == (
        '{"Properties":{"Value":"v","Type":"String","Tags":{"a":"b"},"Name":"n"},"Metadata":{"m":"x"},'
        '"DeletionPolicy":"Delete"}'
    )


SAME = template(A=topic("one"))
NOTHING = {
    "the same": SAME,
    "description": SAME | {"Description": "new"},
    "metadata": SAME | {"Metadata": {"a": "b"}},
    "a parameter that nothing uses": SAME | strings(P="x"),
    "a condition that nothing uses": SAME | {"Conditions": {"C": {"Fn::Equals": ["a", "b"]}}},
    "a mapping that nothing uses": SAME | {"Mappings": {"M": {"a": {"b": "c"}}}},
    "a parameter in place of its value": template(strings(P="one"), A=topic({"Ref": "P"})),
}
SOMETHING = {
    "an output": SAME | {"Outputs": {"O": {"Value": "x"}}},
    "a property": template(A=topic("one", "x")),
    "another resource": template(A=topic("one"), B=topic("two")),
    "another name": template(B=topic("one")),
    "another type": template(A=value("one")),
    "a policy": template(A=topic("one", DeletionPolicy="Retain")),
}


@pytest.mark.parametrize("after", NOTHING.values(), ids=NOTHING)
def test_an_update_of_the_template_alone_is_none(after: dict[str, Any]) -> None:
    account = Account()
    assert nothing_to_do(account.side(SAME), account.side(after))


@pytest.mark.parametrize("after", SOMETHING.values(), ids=SOMETHING)
def test_an_update_is_about_resources_and_outputs(after: dict[str, Any]) -> None:
    account = Account()
    assert not nothing_to_do(account.side(SAME), account.side(after))


def test_other_tags_are_an_update() -> None:
    account = Account()
    assert not nothing_to_do(account.side(SAME), account.side(SAME, tags={"team": "shop"}))


def test_a_stack_with_a_nested_one_is_always_updated() -> None:
    account = Account()
    assert not nothing_to_do(account.side(NESTED), account.side(NESTED))
