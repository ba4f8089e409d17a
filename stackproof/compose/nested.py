"""Nested stacks: which templates a template nests, as far as they lie beside it.

``TemplateURL`` is a path before ``aws cloudformation package`` and an address after it; of an address the longest end
that is a file beside the template is taken. A template that is not found stays unknown, and so do its outputs.

Source: "AWS::CloudFormation::Stack" in the AWS CloudFormation template reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stackproof.bind.values import is_list_type, value_of
from stackproof.errors import InputError
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.load.template import ResourceDefinition, Template, load_template
from stackproof.paths import shown_path
from stackproof.resolve.scope import Handed
from stackproof.resolve.stack import Stack
from stackproof.resolve.values import as_text
from stackproof.symbols import Deferred, Reference, Symbol, Unbound

if TYPE_CHECKING:
    from stackproof.resolve.values import Value

NESTED = "AWS::CloudFormation::Stack"

MAX_DEPTH = 10
"""Stacks inside of each other; keeps a template that nests itself from nesting for ever."""


@dataclass(frozen=True, slots=True)
class Nested:
    """A template that another one nests.

    Attributes:
        name: of its stack: the parent's name, a slash, the logical id.
        template: what is nested.
        parent: name of the stack that nests it.
        logical_id: the resource that nests it.
        passed: names of the parameters that it is given; None where a function decides that.
    """

    name: str
    template: Template
    parent: str
    logical_id: str
    passed: frozenset[str] | None


def nested_in(name: str, template: Template, path: Path, depth: int = 1) -> Iterator[Nested]:
    """Iterate over the templates that a template nests, those that these nest included, parents first.

    Parameters:
        name: of the template's own stack.
        template: the template.
        path: where it lies.
        depth: how deep it is nested itself.

    Raises:
        InputError: a nested template is no template, or stacks are nested too deeply.
    """
    for definition in template.resources.values():
        file = nested_file(definition, path) if definition.type == NESTED else None
        if file is None:
            continue
        if depth > MAX_DEPTH:
            raise InputError(f"more than {MAX_DEPTH} stacks are nested inside of each other", definition.mark)
        child = load_template(file, shown_path(file))
        own = f"{name}/{definition.logical_id}"
        yield Nested(own, child, name, definition.logical_id, _passed(definition))
        yield from nested_in(own, child, file, depth + 1)


def nested_files(template: Template, path: Path) -> tuple[Path, ...]:
    """Return the files that a template nests, directly or through others, each once."""
    found: dict[Path, None] = {}
    waiting = [(template, path)]
    while waiting:
        current, place = waiting.pop()
        for definition in current.resources.values():
            file = nested_file(definition, place) if definition.type == NESTED else None
            if file is not None and file.resolve() not in {known.resolve() for known in found}:
                found[file] = None
                # Reading bytes is cheap, and few templates nest others.
                if NESTED.encode() in file.read_bytes():
                    waiting.append((load_template(file, shown_path(file)), file))
    return tuple(found)


def nested_file(definition: ResourceDefinition, path: Path) -> Path | None:
    """Return the file that a nested stack's ``TemplateURL`` leads to; None where there is none beside the template."""
    properties = definition.attributes.get("Properties")
    address = properties.get("TemplateURL") if isinstance(properties, Mapping) else None
    written = "".join(_texts(address)) if address is not None else ""
    steps = [step for step in written.split("?")[0].split("/") if step not in ("", ".")]
    for start in range(len(steps)):
        ending = Path(*steps[start:])
        for folder in (path.parent, path.parent.parent):
            file = folder / ending
            if file.is_file() and file.resolve() != path.resolve():
                return file
    return None


def _texts(node: Node) -> Iterator[str]:
    """Iterate over the texts of an address, in the order of ``Fn::Join`` and ``Fn::Sub``; variables are left out."""
    if isinstance(node, Scalar):
        yield node.text.replace("${", "/${").replace("}", "}/")
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _texts(item)
            yield "/"
    elif list(node.entries) == ["Fn::Join"]:
        yield from _texts(node.entries["Fn::Join"])
    elif list(node.entries) == ["Fn::Sub"]:
        value = node.entries["Fn::Sub"]
        yield from _texts(value.items[0] if isinstance(value, Sequence) else value)


def _passed(definition: ResourceDefinition) -> frozenset[str] | None:
    properties = definition.attributes.get("Properties")
    given = properties.get("Parameters") if isinstance(properties, Mapping) else None
    if given is None:
        return frozenset()
    if not isinstance(given, Mapping) or any(name.startswith("Fn::") for name in given.entries):
        return None
    return frozenset(given.entries)


# --- How parent and child are joined. ---


def handed_to(nested: Nested, stacks: MappingABC[str, Stack]) -> dict[str, Any]:
    """Return the value of every parameter of a nested stack: what its parent passes, else the default.

    Parameters:
        nested: the nested stack.
        stacks: by name, filled while stacks are made; the parent is looked up when a value is read.
    """
    values: dict[str, Any] = {}
    for name, parameter in nested.template.parameters.items():
        default: Any = Unbound(name, parameter.type)
        if parameter.default is not None:
            default = value_of(parameter, parameter.default, parameter.mark)
        if nested.passed is not None and name not in nested.passed:
            values[name] = default
        else:
            values[name] = Handed(nested.parent, name, partial(_passed_value, nested, name, default, stacks))
    return values


def _passed_value(nested: Nested, name: str, default: Any, stacks: MappingABC[str, Stack]) -> Value:
    resource = stacks[nested.parent].find(nested.logical_id)
    passed = resource.get("Parameters") if resource is not None else None
    if isinstance(passed, Symbol):
        return Unbound(name, nested.template.parameters[name].type)
    value = passed.get(name) if passed is not None else None
    if value is None:
        known: Value = default
        return known
    parameter = nested.template.parameters[name]
    if is_list_type(parameter.type) and isinstance(value, Symbol):
        return Deferred("Fn::Split", (",", value))
    return value if isinstance(value, Symbol) or not is_list_type(parameter.type) else _members(value)


def _members(value: Any) -> tuple[str, ...]:
    return tuple(member.strip() for member in as_text(value).split(","))


def output_of(nested: Nested, stack: Stack, output: str) -> Value:
    """Return the value of an output of a nested stack; a reference where it has no such output."""
    found = stack.outputs.get(output)
    return Reference(nested.parent, nested.logical_id, f"Outputs.{output}") if found is None else found.value
