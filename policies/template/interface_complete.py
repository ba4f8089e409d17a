"""Parameters are grouped and labelled for the console."""

from collections.abc import Iterator
from typing import Any

from stackproof.load.nodes import plain
from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack
from stackproof.policy.sections import together

POLICY = Policy(
    id="SP906",
    severity=Severity.LOW,
    types=TEMPLATE,
    rationale="Without AWS::CloudFormation::Interface the console sorts parameters by name, whatever belongs together.",
    remediation="List each parameter in a group and with a label in the Metadata AWS::CloudFormation::Interface.",
)


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """One finding for the parameters without a group, one for those without a label, one for names of no parameter."""
    metadata = stack.template.root.get("Metadata")
    interface = _mapping(_mapping(plain(metadata) if metadata else {}).get("AWS::CloudFormation::Interface"))
    groups = [_mapping(group).get("Parameters") for group in _list(interface.get("ParameterGroups"))]
    grouped = [name for group in groups for name in _list(group)]
    labels = _mapping(interface.get("ParameterLabels"))
    names = list(stack.template.parameters)
    if not interface:
        yield from together(stack, "Parameters", names, "without a group and a label")
        return
    yield from together(stack, "Parameters", [name for name in names if name not in grouped], "without a group")
    yield from together(stack, "Parameters", [name for name in names if name not in labels], "without a label")
    strange = dict.fromkeys(str(name) for name in (*grouped, *labels) if name not in names)
    yield from together(stack, "Metadata", strange, "in the interface that are none", what="parameters")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
