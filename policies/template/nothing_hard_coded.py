"""No account, region, zone or image is written down."""

import re
from collections.abc import Iterator
from functools import lru_cache

from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.load.template import Template
from stackproof.marks import Mark
from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack

POLICY = Policy(
    id="SP908",
    severity=Severity.LOW,
    types=TEMPLATE,
    rationale="A template that names one account, region, zone or image works there only, and an image grows old.",
    remediation="Use pseudo parameters, Fn::GetAZs and parameters of the type AWS::SSM::Parameter::Value.",
)

_REGION = r"\b(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[bef]?)?-(?:north|south|east|west|central){1,2}-\d"
_KINDS = {
    "image": re.compile(r"\bami-[0-9a-f]{8}(?:[0-9a-f]{9})?\b"),
    "account": re.compile(r"\barn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):(?!layer:)|\b\d{12}(?=\.dkr\.ecr\.)"),
    "zone": re.compile(_REGION + r"[a-f]\b"),
    "region": re.compile(_REGION + r"\b"),
}
# What each of them holds; most texts hold none of it and are done with.
_HINT = re.compile(r"ami-|\d{12}|-\d")
# Prose and what describes a value rather than being one.
_PROSE = ("Description", "ConstraintDescription", "AlarmDescription", "GroupDescription", "Comment", "AllowedPattern")
_SECTIONS = {
    "Parameters": ("Default", ("image", "zone")),
    "Mappings": ("", ("image",)),
    "Resources": ("Properties", tuple(_KINDS)),
    "Outputs": ("", tuple(_KINDS)),
}
"""What is read below each entry of a section, and for what."""


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """Values of resources and outputs, defaults of parameters, images of mappings; each kind once per entry."""
    yield from _problems(stack.template)


# What is written is the same in every environment.
@lru_cache(maxsize=16)
def _problems(template: Template) -> tuple[Problem, ...]:
    return tuple(_found(template))


def _found(template: Template) -> Iterator[Problem]:
    for section, (below, kinds) in _SECTIONS.items():
        entries = template.root.get(section)
        for name, entry in entries.items() if isinstance(entries, Mapping) else ():
            node = entry.get(below) if below and isinstance(entry, Mapping) else entry
            path = ".".join(filter(None, (section, name, below)))
            seen: set[str] = set()
            for kind, text, place, mark in _written(node, path, kinds):
                if kind not in seen:
                    yield Problem(f"the {kind} {text} is written down", place, mark)
                seen.add(kind)


def _written(node: Node | None, path: str, kinds: tuple[str, ...]) -> Iterator[tuple[str, str, str, Mark]]:
    if isinstance(node, Scalar):
        if not _HINT.search(node.text):
            return
        found = ((kind, _KINDS[kind].search(node.text)) for kind in kinds)
        kind, match = next(((kind, match) for kind, match in found if match), ("", None))
        if match:
            yield kind, match[match.lastindex or 0], path, node.mark
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            yield from _written(item, f"{path}.{index}", kinds)
    elif isinstance(node, Mapping):
        for key, child in node.items():
            if key not in _PROSE:
                yield from _written(child, path if key.startswith("Fn::") else f"{path}.{key}", kinds)
