"""The manifest of a system: which template makes which layer, with which values in which environment."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackproof.errors import InputError, suggestion
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence, plain
from stackproof.load.reader import read_file
from stackproof.load.template import parameter_text
from stackproof.marks import Mark

GIVEN_PARAMETERS = ("System", "Environment")
"""Parameters that every template is given by itself."""

OUTPUT = "output"
"""The key of a value that another layer puts out: ``{output: storage.BucketArn}``."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}\Z")
_REGION = re.compile(r"[a-z]{2,5}(-[a-z]+)+-[0-9]{1,2}\Z")
_ACCOUNT = re.compile(r"[0-9]{12}\Z")
_LAYER_OUTPUT = re.compile(r"([a-z][a-z0-9-]{0,31})\.([A-Za-z0-9]{1,255})\Z")


@dataclass(frozen=True, slots=True)
class Environment:
    """A column of values: what a branch is deployed with.

    Attributes:
        name: dev, test, staging, prod.
        branch: the branch whose merges are deployed here.
        protected: True where data must survive every mistake.
        region: where it is deployed.
        account: account id, or None where it is not written down.
    """

    name: str
    branch: str
    protected: bool
    region: str
    account: str | None = None


@dataclass(frozen=True, slots=True)
class OutputOf:
    """A value that is another layer's output in the same environment, in whatever region that layer is.

    Attributes:
        layer: name of the layer that puts it out.
        output: name of the output.
    """

    layer: str
    output: str


@dataclass(frozen=True, slots=True)
class Layer:
    """One template in a system.

    Attributes:
        template: path of the template file.
        region: where it is deployed; None for the environment's region.
        environments: where it is part of the system.
        parameters: a node per parameter: a scalar or list, or one per environment.
        marks: where each parameter's name stands.
        mark: where the layer's name stands.
    """

    name: str
    template: Path
    region: str | None
    environments: tuple[str, ...]
    parameters: MappingABC[str, Node]
    marks: MappingABC[str, Mark]
    mark: Mark


@dataclass(frozen=True, slots=True)
class Manifest:
    """A system as its manifest describes it."""

    system: str
    description: str
    environments: MappingABC[str, Environment]
    layers: MappingABC[str, Layer]
    path: Path
    mark: Mark


def is_manifest(root: Node) -> bool:
    """Return whether a document looks like a system's manifest, if a wrong one: two of its main keys are there."""
    return isinstance(root, Mapping) and len({"system", "environments", "layers"} & root.entries.keys()) > 1


def load_manifest(path: Path, name: str | None = None) -> Manifest:
    """Load the manifest of a system.

    Parameters:
        path: a YAML file.
        name: how marks name the file; the path itself by default.

    Raises:
        InputError: an unknown key, environment or template, a missing or a wrong value; with file and line.
    """
    root = read_file(path, name)
    if not isinstance(root, Mapping):
        raise InputError("a manifest is a mapping with the keys system, region, environments and layers", root.mark)
    spec = _decode(root)
    environments = {
        key: Environment(key, child.branch, child.protected, child.region or spec.region, _account(child.account))
        for key, child in spec.environments.items()
    }
    _check_names(spec, root)
    _check_branches(environments, root)
    for environment in environments.values():
        _check_place(environment, root)
    manifest = Manifest(
        system=spec.system,
        description=spec.description,
        environments=environments,
        layers={key: _layer(key, child, tuple(environments), root, path) for key, child in spec.layers.items()},
        path=path,
        mark=Mark(root.mark.file),
    )
    _check_parameters(manifest)
    return manifest


def values_for(layer: Layer, environment: str) -> tuple[dict[str, str | OutputOf], dict[str, Mark]]:
    """Return a layer's parameter values in one environment, texts or other layers' outputs, and where each stands.

    A parameter that names other environments only is left to its default.
    """
    values: dict[str, str | OutputOf] = {}
    marks: dict[str, Mark] = {}
    for name, node in layer.parameters.items():
        mark = layer.marks[name]
        chosen = node
        if isinstance(node, Mapping) and not _is_output(node):
            if environment not in node.entries:
                continue
            mark = node.key_mark(environment)
            chosen = node.entries[environment]
        values[name] = _value(chosen)
        marks[name] = mark
    return values, marks


def _account(account: str | int | None) -> str | None:
    return None if account is None else str(account)


def _check_names(spec: Any, root: Mapping) -> None:
    """Check that there is something to deploy somewhere, and that names can be parts of a stack's name."""
    system = root.entries["system"].mark
    named = [(spec.system, system)]
    for key, names in (("environments", spec.environments), ("layers", spec.layers)):
        if not names:
            raise InputError(f"the system has no {key}", root.key_mark(key))
        named += [(name, _mapping(root, key).key_mark(name)) for name in names]
    for name, mark in named:
        if not _NAME.match(name):
            raise InputError(
                f"'{name}' must be 1 to 32 lower case letters, digits and hyphens, beginning with a letter", mark
            )
    if OUTPUT in spec.environments:
        mark = _mapping(root, "environments").key_mark(OUTPUT)
        raise InputError(f"'{OUTPUT}' cannot be the name of an environment: it marks another layer's output", mark)


def _check_branches(environments: MappingABC[str, Environment], root: Mapping) -> None:
    """A branch is deployed to one environment."""
    bound: dict[str, str] = {}
    for environment in environments.values():
        first = bound.setdefault(environment.branch, environment.name)
        if first != environment.name:
            own = _mapping(_mapping(root, "environments"), environment.name)
            raise InputError(f"branch '{environment.branch}' is bound to '{first}' already", own.key_mark("branch"))


def _check_place(environment: Environment, root: Mapping) -> None:
    own = _mapping(_mapping(root, "environments"), environment.name)
    _check_region(environment.region, (own if "region" in own.entries else root).key_mark("region"))
    mark = own.key_mark("account")
    if environment.account is not None and not _ACCOUNT.match(environment.account):
        raise InputError(f"'{environment.account}' is not an account id of 12 digits", mark)


def _check_region(region: str, mark: Mark) -> None:
    if not _REGION.match(region):
        raise InputError(f"'{region}' is not the name of a region, such as us-east-1", mark)


def _is_output(node: Mapping) -> bool:
    return list(node.entries) == [OUTPUT]


def _value(node: Node) -> str | OutputOf:
    if isinstance(node, Mapping) and _is_output(node):
        written = node.entries[OUTPUT]
        found = _LAYER_OUTPUT.match(written.text) if isinstance(written, Scalar) else None
        if found is None:
            raise InputError("an output is written as layer.Output, such as storage.BucketArn", written.mark)
        return OutputOf(found[1], found[2])
    return _text(node)


def _text(node: Node) -> str:
    if isinstance(node, Mapping):
        raise InputError("a value is a string, number, boolean or list of these", node.mark)
    if isinstance(node, Sequence):
        return ",".join(_text(item) for item in node.items)
    if node.value is None:
        raise InputError('a value is missing here; write "" for an empty one', node.mark)
    return parameter_text(node)


def _check_parameters(manifest: Manifest) -> None:
    known = manifest.environments
    for layer in manifest.layers.values():
        for name, node in layer.parameters.items():
            if name in GIVEN_PARAMETERS:
                raise InputError(f"'{name}' is given to every template and cannot be set", layer.marks[name])
            for environment, mark in node.key_marks.items() if isinstance(node, Mapping) else ():
                if environment == OUTPUT and isinstance(node, Mapping) and _is_output(node):
                    continue
                if environment not in known:
                    raise InputError(f"unknown environment '{environment}'{suggestion(environment, known)}", mark)
                if environment not in layer.environments:
                    raise InputError(f"the layer '{layer.name}' is not part of '{environment}'", mark)


def _layer(name: str, spec: Any, known: tuple[str, ...], root: Mapping, path: Path) -> Layer:
    layers = _mapping(root, "layers")
    node = _mapping(layers, name)
    mark = node.entries["template"].mark
    entries = _mapping(node, "parameters")
    if spec.region is not None:
        _check_region(spec.region, node.key_mark("region"))
    return Layer(
        name=name,
        template=_template_path(spec.template, path, mark),
        region=spec.region,
        environments=known if spec.environments is None else _environments_of(spec.environments, known, node),
        parameters=entries.entries,
        marks=entries.key_marks,
        mark=layers.key_mark(name),
    )


def _environments_of(names: list[str], known: tuple[str, ...], node: Mapping) -> tuple[str, ...]:
    """Return the environments that a layer is part of, in the manifest's order."""
    for name in names:
        if name not in known:
            mark = node.key_mark("environments")
            raise InputError(f"unknown environment '{name}'{suggestion(name, known)}", mark)
    if not names:
        raise InputError("a layer is part of one environment at least", node.key_mark("environments"))
    return tuple(name for name in known if name in names)


def _mapping(node: Mapping, key: str) -> Mapping:
    """Return a mapping inside a mapping; an empty one where it is absent."""
    child = node.get(key)
    return child if isinstance(child, Mapping) else Mapping({}, {}, node.mark)


def _template_path(template: str, manifest: Path, mark: Mark) -> Path:
    """Templates lie beside the manifest, or one folder up where manifests have a folder ``systems`` of their own."""
    folder = manifest.parent.parent if manifest.parent.name == "systems" else manifest.parent
    path = folder / template
    if not path.is_file():
        near = suggestion(template, (entry.name for entry in folder.glob("*") if entry.is_file()))
        raise InputError(f"no template '{template}' in {folder}{near}", mark)
    return path


def _decode(root: Mapping) -> Any:
    # msgspec takes a third of the budget of a cached run to import; only a manifest that is really read needs it.
    import msgspec

    from stackproof.bind.schema import ManifestSpec

    data = plain(root)
    try:
        return msgspec.convert(data, ManifestSpec)
    except msgspec.ValidationError as error:
        raise _schema_error(str(error), root) from None


def _schema_error(message: str, root: Mapping) -> InputError:
    from stackproof.bind.schema import KEYS

    problem, _, path = message.partition(" - at `$")
    steps = re.findall(r"\w+|\[\.\.\.\]", path)
    unknown = re.search(r"unknown field `([^`]*)`", problem)
    missing = re.search(r"missing required field `([^`]*)`", problem)
    if unknown:
        mark = _place(root, [*steps, unknown[1]])
        return InputError(f"unknown key '{unknown[1]}'{suggestion(unknown[1], KEYS)}", mark)
    if missing:
        return InputError(f"the key '{missing[1]}' is missing here", _place(root, steps, without=missing[1]))
    return InputError(f"wrong value: {problem[:1].lower()}{problem[1:]}", _place(root, steps))


def _place(node: Node, steps: list[str], mark: Mark | None = None, without: str = "") -> Mark:
    """Return where a path of msgspec leads; it writes ``[...]`` for the keys of a mapping, so the culprit is sought."""
    mark = mark or node.mark
    if not steps or not isinstance(node, Mapping):
        return mark
    step, *rest = steps
    if step != "[...]":
        return _place(node.entries[step], rest, node.key_mark(step), without) if step in node.entries else mark
    for key, child in node.items():
        inside = child.entries if isinstance(child, Mapping) else {}
        if (without not in inside) if without else (not rest or rest[0] in inside):
            return _place(child, rest, node.key_mark(key), without)
    return mark
