"""Text that came from somebody's template, made fit to be shown.

A logical id, a path or a message may hold anything: an escape sequence that repaints the terminal, a direction override
that hides what follows, a lone surrogate that cannot be encoded, a control character that XML forbids. All of these are
unprintable in Python's sense and are shown as their escape, so that nothing is lost and nothing acts.
"""

from __future__ import annotations


def visible(text: str) -> str:
    r"""Return the text on one line, every unprintable character as its Python escape (``\x1b``, ``\n``, ``\udc80``)."""
    return text if text.isprintable() else "".join(map(_shown, text))


def visible_lines(text: str) -> list[str]:
    """Return the lines of the text, each made visible; an empty text has no lines."""
    return [visible(line) for line in text.splitlines()]


def _shown(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
