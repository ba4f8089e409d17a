"""Stack policies; the documented behaviour is that of "Prevent updates to stack resources" in the user guide."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stackproof.simulate.cloudformation.stack_policy import Action, StackPolicyError, parse_stack_policy

ALL = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
DATABASE = "LogicalResourceId/Database"
NOT_ALLOWED = "Action not allowed by stack policy"


def _refusal(action: Action, logical_id: str, kind: str, *statements: dict[str, Any]) -> str:
    return parse_stack_policy(json.dumps({"Statement": statements})).refusal(action, logical_id, kind)


def _deny(**members: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*", **members}


def _allow(**members: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", **members}


@pytest.mark.parametrize("action", Action)
def test_what_no_statement_allows_is_refused(action: Action) -> None:
    assert _refusal(action, "Web", "AWS::EC2::Instance") == NOT_ALLOWED


@pytest.mark.parametrize("order", [1, -1])
def test_a_denial_beats_a_permission_wherever_it_stands(order: int) -> None:
    statements = [ALL, _deny(Action="Update:Replace", Resource=DATABASE)][::order]
    assert _refusal(Action.REPLACE, "Database", "AWS::RDS::DBInstance", *statements) == (
        "Action denied by stack policy: Statement [#1] does not allow [Update:Replace] "
        "for resource [LogicalResourceId/Database];"
    )


def test_a_refusal_names_every_denial() -> None:
    refusal = _refusal(
        Action.DELETE,
        "Database",
        "AWS::RDS::DBInstance",
        ALL,
        _deny(),
        _deny(Action=["Update:Replace", "Update:Delete"], Resource=DATABASE),
    )
    assert refusal == (
        "Action denied by stack policy: Statement [#1] does not allow [Update:*] for resource [*]; "
        "Statement [#2] does not allow [Update:Replace, Update:Delete] for resource [LogicalResourceId/Database];"
    )


@pytest.mark.parametrize(
    ("statement", "action", "logical_id", "kind", "allowed"),
    [
        (ALL, Action.DELETE, "Web", "AWS::EC2::Instance", True),
        (_allow(Action="Update:Modify", Resource="*"), Action.MODIFY, "Web", "AWS::EC2::Instance", True),
        (_allow(Action="Update:Modify", Resource="*"), Action.REPLACE, "Web", "AWS::EC2::Instance", False),
        (_allow(NotAction="Update:Delete", Resource="*"), Action.REPLACE, "Web", "AWS::EC2::Instance", True),
        (_allow(NotAction="Update:Delete", Resource="*"), Action.DELETE, "Web", "AWS::EC2::Instance", False),
        (_allow(Action="Update:*", NotResource=DATABASE), Action.DELETE, "Web", "AWS::EC2::Instance", True),
        (_allow(Action="Update:*", NotResource=DATABASE), Action.MODIFY, "Database", "AWS::RDS::DBInstance", False),
        (_allow(Action="Update:*", Resource="LogicalResourceId/Web*"), Action.MODIFY, "WebB", "AWS::EC2::VPC", True),
        (_allow(Action="Update:*", Resource="LogicalResourceId/Web*"), Action.MODIFY, "AWeb", "AWS::EC2::VPC", False),
        (
            {**ALL, "Condition": {"StringEquals": {"ResourceType": ["AWS::EC2::VPC", "AWS::EC2::Subnet"]}}},
            Action.MODIFY,
            "Network",
            "AWS::EC2::Subnet",
            True,
        ),
        (
            {**ALL, "Condition": {"StringEquals": {"ResourceType": "AWS::EC2::*"}}},
            Action.MODIFY,
            "Network",
            "AWS::EC2::Subnet",
            False,
        ),
        (
            {**ALL, "Condition": {"StringLike": {"ResourceType": "AWS::EC2::*"}}},
            Action.MODIFY,
            "Network",
            "AWS::EC2::Subnet",
            True,
        ),
        (
            {**ALL, "Condition": {"StringLike": {"ResourceType": "AWS::EC2::*"}}},
            Action.MODIFY,
            "Database",
            "AWS::RDS::DBInstance",
            False,
        ),
    ],
)
def test_statements_select_actions_resources_and_types(
    statement: dict[str, Any], action: Action, logical_id: str, kind: str, allowed: bool
) -> None:
    assert _refusal(action, logical_id, kind, statement) == ("" if allowed else NOT_ALLOWED)


def test_one_statement_needs_no_list() -> None:
    policy = parse_stack_policy(json.dumps({"Statement": ALL}))
    assert policy.refusal(Action.MODIFY, "Web", "AWS::EC2::Instance") == ""


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"Statement": ["Allow"]}',
        json.dumps({"Statement": [{**ALL, "Effect": "Perhaps"}]}),
        json.dumps({"Statement": [{**ALL, "Action": "Create:*"}]}),
        json.dumps({"Statement": [{**ALL, "NotAction": "Update:*"}]}),
        json.dumps({"Statement": [{**ALL, "Principal": "arn:aws:iam::111111111111:user/someone"}]}),
        json.dumps({"Statement": [{**ALL, "Resource": "Database"}]}),
        json.dumps({"Statement": [{**ALL, "Condition": {"NumericEquals": {"ResourceType": "1"}}}]}),
        json.dumps({"Statement": [{**ALL, "Condition": {"StringEquals": {"Region": "us-east-1"}}}]}),
        json.dumps({"Statement": [{key: ALL[key] for key in ("Effect", "Action", "Resource")}]}),
    ],
)
def test_what_is_no_policy_is_refused(body: str) -> None:
    with pytest.raises(StackPolicyError, match=r"^Error validating stack policy: Invalid stack policy$"):
        parse_stack_policy(body)


@pytest.mark.parametrize(("existing", "which"), [(False, ""), (True, "existing ")])
def test_a_policy_names_only_resources_of_the_template(existing: bool, which: str) -> None:
    policy = parse_stack_policy(json.dumps({"Statement": [ALL, _deny(Resource=["LogicalResourceId/Web*", DATABASE])]}))
    policy.check(["Database"], existing=existing)
    with pytest.raises(StackPolicyError) as refused:
        policy.check(["Web"], existing=existing)
    assert str(refused.value) == (
        f"Error validating {which}stack policy: Unknown logical id 'LogicalResourceId/Database' in statement {{}} - "
        "stack policies can only be applied to logical ids referenced in the template"
    )
