"""Results kept by content: the same files, values, policies and versions give the same verdicts.

One small file per result, written atomically, so that runs side by side need no lock.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

_KEPT_SECONDS = 30 * 24 * 3600


def digest(data: bytes) -> str:
    """Return a fingerprint of some bytes."""
    return hashlib.sha256(data).hexdigest()


def fingerprint(folders: Iterable[Path]) -> str:
    """Return a fingerprint of every Python source below some folders."""
    whole = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            whole.update(f"{path}\0".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()


class Cache:
    """Answers by key.

    Parameters:
        folder: where they are kept, or None to keep nothing.
        salt: part of every key: what the answers depend on beside the key, such as the engine itself.
    """

    def __init__(self, folder: Path | None, salt: str = "") -> None:
        self._folder = folder
        self._salt = f"{salt}\0{sys.version}"

    def key(self, *parts: str) -> str:
        """Return the key of some parts."""
        return digest("\0".join((self._salt, *parts)).encode())

    def get(self, key: str) -> Any:
        """Return what was kept under a key, or None; an unreadable entry counts as absent."""
        if self._folder is None:
            return None
        try:
            return json.loads(self._path(self._folder, key).read_bytes())
        except (OSError, ValueError):
            return None

    def put(self, key: str, answer: Any) -> None:
        """Keep an answer; where that is not possible, the next run works it out again."""
        if self._folder is None:
            return
        path = self._path(self._folder, key)
        part = path.with_name(f"{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(answer), encoding="utf-8")
            part.replace(path)
        except OSError:
            with suppress(OSError):
                part.unlink()

    def prune(self) -> None:
        """Drop what nobody has written for a month."""
        if self._folder is None:
            return
        oldest = time.time() - _KEPT_SECONDS
        for path in self._folder.glob("*/*"):
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except OSError:
                continue

    def _path(self, folder: Path, key: str) -> Path:
        return folder / key[:2] / key[2:]


def default_folder() -> Path:
    """Return where results are kept: below the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "stackproof"
