"""Lines of styled spans: the same content, painted or plain.

A renderer builds lines once; whether they carry colours is decided here and changes nothing else. rich is imported only
to paint, since its import takes longer than a whole cached run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TextIO

Span = tuple[str, str]
"""A text and its style in rich's words, such as ``bold red``; an empty style is plain."""

Line = list[Span]


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return True where colours are welcome.

    Parameters:
        stream: where the text will go, usually ``sys.stdout``.
        environ: usually ``os.environ``; ``TERM=dumb`` refuses, and ``NO_COLOR`` where it is set and not empty
            (https://no-color.org).
    """
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def plain(lines: Iterable[Line]) -> str:
    """Return the lines without styles, each ended by a newline."""
    return "".join("".join(text for text, _ in line) + "\n" for line in lines)


def painted(lines: Iterable[Line]) -> str:
    """Return the lines with styles as ANSI sequences; never wrapped, so that ``path:line`` stays in one piece."""
    from rich.color import ColorSystem
    from rich.style import Style

    def paint(text: str, style: str) -> str:
        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD) if style else text

    return "".join("".join(paint(*span) for span in line) + "\n" for line in lines)
