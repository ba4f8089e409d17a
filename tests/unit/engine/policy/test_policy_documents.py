"""Patterns of policy documents: what they match, and what is not known."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.policy import Deferred, Imported, Reference, Symbol, Text, Unbound
from stackproof.policy.documents import all_for, any_of, covers, is_everything, is_service_wide, is_whole_service

ROLE = Reference("", "Role", "Arn")
FREE = Unbound("Free")


@pytest.mark.parametrize("pattern", ["*", "**", "*:*", "?*", "arn:*", "arn:aws:*", "arn:aws:*:*:*:*", "arn:aws-cn:*"])
def test_everything(pattern: str) -> None:
    """Wildcards only, and of an ARN all but the partition."""
    assert is_everything(pattern)
    assert is_whole_service(pattern)


@pytest.mark.parametrize(
    "pattern", ["", "?", ":", "s3:*", "arn:aws:s3:::*", "arn:aws:iam::*:role/*", "a*", "arn", "arn:"]
)
def test_not_everything(pattern: str) -> None:
    """A word that is not a wildcard limits a pattern."""
    assert not is_everything(pattern)


@pytest.mark.parametrize(
    ("pattern", "wide"),
    [
        ("arn:aws:s3:::*", True), ("arn:aws:logs:*:*:*", True), ("arn:aws:s3:::a/*", False), ("arn:aws:s3:*", False),
        ("arn:aws:secretsmanager:*:1:secret:*", True), ("arn:aws:iam::*:role/?*", True), ("arn:aws:ssm:*:*:par*", True),
        ("arn:aws:secretsmanager:*:1:secret:a/*", False), ("arn:aws:s3:::secret:*", False),
        ("arn:aws:kms:*:*:key", False),
    ],
)  # fmt: skip
def test_whole_service(pattern: str, wide: bool) -> None:
    """The resource of the ARN is a wildcard, or all of one kind."""
    assert is_whole_service(pattern) is wide


@pytest.mark.parametrize(
    ("action", "pattern", "wide"),
    [
        ("kms:Decrypt", "arn:aws:kms:*:*:key/*", True),
        ("kms:Decrypt", "arn:aws:lambda:*:*:function:*", False),
        ("sts:AssumeRole", "arn:aws:iam::*:role/*", True),
        ("*", "arn:aws:lambda:*:*:function:*", True),
        (FREE, "arn:aws:lambda:*:*:function:*", True),
    ],
)
def test_all_that_an_action_is_about(action: str | Symbol, pattern: str, wide: bool) -> None:
    """Resources of other services are none of an action's."""
    assert all_for(action)(pattern) is wide


@pytest.mark.parametrize(
    ("pattern", "wide"),
    [("s3:*", True), ("S3:**", True), ("*", True), ("s3:Get*", False), ("s3", False)],
)
def test_service_wide(pattern: str, wide: bool) -> None:
    """All actions of one service, or of all."""
    assert is_service_wide(pattern) is wide


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("iam:PassRole", True), ("IAM:passrole", True), ("iam:Pass*", True), ("iam:*Role", True), ("i?m:P*e", True),
        ("*", True), ("iam:PassRoles", False), ("iam:Pass", False), ("iam:Pass?", False), ("iam.PassRole", False),
    ],
)  # fmt: skip
def test_covers(pattern: str, covered: bool) -> None:
    """Wildcards stand anywhere, and letters in either case."""
    assert covers("iam:PassRole")(pattern) is covered


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (ROLE, False),
        (FREE, None),
        (Unbound("Vpc", "AWS::EC2::VPC::Id"), False),
        (Unbound("Stored", "AWS::SSM::Parameter::Value<String>"), None),
        (Imported("other"), None),
        (Text((ROLE, "/*")), False),
        (Text((FREE, "*")), None),
        (Text((FREE, ":role")), False),
        (Text(("arn:aws:s3:::", FREE)), False),
        (Deferred("Fn::Select", (0, Deferred("Fn::Split", (",", ROLE)))), False),
        (Deferred("Fn::Select", (0, Deferred("Fn::Split", (",", FREE)))), None),
        (True, False),
    ],
)
def test_everything_of_symbols(value: Symbol | bool, answer: bool | None) -> None:
    """A reference is something in particular; a parameter without a value may be a wildcard."""
    assert any_of([value], is_everything) is answer


def test_one_known_answer_outweighs_unknown_ones() -> None:
    """Yes wins over unknown, unknown over no."""
    assert any_of([FREE, "*", ROLE], is_everything) is True
    assert any_of([FREE, ROLE], is_everything) is None
    assert any_of([], is_everything) is False


@given(
    st.sampled_from([is_everything, is_whole_service, is_service_wide, covers("s3:GetObject")]),
    st.text(alphabet="a:*?rn", max_size=8),
    st.text(alphabet="a:*?rn", max_size=8),
    st.text(alphabet="a*?", max_size=6),
)
def test_what_is_proven_holds_for_every_value(test: Callable[[str], bool], before: str, after: str, value: str) -> None:
    """Whatever part of a pattern a parameter turns out to be, an answer that was given stays right."""
    answer = any_of([Text(tuple(part for part in (before, FREE, after) if part))], test)
    if answer is not None and not before.startswith("arn:"):
        assert test(before + value + after) is answer
