"""The intrinsic functions: one module per family, found by name in `FUNCTIONS`.

Each takes its argument unresolved, the scope and the dotted path of its value. Errors carry CloudFormation's wording.
Source: "Intrinsic function reference" in the AWS CloudFormation template reference.
"""

from __future__ import annotations

from collections.abc import Callable

from stackproof.load.nodes import Node
from stackproof.resolve.functions import logic, lookup, network, text
from stackproof.resolve.scope import Scope
from stackproof.resolve.values import Value

FUNCTIONS: dict[str, Callable[[Node, Scope, str], Value]] = {
    "Ref": lookup.ref,
    "Fn::And": logic.and_,
    "Fn::Base64": text.base64,
    "Fn::Cidr": network.cidr,
    "Fn::Equals": logic.equals,
    "Fn::FindInMap": lookup.find_in_map,
    "Fn::GetAZs": lookup.get_azs,
    "Fn::GetAtt": lookup.get_att,
    "Fn::GetStackOutput": lookup.get_stack_output,
    "Fn::If": logic.if_,
    "Fn::ImportValue": lookup.import_value,
    "Fn::Join": text.join_,
    "Fn::Length": text.length,
    "Fn::Not": logic.not_,
    "Fn::Or": logic.or_,
    "Fn::Select": text.select,
    "Fn::Split": text.split,
    "Fn::Sub": text.sub,
    "Fn::ToJsonString": text.to_json_string,
    "Fn::Transform": lookup.transform,
}
