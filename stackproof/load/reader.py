"""Read one YAML or JSON file into nodes, within bounds that no file can break.

The document is built from the parser's events rather than from composed nodes, because only then can a hostile
file (deep nesting, alias expansion, duplicate keys) be refused while it is read and not after.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from stackproof.errors import InputError
from stackproof.load.nodes import Mapping, Node, Scalar, ScalarValue, Sequence
from stackproof.marks import Mark
from stackproof.quotas import TEMPLATE_BYTES

MAX_DEPTH = 100
"""Deeper than any readable template; bounds recursion in every later stage."""

MAX_NODES = 250_000
"""Nodes after alias expansion: more than a template of TEMPLATE_BYTES needs, far less than a YAML bomb makes."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,30})\Z")
_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\Z|[-+]?[0-9]+[eE][-+]?[0-9]+\Z")
_JSON_SURROGATES = re.compile(r"\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
_JSON_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_STANDARD_TAGS = "tag:yaml.org,2002:"
UNSUPPORTED = "Template format error: unsupported structure."
YAML = "Template format error: YAML not well-formed."
JSON = "Template format error: JSON not well-formed."
_KNOWN_TAGS = frozenset(
    f"{_STANDARD_TAGS}{name}" for name in ("bool", "float", "int", "map", "null", "seq", "str", "timestamp")
)


def read_file(path: Path, name: str | None = None) -> Node:
    """Read a YAML or JSON file.

    Parameters:
        path: the file.
        name: how marks name the file; the path itself by default.

    Raises:
        InputError: the file cannot be read, is no UTF-8 text, is larger than CloudFormation accepts, or is not
            well-formed; the message is one line with file and line.
    """
    name = name or str(path)
    start = Mark(name)
    try:
        with path.open("rb") as file:
            # A device or a pipe has no size, and perhaps no end.
            data = file.read(TEMPLATE_BYTES + 1)
            size = max(len(data), os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", start) from None
    if size > TEMPLATE_BYTES:
        raise InputError(f"file of {size:,} bytes; CloudFormation accepts at most {TEMPLATE_BYTES:,}", start)
    return read_bytes(data, name)


@lru_cache(maxsize=16)
def read_bytes(data: bytes, name: str) -> Node:
    """Read the bytes of a YAML or JSON document; see `read_file`.

    Nodes never change, so the same bytes give the same nodes: what a file is and what it says needs one parse.
    """
    start = Mark(name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("not UTF-8 text", Mark(name, line), YAML) from None
    if "\x00" in text:
        raise InputError("binary data, not a template", start, YAML)
    return read_text(text, name)


def read_text(text: str, name: str) -> Node:
    """Read a YAML or JSON document from text; see `read_file`."""
    if len(text) > TEMPLATE_BYTES:
        raise InputError(
            f"{len(text):,} characters; CloudFormation accepts at most {TEMPLATE_BYTES:,} bytes", Mark(name)
        )
    if text.lstrip()[:1] == "{":
        text = _json_as_yaml(text)
    try:
        return _Builder(text, name).document()
    except yaml.YAMLError as error:
        raise _syntax_error(error, name, text) from None


def _json_as_yaml(text: str) -> str:
    """Replace what JSON allows and YAML does not: tabs between tokens, escaped surrogate pairs."""

    def character(pair: re.Match[str]) -> str:
        high, low = int(pair[1], 16), int(pair[2], 16)
        return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08X}"

    return _JSON_SURROGATES.sub(character, text.replace("\t", " "))


def _syntax_error(error: yaml.YAMLError, name: str, text: str) -> InputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    last = text.count("\n") + 1  # the parser counts one more where a file breaks off
    place = Mark(name, min(mark.line + 1, last), mark.column + 1) if mark else Mark(name)
    return InputError(f"not well-formed YAML or JSON: {problem}", place, _wording(error, place, text))


def _wording(error: yaml.YAMLError, place: Mark, text: str) -> str:
    """Return what CloudFormation says of a text that is neither JSON nor YAML.

    Recorded: JSON with the place after the wrong character, YAML with a place where no token could be read and without
    one where the tokens are in no order.
    """
    if text.lstrip()[:1] == "{":
        return _json_wording(text)
    return well_formed(YAML, place) if isinstance(error, yaml.scanner.ScannerError) else YAML


def well_formed(wording: str, place: Mark) -> str:
    """Return CloudFormation's message about a text that is not well-formed, with the place."""
    return f"{wording} (line {place.line}, column {place.column})"


def _json_wording(text: str) -> str:
    import json  # only for wrong texts

    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        wrong = _JSON_WORD.match(text, error.pos) if error.msg == "Expecting value" else None
        behind = error.colno + (len(wrong[0]) if wrong else int(error.pos < len(text)))
        return f"{JSON} (line {error.lineno}, column {behind})"
    except RecursionError:
        pass
    return JSON


class _Builder:
    """Builds nodes from parser events."""

    def __init__(self, text: str, name: str) -> None:
        self._events = _LOADER(text)
        self._file = name
        self._depth = 0
        self._nodes = 0
        self._anchors: dict[str, tuple[Node, int]] = {}

    def document(self) -> Node:
        """Return the only document of the file."""
        self._next()  # stream start
        if self._events.check_event(yaml.StreamEndEvent):
            raise InputError("empty file", Mark(self._file), UNSUPPORTED)
        self._next()  # document start
        root = self._node(self._next())
        self._next()  # document end
        if not self._events.check_event(yaml.StreamEndEvent):
            raise InputError("more than one document in the file", self._mark(self._next()), YAML)
        if isinstance(root, Scalar) and root.value is None:
            raise InputError("empty file", Mark(self._file), UNSUPPORTED)
        return root

    def _next(self) -> Any:
        return self._events.get_event()

    def _mark(self, event: Any) -> Mark:
        start = event.start_mark
        return Mark(self._file, start.line + 1, start.column + 1)

    def _node(self, event: Any) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self._nodes
        self._count(1, event)
        node = self._tagged(event, self._content(event))
        if event.anchor:
            self._anchors[event.anchor] = (node, self._nodes - before)
        return node

    def _content(self, event: Any) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InputError(f"nested more than {MAX_DEPTH} levels deep", self._mark(event))
        build: Callable[[Any], Node] = self._sequence if isinstance(event, yaml.SequenceStartEvent) else self._mapping
        node = build(event)
        self._depth -= 1
        return node

    def _count(self, nodes: int, event: Any) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise InputError(f"more than {MAX_NODES:,} values once its aliases are expanded", self._mark(event))

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            raise InputError(f"unknown alias '*{event.anchor}'", self._mark(event), YAML)
        node, size = self._anchors[event.anchor]
        self._count(size, event)
        return node

    def _scalar(self, event: Any) -> Scalar:
        return Scalar(_typed(event), event.value, self._mark(event))

    def _sequence(self, event: Any) -> Sequence:
        items: list[Node] = []
        while not isinstance(child := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(child))
        return Sequence(tuple(items), self._mark(event))

    def _mapping(self, event: Any) -> Mapping:
        entries: dict[str, Node] = {}
        marks: dict[str, Mark] = {}
        while not isinstance(key := self._next(), yaml.MappingEndEvent):
            mark = self._mark(key)
            if not isinstance(key, yaml.ScalarEvent):
                raise InputError("a key must be plain text", mark, YAML)
            name = key.value
            if name in entries:
                message = f"duplicate key '{name}', first at line {marks[name].line}"
                raise InputError(message, mark, well_formed(YAML, mark))
            if name == "<<" and key.implicit[0]:
                raise InputError("merge keys ('<<') are not supported by CloudFormation", mark, YAML)
            self._count(1, key)
            entries[name] = self._node(self._next())
            marks[name] = mark
        return Mapping(entries, marks, self._mark(event))

    def _tagged(self, event: Any, node: Node) -> Node:
        """Write a short function tag out: ``!Sub x`` becomes ``{"Fn::Sub": x}``."""
        tag = event.tag
        if not tag or tag in _KNOWN_TAGS or tag == "!":
            return node
        if not tag.startswith("!"):
            raise InputError(f"unsupported tag '{tag}'", node.mark, well_formed(YAML, node.mark))
        return _function(tag[1:], node)


def _function(short: str, node: Node) -> Mapping:
    name = short if short in ("Ref", "Condition") else f"Fn::{short}"
    if short == "GetAtt" and isinstance(node, Scalar):
        logical_id, _, attribute = node.text.partition(".")
        parts = [logical_id, attribute] if attribute else [logical_id]
        node = Sequence(tuple(Scalar(part, part, node.mark) for part in parts), node.mark)
    return Mapping({name: node}, {name: node.mark}, node.mark)


def _typed(event: Any) -> ScalarValue:
    text: str = event.value
    if event.tag == f"{_STANDARD_TAGS}str" or (not event.implicit[0] and event.tag is None):
        return text
    if event.tag not in (None, "!") and not event.tag.startswith(_STANDARD_TAGS):
        return text if event.style else _plain_value(text)
    return _plain_value(text)


def _plain_value(text: str) -> ScalarValue:
    if text in _NULLS:
        return None
    if text.lower() in _BOOLEANS and text in (text.lower(), text.capitalize(), text.upper()):
        return _BOOLEANS[text.lower()]
    if _INTEGER.match(text):
        return int(text)
    if _FLOAT.match(text) and math.isfinite(number := float(text)):
        return number
    return text
