"""Where something stands: file, line and column of a value in a template or manifest."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file.

    Attributes:
        file: the path as the user named it, relative to the working directory where possible.
        line: 1-based line.
        column: 1-based column.
    """

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"
