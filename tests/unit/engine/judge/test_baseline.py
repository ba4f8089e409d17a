"""How known findings are recognised, written down and taken out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from stackproof import InputError
from stackproof.findings import Finding, Rule, Severity, Verdict
from stackproof.judge.baseline import Baseline, compare, read, renewed, told, write
from stackproof.marks import Mark

FINDING = Finding(
    rule=Rule("SP301", "Database storage is encrypted at rest", Severity.HIGH),
    verdict=Verdict.FAIL,
    message="its storage is not encrypted",
    fix="Set StorageEncrypted to true.",
    mark=Mark("infra/db.yaml", 5, 7),
    resource="Database",
    path="StorageEncrypted",
    template="infra/db.yaml",
)
IN_SYSTEM = replace(FINDING, system="shop", layer="database", environments=("dev", "prod"))
KEY = ("SP301", "db.yaml", "Database", "StorageEncrypted", "fail", "")
TEXT = """\
# Findings that are known: `stackproof check --baseline` lets these pass, and no others.
# Lines may be deleted, and should become fewer; --write-baseline writes the file anew.
findings:
- {"policy": "SP301", "template": "db.yaml", "resource": "Database", "path": "StorageEncrypted", "verdict": "fail"}
- {"policy": "SP301", "template": "db.yaml", "resource": "Replica", "path": "StorageEncrypted", "verdict": "fail", \
"system": "shop", "environments": ["dev", "prod"]}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "infra").mkdir()
    return tmp_path


def known(*findings: Finding) -> Baseline:
    """Return the baseline of some findings, which lies beside their templates."""
    empty = Baseline(Path("infra/known.yaml"))
    return renewed(empty, compare(findings, empty, lambda key, template: True), findings)


def test_a_baseline_is_sorted_readable_and_read_back() -> None:
    baseline = known(replace(IN_SYSTEM, resource="Replica"), FINDING)
    write(baseline)
    assert baseline.path.read_text() == TEXT
    assert read(baseline.path) == baseline


def test_an_empty_baseline_is_read_back() -> None:
    write(known())
    assert read(Path("infra/known.yaml")).entries == {}


def test_it_is_yaml() -> None:
    import yaml

    write(known(replace(FINDING, path='a: "b" #\x1b')))
    [entry] = yaml.safe_load(Path("infra/known.yaml").read_text())["findings"]
    assert entry["path"] == 'a: "b" #\x1b'


@pytest.mark.parametrize(
    "change",
    [
        {"mark": Mark("infra/db.yaml", 50, 1)},
        {"message": "reworded"},
        {"fix": "reworded"},
        {"witness": (("Encrypted", "false"),)},
        {"declared": False},
        {"template": "infra/systems/../db.yaml"},
    ],
)
def test_a_known_finding_is_recognised(change: dict[str, object]) -> None:
    moved = replace(FINDING, **change)  # type: ignore[arg-type]
    compared = compare([moved], known(FINDING), lambda key, template: True)
    assert (compared.new, compared.known, compared.gone) == ((), (moved,), {})


@pytest.mark.parametrize(
    "change",
    [
        {"rule": replace(FINDING.rule, id="SP302")},
        {"template": "infra/other.yaml"},
        {"resource": "Replica"},
        {"path": "KmsKeyId"},
        {"verdict": Verdict.UNPROVEN},
        {"system": "shop"},
    ],
)
def test_another_finding_is_new_and_the_known_one_is_gone(change: dict[str, object]) -> None:
    other = replace(FINDING, **change)  # type: ignore[arg-type]
    compared = compare([other], known(FINDING), lambda key, template: True)
    assert (compared.new, compared.known, compared.gone) == ((other,), (), {KEY: ()})


def test_what_is_known_in_one_environment_is_new_in_another() -> None:
    compared = compare([IN_SYSTEM], known(replace(IN_SYSTEM, environments=("dev",))), lambda key, template: True)
    assert [finding.environments for finding in compared.new] == [("prod",)]
    assert [finding.environments for finding in compared.known] == [("dev",)]


def test_what_is_mended_in_one_environment_is_gone_there() -> None:
    baseline = known(IN_SYSTEM)
    left = replace(IN_SYSTEM, environments=("dev",))
    compared = compare([left], baseline, lambda key, template: True)
    assert [told(key, names) for key, names in compared.gone.items()] == [
        "SP301 db.yaml Database.StorageEncrypted (shop prod)"
    ]
    assert renewed(baseline, compared, ()) == known(left)


def test_what_was_not_judged_is_not_gone_and_stays() -> None:
    baseline = known(FINDING)
    compared = compare([], baseline, lambda key, template: template.name != "db.yaml")
    assert compared.gone == {}
    assert renewed(baseline, compared, ()) == baseline


def test_a_renewed_baseline_holds_what_stands_and_not_what_is_gone() -> None:
    baseline, other = known(FINDING), replace(FINDING, resource="Replica")
    compared = compare([other], baseline, lambda key, template: True)
    assert renewed(baseline, compared, [other]) == known(other)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "known.yaml:1: empty baseline; --write-baseline writes it"),
        ("[]", "known.yaml:1: a baseline begins with the line 'findings:'"),
        ("findings:\n- SP301", 'known.yaml:2: an entry of a baseline is one line such as - {"policy": "SP301", …}'),
        ('findings:\n{"policy": "SP301"}', "known.yaml:2: an entry of a baseline is one line such as"),
        ('findings:\n- {"policy": "SP301"}', "known.yaml:2: the key 'template' is missing here"),
        ('findings:\n- {"polcy": "SP301"}', "known.yaml:2: unknown key 'polcy'; did you mean 'policy'?"),
        ('findings:\n\n- {"policy": 301}', "known.yaml:3: wrong value of 'policy'"),
        ("findings:\n- " + "[" * 100_000, "known.yaml:2: an entry of a baseline is one line such as"),
    ],
)
def test_a_baseline_that_is_wrong_is_refused_with_its_line(text: str, message: str) -> None:
    Path("known.yaml").write_text(text)
    with pytest.raises(InputError) as refused:
        read(Path("known.yaml"))
    assert str(refused.value).startswith(message)


def test_no_baseline_is_no_empty_one() -> None:
    with pytest.raises(InputError, match=r"^no baseline 'known.yaml'; --write-baseline writes it$"):
        read(Path("known.yaml"))
