"""A system as it is at a git reference: what an update starts from."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from stackproof.compose.system import System, load_system
from stackproof.errors import InputError


@contextmanager
def system_at(system: System, reference: str) -> Iterator[System | None]:
    """Give a system as its manifest and templates are at a git reference; None where it does not exist there.

    The working tree is not touched: the files of the reference are unpacked elsewhere for as long as they are needed.

    Parameters:
        system: the system as it is in the working tree.
        reference: a branch, tag or commit, such as ``main`` or ``HEAD~1``.

    Raises:
        InputError: the manifest is not in a git repository, or there is no such reference.
    """
    manifest = system.manifest.path.resolve()
    root = Path(_git(manifest.parent, "rev-parse", "--show-toplevel").decode().strip())
    commit = _git(
        root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}", what=reference
    )
    archive = _git(root, "archive", "--format=tar", commit.decode().strip())
    with TemporaryDirectory(prefix="stackproof-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        path = Path(folder, manifest.relative_to(root))
        yield load_system(path) if path.is_file() else None


def _git(folder: Path, *arguments: str, what: str = "") -> bytes:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=True)
    except FileNotFoundError:
        raise InputError("git is not installed; --from needs it") from None
    except subprocess.CalledProcessError as error:
        if what:
            raise InputError(f"git knows no commit '{what}'") from None
        said = error.stderr.decode(errors="replace").strip().splitlines()
        raise InputError(f"git: {said[0] if said else 'failed'}") from None
    return done.stdout
