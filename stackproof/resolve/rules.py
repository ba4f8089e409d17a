"""The ``Rules`` section: what the values of several parameters must satisfy together.

Source: "Rules" and "Rule-specific intrinsic functions" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from stackproof.errors import InputError
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.marks import Mark
from stackproof.resolve.functions.arguments import arguments, sequence
from stackproof.resolve.scope import Scope, text_argument
from stackproof.resolve.values import Value, as_text
from stackproof.symbols import Deferred, Symbol


def check_rules(scope: Scope) -> None:
    """Check every rule of a template against the values that were bound.

    Raises:
        InputError: an assertion does not hold; the message is its ``AssertDescription``.
    """
    for broken in broken_rules(scope):
        raise broken


def broken_rules(scope: Scope) -> Iterator[InputError]:
    """Iterate over the assertions that do not hold, as errors; what nobody can decide holds.

    Raises:
        InputError: a rule is wrong in itself.
    """
    ruled = scope if isinstance(scope, RuleScope) else RuleScope(scope)
    for name, rule in scope.template.rules.items():
        condition = rule.get("RuleCondition")
        if condition is not None and ruled.truth(condition) is not True:
            continue
        assertions = rule.get("Assertions")
        for assertion in assertions.items if isinstance(assertions, Sequence) else ():
            broken = _broken_assertion(name, assertion, ruled)
            if broken is not None:
                yield broken


def _broken_assertion(name: str, assertion: Node, scope: Scope) -> InputError | None:
    test = assertion.get("Assert") if isinstance(assertion, Mapping) else None
    if not isinstance(assertion, Mapping) or test is None:
        raise InputError(f"Template format error: rule {name} has an assertion without Assert", assertion.mark)
    if scope.truth(test) is not False:
        return None
    description = assertion.get("AssertDescription")
    words = description.text if isinstance(description, Scalar) else "an assertion does not hold"
    return InputError(f"Rule {name}: {words}", assertion.mark, words)


class RuleScope(Scope):
    """A scope that knows the functions which exist in rules only."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope.template, scope.values, scope.context, scope.exports)

    def _call(self, name: str, argument: Node, mark: Mark, path: str) -> Value:
        function = _FUNCTIONS.get(name)
        return function(argument, self) if function else super()._call(name, argument, mark, path)


def _lists(name: str, node: Node, scope: Scope) -> tuple[tuple[Value, ...] | Symbol, Node]:
    demand = f"every {name} object requires two parameters, a list of strings and what it is compared with"
    first, second = arguments(node, (2,), demand)
    return sequence(first, scope, demand), second


def _each_member_in(node: Node, scope: Scope) -> Value:
    left, second = _lists("Fn::EachMemberIn", node, scope)
    right = sequence(second, scope, "Fn::EachMemberIn requires two lists")
    if isinstance(left, Symbol) or isinstance(right, Symbol):
        return Deferred("Fn::EachMemberIn", (left, right))
    return _all(Deferred("Fn::EachMemberIn", (left, right)), left, right)


def _each_member_equals(node: Node, scope: Scope) -> Value:
    left, second = _lists("Fn::EachMemberEquals", node, scope)
    wanted = scope.resolve(second)
    if isinstance(left, Symbol):
        return Deferred("Fn::EachMemberEquals", (left, wanted))
    return _all(Deferred("Fn::EachMemberEquals", (left, wanted)), left, (wanted,))


def _contains(node: Node, scope: Scope) -> Value:
    left, second = _lists("Fn::Contains", node, scope)
    wanted = scope.resolve(second)
    if isinstance(left, Symbol):
        return Deferred("Fn::Contains", (left, wanted))
    return _all(Deferred("Fn::Contains", (left, wanted)), (wanted,), left)


def _all(unknown: Symbol, members: tuple[Value, ...], permitted: tuple[Value, ...]) -> Value:
    known = {as_text(value) for value in permitted if not isinstance(value, Symbol)}
    open_ended = len(known) < len({as_text(value) for value in permitted})
    undecided = False
    for member in members:
        if member in permitted or (not isinstance(member, Symbol) and as_text(member) in known):
            continue
        if isinstance(member, Symbol) or open_ended:
            undecided = True
        else:
            return False
    return unknown if undecided else True


def _ref_all(node: Node, scope: Scope) -> Value:
    """``Fn::RefAll``: all values of an AWS-specific type in the account: known only there."""
    return Deferred("Fn::RefAll", (text_argument(node, "Fn::RefAll"),))


def _value_of(name: str, node: Node) -> Value:
    """``Fn::ValueOf`` and ``Fn::ValueOfAll``: attributes of what exists in the account: known only there."""
    first, second = arguments(node, (2,), f"every {name} object requires a parameter and an attribute")
    return Deferred(name, (text_argument(first, name), text_argument(second, name)))


_FUNCTIONS: dict[str, Callable[[Node, Scope], Value]] = {
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_member_equals,
    "Fn::EachMemberIn": _each_member_in,
    "Fn::RefAll": _ref_all,
    "Fn::ValueOf": lambda node, scope: _value_of("Fn::ValueOf", node),
    "Fn::ValueOfAll": lambda node, scope: _value_of("Fn::ValueOfAll", node),
}
