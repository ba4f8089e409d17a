"""What a start script runs when all goes well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stackproof.simulate.cloudformation.shell import commands_of


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("a b; c 'd e'\nf", ["a b", "c d e", "f"]),
        ("a \\\n  b", ["a b"]),
        ("# a\nb # c\nd#e", ["b", "d#e"]),
        ("a && b || c", ["a", "b"]),
        ("false || a; false && b; ! false && c", ["a", "c"]),
        ("a | b", ["a", "b"]),
        ("a 2>&1 &>/dev/null &\nb", ["a 2>&1 &>/dev/null", "b"]),
        ("cat >f <<'END'\na; exit 1\nEND\nb", ["cat >f", "b"]),
        ("a <<< b", ["a <<< b"]),
        ('A=b; export C="$A-c"; run $C ${A}x "$D" \'$A\'', ["run b-c bx $D $A"]),
        ("V=$(f | g); h $V", ["h $V"]),
        ('a "$(b "c" | d)" `e; f`', ['a $(b "c" | d) `e; f`']),
        ("sudo -E X=1 a", ["a"]),
        ("bash -c 'a; b'", ["a", "b"]),
        ("(cd d; a) && b", ["cd d", "a", "b"]),
        ("(exit 1) || a", ["a"]),
    ],
)
def test_commands(script: str, commands: list[str]) -> None:
    assert [" ".join(command) for command in commands_of(script)] == commands


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("if a; then b; else c; fi", ["a", "b"]),
        ("if ! a; then b; exit 1; fi; c", ["a", "c"]),
        ("if false; then a; elif b; then c; else d; fi", ["b", "c"]),
        # Nobody knows how a test ends: the branch that gives up is not the good end.
        ('if [ -z "$A" ]; then a; exit 1; fi; b', ["b"]),
        ("if [[ $A == 1 ]]; then a; exit 1; else b; fi", ["b"]),
        ("if [ 1 ]; then a; fi", ["a"]),
        ("[ -f x ] || exit 1\na", ["a"]),
        ("for i in 1 2 3; do a && break || sleep 5; done; b", ["a", "break", "b"]),
        ("until a; do sleep 1; done; b", ["sleep 1", "b"]),
        ("case $A in x) a;; *) b; exit 1;; esac; c", ["c"]),
    ],
)
def test_branches(script: str, commands: list[str]) -> None:
    assert [" ".join(command) for command in commands_of(script)] == commands


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("f() { a; }\nb; f", ["b", "a"]),
        ("function f\n{\n  a\n  exit 1\n}\nb || f\nc", ["b", "c"]),
        ("f() { a; return 1; b; }; f || c; d", ["a", "c", "d"]),
        ("f() { f; }; f; a", ["a"]),
    ],
)
def test_functions(script: str, commands: list[str]) -> None:
    assert [" ".join(command) for command in commands_of(script)] == commands


@pytest.mark.parametrize(
    ("script", "commands"),
    [
        ("a; exit 0; b", ["a"]),
        ("trap 'b $?' EXIT; a", ["a", "b 0"]),
        # It tries until it succeeds; only in the bad end does it give up.
        (
            "trap 'd $?' EXIT; ok() { [ 1 ]; }\na; while [ 1 ]; do b; if ok && ok; then exit 0; fi; done; c; exit 1",
            ["a", "b", "d 0"],
        ),
        ("trap 'b $?' EXIT; a; exit 3", ["a", "b 1"]),
        ("trap f EXIT; f() { b; }; a", ["a", "b"]),
        ("trap 'b' INT; a", ["a"]),
        ("trap 'b' EXIT; trap - EXIT; a", ["a"]),
    ],
)
def test_the_end_of_a_script(script: str, commands: list[str]) -> None:
    assert [" ".join(command) for command in commands_of(script)] == commands


@given(
    st.text(alphabet="ab $'\"`\\;&|(){}#<>\n!=")
    | st.lists(
        st.sampled_from(
            [
                "if",
                "then",
                "else",
                "fi",
                "for",
                "do",
                "done",
                "case",
                "esac",
                "in",
                "{",
                "}",
                "(",
                ")",
                "!",
                ";",
                "\n",
                "a",
                "f()",
                "function",
                "trap",
                "<<E",
                "E",
                "&&",
                "||",
                "$(",
                "exit",
            ]
        )
    ).map(" ".join)
)
def test_any_text_is_read(script: str) -> None:
    """Start scripts are other people's text: whatever they hold, they are read to their end."""
    commands_of(script)
