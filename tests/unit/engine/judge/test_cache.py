"""Results are kept by content, and a cache that cannot be used never changes a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.cache import Cache, fingerprint


def test_an_answer_is_found_under_its_key(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(cache.key("a", "b"), {"answer": 42})
    assert Cache(tmp_path).get(cache.key("a", "b")) == {"answer": 42}


@pytest.mark.parametrize(("left", "right"), [(("ab", "c"), ("a", "bc")), (("a",), ("a", ""))])
def test_keys_of_other_parts_differ(tmp_path: Path, left: tuple[str, ...], right: tuple[str, ...]) -> None:
    cache = Cache(tmp_path)
    assert cache.key(*left) != cache.key(*right)


def test_another_engine_finds_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "engine 1")
    cache.put(cache.key("a"), 1)
    other = Cache(tmp_path, "engine 2")
    assert other.get(other.key("a")) is None


def test_a_damaged_entry_counts_as_absent(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    key = cache.key("a")
    cache.put(key, 1)
    next(path for path in tmp_path.rglob("*") if path.is_file()).write_text("{")
    assert cache.get(key) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file")
    cache.put(cache.key("a"), 1)
    assert cache.get(cache.key("a")) is None


def test_without_a_folder_nothing_is_kept() -> None:
    cache = Cache(None)
    cache.put(cache.key("a"), 1)
    assert cache.get(cache.key("a")) is None


def test_the_fingerprint_changes_with_every_source(tmp_path: Path) -> None:
    (tmp_path / "policy.py").write_text("a = 1")
    before = fingerprint([tmp_path])
    (tmp_path / "helper.py").write_text("b = 2")
    between = fingerprint([tmp_path])
    (tmp_path / "policy.py").write_text("a = 2")
    assert len({before, between, fingerprint([tmp_path])}) == 3


def test_old_entries_are_pruned_and_new_ones_kept(tmp_path: Path) -> None:
    import os

    cache = Cache(tmp_path)
    cache.put(cache.key("old"), 1)
    entry = next(path for path in tmp_path.rglob("*") if path.is_file())
    os.utime(entry, (0, 0))
    cache.put(cache.key("new"), 2)
    cache.prune()
    assert cache.get(cache.key("old")) is None
    assert cache.get(cache.key("new")) == 2
