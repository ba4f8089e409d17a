"""Case tables: what a policy says about small templates, written down and tried.

A table is a YAML list. Each case holds one template, or the stacks of one deployment, and names exactly what the
policy must find in it; everything else that the policy judges must pass::

    - case: switched off
      why: an optional sentence
      fail: {Database: StorageEncrypted}   # logical id -> property path, or a list of paths
      unproven: {}                         # likewise, for what cannot be decided
      parameters: {Encrypted: "false"}     # optional; others take their default or stay unbound
      protected: false                     # optional; a protected environment by default
      region: us-east-1                    # optional; of every stack, or by its name; nobody knows by default
      template:
        Resources: ...

With ``stacks: {networking: {...}, database: {...}}`` in place of ``template`` a resource is named
``database/Database``. A finding about a whole template is named ``Template``, or ``database/Template``.
"""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field
from pathlib import Path

from stackproof.compose.deployment import Deployment
from stackproof.compose.templates import deployment_of_templates
from stackproof.errors import InputError, suggestion
from stackproof.findings import Verdict
from stackproof.judge.discover import LoadedPolicy
from stackproof.judge.judge import Judgement, judge
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.load.reader import read_file, read_text
from stackproof.load.template import Template, parameter_text, template_of
from stackproof.marks import Mark
from stackproof.policy.form import Problem
from stackproof.resolve.stack import Resource

_KEYS = ("case", "why", "fail", "unproven", "parameters", "protected", "region", "template", "stacks")
_ONLY = "template"

Paths = MappingABC[str, tuple[str, ...]]
"""Sorted property paths by the name of what was judged."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a table.

    Attributes:
        name: what the case shows; unique in its table.
        why: a sentence for the reader, or empty.
        fail: the paths of all failures that must be found.
        unproven: the paths of everything that must be found undecidable.
        parameters: the values that are given.
        protected: whether the environment is.
        regions: where stacks are deployed, by their name.
        templates: by the name of the stack.
        mark: where the case stands.
    """

    name: str
    fail: Paths
    unproven: Paths
    templates: MappingABC[str, Template]
    mark: Mark
    parameters: MappingABC[str, str] = field(default_factory=dict)
    protected: bool = True
    regions: MappingABC[str, str] = field(default_factory=dict)
    why: str = ""

    @property
    def expected(self) -> Outcome:
        """What the policy must say, but for what passes."""
        return Outcome(self.fail, self.unproven)

    @property
    def deployment(self) -> Deployment:
        """The deployment that the policy is asked about."""
        return deployment_of_templates(self.templates, self.parameters, protected=self.protected, regions=self.regions)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy said about a case.

    Attributes:
        fail: the paths of all failures.
        unproven: the paths of everything undecidable.
        passed: the names of what passed; two outcomes are equal whatever passed, because the rest decides it.
    """

    fail: Paths
    unproven: Paths
    passed: tuple[str, ...] = field(default=(), compare=False)


def load_cases(path: Path) -> tuple[Case, ...]:
    """Load a case table.

    Raises:
        InputError: the file is no case table; with file and line.
    """
    return _cases(read_file(path))


def parse_cases(text: str, name: str = "cases") -> tuple[Case, ...]:
    """Load a case table from text; see `load_cases`."""
    return _cases(read_text(text, name))


def try_case(policy: LoadedPolicy, case: Case) -> Outcome:
    """Ask a policy about a case.

    Raises:
        InputError: a template of the case is not valid, or the policy is broken.
    """
    judgements = list(judge(case.deployment, [policy]))
    several = tuple(case.templates) != (_ONLY,)
    return Outcome(
        fail=_said(judgements, several, Verdict.FAIL),
        unproven=_said(judgements, several, Verdict.UNPROVEN),
        passed=tuple(_name(found, several) for found in judgements if found.verdict is Verdict.PASS),
    )


def _said(judgements: Iterable[Judgement], several: bool, verdict: Verdict) -> Paths:
    said: dict[str, tuple[Problem, ...]] = {
        _name(found, several): found.failures if verdict is Verdict.FAIL else found.undecided for found in judgements
    }
    return {name: _paths(problem.path for problem in problems) for name, problems in said.items() if problems}


def _name(judgement: Judgement, several: bool) -> str:
    subject = judgement.subject
    inside, stack = (subject.logical_id, subject.stack) if isinstance(subject, Resource) else ("Template", subject.name)
    return f"{stack}/{inside}" if several else inside


def _paths(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(paths)))


def _cases(root: Node) -> tuple[Case, ...]:
    if not isinstance(root, Sequence) or not root.items:
        raise InputError("a case table is a list of cases", root.mark)
    cases: dict[str, Case] = {}
    for node in root.items:
        case = _case(node)
        if case.name in cases:
            raise InputError(f"a second case '{case.name}', the first at line {cases[case.name].mark.line}", case.mark)
        cases[case.name] = case
    return tuple(cases.values())


def _case(node: Node) -> Case:
    entries = _mapping(node, "a case")
    for key in entries.entries:
        if key not in _KEYS:
            raise InputError(f"unknown key '{key}'{suggestion(key, _KEYS)}", entries.key_mark(key))
    name, why, protected = entries.get("case"), entries.get("why"), entries.get("protected")
    if name is None:
        raise InputError("the key 'case' is missing here", node.mark)
    return Case(
        name=_text(name),
        why="" if why is None else _text(why),
        fail=_expected(entries.get("fail")),
        unproven=_expected(entries.get("unproven")),
        parameters={key: _values(child) for key, child in _children(entries.get("parameters"))},
        protected=protected is None or _text(protected) == "true",
        templates=(templates := _templates(entries)),
        regions=_regions(entries.get("region"), templates),
        mark=node.mark,
    )


def _templates(entries: Mapping) -> dict[str, Template]:
    one, several = entries.get("template"), entries.get("stacks")
    if (one is None) is (several is None):
        raise InputError("a case holds either 'template' or 'stacks'", entries.mark)
    if one is not None:
        return {_ONLY: template_of(one)}
    return {name: template_of(child) for name, child in _children(several)}


def _regions(node: Node | None, stacks: Iterable[str]) -> dict[str, str]:
    if isinstance(node, Scalar):
        return dict.fromkeys(stacks, _text(node))
    return {name: _text(child) for name, child in _children(node)}


def _expected(node: Node | None) -> Paths:
    return {
        name: _paths(map(_text, child.items if isinstance(child, Sequence) else (child,)))
        for name, child in _children(node)
    }


def _children(node: Node | None) -> Iterable[tuple[str, Node]]:
    return () if node is None else _mapping(node, "this").items()


def _values(node: Node) -> str:
    return ",".join(map(_text, node.items)) if isinstance(node, Sequence) else _text(node)


def _mapping(node: Node, what: str) -> Mapping:
    if not isinstance(node, Mapping):
        raise InputError(f"{what} is a mapping", node.mark)
    return node


def _text(node: Node) -> str:
    if not isinstance(node, Scalar):
        raise InputError("a text is expected here", node.mark)
    return parameter_text(node)
