"""Groups of rules act in protected environments, instead of counting."""

from collections.abc import Iterator
from typing import Any

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, is_list, problem
from stackproof.policy.reading import each_block

POLICY = Policy(
    id="SP732",
    severity=Severity.MEDIUM,
    types=("AWS::WAFv2::WebACL",),
    rationale="Counting is for a trial: a group that was never switched on stops no attack and looks as if it did.",
    remediation="Set OverrideAction to None, and let single rules count in RuleActionOverrides.",
    controls=("NIST SC-7", "NIST SI-4"),
    protected_only=True,
)


def check(acl: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A group may count to label requests for another rule that acts on the labels."""
    for rule in each_block(acl.properties, "Rules"):
        counts = "Count" in rule.block("OverrideAction")
        if counts and not any(_reads_labels(other) for other in acl.items_of("Rules") if other is not rule):
            yield problem(acl, rule.path_of("OverrideAction"), "this group of rules only counts")


def _reads_labels(value: Any) -> bool:
    """Return whether a statement, however deep inside of others, asks for a label."""
    if isinstance(value, Block):
        return "LabelMatchStatement" in value or any(map(_reads_labels, value.values()))
    return is_list(value) and any(map(_reads_labels, value))
