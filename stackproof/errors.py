"""The one error that a user's input may cause: one line, a place, no traceback."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from stackproof.marks import Mark


class InputError(Exception):
    """An input that cannot be judged: a broken template, manifest, value or argument.

    The command line prints it as one line and exits 2.

    Parameters:
        message: what is wrong and, where it can be said, how to mend it; one line.
        mark: the place, or None where there is no file (a wrong argument).
        wording: what CloudFormation answers to the same mistake, without our hints; None where that is the message.
    """

    def __init__(self, message: str, mark: Mark | None = None, wording: str | None = None) -> None:
        self.message = " ".join(message.split())
        self.mark = mark
        self.wording = self.message if wording is None else wording
        super().__init__(f"{mark}: {self.message}" if mark else self.message)

    def __reduce__(self) -> tuple[type[InputError], tuple[str, Mark | None, str]]:
        """Travel between processes with message, mark and wording."""
        return type(self), (self.message, self.mark, self.wording)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'X'?`` for the nearest of the known names, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""


def listed(names: Iterable[str]) -> str:
    """Return names as CloudFormation lists them in its messages: ``[B, A]``, in the order of a Java hash set."""
    return f"[{', '.join(in_hash_order(names))}]"


def in_hash_order(names: Iterable[str]) -> list[str]:
    """Return distinct names in the order of a Java hash set."""
    distinct = {name: _spread(java_hash(name)) for name in names}
    buckets = 16
    while len(distinct) > buckets * 3 // 4:
        buckets *= 2
    return sorted(distinct, key=lambda name: distinct[name] % buckets)


def _spread(code: int) -> int:
    return code ^ (code >> 16)


def java_hash(text: str) -> int:
    """Return the hash code of a string in Java, as an unsigned number."""
    code = 0
    for character in text:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return code
