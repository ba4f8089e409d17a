"""What can be said about a template before any value is bound: every name that is used exists.

CloudFormation checks this for the whole template, branches that are never taken included.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from stackproof.errors import InputError, listed, suggestion
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence, function_of, walk
from stackproof.load.template import TRANSFORM, ResourceDefinition, Template
from stackproof.marks import Mark
from stackproof.resolve.context import PSEUDO_PARAMETERS
from stackproof.resolve.functions import FUNCTIONS
from stackproof.resolve.functions.text import NAME, placeholders
from stackproof.resolve.scope import unsupported

_IN_CONDITIONS = (
    "Template format error: Unresolved dependencies %s. "
    "Cannot reference resources in the Conditions block of the template"
)


# A template is the same in every environment.
@lru_cache(maxsize=16)
def check_names(template: Template) -> None:
    """Check that every parameter, resource, condition, map and function that a template names exists.

    Raises:
        InputError: a name that nothing has, in CloudFormation's words, with the nearest right name.
    """
    if template.macros:
        return  # a macro may add what is missing here
    for resource in template.resources.values():
        _check_resource(resource, template)
    for output in template.outputs.values():
        if output.condition is not None:
            _check_condition(output.condition, output.mark, template)
        _check_node(output.value, template, "Outputs")
        if output.export is not None:
            _check_node(output.export, template, "Outputs")
    for node in template.conditions.values():
        _check_condition_node(node, template)
    for rule in template.rules.values():
        _check_rule(rule, template)


def _check_resource(resource: ResourceDefinition, template: Template) -> None:
    if resource.condition is not None:
        _check_condition(resource.condition, resource.attributes.key_mark("Condition"), template)
    for name in resource.depends_on:
        if name not in template.resources:
            _unresolved(name, "Resources", resource.attributes.key_mark("DependsOn"), template)
    for key, node in resource.attributes.items():
        if key != "Metadata":
            _check_node(node, template, "Resources")


def _check_node(node: Node, template: Template, block: str) -> None:
    for part in walk(node):
        if not isinstance(part, Mapping):
            continue
        for name, argument in part.items():
            if name == "Ref" and len(part.entries) == 1 and isinstance(argument, Scalar):
                _check_ref(argument.text, block, argument.mark, template)
            elif name.startswith("Fn::"):
                _check_function(name, argument, part, template, block)


def _check_function(name: str, argument: Node, part: Mapping, template: Template, block: str) -> None:
    if name not in FUNCTIONS:
        raise unsupported(name, suggestion(name, FUNCTIONS), part.key_mark(name), part)
    if len(part.entries) > 1 and name != TRANSFORM:
        raise InputError(f"Template error: {name} must stand alone, without other keys beside it", part.key_mark(name))
    if name == "Fn::GetAtt":
        _check_attribute(argument, template)
    elif name == "Fn::Sub":
        for used in _sub_names(argument):
            _check_ref(used.partition(".")[0], block, argument.mark, template, used)
    elif name == "Fn::If" and isinstance(argument, Sequence) and argument.items:
        first = argument.items[0]
        if isinstance(first, Scalar):
            _check_condition(first.text, first.mark, template, " in Fn::If")


def _check_attribute(argument: Node, template: Template) -> None:
    first = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
    if not isinstance(first, Scalar):
        return
    name = first.text.partition(".")[0]
    if name not in template.resources:
        near = suggestion(name, template.resources)
        message = f"Template error: instance of Fn::GetAtt references undefined resource {name}"
        raise InputError(f"{message}{near}", first.mark, message)


def _sub_names(argument: Node) -> Iterator[str]:
    text = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
    variables = argument.items[1] if isinstance(argument, Sequence) and len(argument.items) > 1 else None
    own = variables.entries if isinstance(variables, Mapping) else {}
    if isinstance(text, Scalar):
        # What is no name at all is refused where it is resolved.
        yield from (name for _, name in placeholders(text.text) if name and name not in own and NAME.match(name))


def _check_ref(name: str, block: str, mark: Mark, template: Template, used: str = "") -> None:
    if not _exists(name, template):
        _unresolved(name, block, mark, template, used)


def _exists(name: str, template: Template) -> bool:
    return name in template.parameters or name in template.resources or name in PSEUDO_PARAMETERS


def _unresolved(name: str, block: str, mark: Mark, template: Template, used: str = "") -> None:
    near = suggestion(name, [*template.resources, *template.parameters, *PSEUDO_PARAMETERS])
    wording = f"Template format error: Unresolved resource dependencies %s in the {block} block of the template"
    raise InputError(
        f"{wording % f'[{name}]'}{near}",
        mark,
        f"Template error: instance of Fn::Sub references invalid resource attribute {used}"
        if "." in used
        else wording % listed(_unknown_names(block, template)),
    )


def _unknown_names(block: str, template: Template) -> Iterator[str]:
    """Iterate over the names that a block refers to and nothing has: CloudFormation tells all of them at once."""
    for resource in template.resources.values() if block == "Resources" else ():
        yield from (name for name in resource.depends_on if name not in template.resources)
    roots = (
        [node for item in template.resources.values() for key, node in item.attributes.items() if key != "Metadata"]
        if block == "Resources"
        else [node for output in template.outputs.values() for node in (output.value, output.export) if node]
    )
    for root in roots:
        for part in walk(root):
            call = function_of(part)
            if call is not None:
                yield from (name for name in _named_by(*call) if not _exists(name, template))


def _named_by(function: str, argument: Node) -> Iterator[str]:
    if function == "Ref" and isinstance(argument, Scalar):
        yield argument.text
    elif function == "Fn::Sub":
        yield from (name for name in _sub_names(argument) if "." not in name)


def _check_condition(name: str, mark: Mark, template: Template, where: str = "") -> None:
    if name not in template.conditions:
        near = suggestion(name, template.conditions)
        message = f"Template error: unresolved condition dependency {name}{where}"
        wording = message if where else f"Template format error: Condition {name} is not defined."
        raise InputError(f"{message}{near}", mark, wording)


def _check_condition_node(node: Node, template: Template) -> None:
    for part in walk(node):
        if not isinstance(part, Mapping):
            continue
        for name, argument in part.items():
            if name == "Condition" and isinstance(argument, Scalar):
                _check_named_condition(argument, template)
            elif name == "Ref" and isinstance(argument, Scalar):
                _check_condition_ref(argument, template)
            elif name == "Fn::GetAtt":
                first = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
                name = first.text.partition(".")[0] if isinstance(first, Scalar) else ""
                message = "Template error: Fn::GetAtt cannot be used in the Conditions block"
                raise InputError(message, part.mark, _IN_CONDITIONS % f"[{name}]")
            elif name.startswith("Fn::") and name not in FUNCTIONS:
                raise unsupported(name, suggestion(name, FUNCTIONS), part.key_mark(name), part)


def _check_named_condition(argument: Scalar, template: Template) -> None:
    name = argument.text
    if name not in template.conditions:
        raise InputError(
            f"Template error: unresolved condition dependency {name}{suggestion(name, template.conditions)}",
            argument.mark,
            "Template format error: Unresolved condition dependencies "
            f"[{name}] in the Conditions block of the template",
        )


def _check_rule(rule: Node, template: Template) -> None:
    for part in walk(rule):
        argument = part.entries.get("Ref") if isinstance(part, Mapping) else None
        if isinstance(argument, Scalar) and argument.text not in (*template.parameters, *PSEUDO_PARAMETERS):
            near = suggestion(argument.text, template.parameters)
            message = (
                f"Template format error: Unresolved dependencies [{argument.text}]. Cannot reference resources in the "
                "Rules block of the template"
            )
            raise InputError(f"{message}{near}", argument.mark, message)


def _check_condition_ref(argument: Scalar, template: Template) -> None:
    name = argument.text
    if name not in template.parameters and name not in PSEUDO_PARAMETERS:
        near = suggestion(name, [*template.parameters, *PSEUDO_PARAMETERS])
        parts = (part for node in template.conditions.values() for part in walk(node))
        calls = (function_of(part) for part in parts)
        names = [name for call in calls if call and call[0] == "Ref" for name in _named_by(*call)]
        unknown = [used for used in names if used not in template.parameters and used not in PSEUDO_PARAMETERS]
        raise InputError(f"{_IN_CONDITIONS % f'[{name}]'}{near}", argument.mark, _IN_CONDITIONS % listed(unknown))
