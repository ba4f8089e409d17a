"""What a path stands for: systems, templates that belong to none, or nothing that can be judged.

On the hot path: nothing heavy is imported before a file has to be parsed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stackproof.cache import Cache, digest
from stackproof.errors import InputError
from stackproof.marks import Mark

_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_SKIPPED = ("node_modules", "__pycache__", "site-packages")
# A file of a folder without any of these is no template; one with them must be well-formed.
_SIGNS = (b"AWSTemplateFormatVersion", b"AWS::")
_LARGEST = 1_048_576
"""As in `stackproof.load.reader`, which is too heavy to import before it is needed."""

_SYSTEMS_FOLDER = "systems"


@dataclass(frozen=True, slots=True)
class Target:
    """Something to judge: a manifest with its templates, or one template.

    Attributes:
        path: the manifest or the template.
        templates: the templates of the system; empty for a template.
        only: restricts the findings to these templates; empty for all.
    """

    path: Path
    templates: tuple[Path, ...] = ()
    only: tuple[Path, ...] = ()

    @property
    def is_system(self) -> bool:
        """True for a manifest."""
        return bool(self.templates)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the verdicts depend on."""
        return (self.path, *self.templates)


@dataclass(frozen=True, slots=True)
class _Known:
    """What one file is: ``template``, ``manifest`` or ``other``."""

    kind: str
    templates: tuple[Path, ...] = ()


def collect(paths: Iterable[Path], cache: Cache, refuse: Callable[[InputError], None]) -> list[Target]:
    """Return what to judge, sorted by path.

    A template that a system uses is judged through the system.

    Parameters:
        paths: files and folders as the user named them.
        cache: remembers what each file is.
        refuse: told of every input that cannot be judged.
    """
    named: list[Path] = []
    found: dict[Path, _Known] = {}
    for path in paths:
        try:
            if path.is_dir():
                found |= _folder(path, cache, refuse)
            else:
                found[path] = _named_file(path, cache)
                named.append(path)
        except InputError as error:
            refuse(error)
    for path in named:
        if found[path].kind == "template":
            found = _systems_beside(path, cache, refuse) | found
    return _targets(found, named)


def _targets(found: dict[Path, _Known], named: list[Path]) -> list[Target]:
    owned = {template.resolve() for known in found.values() for template in known.templates}
    asked = {path.resolve() for path in named}
    targets: list[Target] = []
    for path, known in sorted(found.items()):
        if known.kind == "manifest":
            only = tuple(template for template in known.templates if template.resolve() in asked)
            whole = not asked or path in named or not only
            targets.append(Target(path, known.templates, () if whole else only))
        elif known.kind == "template" and path.resolve() not in owned:
            targets.append(Target(path))
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
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        for name in sorted(files):
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(root, name)


def _systems_beside(template: Path, cache: Cache, refuse: Callable[[InputError], None]) -> dict[Path, _Known]:
    """Return the manifests near a template that name it."""
    found: dict[Path, _Known] = {}
    wanted = template.resolve()
    folders = (template.parent, template.parent / _SYSTEMS_FOLDER)
    for manifest in (path for folder in folders for path in sorted(folder.glob("*.y*ml"))):
        try:
            known = _known(manifest, cache)
        except InputError as error:
            if manifest.resolve() != wanted:
                refuse(error)
            continue
        if any(path.resolve() == wanted for path in known.templates):
            found[manifest] = known
    return found


def _named_file(path: Path, cache: Cache) -> _Known:
    known = _known(path, cache, named=True)
    if known.kind == "other":
        raise InputError("not a CloudFormation template and not a system's manifest", Mark(_shown(path)))
    return known


def _known(path: Path, cache: Cache, *, named: bool = False) -> _Known:
    data = _read(path, named=named)
    if not named and not _has_signs(data):
        return _Known("other")
    key = cache.key("kind", _shown(path), digest(data))
    answer: Any = cache.get(key)
    if answer is None:
        answer = _classify(path, data)
        cache.put(key, answer)
    folder = path.parent
    return _Known(answer["kind"], tuple(folder / name for name in answer["templates"]))


def _read(path: Path, *, named: bool) -> bytes:
    try:
        with path.open("rb") as file:
            # One byte more than the largest: the reader then says that the file is too large.
            return file.read(_LARGEST + 1)
    except OSError as error:
        if not named and not path.exists():
            return b""  # a dangling link in a folder
        raise InputError(f"cannot be read: {error.strerror or error}", Mark(_shown(path))) from None


def _has_signs(data: bytes) -> bool:
    if any(sign in data for sign in _SIGNS):
        return True
    return data.startswith(b"system:") or b"\nsystem:" in data


def _classify(path: Path, data: bytes) -> dict[str, Any]:
    from stackproof.bind.manifest import is_manifest, load_manifest
    from stackproof.load.reader import read_bytes, read_file
    from stackproof.load.template import is_template

    root = read_file(path, _shown(path)) if len(data) > _LARGEST else read_bytes(data, _shown(path))
    if is_manifest(root):
        manifest = load_manifest(path, _shown(path))
        templates = {layer.template: None for layer in manifest.layers.values()}
        return {"kind": "manifest", "templates": [os.path.relpath(name, path.parent) for name in templates]}
    return {"kind": "template" if is_template(root) else "other", "templates": []}


def _shown(path: Path) -> str:
    from stackproof.paths import shown_path

    return shown_path(path)
