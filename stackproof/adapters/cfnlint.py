"""The policies as rules of cfn-lint; ``policies/adapters/cfnlint`` is what ``--append-rules`` names.

Source of what cfn-lint expects: its page "Writing Rules", and the code of its release 1.58.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from cfnlint.rules import CloudFormationLintRule, RuleMatch

from stackproof.adapters.judged import UNJUDGED, Judged, judge_file, policies, sentence
from stackproof.findings import Finding, Rule, Severity
from stackproof.judge.run import FailOn

_LETTERS = {Severity.CRITICAL: "E", Severity.HIGH: "E", Severity.MEDIUM: "W", Severity.LOW: "I"}


def rule_id(rule: Rule) -> str:
    """Return cfn-lint's id of a policy: the letter of its severity, 9 for rules that are not cfn-lint's, its number.

    The number is permanent, as the policy's own id is: ``SP301`` is ``E9301``.
    """
    return f"{_LETTERS[rule.severity]}9{rule.id.removeprefix('SP')}"


class _PolicyRule(CloudFormationLintRule):  # type: ignore[misc]
    """One policy. cfn-lint makes an instance of each class that it finds in a rule file: this one must not be there."""

    policy: ClassVar[Rule]

    def __init__(self) -> None:
        super().__init__()
        self.config_definition = {"fail_on": {"default": FailOn.ADMITTED.value, "type": "string"}}

    def match(self, cfn: Any) -> list[RuleMatch]:
        """Return the findings of the policy about a template."""
        fail_on = FailOn(self.config["fail_on"])
        judged = _judged(cfn)
        counting = (f for f in judged.of(self.policy.id) if f.declared or fail_on is FailOn.ADMITTED)
        return [_match(finding, judged, cfn) for finding in counting]


def _match(finding: Finding, judged: Judged, cfn: Any) -> RuleMatch:
    """Return a match that shows the line of the finding, and belongs to its resource, which may say what it ignores."""
    place = list(judged.place(finding))
    line, column = finding.mark.line - 1, finding.mark.column - 1
    location = cfn.get_location_yaml(cfn.template, place) if place else None
    if location is None or (cfn.filename and tuple(location[:2]) != (line, column)):
        # A transform has moved it, its name is no text to cfn-lint, or the template could not be judged at all.
        location = (line, column, line, column + 1)
    resource = ["Resources", finding.resource]
    elsewhere = place[:2] != resource and finding.resource in cfn.get_resources()
    return RuleMatch(resource if elsewhere else place, sentence(finding), location=location)


_known: WeakKeyDictionary[Any, Judged] = WeakKeyDictionary()


def _judged(cfn: Any) -> Judged:
    """Return the verdicts on what cfn-lint looks at; the first rule that asks has it judged."""
    if cfn not in _known:
        _known[cfn] = judge_file(Path(cfn.filename)) if cfn.filename else _judge_data(cfn.template)
    return _known[cfn]


def _judge_data(template: Any) -> Judged:
    """Judge what came from no file, such as standard input: its paths hold, its lines are cfn-lint's to know."""
    with tempfile.TemporaryDirectory(prefix="stackproof-") as folder:
        path = Path(folder, "template.json")
        path.write_text(json.dumps(template, indent=0, default=str), encoding="utf-8")
        return judge_file(path)


def rules() -> dict[str, type[Any]]:
    """Return a class per policy by its name, and one for templates that cannot be judged.

    Raises:
        InputError: a policy cannot be loaded.
    """
    every = [(UNJUDGED, "template"), *((loaded.rule, loaded.name.partition("/")[0]) for loaded in policies())]
    return dict(_classes(every))


def _classes(every: list[tuple[Rule, str]]) -> Iterator[tuple[str, type[Any]]]:
    for rule, service in every:
        name = f"Policy{rule.id}"
        members = {
            "__doc__": rule.title,
            "policy": rule,
            "id": rule_id(rule),
            "shortdesc": rule.title,
            "description": f"{rule.rationale} {rule.remediation}",
            "source_url": rule.help_uri,
            "tags": ["stackproof", rule.id, service, rule.severity.value, *rule.controls],
        }
        yield name, type(name, (_PolicyRule,), members)
