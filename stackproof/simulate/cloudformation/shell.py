"""Which commands a start script runs when all goes well, read from its text; nothing is executed.

Commands are taken to succeed. What cannot be known from the text (the outcome of a test, the value of a variable that a
command sets) is decided for the good end: a branch that gives up is not taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

Command = tuple[str, ...]
"""A program and its arguments, quotes removed; a variable of unknown value stays as it is written."""

_OPERATORS = (";;", "&&", "||", ";", "&", "|", "(", ")", "\n")
_ENDS = frozenset({"then", "elif", "else", "fi", "do", "done", "esac", "}", ")", ";;"})
_PREFIXES = frozenset({"sudo", "exec", "time", "nohup", "command", "eval", "-E", "--"})
_TESTS = frozenset({"[", "[[", "test"})
_SHELLS = frozenset({"sh", "bash", "dash"})
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|([A-Za-z_]\w*))")
_HEREDOC = re.compile(r"<<-?\s*(?P<quote>['\"]?)(?P<end>\w+)(?P=quote)")


@dataclass(frozen=True, slots=True)
class _Word:
    """One word.

    Attributes:
        parts: its text, and for each piece whether variables in it count.
        bare: whether nothing of it was quoted, so that it may be a keyword.
    """

    parts: tuple[tuple[str, bool], ...]
    bare: bool

    @property
    def text(self) -> str:
        return "".join(text for text, _ in self.parts)


_Token = _Word | str
"""A word, or an operator."""


class _ExitError(Exception):
    """The script ends; the argument says whether with an error."""


class _ReturnError(_ExitError):
    """A function ends."""


def commands_of(script: str) -> list[Command]:
    """Return the commands that a script runs, in their order.

    Parameters:
        script: for a POSIX shell; the lines of other shells are read as if they were one's.
    """
    run = _Run()
    code = 0
    try:
        run.script(script)
    except _ExitError as left:
        code = int(left.args[0])
    if code and run.good_end is not None:
        run.done, code = run.good_end, 0
    run.leave(code)
    return run.done


@dataclass(slots=True)
class _Run:
    """A walk through a script.

    Attributes:
        done: the commands so far.
        good_end: those until the script ended well for the first time, somewhere that it may not have come to.
    """

    done: list[Command] = field(default_factory=list)
    good_end: list[Command] | None = None
    _variables: dict[str, str] = field(default_factory=dict)
    _functions: dict[str, tuple[_Token, ...]] = field(default_factory=dict)
    _at_exit: str = ""
    _depth: int = 0

    def script(self, text: str) -> None:
        """Run a text."""
        self._all(tuple(_tokens(text)))

    def leave(self, code: int) -> None:
        """Run what is set to run at the end."""
        action, self._at_exit = self._at_exit, ""
        with suppress(_ExitError):
            self.script(action.replace("$?", str(code)))

    def _all(self, tokens: tuple[_Token, ...]) -> bool | None:
        # A function that calls itself would never end here, where no test stops it.
        if self._depth > 20:
            return None
        self._depth += 1
        state: bool | None = True
        try:
            place = 0
            while place < len(tokens):
                place, state = self._list(tokens, place, True)
                place += 1  # an end without a beginning: another shell's, or the text is broken
        finally:
            self._depth -= 1
        return state

    def _list(self, tokens: tuple[_Token, ...], place: int, run: bool) -> tuple[int, bool | None]:
        """Walk to the keyword or operator that ends a list; return where it is, and how the last command ended."""
        state: bool | None = True
        goes = run
        while place < len(tokens) and _plain(tokens[place]) not in _ENDS:
            token = tokens[place]
            if token in ("&&", "||"):
                goes = run and (state is not False if token == "&&" else state is False)  # noqa: S105 - an operator
                place += 1
            elif isinstance(token, str) and token != "(":  # noqa: S105 - an operator
                goes = run and (goes or token != "|")  # noqa: S105 - an operator
                place += 1
            else:
                place, ended = self._command(tokens, place, goes)
                state = ended if goes else state
        return place, state

    def _command(self, tokens: tuple[_Token, ...], place: int, run: bool) -> tuple[int, bool | None]:
        """Walk over one command; return where it ends, and whether it succeeded: None where nobody can know."""
        match _plain(tokens[place]):
            case "!":
                if place + 1 == len(tokens):
                    return place + 1, True
                place, state = self._command(tokens, place + 1, run)
                return place, None if state is None else not state
            case "if":
                return self._if(tokens, place + 1, run), True
            case "while" | "until" | "for" | "select":
                return self._loop(tokens, place + 1, run), True
            case "case":
                return _past(tokens, place + 1, "case", "esac"), True
            case "{":
                place, state = self._list(tokens, place + 1, run)
                return place + 1, state
            case "(":
                return self._subshell(tokens, place + 1, run)
            case "function":
                return self._define(tokens, place + 1), True
        if [_plain(token) for token in tokens[place + 1 : place + 3]] == ["(", ")"]:
            return self._define(tokens, place), True
        end = place
        while end < len(tokens) and isinstance(tokens[end], _Word):
            end += 1
        words = [word for word in tokens[place:end] if isinstance(word, _Word)]
        return max(end, place + 1), self._simple(words) if run else True

    def _subshell(self, tokens: tuple[_Token, ...], place: int, run: bool) -> tuple[int, bool | None]:
        end = _past(tokens, place, "(", ")")
        try:
            _, state = self._list(tokens[: end - 1], place, run)
        except _ExitError as left:
            return end, not left.args[0]
        return end, state

    def _if(self, tokens: tuple[_Token, ...], place: int, run: bool) -> int:
        while True:
            place, holds = self._list(tokens, place, run)
            body = place + 1
            place, taken = self._branch(tokens, body, run and holds is not False, unsure=holds is None)
            run = run and not taken
            word = _plain(tokens[place]) if place < len(tokens) else "fi"
            if word == "else":
                place, _ = self._list(tokens, place + 1, run)
            elif word == "elif":
                place += 1
                continue
            return place + 1

    def _branch(self, tokens: tuple[_Token, ...], place: int, run: bool, *, unsure: bool) -> tuple[int, bool]:
        """Walk through a branch; return its end, and whether it was taken."""
        before = len(self.done)
        try:
            end, _ = self._list(tokens, place, run)
        except _ExitError as left:
            if not unsure:
                raise
            if not left.args[0] and self.good_end is None and not isinstance(left, _ReturnError):
                self.good_end = list(self.done)
            del self.done[before:]
            end, _ = self._list(tokens, place, False)
            return end, False
        return end, run

    def _loop(self, tokens: tuple[_Token, ...], place: int, run: bool) -> int:
        while place < len(tokens) and _plain(tokens[place]) != "do":
            place += 1
        place, _ = self._branch(tokens, place + 1, run, unsure=True)
        return place + 1

    def _define(self, tokens: tuple[_Token, ...], place: int) -> int:
        name = _plain(tokens[place]) if place < len(tokens) else ""
        start = place + 1
        while start < len(tokens) and _plain(tokens[start]) in ("(", ")", "\n"):
            start += 1
        end, _ = self._command(tokens, start, False) if start < len(tokens) else (start, None)
        self._functions[name] = tokens[start:end]
        return end

    def _simple(self, words: list[_Word]) -> bool | None:
        """Run a command without an operator in it."""
        texts = [self._value(word) for word in words]
        while texts and (texts[0] in _PREFIXES or _ASSIGNMENT.fullmatch(texts[0])):
            assigned = _ASSIGNMENT.fullmatch(texts.pop(0))
            if assigned:
                self._variables[assigned[1]] = assigned[2]
        if not texts:
            return True
        program, arguments = texts[0], texts[1:]
        match program:
            case "exit" | "return":
                error = _ExitError if program == "exit" else _ReturnError
                raise error(arguments[:1] not in ([], ["0"], ["$?"]))
            case "false":
                return False
            case "export" | "readonly" | "local" | "declare" | "typeset":
                assigned_all = (_ASSIGNMENT.fullmatch(argument) for argument in arguments)
                self._variables |= {found[1]: found[2] for found in assigned_all if found}
                return True
            case "trap":
                if {"EXIT", "0"} & set(arguments[1:]):
                    self._at_exit = arguments[0] if arguments[0] != "-" else ""
                return True
        if program in _TESTS:
            return None
        if program in self._functions:
            try:
                return self._all(self._functions[program])
            except _ReturnError as left:
                return not left.args[0]
        if program.rpartition("/")[2] in _SHELLS and "-c" in arguments[:-1]:
            self.script(arguments[arguments.index("-c") + 1])
        else:
            self.done.append((program, *arguments))
        return True

    def _value(self, word: _Word) -> str:
        def known(found: re.Match[str]) -> str:
            value = self._variables.get(found[1] or found[2], "")
            return value if value and "$(" not in value and "`" not in value else found[0]

        return "".join(_VARIABLE.sub(known, text) if live else text for text, live in word.parts)


def _plain(token: _Token) -> str:
    """Return an operator, or a word that may be a keyword."""
    if isinstance(token, str):
        return token
    return token.text if token.bare else ""


def _past(tokens: tuple[_Token, ...], place: int, opening: str, closing: str) -> int:
    """Return where the text goes on after the end of what was opened before."""
    depth = 1
    while place < len(tokens) and depth:
        depth += {opening: 1, closing: -1}.get(_plain(tokens[place]), 0)
        place += 1
    return place


def _tokens(text: str) -> Iterator[_Token]:
    """Iterate over words and operators; comments and the bodies of here-documents are left out."""
    text = text.replace("\r\n", "\n")
    place, ends = 0, list[str]()
    while place < len(text):
        char = text[place]
        if char == "\n":
            yield char
            place = _past_documents(text, place + 1, ends)
            ends = []
        elif char in " \t":
            place += 1
        elif text.startswith("\\\n", place):
            place += 2
        elif char == "#":
            end = text.find("\n", place)
            place = end if end >= 0 else len(text)
        elif (document := _HEREDOC.match(text, place)) and not text.startswith("<<<", place):
            ends.append(document["end"])
            place = document.end()
        elif operator := _operator(text, place):
            yield operator
            place += len(operator)
        else:
            word, place = _word(text, place)
            yield word


def _operator(text: str, place: int) -> str:
    # In 2>&1 and &>file the ampersand belongs to the word.
    if text.startswith("&>", place):
        return ""
    return next((operator for operator in _OPERATORS if text.startswith(operator, place)), "")


def _past_documents(text: str, place: int, ends: list[str]) -> int:
    for end in ends:
        found = re.compile(rf"^\t*{re.escape(end)}\s*$", re.MULTILINE).search(text, place)
        place = min(found.end() + 1, len(text)) if found else len(text)
    return place


def _word(text: str, place: int) -> tuple[_Word, int]:
    """Return the word that starts here, and where it ends."""
    parts: list[tuple[str, bool]] = []
    bare = True
    while place < len(text):
        char = text[place]
        if char == "'":
            end = text.find("'", place + 1)
            end = end if end >= 0 else len(text)
            parts.append((text[place + 1 : end], False))
            place, bare = end + 1, False
        elif char == '"':
            inner, place = _quoted(text, place + 1)
            parts.append((inner, True))
            bare = False
        elif text.startswith(("$(", "`"), place):
            end = _past_substitution(text, place)
            parts.append((text[place:end], False))
            place = end
        elif char == "\\":
            # A line that goes on; or any character, as it is.
            parts.append((text[place + 1 : place + 2].replace("\n", ""), False))
            place += 2
        elif char in " \t\n" or (_operator(text, place) and not _in_redirection(text, place)):
            break
        else:
            parts.append((char, True))
            place += 1
    return _Word(tuple(_joined(parts)), bare), place


def _in_redirection(text: str, place: int) -> bool:
    return text[place] == "&" and text[place - 1] in "<>"


def _joined(parts: list[tuple[str, bool]]) -> Iterator[tuple[str, bool]]:
    """Iterate over the pieces, those beside each other as one, so that a variable is whole."""
    text = ""
    for piece, live in parts:
        if live:
            text += piece
            continue
        if text:
            yield text, True
        yield piece, False
        text = ""
    if text:
        yield text, True


def _quoted(text: str, place: int) -> tuple[str, int]:
    inner = ""
    while place < len(text) and text[place] != '"':
        if text.startswith("$(", place):
            end = _past_substitution(text, place)
            inner += text[place:end]
            place = end
        elif text[place] == "\\" and text[place + 1 : place + 2] in ('"', "\\", "$", "`", "\n"):
            inner += text[place + 1].replace("\n", "")
            place += 2
        else:
            inner += text[place]
            place += 1
    return inner, place + 1


def _past_substitution(text: str, place: int) -> int:
    """Return where a command substitution ends."""
    if text[place] == "`":
        end = text.find("`", place + 1)
        return end + 1 if end >= 0 else len(text)
    depth, place = 1, place + 2
    while place < len(text) and depth:
        if text[place] == "'":
            end = text.find("'", place + 1)
            place = end if end >= 0 else len(text)
        depth += {"(": 1, ")": -1}.get(text[place : place + 1], 0)
        place += 1
    return place
