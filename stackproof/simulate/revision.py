"""A system as it is at a git reference: what an update starts from."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from stackproof.bind.manifest import Layer, load_manifest
from stackproof.compose.system import System
from stackproof.errors import InputError
from stackproof.load.template import Template, load_template


@dataclass(frozen=True, slots=True)
class Revision:
    """The files of one repository as they are at a git reference.

    Attributes:
        reference: as the user wrote it.
        root: the repository's working tree.
        folder: where the files are unpacked.
    """

    reference: str
    root: Path
    folder: Path

    def system(self, system: System) -> System | None:
        """Return a system as it was; None where there was none of its name in the folder of its manifest.

        Marks name the files as git does: ``main:cloudformation/02-application.yaml``.

        Raises:
            InputError: its manifest was wrong, or names a template outside of the repository.
        """
        path = self.folder / system.manifest.path.resolve().relative_to(self.root)
        found = self._load(path) if path.is_file() else None
        return found if found is not None and found.name == system.name else self._renamed(system, path)

    def _renamed(self, system: System, path: Path) -> System | None:
        """Return the system of the same name whose manifest lay beside where this one lies now."""
        for other in sorted(path.parent.glob("*.y*ml")):
            try:
                found = self._load(other)
            except InputError:
                continue  # a template, or a manifest that nobody asks about
            if found.name == system.name:
                return found
        return None

    def _load(self, path: Path) -> System:
        try:
            return _Past(self, path)
        except InputError as error:
            message = error.message.replace(f"{self.folder}/", "").replace(str(self.folder), "the repository")
            raise InputError(message, error.mark) from None

    def name_of(self, path: Path) -> str:
        """Return how marks name an unpacked file."""
        return f"{self.reference}:{path.resolve().relative_to(self.folder).as_posix()}"

    def unpacked(self, layer: Layer) -> Path:
        """Return where the template of a layer is unpacked.

        Raises:
            InputError: it lies outside of the repository, so that git cannot tell how it was.
        """
        path = layer.template.resolve()
        if path.is_relative_to(self.root) and not path.is_relative_to(self.folder):
            path = self.folder / path.relative_to(self.root)
        if not path.is_relative_to(self.folder) or not path.is_file():
            message = f"the template of '{layer.name}' is not in the repository at {self.reference}"
            raise InputError(message, layer.mark)
        return path


class _Past(System):
    """A system whose files are unpacked somewhere, and named as git names them."""

    def __init__(self, revision: Revision, path: Path) -> None:
        super().__init__(load_manifest(path, revision.name_of(path)))
        self._revision = revision
        self._paths = {layer.name: revision.unpacked(layer) for layer in self.manifest.layers.values()}

    @cached_property
    def templates(self) -> dict[str, Template]:
        """The template of each layer; each file is read once."""
        read: dict[Path, Template] = {}
        for path in self._paths.values():
            if path not in read:
                read[path] = load_template(path, self._revision.name_of(path))
        return {name: read[path] for name, path in self._paths.items()}


class Revisions:
    """Systems as they are at one git reference; each repository is unpacked once.

    Use `revisions`.
    """

    def __init__(self, reference: str, folder: Path) -> None:
        self._reference = reference
        self._folder = folder
        self._known: dict[Path, Revision] = {}
        self._systems: dict[Path, System | None] = {}

    def system(self, system: System) -> System | None:
        """Return a system as it was; None where there was none; see `Revision.system`.

        Raises:
            InputError: its manifest is not in a git repository, that knows no such reference, or the system was wrong.
        """
        manifest = system.manifest.path.resolve()
        if manifest not in self._systems:
            self._systems[manifest] = self._of(manifest).system(system)
        return self._systems[manifest]

    def _of(self, manifest: Path) -> Revision:
        root = Path(_git(manifest.parent, "rev-parse", "--show-toplevel")).resolve()
        if root not in self._known:
            self._known[root] = self._unpacked(root)
        return self._known[root]

    def _unpacked(self, root: Path) -> Revision:
        commit = _git(
            root,
            *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{self._reference}^{{commit}}"),
            unknown=f"git knows no commit '{self._reference}'",
        )
        folder = self._folder / str(len(self._known))
        folder.mkdir()
        # By way of an index of its own: neither the working tree nor the repository's index is touched, and no file is
        # left out because archives shall not hold it.
        index = str(self._folder / f"{folder.name}.index")
        _git(root, "read-tree", commit, index=index)
        _git(root, "checkout-index", "--all", f"--prefix={folder}/", index=index)
        return Revision(self._reference, root, folder)


@contextmanager
def revisions(reference: str) -> Iterator[Revisions]:
    """Give systems as they are at a git reference, such as ``main`` or ``HEAD~1``.

    The working trees are not touched: the files are unpacked elsewhere for as long as they are needed.
    """
    with TemporaryDirectory(prefix="stackproof-") as folder:
        yield Revisions(reference, Path(folder).resolve())


def _git(folder: Path, *arguments: str, unknown: str = "", index: str = "") -> str:
    """Return what git answers in a folder.

    Parameters:
        unknown: what is wrong where git refuses; empty for its own words.
        index: the index file to use instead of the repository's.
    """
    environment = {**os.environ, "GIT_INDEX_FILE": index} if index else None
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
    except FileNotFoundError:
        raise InputError("git is not installed; --from needs it") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(unknown or f"git: {said[0] if said else 'failed'}") from None
    return done.stdout.decode().strip()
