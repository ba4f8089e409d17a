"""What events do not show: the values of NoEcho parameters."""

from __future__ import annotations

from typing import Any

import pytest

from stackproof.simulate.cloudformation.telling import masked


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("abc", "****"),
        ("abcd", "abcd"),
        ({"Value": ["abc", "abcd", 3]}, {"Value": ["****", "abcd", 3]}),
        ("postgres://sesame@host", "postgres://****@host"),
    ],
)
def test_a_short_secret_is_masked_as_a_whole_a_longer_one_wherever_it_stands(value: Any, shown: Any) -> None:
    """Three letters stand in many a word by chance."""
    assert masked(value, frozenset({"abc", "sesame"})) == shown
