"""Text and lists: Fn::Base64, Fn::Join, Fn::Length, Fn::Select, Fn::Split, Fn::Sub, Fn::ToJsonString."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator

from stackproof.load.nodes import Mapping, Node, Scalar, Sequence, function_of
from stackproof.load.template import TRANSFORM
from stackproof.resolve.functions.arguments import (
    Writer,
    arguments,
    needs_language_extensions,
    scalar,
    sequence,
    whole_number,
)
from stackproof.resolve.functions.lookup import attribute_of, value_of_name
from stackproof.resolve.scope import Scope, error
from stackproof.resolve.values import Block, Value, as_text, is_list, plain_value, symbols_in
from stackproof.symbols import Deferred, Symbol, join

_SPLIT = " or a function that returns a string to be split."
_NO_STRING = (
    "every value of the context object of every Fn::Sub object must be a string or a function that returns a string"
)
_CHARACTERS = "alphanumeric characters, underscores, periods, and colons"
NAME = re.compile(r"[A-Za-z0-9_.:]+\Z")


def base64(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Base64``: encoded where all is known; else deferred with its text, which can still be read."""
    value = scalar(node, scope, "every Fn::Base64 object must have a String-typed value.")
    if isinstance(value, Symbol):
        return Deferred("Fn::Base64", (value,))
    return b64encode(value.encode()).decode()


def join_(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Join``: text where all is known, text with symbols in it else."""
    demand = (
        "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined "
        "or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
    )
    delimiter_node, values_node = arguments(node, (2,), demand)
    delimiter = scalar(delimiter_node, scope, demand)
    values = sequence(values_node, scope, demand)
    if isinstance(delimiter, Symbol) or isinstance(values, Symbol):
        return Deferred("Fn::Join", (delimiter, values))
    text = Writer("Fn::Join", node.mark)
    for position, value in enumerate(values):
        if isinstance(value, Block) or is_list(value):
            raise error(demand, values_node.mark)
        if position:
            text.add(delimiter)
        text.add(value if isinstance(value, Symbol) else as_text(value))
    return join(text.parts)


def split(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Split``: a list of texts; deferred where the source holds a symbol, which may hold the delimiter."""
    demand = "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split"
    delimiter_node, source_node = arguments(node, (2,), demand, f"{demand}{_SPLIT}")
    delimiter = scalar(delimiter_node, scope, demand, f"{demand}{_SPLIT}")
    source = scalar(source_node, scope, demand, f"{demand}{_SPLIT}")
    if delimiter == "":
        raise error(f"{demand}; the delimiter must not be empty", delimiter_node.mark, f"{demand}{_SPLIT}")
    if isinstance(delimiter, Symbol) or isinstance(source, Symbol):
        return Deferred("Fn::Split", (delimiter, source))
    return tuple(source.split(delimiter))


def select(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Select``: one element of a list; deferred where the list is known only after deployment."""
    demand = "Fn::Select requires a list argument with two elements: an integer index and a list"
    index_node, values_node = arguments(node, (2,), demand)
    index = whole_number(index_node, scope, demand)
    values = sequence(values_node, scope, demand)
    if isinstance(index, Symbol) or isinstance(values, Symbol):
        return Deferred("Fn::Select", (index, values))
    if not 0 <= index < len(values):
        message = f"Fn::Select cannot select nonexistent value at index {index}"
        # Recorded: where the list is written out, its length is part of the form.
        raise error(message, node.mark, demand if isinstance(values_node, Sequence) else None)
    return values[index]


def sub(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Sub``: text with ``${Name}``, ``${Name.Attribute}`` and ``${!Literal}``, with or without own variables."""
    called = function_of(node)
    if called is not None and called[0] == TRANSFORM:
        return scope.resolve(node, path)
    template, variables = _sub_arguments(node)
    for name, child in variables.items():
        if isinstance(child, Sequence):
            raise error(f"Fn::Sub variable {name} must be a string", child.mark, _NO_STRING)
    text = Writer("Fn::Sub", node.mark)
    known: dict[str, str | Symbol] = {}
    for literal, variable in placeholders(template.text):
        text.add(literal)
        if variable is not None:
            if variable not in known:
                known[variable] = _variable(variable, variables, template, scope)
            text.add(known[variable])
    return join(text.parts)


def placeholders(text: str) -> Iterator[tuple[str, str | None]]:
    """Split the text of ``Fn::Sub`` into literal text and the variable after it; the last literal has none.

    ``${!Name}`` is literal text, and so is a ``${`` that is never closed.
    """
    literal = ""
    position = 0
    while (start := text.find("${", position)) >= 0 and (end := text.find("}", start)) >= 0:
        literal += text[position:start]
        name = text[start + 2 : end]
        position = end + 1
        if name.startswith("!"):
            literal += f"${{{name[1:]}}}"
            continue
        yield literal, name.strip()
        literal = ""
    yield literal + text[position:], None


def _sub_arguments(node: Node) -> tuple[Scalar, Mapping]:
    demand = (
        "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, "
        "and an optional second argument to specify a mapping of values to replace in the string"
    )
    if isinstance(node, Scalar):
        return node, Mapping({}, {}, node.mark)
    if isinstance(node, Sequence) and len(node.items) == 2:
        text, variables = node.items
        if isinstance(text, Scalar) and isinstance(variables, Mapping):
            return text, variables
    raise error(demand, node.mark)


def _variable(name: str, variables: Mapping, template: Scalar, scope: Scope) -> str | Symbol:
    own = variables.get(name)
    if own is not None:
        return scalar(own, scope, f"Fn::Sub variable {name} must resolve to a string", _NO_STRING)
    if not NAME.match(name):
        message = f"variable names in Fn::Sub syntax must contain only {_CHARACTERS}"
        raise error(f"{message}; '${{{name}}}' is none, write ${{!{name}}} for the text itself", template.mark, message)
    logical_id, dot, attribute = name.partition(".")
    if dot:
        found = attribute_of(logical_id, attribute, scope, template.mark)
        return found if isinstance(found, Symbol) else as_text(found)
    value = value_of_name(name, scope, template.mark)
    if is_list(value):
        wording = f"variable {name} in Fn::Sub expression does not resolve to a string"
        raise error(f"Fn::Sub cannot use the list '{name}'; join it first", template.mark, wording)
    return value if isinstance(value, Symbol) else as_text(value)


def length(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::Length``: the number of elements of a list."""
    needs_language_extensions("Fn::Length", node, scope)
    values = sequence(node, scope, "Fn::Length requires a list or a function that returns a list")
    return Deferred("Fn::Length", (values,)) if isinstance(values, Symbol) else len(values)


def to_json_string(node: Node, scope: Scope, path: str) -> Value:
    """``Fn::ToJsonString``: an object or list as JSON text."""
    needs_language_extensions("Fn::ToJsonString", node, scope)
    if isinstance(node, Scalar):
        raise error("Fn::ToJsonString requires an object or a list", node.mark)
    value = scope.resolve(node, path)
    unknown = sum(symbol.weight for symbol in symbols_in(value))
    if unknown:
        return Deferred("Fn::ToJsonString", (value,), weight=unknown)
    return json.dumps(plain_value(value), separators=(",", ":"), ensure_ascii=False)
