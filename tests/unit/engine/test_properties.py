"""What holds of the engine for every template and every permitted value."""

from __future__ import annotations

import ipaddress
import json
import string
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stackproof import Deployment, InputError, Stack, load_system, parse_template
from stackproof.bind.values import bind, value_of
from stackproof.compose.templates import deployment_of_templates
from stackproof.load.nodes import plain
from stackproof.marks import Mark
from stackproof.resolve.context import Context
from stackproof.resolve.values import plain_value
from stackproof.strategies import deployments, parameter_values, texts
from stackproof.symbols import Symbol, Text

ROOT = Path(__file__).parents[3]
MATICKO = load_system(ROOT / "cloudformation" / "systems" / "maticko.yaml")
LAYERS = MATICKO.templates

settings.register_profile("engine", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
FEW = settings(settings.get_profile("engine"), max_examples=15)
SOME = settings(settings.get_profile("engine"), max_examples=40)
MANY = settings(settings.get_profile("engine"), max_examples=150)


def _plain(stack: Stack) -> dict[str, Any]:
    return {
        "resources": {name: plain_value(resource.attributes) for name, resource in stack.resources.items()},
        "outputs": {name: (plain_value(output.value), output.export) for name, output in stack.outputs.items()},
    }


def _whole(deployment: Deployment) -> dict[str, Any]:
    return {name: _plain(stack) for name, stack in deployment.stacks.items()}


def _written(value: Any, text: str = "template") -> Stack:
    template = parse_template(value if isinstance(value, str) else json.dumps(value), text)
    return deployment_of_templates({"web": template}).stack("web")


def _resolved(value: Any, **sections: Any) -> Any:
    """Return what a value resolves to inside of a small template."""
    resources = {"Vpc": {"Type": "AWS::EC2::VPC"}, "Subject": {"Type": "a", "Properties": {"Value": value}}}
    return plain_value(_written({**sections, "Resources": resources})["Subject"]["Value"])


# --- whole systems ---


def _left_over(value: Any) -> list[Any]:
    """Return the functions that are still written in a resolved value."""
    if isinstance(value, dict):
        (name, *others) = value or [""]
        mine = [value] if not others and (name == "Ref" or name.startswith("Fn::")) else []
        return mine + [found for child in value.values() for found in _left_over(child)]
    return [found for child in value for found in _left_over(child)] if isinstance(value, list | tuple) else []


# Layers that Ma-Ticko does not have.
ABSENT = {"UseCache": "false", "UseStorage": "false"}


@FEW
@given(st.sampled_from(MATICKO.environments).flatmap(lambda environment: deployments(MATICKO, environment, **ABSENT)))
def test_every_permitted_deployment(deployment: Deployment) -> None:
    """No function is left over, exporters come first, and resolving again gives the same."""
    assert _left_over(_whole(deployment)) == []
    order = list(deployment.stacks)
    for layer, uses in deployment.imports.items():
        assert all(order.index(use.exporter) < order.index(layer) for use in uses)
    values = {name: text for stack in deployment.stacks.values() for name, text in stack.values.items()}
    again = {name: text if isinstance(text, str) else getattr(text, "name", "") for name, text in values.items()}
    assert _whole(MATICKO.deployment_with(deployment.environment.name, again)) == _whole(deployment)


def _shuffled(value: Any, random: Random) -> Any:
    if isinstance(value, dict):
        items = [(key, _shuffled(child, random)) for key, child in value.items()]
        random.shuffle(items)
        return dict(items)
    return [_shuffled(child, random) for child in value] if isinstance(value, list) else value


@pytest.mark.parametrize("layer", LAYERS)
@settings(FEW, max_examples=8)
@given(data=st.data(), random=st.randoms(use_true_random=False))
def test_order_and_notation_do_not_matter(layer: str, data: st.DataObject, random: Random) -> None:
    """JSON resolves as YAML does, and the order of names in a file changes nothing."""
    template = LAYERS[layer]
    values = data.draw(parameter_values(template))
    written = plain(template.root)
    stacks = [
        deployment_of_templates({"web": variant}, values).stack("web")
        for variant in (
            template,
            parse_template(json.dumps(written)),
            parse_template(json.dumps(_shuffled(written, random))),
        )
    ]
    assert _plain(stacks[0]) == _plain(stacks[1]) == _plain(stacks[2])


@pytest.mark.parametrize("layer", LAYERS)
@FEW
@given(data=st.data())
def test_drawn_values_are_permitted(layer: str, data: st.DataObject) -> None:
    """Drawn values are accepted together; one that is not among the allowed is refused, whatever the others are."""
    template = LAYERS[layer]
    values = data.draw(parameter_values(template))
    assert set(values) == set(template.parameters)
    Stack(template, bind(template, values, {}, template.mark), Context(stack=layer))
    chosen = [parameter for parameter in template.parameters.values() if parameter.allowed_values]
    parameter = data.draw(st.sampled_from(chosen))
    wrong = data.draw(st.text(max_size=8).filter(lambda text: text not in parameter.allowed_values))
    with pytest.raises(InputError):
        bind(template, values | {parameter.name: wrong}, {}, template.mark)


@FEW
@given(parameter_values(LAYERS["application"], Environment="prod"))
def test_rules_are_repaired(values: dict[str, str]) -> None:
    """Rules hold for what is drawn, though hardly any values of prod that are drawn blindly would satisfy them."""
    assert values["Environment"] == "prod"
    assert (values["UseSpot"], values["DeletionProtection"]) == ("false", "true")
    assert int(values["MinInstances"]) < int(values["MaxInstances"])


def test_fixed_values_are_checked() -> None:
    """A fixed value must be permitted too."""
    with pytest.raises(InputError, match="must be one of AllowedValues"):
        parameter_values(LAYERS["application"], Environment="production")
    with pytest.raises(InputError, match="has no parameter 'Enviroment'"):
        parameter_values(LAYERS["application"], Enviroment="prod")


TYPES: dict[str, Callable[[str], bool]] = {
    "Type: String, MinLength: 3, MaxLength: 5": lambda text: 3 <= len(text) <= 5,
    "Type: String, AllowedPattern: '[a-z]{2}[0-9]', NoEcho: true": lambda text: (
        text[:2].isalpha() and text[2].isdigit()
    ),
    r"Type: String, AllowedPattern: '\p{Upper}\d+', MaxLength: 4": lambda text: text[0] in string.ascii_uppercase,
    "Type: Number, MinValue: 3, MaxValue: 9": lambda text: 3 <= int(text) <= 9,
    "Type: Number, MaxValue: -3": lambda text: int(text) <= -3,
    "Type: Number, MinValue: 0.25, MaxValue: 0.75": lambda text: 0.25 <= float(text) <= 0.75,
    "Type: CommaDelimitedList, AllowedValues: [a, b]": lambda text: set(text.split(",")) <= {"a", "b"},
    "Type: List<Number>, MinValue: 1, MaxValue: 3": lambda text: {int(n) for n in text.split(",")} <= {1, 2, 3},
    "Type: List<AWS::EC2::Subnet::Id>": lambda text: all(n.startswith("subnet-") for n in text.split(",")),
    "Type: AWS::EC2::Image::Id": lambda text: text.startswith("ami-"),
    "Type: 'AWS::SSM::Parameter::Value<String>'": lambda text: text.startswith("/"),
    "Type: String, Default: x, AllowedPattern: 'x|y'": lambda text: text in "xy",
}


@pytest.mark.parametrize("declared", TYPES)
@SOME
@given(data=st.data())
def test_every_type_is_drawn(declared: str, data: st.DataObject) -> None:
    """A drawn text satisfies what the parameter declares."""
    parameter = parse_template(f"Resources: {{T: {{Type: a}}}}\nParameters: {{P: {{{declared}}}}}\n").parameters["P"]
    text = data.draw(texts(parameter))
    value_of(parameter, text, Mark("x"))
    assert TYPES[declared](text)


# --- laws of the functions ---

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="|$", exclude_categories=["Cc", "Cs"]), max_size=8)


@MANY
@given(st.lists(WORDS, min_size=1, max_size=6))
def test_split_undoes_join(words: list[str]) -> None:
    """Words that do not hold the delimiter come back."""
    assert _resolved({"Fn::Split": ["|", {"Fn::Join": ["|", words]}]}) == words


@MANY
@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_select_takes_what_python_takes(words: list[str], data: st.DataObject) -> None:
    """The index counts from zero."""
    index = data.draw(st.integers(0, len(words) - 1))
    assert _resolved({"Fn::Select": [index, words]}) == words[index]


@MANY
@given(WORDS, WORDS)
def test_sub_is_join(left: str, right: str) -> None:
    """Putting values into a text is joining them."""
    sub = {"Fn::Sub": ["${A}-${B}", {"A": left, "B": right}]}
    assert _resolved(sub) == _resolved({"Fn::Join": ["-", [left, right]]})


@MANY
@given(WORDS, WORDS)
def test_sub_of_a_reference_keeps_what_is_known(left: str, right: str) -> None:
    """Around a reference the known text stays known."""
    found = _resolved({"Fn::Sub": ["${A}${Vpc}${B}", {"A": left, "B": right}]})
    parts = found.parts if isinstance(found, Text) else (found,)
    assert [part for part in parts if isinstance(part, str)] == [word for word in (left, right) if word]
    assert str(found) == f"{left}${{Vpc}}{right}"


@MANY
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20))
def test_sub_without_variables_is_the_text(text: str) -> None:
    """A text in which every opening is escaped comes back."""
    assert _resolved({"Fn::Sub": text.replace("${", "${!")}) == text


@MANY
@given(st.integers(0, 2**32 - 1), st.integers(8, 28), st.integers(1, 12), st.integers(1, 16))
def test_cidr_blocks_are_disjoint_and_inside(address: int, prefix: int, bits: int, count: int) -> None:
    """Blocks lie inside of the network, have the wanted size and follow each other; or there is no room."""
    network = ipaddress.IPv4Network((address, prefix), strict=False)
    value = {"Fn::Cidr": [str(network), count, bits]}
    if bits > 32 - prefix or count > 2 ** (32 - bits - prefix):
        with pytest.raises(InputError, match="has room for"):
            _resolved(value)
        return
    blocks = [ipaddress.IPv4Network(block) for block in _resolved(value)]
    assert [block.num_addresses for block in blocks] == [2**bits] * count
    assert all(block.subnet_of(network) for block in blocks)
    assert all(int(after[0]) == int(before[-1]) + 1 for before, after in pairwise(blocks))


# --- conditions ---

EXPRESSIONS = st.recursive(
    st.sampled_from(["A", "B", "C"]),
    lambda inner: st.one_of(
        st.tuples(st.just("Fn::Not"), st.lists(inner, min_size=1, max_size=1)),
        st.tuples(st.sampled_from(["Fn::And", "Fn::Or"]), st.lists(inner, min_size=2, max_size=4)),
    ),
    max_leaves=10,
)


def _condition(expression: Any) -> Any:
    if isinstance(expression, str):
        return {"Condition": expression}
    return {expression[0]: [_condition(child) for child in expression[1]]}


def _truth(expression: Any, truths: dict[str, bool]) -> bool:
    if isinstance(expression, str):
        return truths[expression]
    name, children = expression
    found = [_truth(child, truths) for child in children]
    return {"Fn::Not": not found[0], "Fn::And": all(found), "Fn::Or": any(found)}[name]


def _decided(expression: Any, values: dict[str, Any]) -> Any:
    conditions = {name: {"Fn::Equals": [value, "true"]} for name, value in values.items()}
    stack = _written({"Conditions": conditions | {"X": _condition(expression)}, "Resources": {"T": {"Type": "a"}}})
    return stack.condition("X")


@MANY
@given(EXPRESSIONS, st.fixed_dictionaries({name: st.booleans() for name in "ABC"}))
def test_conditions_obey_boolean_algebra(expression: Any, truths: dict[str, bool]) -> None:
    """Decided conditions are what logic says."""
    written = {name: str(value).lower() for name, value in truths.items()}
    assert _decided(expression, written) is _truth(expression, truths)


@MANY
@given(EXPRESSIONS, st.booleans(), st.booleans())
def test_an_undecided_condition_is_never_guessed(expression: Any, a: bool, b: bool) -> None:
    """With C unknown, an answer is given only where it is the same for both values of C."""
    written = {"A": str(a).lower(), "B": str(b).lower(), "C": {"Ref": "AWS::AccountId"}}
    possible = {_truth(expression, {"A": a, "B": b, "C": c}) for c in (True, False)}
    decided = _decided(expression, written)
    assert isinstance(decided, Symbol) or {decided} == possible


def test_the_public_interface_loads_lazily() -> None:
    """Strategies need hypothesis, which the base install does not have: nothing else imports them."""
    import subprocess
    import sys

    code = "import sys, stackproof.compose.system, stackproof.cli; sys.exit('hypothesis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
