"""What a path stands for: systems, templates that belong to none, or nothing that can be judged.

On the hot path: nothing heavy is imported before a file has to be parsed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackproof.cache import Cache, digest
from stackproof.errors import InputError
from stackproof.marks import Mark
from stackproof.paths import shown_path
from stackproof.quotas import TEMPLATE_BYTES

_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_SKIPPED = ("node_modules", "__pycache__", "site-packages")
# A file of a folder without any of these is no template and no manifest; one with them must be well-formed.
_SIGNS = re.compile(
    rb"AWSTemplateFormatVersion|AWS::|^\W{0,3}(system|environments|layers)\b|\A(\xff\xfe|\xfe\xff)", re.M
)

_NESTED = b"AWS::CloudFormation::Stack"

_SYSTEMS_FOLDER = "systems"
"""Every YAML file of a folder of this name is a manifest: a misspelt one must not pass for something else."""


WAIVERS = "waivers.yaml"
"""The name of a file of waivers; see `waiver_files`."""


@dataclass(frozen=True, slots=True)
class Target:
    """Something to judge: a manifest with its templates, or one template.

    Attributes:
        path: the manifest or the template.
        templates: the templates of the system, or those that the template nests.
        only: restricts the findings to these templates; empty for all.
        is_system: True for a manifest.
        alone: True for a template that nests those of systems only: these are judged there, with their values.
    """

    path: Path
    templates: tuple[Path, ...] = ()
    only: tuple[Path, ...] = ()
    is_system: bool = False
    alone: bool = False

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the verdicts depend on."""
        return (self.path, *self.templates)


@dataclass(frozen=True, slots=True)
class _Known:
    """What one file is: ``template``, ``manifest`` or ``other``."""

    kind: str
    system: str = ""
    templates: tuple[Path, ...] = ()


def collect(
    paths: Iterable[Path], cache: Cache, refuse: Callable[[InputError], None], *, skip_others: bool = False
) -> list[Target]:
    """Return what to judge, sorted by path.

    A template that a system uses is judged through the system, also where another template nests it.

    Parameters:
        paths: files and folders as the user named them.
        cache: remembers what each file is.
        refuse: told of every input that cannot be judged.
        skip_others: pass over named files that are neither template nor manifest, as in a folder.
    """
    named: list[Path] = []
    found: dict[Path, _Known] = {}
    for path in dict.fromkeys(Path(shown_path(path)) for path in paths):
        try:
            if path.is_dir():
                found |= _folder(path, cache, refuse)
            elif (known := _named_file(path, cache, skip_others)) is not None:
                found[path] = known
                named.append(path)
        except InputError as error:
            refuse(error)
    for path in named:
        if found[path].kind == "template":
            found = _systems_beside(path, cache, refuse) | found
    return _targets(_without_twins(found, refuse), named, lambda nested: _systems_beside(nested, cache, refuse))


def _without_twins(found: dict[Path, _Known], refuse: Callable[[InputError], None]) -> dict[Path, _Known]:
    """Refuse a second manifest of one system: both would deploy the same stacks."""
    described: dict[str, Path] = {}
    for path, known in sorted(found.items()):
        first = described.setdefault(known.system, path) if known.kind == "manifest" else path
        if first != path:
            refuse(InputError(f"the system '{known.system}' is described by {first} already", Mark(shown_path(path))))
            del found[path]
    return found


def _targets(
    found: dict[Path, _Known], named: list[Path], beside: Callable[[Path], dict[Path, _Known]]
) -> list[Target]:
    """Return what to judge among what was found.

    Parameters:
        found: by path.
        named: what the user named as a file.
        beside: finds the manifests near a template that name it.
    """
    owned = {
        template.resolve()
        for path, known in found.items()
        for template in known.templates
        if known.kind == "manifest" or template not in named
    }
    used = {nested.resolve() for known in found.values() if known.kind == "manifest" for nested in known.templates}
    asked = {path.resolve() for path in named}
    targets: list[Target] = []

    def is_used(nested: Path) -> bool:
        return nested.resolve() not in asked and (nested.resolve() in used or bool(beside(nested)))

    for path, known in sorted(found.items()):
        if known.kind == "manifest":
            only = tuple(template for template in known.templates if template.resolve() in asked)
            whole = not asked or path in named or not only
            targets.append(Target(path, known.templates, () if whole else only, is_system=True))
        elif known.kind == "template" and path.resolve() not in owned:
            alone = bool(known.templates) and all(is_used(nested) for nested in known.templates)
            targets.append(Target(path, () if alone else known.templates, alone=alone))
    return targets


def _folder(folder: Path, cache: Cache, refuse: Callable[[InputError], None]) -> dict[Path, _Known]:
    found: dict[Path, _Known] = {}
    broken = False
    for path in _candidates(folder):
        try:
            known = _known(path, cache)
        except InputError as error:
            refuse(error)
            broken = True
            continue
        if known.kind != "other":
            found[path] = known
    if not found and not broken:
        raise InputError("no CloudFormation template and no system's manifest in this folder", Mark(str(folder)))
    return found


def _candidates(folder: Path) -> Iterator[Path]:
    seen: set[str] = set()
    for root, folders, files in os.walk(folder, followlinks=True):
        # Links may lead in a circle.
        real = os.path.realpath(root)
        folders[:] = [] if real in seen else sorted(filter(_wanted, folders))
        for name in sorted(files) if real not in seen else ():
            if name.lower().endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(root, name)
        seen.add(real)


def _wanted(folder: str) -> bool:
    return not folder.startswith(".") and folder not in _SKIPPED


def _systems_beside(template: Path, cache: Cache, refuse: Callable[[InputError], None]) -> dict[Path, _Known]:
    """Return the manifests near a template that name it."""
    found: dict[Path, _Known] = {}
    wanted = template.resolve()
    folders = (template.parent, template.parent / _SYSTEMS_FOLDER)
    for manifest in (path for folder in folders for path in sorted(folder.glob("*.y*ml"))):
        try:
            known = _known(manifest, cache)
        except InputError as error:
            # A broken manifest may be the one that names the template; a broken neighbour is another matter.
            if manifest.parent.name == _SYSTEMS_FOLDER:
                refuse(error)
            continue
        if known.kind == "manifest" and any(path.resolve() == wanted for path in known.templates):
            found[manifest] = known
    return found


def _named_file(path: Path, cache: Cache, skip_others: bool) -> _Known | None:
    known = _known(path, cache, named=True, sift=skip_others)
    if known.kind != "other":
        return known
    if skip_others:
        return None
    raise InputError("not a CloudFormation template and not a system's manifest", Mark(shown_path(path)))


def _known(path: Path, cache: Cache, *, named: bool = False, sift: bool = True) -> _Known:
    """Return what a file is; sifted, one without any sign of a template need not be well-formed."""
    data = _read(path, named=named)
    if sift and not _SIGNS.search(data) and not _must_be_manifest(path):
        return _Known("other")
    key = cache.key("kind", shown_path(path), digest(data))
    answer: Any = cache.get(key)
    if answer is None:
        answer = _classify(path, data)
        # What is nested may come and go while the parent stays as it is.
        if _NESTED not in data:
            cache.put(key, answer)
    folder = path.parent
    return _Known(answer["kind"], answer["system"], tuple(folder / name for name in answer["templates"]))


def _must_be_manifest(path: Path) -> bool:
    in_place = path.parent.name == _SYSTEMS_FOLDER and path.suffix.lower() in (".yaml", ".yml")
    return in_place and path.name != WAIVERS


def root_folders(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the folders that a user named, without links and detours."""
    return tuple(path.resolve() for path in paths if path.is_dir())


def waiver_files(targets: Iterable[Target], paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return the files of waivers: beside a manifest or template, and in the folders above it.

    The way up ends at the working directory, or at the folder that the user named; a folder elsewhere has no say.

    Parameters:
        targets: what is judged.
        paths: what the user named.
    """
    tops = {Path.cwd(), *root_folders(paths)}
    folders: dict[Path, None] = {}
    for folder in dict.fromkeys(target.path.parent for target in targets):
        folder = folder.resolve()
        chain = [folder, *folder.parents]
        last = max((chain.index(top) for top in tops if top in chain), default=0)
        folders |= dict.fromkeys(chain[: last + 1])
    found = (folder / WAIVERS for folder in sorted(folders))
    return tuple(Path(shown_path(path)) for path in found if path.is_file())


def _read(path: Path, *, named: bool) -> bytes:
    try:
        # A pipe or a device may never end.
        if path.exists() and not path.is_file():
            if not named:
                return b""
            raise InputError("not a regular file", Mark(shown_path(path)))
        with path.open("rb") as file:
            # One byte more than the largest: the reader then says that the file is too large.
            return file.read(TEMPLATE_BYTES + 1)
    except OSError as error:
        if not named and not path.exists():
            return b""  # a dangling link in a folder
        raise InputError(f"cannot be read: {error.strerror or error}", Mark(shown_path(path))) from None


def _classify(path: Path, data: bytes) -> dict[str, Any]:
    from stackproof.bind.manifest import is_manifest, load_manifest
    from stackproof.load.reader import read_bytes, read_file
    from stackproof.load.template import is_template

    root = read_file(path, shown_path(path)) if len(data) > TEMPLATE_BYTES else read_bytes(data, shown_path(path))
    if is_manifest(root) or _must_be_manifest(path):
        manifest = load_manifest(path, shown_path(path))
        templates = {layer.template: None for layer in manifest.layers.values()}
        names = [os.path.relpath(name, path.parent) for name in templates]
        return {"kind": "manifest", "system": manifest.system, "templates": names}
    if not is_template(root):
        return {"kind": "other", "system": "", "templates": []}
    nested = [os.path.relpath(name, path.parent) for name in (_nested(root, path) if _NESTED in data else ())]
    return {"kind": "template", "system": "", "templates": nested}


def _nested(root: Any, path: Path) -> tuple[Path, ...]:
    """Return the templates that a template nests; what is wrong with it is told when it is judged."""
    from stackproof.compose.nested import nested_files
    from stackproof.load.template import template_of

    try:
        return nested_files(template_of(root), path)
    except InputError:
        return ()
