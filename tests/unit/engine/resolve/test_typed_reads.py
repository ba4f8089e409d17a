"""Typed reads take what CloudFormation takes for a type, and nothing else: no value is quietly a known false."""

from __future__ import annotations

import pytest

from stackproof import InputError, Resource, Undecidable, parse_template
from stackproof.compose.system import deployment_of


def instance(value: str) -> Resource:
    text = (
        "Parameters: {Open: {Type: String}}\nResources:\n  Database:\n    Type: AWS::RDS::DBInstance\n    Properties:\n"
        f"      PubliclyAccessible: {value}\n"
    )
    return next(deployment_of(parse_template(text, "t.yaml")).resources)


@pytest.mark.parametrize(
    ("value", "read"), [("true", True), ("'true'", True), ("'True'", True), ("false", False), ("'FALSE'", False)]
)
def test_boolean_and_its_text_are_read(value: str, read: bool) -> None:
    assert instance(value).boolean("PubliclyAccessible") is read


@pytest.mark.parametrize("value", ["1", "1.0", "'1'", "'yes'", "' true'", "[true]", "{Ref: Open, x: y}"])
def test_nothing_else_is_a_boolean(value: str) -> None:
    with pytest.raises(InputError, match=r"t\.yaml:6: 'PubliclyAccessible' must be true or false"):
        instance(value).boolean("PubliclyAccessible")


def test_value_that_nobody_knows_is_undecidable() -> None:
    with pytest.raises(Undecidable, match=r"PubliclyAccessible is \$\{Open\}, which is known only after deployment"):
        instance("!Ref Open").boolean("PubliclyAccessible")


def test_absent_value_is_the_default() -> None:
    assert instance("!Ref AWS::NoValue").boolean("PubliclyAccessible", default=True) is True
