"""What a function may ask while it is resolved: parameters, conditions, imports, the place of the stack."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingABC
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stackproof.errors import InputError, suggestion
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence, function_of
from stackproof.load.reader import YAML, well_formed
from stackproof.load.template import Template
from stackproof.marks import Mark
from stackproof.resolve.context import PSEUDO_PARAMETERS, Context
from stackproof.resolve.values import NO_VALUE, Block, Items
from stackproof.symbols import Condition, Imported, Symbol, join, weight

if TYPE_CHECKING:
    from stackproof.resolve.values import Value

_SUPPORTED = (
    "Fn::Base64, Fn::GetAtt, Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, "
    "Fn::Equals, Fn::If, Fn::Not, Condition, Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, "
    "Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr"
)

MAX_CALLS = 100
"""Functions inside of each other, through named conditions too; keeps clear of Python's own limit."""

MAX_TEXT = 1_048_576
"""Characters of one value: as many as a whole template may have."""

MAX_TEXTS = 32 * MAX_TEXT
"""Characters that the functions of one template may make."""

CONDITION = "Template format error: Conditions can only be boolean operations on parameters and other conditions"

Exports = Callable[["str | Symbol", Mark], "Value"]
"""Gives the value of an export by its name."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A parameter's value that another stack puts out; the deployer hands it over.

    Attributes:
        stack: name of the stack that puts it out.
        output: name of the output.
        find: gives its value, which may be another stack's again.
    """

    stack: str
    output: str
    find: Callable[[], Value]


def error(message: str, mark: Mark, wording: str | None = None) -> InputError:
    """Return the error that CloudFormation gives for a wrong use of a function; its wording where ours says more."""
    wording = None if wording is None else f"Template error: {wording}"
    return InputError(f"Template error: {message}", mark, wording)


def unsupported(
    name: str, near: str, mark: Mark, node: Mapping | None = None, message: str | None = None
) -> InputError:
    """Return the error about a function that does not exist.

    Parameters:
        name: the function, in its long form.
        near: what may have been meant.
        mark: where it stands.
        node: the call, if it is at hand: an unknown tag makes for a text that is no YAML.
        message: what we say; by default that there is no such function.
    """
    wording = f"Template Error: Encountered unsupported function: {name} Supported functions are: [{_SUPPORTED}]"
    if node is not None and node.entries[name].mark == node.mark == mark:
        wording = well_formed(YAML, mark)
    return InputError(f"Template error: {message or f'unknown function {name}{near}'}", mark, wording)


def unknown_export(name: str | Symbol, mark: Mark) -> Value:
    """Keep an import symbolic: no other stack is known."""
    return Imported(name)


class Scope:
    """One template with one value per parameter.

    Parameters:
        template: the template that is resolved.
        values: a value per declared parameter: text, a tuple of texts for a list type, a symbol, or `Handed`.
        context: where the stack is deployed.
        exports: how an export is found by its name.

    Attributes:
        nested: by logical id of a nested stack that is known, how the value of one of its outputs is found.
    """

    def __init__(
        self,
        template: Template,
        values: MappingABC[str, Any],
        context: Context,
        exports: Exports = unknown_export,
    ) -> None:
        self.template = template
        self.context = context
        self.exports = exports
        self.values = values
        self.nested: dict[str, Callable[[str], Value]] = {}
        self._conditions: dict[str, bool | Symbol] = {}
        self._open: list[str] = []
        self._calls = 0
        self._made = 0

    def parameter(self, name: str) -> Value:
        """Return the value of a declared parameter."""
        value = self.values[name]
        return _known_text(value.find() if isinstance(value, Handed) else value)

    def pseudo(self, name: str, mark: Mark) -> Value:
        """Return a pseudo parameter.

        Raises:
            InputError: there is no pseudo parameter of that name.
        """
        if name not in PSEUDO_PARAMETERS:
            raise error(f"unknown pseudo parameter '{name}'{suggestion(name, PSEUDO_PARAMETERS)}", mark)
        return NO_VALUE if name == "AWS::NoValue" else self.context.pseudo(name)

    def condition(self, name: str, mark: Mark) -> bool | Symbol:
        """Return whether a named condition holds, or a symbol where that is not known before deployment.

        Raises:
            InputError: no such condition, or one that depends on itself.
        """
        if name in self._conditions:
            return self._conditions[name]
        node = self.template.conditions.get(name)
        if node is None:
            near = suggestion(name, self.template.conditions)
            raise error(
                f"unresolved condition dependency {name}{near}", mark, f"unresolved condition dependency {name}"
            )
        if name in self._open:
            cycle = " -> ".join([*self._open[self._open.index(name) :], name])
            between = f"{self._open[-1]} and {name}"
            wording = f"Found circular condition dependency between {between}"
            raise error(f"circular dependency between conditions: {cycle}", mark, wording)
        self._open.append(name)
        try:
            truth = self.truth(node)
            self._conditions[name] = Condition(self.context.stack, name, truth) if isinstance(truth, Symbol) else truth
        finally:
            self._open.pop()
        return self._conditions[name]

    def truth(self, node: Node) -> bool | Symbol:
        """Return whether a condition expression holds.

        Raises:
            InputError: the expression is not a condition.
        """
        if isinstance(node, Mapping) and list(node.entries) == ["Condition"]:
            return self.condition(text_argument(node.entries["Condition"], "Condition"), node.mark)
        value = self.resolve(node)
        if isinstance(value, bool | Symbol):
            return value
        if value in ("true", "false"):
            return value == "true"
        message = "a condition must be a boolean: use Fn::And, Fn::Equals, Fn::Not, Fn::Or or Condition"
        raise InputError(f"Template error: {message}", node.mark, CONDITION)

    def block(self, node: Mapping, path: str = "") -> Block:
        """Return named nodes as values that resolve when they are read."""
        return Block(node, self.resolve, path)

    def resolve(self, node: Node, path: str = "") -> Value:
        """Return the value of a node.

        Parameters:
            node: data or a function.
            path: dotted property path of the value, for messages.

        Raises:
            InputError: a function is used as CloudFormation does not allow.
        """
        if isinstance(node, Scalar):
            return _known_text(node.value)
        if isinstance(node, Sequence):
            return Items(node, self.resolve, path)
        call = function_of(node)
        if call is None:
            return self.block(node, path)
        return self._call(call[0], call[1], node.mark, path)

    def _call(self, name: str, argument: Node, mark: Mark, path: str) -> Value:
        # Imported here: the functions need this class, and only a template that calls one needs them.
        from stackproof.resolve.functions import FUNCTIONS

        function = FUNCTIONS.get(name)
        if function is None:
            raise unsupported(name, suggestion(name, FUNCTIONS), mark)
        self._calls += 1
        try:
            if self._calls > MAX_CALLS:
                raise error(f"more than {MAX_CALLS} functions and conditions inside of each other", mark)
            value = function(argument, self, path)
        finally:
            self._calls -= 1
        self._made += weight(value)
        if self._made > MAX_TEXTS:
            raise error(f"the functions of this template make more than {MAX_TEXTS:,} characters", mark)
        return value


def text_argument(node: Node, function: str, wording: str | None = None) -> str:
    """Return a literal string argument; CloudFormation's wording, where it is known, goes with the error.

    Raises:
        InputError: the argument is not a literal string.
    """
    if not isinstance(node, Scalar):
        raise error(f"{function} needs a literal string here", node.mark, wording)
    return node.text


def _known_text(value: Any) -> Value:
    """Return a value, a dynamic reference in its text as the symbol that it is."""
    known: Value = join((value,)) if isinstance(value, str) and "{{resolve:" in value else value
    return known
