"""A page about one template: what it needs, takes, makes and puts out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from pathlib import Path

from stackproof.bind.manifest import Layer, Manifest, OutputOf, values_for
from stackproof.document.tables import table
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence, walk
from stackproof.load.template import OutputDefinition, Parameter, Template

MADE = "<!-- made by `stackproof docs`; change the template instead -->"
"""The first line of every page."""


@dataclass(frozen=True, slots=True)
class Usage:
    """A template as a layer of one system."""

    manifest: Manifest
    layer: Layer


def layer_page(template: Template, usages: Iterable[Usage]) -> str:
    """Return the page of a template in Markdown.

    Parameters:
        template: the template.
        usages: the systems that it is part of.
    """
    parts = [
        MADE,
        f"# {Path(template.file).stem}",
        _text(template.root.get("Description")),
        *_imports(template),
        *_parameters(template),
        *_rules(template),
        *_usages(list(usages)),
        *_resources(template),
        *_outputs(template),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _imports(template: Template) -> Iterator[str]:
    """The exports that it imports, as their names are written."""
    names = {
        name
        for node in walk(template.root)
        if isinstance(node, Mapping) and "Fn::ImportValue" in node.entries
        for name in [_written(node.entries["Fn::ImportValue"])]
    }
    if names:
        yield "## Imports"
        yield "\n".join(f"- `{name}`" for name in sorted(names))


def _written(node: Node) -> str:
    if isinstance(node, Mapping):
        return _written(next(iter(node.entries.values())))
    if isinstance(node, Sequence):
        return _written(node.items[0])
    return node.text


def _parameters(template: Template) -> Iterator[str]:
    if not template.parameters:
        return
    yield "## Parameters"
    rest = dict(template.parameters)
    for label, names in _groups(template):
        chosen = [rest.pop(name) for name in names if name in rest]
        if chosen:
            yield f"### {label}"
            yield _parameter_table(chosen)
    if rest:
        yield _parameter_table(rest.values())


def _groups(template: Template) -> Iterator[tuple[str, list[str]]]:
    """The groups of ``AWS::CloudFormation::Interface``: label and parameter names."""
    interface = _inside(template.root, "Metadata", "AWS::CloudFormation::Interface", "ParameterGroups")
    for group in interface.items if isinstance(interface, Sequence) else ():
        names = _inside(group, "Parameters")
        listed = [_text(name) for name in names.items] if isinstance(names, Sequence) else []
        yield _text(_inside(group, "Label", "default")), listed


def _parameter_table(parameters: Iterable[Parameter]) -> str:
    rows = [
        (f"`{parameter.name}`", parameter.description, _default(parameter), _permitted(parameter))
        for parameter in parameters
    ]
    return table(("parameter", "meaning", "default", "permitted"), rows)


def _default(parameter: Parameter) -> str:
    if parameter.default is None:
        return "none"
    return f"`{parameter.default}`" if parameter.default else "empty"


def _permitted(parameter: Parameter) -> str:
    said = parameter.constraint_description.rstrip(".")
    values = ", ".join(value for value in parameter.allowed_values if value not in said)
    return ": ".join(part for part in (said, values) if part) or parameter.type


def _rules(template: Template) -> Iterator[str]:
    descriptions = [
        _text(assertion.get("AssertDescription"))
        for rule in template.rules.values()
        for assertion in _assertions(rule)
        if isinstance(assertion, Mapping)
    ]
    if descriptions:
        yield "## Rules"
        yield "\n".join(f"- {description}" for description in dict.fromkeys(descriptions))


def _assertions(rule: Mapping) -> tuple[Node, ...]:
    assertions = rule.get("Assertions")
    return tuple(assertions.items) if isinstance(assertions, Sequence) else ()


def _usages(usages: list[Usage]) -> Iterator[str]:
    if usages:
        yield "## Values in the systems"
    for usage in usages:
        environments = usage.layer.environments
        where = f", in {usage.layer.region}" if usage.layer.region else ""
        yield f"### {usage.manifest.system} (layer `{usage.layer.name}`{where})"
        columns = {name: values_for(usage.layer, name)[0] for name in environments}
        names = [name for name in usage.layer.parameters if any(name in column for column in columns.values())]
        if names:
            rows = [(f"`{name}`", *(_value(columns[place], name) for place in environments)) for name in names]
            yield table(("parameter", *environments), rows)


def _value(column: MappingABC[str, str | OutputOf], name: str) -> str:
    value = column.get(name)
    if isinstance(value, OutputOf):
        return f"output `{value.output}` of {value.layer}"
    return "default" if value is None else f"`{value}`" if value else "empty"


def _resources(template: Template) -> Iterator[str]:
    yield "## Resources"
    rows = [
        (f"`{resource.logical_id}`", resource.type, f"`{resource.condition}`" if resource.condition else "always")
        for resource in template.resources.values()
    ]
    yield table(("resource", "type", "exists"), rows)


def _outputs(template: Template) -> Iterator[str]:
    if template.outputs:
        yield "## Outputs"
        rows = [(f"`{output.name}`", output.description, _export(output)) for output in template.outputs.values()]
        yield table(("output", "meaning", "exported as"), rows)


def _export(output: OutputDefinition) -> str:
    return f"`{_written(output.export)}`" if output.export is not None else "not exported"


def _inside(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.get(key) if isinstance(node, Mapping) else None
    return node


def _text(node: Node | None) -> str:
    return node.text.strip() if isinstance(node, Scalar) else ""
