"""``AllowedPattern``: Java's regular expressions, matched in bounded time.

CloudFormation matches with ``java.util.regex``. What both languages have is translated; what only Java has is refused
rather than matched wrongly. A pattern can take exponential time, and the author of a template chooses it: matching is
interrupted after `MAX_SECONDS` of computing, and a text that was not matched by then is not accepted.
"""

from __future__ import annotations

import re
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

MAX_SECONDS = 1.0
_START_SECONDS = 4.0

_CLASSES = {
    "ASCII": r"\x00-\x7f",
    "Alnum": "A-Za-z0-9",
    "Alpha": "A-Za-z",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1f\x7f",
    "Digit": "0-9",
    "Graph": r"!-~",
    "Lower": "a-z",
    "Print": r" -~",
    "Punct": r"!-/:-@\[-`{-~",
    "Space": r" \t\n\x0b\f\r",
    "Upper": "A-Z",
    "XDigit": "0-9A-Fa-f",
}
_TOKEN = re.compile(
    r"\\Q(?P<quoted>.*?)(?:\\E|\Z)|\\[pP]\{(?P<posix>\w+)\}|\\(?P<escaped>.)|\(\?<(?P<group>[A-Za-z]\w*)>"
    r"|(?P<other>.)",
    re.DOTALL,
)


class PatternError(ValueError):
    """A pattern that cannot be evaluated here; the text says why."""


def matches(java: str, text: str) -> bool:
    """Return whether a Java regular expression matches the whole of a text.

    Raises:
        PatternError: the pattern is wrong, uses what only Java has, or takes more than `MAX_SECONDS`.
    """
    pattern = compiled(java)
    try:
        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            return _matches_in_process(pattern, text)
        with _interrupted_after(MAX_SECONDS):
            return pattern.fullmatch(text) is not None
    except TimeoutError:
        raise PatternError(f"it takes more than {MAX_SECONDS:g} s to match") from None


@lru_cache(maxsize=256)
def compiled(java: str) -> re.Pattern[str]:
    """Return a Java regular expression compiled for Python, in which ``[0-9]`` is all of digits, as in Java.

    Raises:
        PatternError: the pattern is wrong or uses what only Java has.
    """
    try:
        with warnings.catch_warnings():
            # Unions and intersections of character classes: Python only warns and reads them differently.
            warnings.simplefilter("error", FutureWarning)
            return re.compile(python_pattern(java), re.ASCII)
    except (re.error, FutureWarning, OverflowError) as error:
        raise PatternError(str(error)) from None
    except RecursionError:
        raise PatternError("its groups are nested too deeply") from None


def python_pattern(java: str) -> str:
    """Return a Java regular expression in Python's notation, where the two differ."""
    translated: list[str] = []
    inside = False
    for token in _TOKEN.finditer(java):
        written = token[0]
        if token["quoted"] is not None:
            written = re.escape(token["quoted"])
        elif token["posix"] in _CLASSES:
            written = _posix(_CLASSES[token["posix"]], inside=inside, negated=written[1] == "P")
        elif token["escaped"] and not inside:
            written = {"\\z": r"\Z", "\\Z": r"(?=\n?\Z)", "\\h": r"[ \t\xa0]"}.get(written, written)
        elif token["group"] and not inside:
            written = f"(?P<{token['group']}>"
        elif token["other"] == "[" and not inside:
            inside = True
        elif token["other"] == "]" and not java[: token.start()].endswith(("[", "[^")):
            inside = False
        elif token["other"] == "[" or (token["other"] == "&" and java[token.end() :].startswith("&") and inside):
            raise PatternError("a character class inside of another is Java's alone")
        translated.append(written)
    return "".join(translated)


def _posix(characters: str, *, inside: bool, negated: bool) -> str:
    if not inside:
        return f"[{'^' if negated else ''}{characters}]"
    if negated:
        raise PatternError(r"\P inside of a character class is not supported")
    return characters


@contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in this, the main, thread after some seconds of computing; matching looks for signals."""

    def stop(signum: int, frame: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


_CHILD = "import json, re, sys; p, t = json.load(sys.stdin); print(re.fullmatch(p, t, re.ASCII) is not None)"


def _matches_in_process(pattern: re.Pattern[str], text: str) -> bool:
    """Match where no signal can interrupt: in other threads, and on Windows."""
    import json
    import subprocess

    question = json.dumps([pattern.pattern, text])
    # Starting Python takes time too, which the pattern is not to blame for.
    limit = MAX_SECONDS + _START_SECONDS
    try:
        answer = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD],
            input=question,
            capture_output=True,
            text=True,
            timeout=limit,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise TimeoutError from None
    return answer.stdout.strip() == "True"
