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
    """

    def __init__(self, message: str, mark: Mark | None = None) -> None:
        self.message = " ".join(message.split())
        self.mark = mark
        super().__init__(f"{mark}: {self.message}" if mark else self.message)

    def __reduce__(self) -> tuple[type[InputError], tuple[str, Mark | None]]:
        """Travel between processes with message and mark."""
        return type(self), (self.message, self.mark)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'X'?`` for the nearest of the known names, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""
