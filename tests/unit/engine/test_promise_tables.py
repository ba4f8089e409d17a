"""Promises are read from their table, and what proves them from the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.errors import InputError
from stackproof.promises import Proof, load_promises, proofs

TABLE = """\
# Promises
| id | promise | policies |
|---|---|---|
| AB-01 | a door | SP101, SP102 |
| AB-02 | a lock \\| key | |
| AB-03 | a bell |

## Not proven here
| id | reason |
|---|---|
| AB-03 | it comes later |
"""
TESTS = """\
import pytest

pytestmark = [pytest.mark.systems("house"), pytest.mark.environments("prod")]


@pytest.mark.promise("AB-01", "AB-02")
@pytest.mark.environments("dev", "test")
def test_door(deployment): ...


@pytest.mark.promise("AB-02")
def test_lock(deployment): ...


@pytest.mark.promise("AB-09")
def helper(): ...
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "promises.md").write_text(TABLE)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_house.py").write_text(TESTS)
    return tmp_path


def test_table(here: Path) -> None:
    """Policies and reasons are optional; a bar inside of a cell is escaped."""
    assert [(p.id, p.text, p.policies, p.reason, p.mark.line) for p in load_promises(Path("docs/promises.md"))] == [
        ("AB-01", "a door", ("SP101", "SP102"), "", 4),
        ("AB-02", "a lock \\| key", (), "", 5),
        ("AB-03", "a bell", (), "it comes later", 6),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{TABLE}| AB-04 | nobody knows |\n", "docs/promises.md:12: AB-04 is no promise"),
        (f"{TABLE}| AB-03 | again |\n", "docs/promises.md:12: AB-03 stands twice"),
        ("| AB-01 | a |\n| AB-01 | b |\n", "docs/promises.md:2: AB-01 stands twice"),
    ],
)
def test_wrong_tables_are_refused(here: Path, text: str, message: str) -> None:
    Path("docs/promises.md").write_text(text)
    with pytest.raises(InputError) as caught:
        load_promises(Path("docs/promises.md"))
    assert str(caught.value) == message


def test_missing_table_is_one_line(here: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be read: No such file or directory"):
        load_promises(Path("none.md"))


def test_tests_that_carry_promises(here: Path) -> None:
    """The marker of a test wins over its module's; what is no test proves nothing."""
    door = Proof("tests/test_house.py::test_door", ("dev", "test"))
    lock = Proof("tests/test_house.py::test_lock", ("prod",))
    assert proofs(Path("tests")) == {"AB-01": (door,), "AB-02": (door, lock)}
