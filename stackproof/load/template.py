"""A template: the sections of one file, with the structure that CloudFormation demands."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn, TypeVar

from stackproof.errors import InputError, suggestion
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.load.reader import read_file, read_text
from stackproof.marks import Mark

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
FOR_EACH = "Fn::ForEach::"
TRANSFORM = "Fn::Transform"

EXPORT_NAME = (
    "The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or "
    "hyphens."
)

_SECTIONS = (
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Mappings",
    "Rules",
    "Conditions",
    "Transform",
    "Hooks",
    "Globals",
    "Resources",
    "Outputs",
)
_RESOURCE_ATTRIBUTES = (
    "Type",
    "Condition",
    "DependsOn",
    "Metadata",
    "CreationPolicy",
    "UpdatePolicy",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Properties",
)
_PARAMETER_ATTRIBUTES = (
    "Type",
    "Default",
    "AllowedValues",
    "AllowedPattern",
    "MinLength",
    "MaxLength",
    "MinValue",
    "MaxValue",
    "NoEcho",
    "Description",
    "ConstraintDescription",
)
_OUTPUT_ATTRIBUTES = ("Value", "Description", "Export", "Condition")
_DELETION_POLICIES = {
    "DeletionPolicy": ("Delete", "Retain", "RetainExceptOnCreate", "Snapshot"),
    "UpdateReplacePolicy": ("Delete", "Retain", "Snapshot"),
}
_QUOTAS = {"Parameters": 200, "Mappings": 200, "Resources": 500, "Outputs": 200}
_LOOPED = ("Conditions", "Resources", "Outputs")
_ALPHANUMERIC = ("Parameters", "Resources", "Outputs")
_MODULE = "::MODULE"
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]{1,255}\Z")
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,4})?\Z")

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter and its constraints.

    Attributes:
        default: the default as text, or None where a value must be given.
        allowed_values: permitted texts; empty where anything else decides.
        allowed_pattern: Java regular expression that the whole text must match, or None.
        min_length: in characters.
        max_length: in characters.
        min_value: for the type Number.
        max_value: for the type Number.
        no_echo: True where the value is masked in the console.
    """

    name: str
    type: str
    mark: Mark
    default: str | None = None
    allowed_values: tuple[str, ...] = ()
    allowed_pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_value: float | None = None
    max_value: float | None = None
    no_echo: bool = False
    description: str = ""
    constraint_description: str = ""


@dataclass(frozen=True, slots=True)
class ResourceDefinition:
    """A resource as it is written, nothing resolved.

    Attributes:
        attributes: the whole resource, with ``Properties`` and the policies beside it.
        mark: where its logical id stands.
    """

    logical_id: str
    type: str
    attributes: Mapping
    condition: str | None
    depends_on: tuple[str, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class OutputDefinition:
    """An output as it is written, nothing resolved."""

    name: str
    value: Node
    export: Node | None
    condition: str | None
    description: str
    mark: Mark


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Template:
    """One file, parsed.

    Attributes:
        file: the path as marks name it.
        root: the whole document.
        transforms: names under ``Transform``, such as ``AWS::LanguageExtensions``, and of what a section includes
            through ``Fn::Transform``.
        size: bytes of the file; 0 where it was not read from one.
    """

    file: str
    root: Mapping
    parameters: MappingABC[str, Parameter]
    mappings: MappingABC[str, Mapping]
    rules: MappingABC[str, Mapping]
    conditions: MappingABC[str, Node]
    resources: MappingABC[str, ResourceDefinition]
    outputs: MappingABC[str, OutputDefinition]
    transforms: tuple[str, ...] = field(default=())
    size: int = 0

    @property
    def language_extensions(self) -> bool:
        """True where ``AWS::LanguageExtensions`` is declared."""
        return LANGUAGE_EXTENSIONS in self.transforms

    @property
    def macros(self) -> tuple[str, ...]:
        """Transforms and modules that only an account can expand: what they make of it is not known here."""
        modules = {resource.type for resource in self.resources.values() if resource.type.endswith(_MODULE)}
        return (*(name for name in self.transforms if name != LANGUAGE_EXTENSIONS), *sorted(modules))

    @property
    def mark(self) -> Mark:
        """The beginning of the file."""
        return Mark(self.file)

    def __repr__(self) -> str:
        return f"<Template {self.file}>"

    def mark_of(self, path: str) -> Mark:
        """Return where a dotted path below the root stands; the nearest part of it that is written."""
        mark = self.mark
        node: Node = self.root
        for key in path.split(".") if path else ():
            if not isinstance(node, Mapping) or key not in node.entries:
                break
            mark, node = node.key_mark(key), node.entries[key]
        return mark

    def section_mark(self, name: str) -> Mark:
        """Return where a section's name stands."""
        return self.root.key_mark(name)


def load_template(path: Path | str, name: str | None = None) -> Template:
    """Load a template file.

    Parameters:
        path: a YAML or JSON file.
        name: how marks name the file; the path itself by default.

    Raises:
        InputError: the file is not a template that CloudFormation would accept; with file and line.
    """
    path = Path(path)
    return replace(template_of(read_file(path, name)), size=path.stat().st_size)


def parse_template(text: str, name: str = "template") -> Template:
    """Load a template from text; see `load_template`."""
    return template_of(read_text(text, name))


def is_template(root: Node) -> bool:
    """Return whether a document looks like a CloudFormation template at all, if a wrong one."""
    if not isinstance(root, Mapping):
        return False
    resources = root.get("Resources")
    return "AWSTemplateFormatVersion" in root.entries or (
        isinstance(resources, Mapping) and any(_like_a_resource(*entry) for entry in resources.items())
    )


def _like_a_resource(key: str, node: Node) -> bool:
    like = isinstance(node, Mapping) and not node.entries.keys().isdisjoint(("Type", "Properties"))
    return like or key.startswith(FOR_EACH)


def template_of(root: Node) -> Template:
    """Return the template that a document holds.

    Raises:
        InputError: the structure is not that of a template.
    """
    if not isinstance(root, Mapping):
        raise _error("unsupported structure; a template is a mapping of sections", root.mark, "unsupported structure.")
    transforms = _transforms(root.get("Transform")) + _included(root)
    unknown = ", ".join(key for key in root.entries if key not in _SECTIONS)
    _known(root, _SECTIONS, "Invalid template property", f"Invalid template property or properties [{unknown}]")
    # A macro may add attributes of its own; only then is an unknown one not a mistake.
    strict = all(name == LANGUAGE_EXTENSIONS for name in transforms)
    resources = root.get("Resources")
    if resources is None or (isinstance(resources, Mapping) and not resources.entries):
        raise _error("At least one Resources member must be defined.", root.key_mark("Resources"))
    for name in _SECTIONS:
        node = root.get(name)
        if node is not None and name not in ("Metadata", "Description"):
            _no_nulls(name, node)
    return Template(
        file=root.mark.file,
        root=root,
        parameters=_section(root, "Parameters", _parameter),
        mappings=_section(root, "Mappings", _mapping_table),
        rules=_section(root, "Rules", _rule),
        conditions=_section(root, "Conditions", lambda name, node, mark: node),
        resources=_section(root, "Resources", lambda *args: _resource(*args, strict=strict)),
        outputs=_section(root, "Outputs", _output),
        transforms=transforms,
    )


def _included(root: Mapping) -> tuple[str, ...]:
    """Return the macros that a whole section is handed to: what they add to it is not known here."""
    sections = (root.get(name) for name in ("Parameters", "Mappings", "Rules", "Conditions", "Resources", "Outputs"))
    calls = (node.get(TRANSFORM) for node in sections if isinstance(node, Mapping))
    return tuple(name for call in calls if call is not None for name in _transforms(call))


def _error(message: str, mark: Mark, wording: str | None = None) -> InputError:
    """Return the error that CloudFormation gives for a wrong template; its own wording where our message says more."""
    wording = None if wording is None else f"Template format error: {wording}"
    return InputError(f"Template format error: {message}", mark, wording)


def _fail(message: str, mark: Mark, wording: str | None = None) -> NoReturn:
    raise InputError(f"Template format error: {message}", mark, wording)


def _section(root: Mapping, name: str, build: Callable[[str, Node, Mark], _T]) -> dict[str, _T]:
    node = root.get(name)
    if node is None:
        return {}
    if not isinstance(node, Mapping):
        raise _error(f"Any {name} member must be an object.", node.mark)
    if name in _QUOTAS and len(node.entries) > _QUOTAS[name]:
        raise _error(
            f"{len(node.entries)} {name}; CloudFormation accepts at most {_QUOTAS[name]}.",
            node.mark,
            f"Number of {name.lower()}, {len(node.entries)}, is greater than maximum allowed, {_QUOTAS[name]}",
        )
    built: dict[str, _T] = {}
    for key, child in node.items():
        mark = node.key_mark(key)
        if key == TRANSFORM:
            continue
        if key.startswith(FOR_EACH) and name in _LOOPED:
            if LANGUAGE_EXTENSIONS not in _transforms(root.get("Transform")):
                wording = f"[/{name}/{key}] resource definition is malformed" if name == "Resources" else None
                raise _error(f"Fn::ForEach needs 'Transform: {LANGUAGE_EXTENSIONS}'", mark, wording)
            continue
        if name in _ALPHANUMERIC and not _LOGICAL_ID.match(key):
            wording = f"Outputs name '{key}' is non alphanumeric." if name == "Outputs" else None
            raise _error(f"{name[:-1]} name {key} is non alphanumeric.", mark, wording)
        built[key] = build(key, child, mark)
    return built


def _no_nulls(section: str, node: Node) -> None:
    null = _null(node)
    if null is not None:
        message = "null values are not allowed in templates; remove the key or use AWS::NoValue"
        path = _null_path((section, *(_path_to(null, node) or ())))
        _fail(message, null.mark, f"[{path}] 'null' values are not allowed in templates")


def _null(node: Node) -> Scalar | None:
    if isinstance(node, Scalar):
        return node if node.value is None else None
    if isinstance(node, Mapping) and (azs := node.get("Fn::GetAZs")) and isinstance(azs, Scalar):
        return None  # recorded: AWS takes `!GetAZs` without an argument for its own region
    for child in node.items if isinstance(node, Sequence) else node.entries.values():
        found = _null(child)
        if found is not None:
            return found
    return None


def _path_to(wanted: Node, node: Node) -> tuple[str, ...] | None:
    if node is wanted:
        return ()
    children = enumerate(node.items) if isinstance(node, Sequence) else getattr(node, "entries", {}).items()
    for key, child in children:
        path = _path_to(wanted, child)
        if path is not None:
            return (f"{key}", *path)
    return None


def _null_path(path: tuple[str, ...]) -> str:
    """Return a path as CloudFormation's message about a null names it: a property stands below ``Type`` there."""
    below = path[0] == "Resources" and len(path) > 3 and path[2] == "Properties"
    return "/" + "/".join((*path[:2], "Type", *path[3:]) if below else path)


def _known(node: Mapping, names: tuple[str, ...], message: str, wording: str = "", *, strict: bool = True) -> None:
    for key in node.entries:
        if strict and key not in names:
            said = wording or f"{message.rpartition('] ')[2]} '{key}'"
            _fail(f"{message} '{key}'{suggestion(key, names)}", node.key_mark(key), said)


def _transforms(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    entries = node.items if isinstance(node, Sequence) else (node,)
    return tuple(_transform_name(entry) for entry in entries)


def _transform_name(node: Node) -> str:
    if isinstance(node, Mapping):
        name = node.get("Name")
        wording = "Transforms defined as maps require Name key."
        return _text(name, "Name") if name else _fail("a transform needs a Name", node.mark, wording)
    return _text(node, "Transform")


def _text(node: Node, what: str) -> str:
    if not isinstance(node, Scalar):
        raise _error(f"{what} must be a string.", node.mark, f"Every {what} member must be a string.")
    return node.text


def _texts(node: Node | None, what: str) -> tuple[str, ...]:
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        raise _error(f"{what} must be a list.", node.mark, f"Every {what} member must be a list.")
    return tuple(parameter_text(item, f"Every {what} value must be a string.") for item in node.items)


def parameter_text(node: Node, wording: str | None = None) -> str:
    """Return a scalar as the text that CloudFormation makes of it: booleans in lower case.

    Raises:
        InputError: the node is no scalar.
    """
    if not isinstance(node, Scalar):
        raise _error("a string, number or boolean is expected here", node.mark, wording)
    if isinstance(node.value, bool):
        return str(node.value).lower()
    return node.text


def _number(node: Node | None, what: str) -> float | None:
    if node is None:
        return None
    number = number_of(_text(node, what))
    if number is None:
        raise _error(f"{what} must be a number.", node.mark)
    return number


def number_of(text: str) -> float | None:
    """Return a text as a number, or None where it is none: no ``nan``, no ``1_000``, nothing too large."""
    number = float(text) if _NUMBER.match(text) else math.nan
    return number if math.isfinite(number) else None


def _whole(node: Node | None, what: str) -> int | None:
    number = _number(node, what)
    if node is not None and number is not None and (number < 0 or number != int(number)):
        raise _error(f"{what} must be a whole number.", node.mark)
    return None if number is None else int(number)


def _parameter(name: str, node: Node, mark: Mark) -> Parameter:
    if not isinstance(node, Mapping):
        wording = "Any Parameters member must be an object."
        raise _error(f"[/Parameters/{name}] a parameter must be an object.", mark, wording)
    _known(node, _PARAMETER_ATTRIBUTES, f"[/Parameters/{name}] Invalid template parameter property")
    kind = node.get("Type")
    if kind is None:
        wording = "Every Parameters object must contain a Type member."
        raise _error(f"Every Parameters object must contain a Type member: {name}.", mark, wording)
    default = node.get("Default")
    pattern = node.get("AllowedPattern")
    no_echo = node.get("NoEcho")
    return Parameter(
        name=name,
        type=_text(kind, "Type"),
        mark=mark,
        default=None if default is None else parameter_text(default, "Every Default member must be a string."),
        allowed_values=_texts(node.get("AllowedValues"), "AllowedValues"),
        allowed_pattern=None if pattern is None else _text(pattern, "AllowedPattern"),
        min_length=_whole(node.get("MinLength"), "MinLength"),
        max_length=_whole(node.get("MaxLength"), "MaxLength"),
        min_value=_number(node.get("MinValue"), "MinValue"),
        max_value=_number(node.get("MaxValue"), "MaxValue"),
        no_echo=no_echo is not None and _text(no_echo, "NoEcho").lower() == "true",
        description=_optional_text(node, "Description"),
        constraint_description=_optional_text(node, "ConstraintDescription"),
    )


def _optional_text(node: Mapping, name: str) -> str:
    child = node.get(name)
    return "" if child is None else _text(child, name)


def _mapping_table(name: str, node: Node, mark: Mark) -> Mapping:
    if not isinstance(node, Mapping):
        message = f"Every Mappings member {name} must be a map"
        raise _error(f"{message}.", mark, message)
    for first, row in node.items():
        if first == TRANSFORM:
            continue
        if not isinstance(row, Mapping):
            wording = f"Every Mappings member {first} must be a map"
            raise _error(f"Every Mappings member of {name} must be a map: {first}.", node.key_mark(first), wording)
        for second, value in row.items():
            if isinstance(value, Mapping):
                raise _error("Every Mappings attribute must be a String or a List.", row.key_mark(second))
    return node


def _rule(name: str, node: Node, mark: Mark) -> Mapping:
    if not isinstance(node, Mapping) or not isinstance(node.get("Assertions"), Sequence):
        raise _error(f"Rule {name} must be an object with a list of Assertions.", mark)
    return node


def _resource(name: str, node: Node, mark: Mark, *, strict: bool) -> ResourceDefinition:
    if not isinstance(node, Mapping):
        wording = f"[/Resources/{name}] resource definition is malformed"
        raise _error("Any Resources member must be an object.", mark, wording)
    kind = node.get("Type")
    if kind is None:
        raise _error(f"[/Resources/{name}] Every Resources object must contain a Type member.", mark)
    # A custom resource may name the version of its own protocol.
    permitted = (*_RESOURCE_ATTRIBUTES, "Version") if _text(kind, "Type").startswith(_CUSTOM) else _RESOURCE_ATTRIBUTES
    _known(node, permitted, "Invalid template resource property", strict=strict)
    properties = node.get("Properties")
    if properties is not None and not isinstance(properties, Mapping):
        raise _error(f"[/Resources/{name}/Properties] must be an object.", properties.mark)
    _check_properties(name, properties)
    for attribute in ("DeletionPolicy", "UpdateReplacePolicy"):
        _check_deletion_policy(name, attribute, node)
    return ResourceDefinition(
        logical_id=name,
        type=_text(kind, "Type"),
        attributes=node,
        condition=_condition_name(node),
        depends_on=_depends_on(node.get("DependsOn")),
        mark=mark,
    )


def _check_properties(name: str, properties: Node | None) -> None:
    """Refuse a function in the place of all properties, which CloudFormation takes for a property's name."""
    for key, mark in properties.key_marks.items() if isinstance(properties, Mapping) else ():
        if key == "Ref" or (key.startswith("Fn::") and key != TRANSFORM and not key.startswith(FOR_EACH)):
            raise _error(f"[/Resources/{name}/Properties] Encountered unsupported property {key}", mark)


def _check_deletion_policy(name: str, attribute: str, node: Mapping) -> None:
    policy = node.get(attribute)
    # With the language extensions it may be a function.
    permitted = _DELETION_POLICIES[attribute]
    if isinstance(policy, Scalar) and policy.text not in permitted:
        near = suggestion(policy.text, permitted)
        message = f"Unrecognized {attribute} {policy.text} for resource {name}"
        raise _error(f"{message}{near}", policy.mark, message)


def _condition_name(node: Mapping) -> str | None:
    condition = node.get("Condition")
    return None if condition is None else _text(condition, "Condition")


def _depends_on(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    if isinstance(node, Mapping):
        raise _error("DependsOn must be a string.", node.mark, "DependsOn must be a string or list of strings.")
    return _texts(node, "DependsOn") if isinstance(node, Sequence) else (_text(node, "DependsOn"),)


def _output(name: str, node: Node, mark: Mark) -> OutputDefinition:
    if not isinstance(node, Mapping):
        raise _error(f"[/Outputs/{name}] an output must be an object.", mark, "Any Outputs member must be an object.")
    value = node.get("Value")
    if value is None:
        message = "Every Outputs member must contain a Value object"
        raise _error(f"{message}: {name}", mark, message)
    _known(node, _OUTPUT_ATTRIBUTES, f"[/Outputs/{name}] Invalid template output property")
    export = node.get("Export")
    exported = export.get("Name") if isinstance(export, Mapping) else None
    if export is not None and exported is None:
        wording = f"Output {name} is malformed. {EXPORT_NAME}"
        raise _error(f"[/Outputs/{name}/Export] must contain a Name.", export.mark, wording)
    return OutputDefinition(
        name=name,
        value=value,
        export=exported,
        condition=_condition_name(node),
        description=_optional_text(node, "Description"),
        mark=mark,
    )
