"""Waivers, baselines and packs from the shell."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

TEMPLATE = """\
Description: A database.
{metadata}Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      StorageEncrypted: false
"""
IN_METADATA = """\
Metadata:
  stackproof:
    waivers:
      - policy: SP301
        resource: Database
        reason: Replaced by an encrypted copy in spring
        owner: data team
        expiry: {expiry}
"""
IN_FILE = """\
waivers:
  - policy: SP301
    template: db.yaml
    resource: Database
    reason: Replaced by an encrypted copy in spring
    owner: data team
    expiry: {expiry}
"""
NOW = datetime.now(UTC).date()
NEXT_YEAR = NOW + timedelta(days=365)
SAID = f"until {NEXT_YEAR} by data team: Replaced by an encrypted copy in spring"


def write(folder: Path, metadata: str = "", expiry: object = NEXT_YEAR) -> Path:
    path = folder / "db.yaml"
    path.write_text(TEMPLATE.format(metadata=metadata.format(expiry=expiry)))
    return path


def test_a_waiver_in_the_template_is_listed_and_counted(stackproof: Any, tmp_path: Path) -> None:
    write(tmp_path, IN_METADATA)
    ran = stackproof("check", "db.yaml")
    assert "FAIL high SP301" not in ran.out
    assert f"waived\n  SP301 db.yaml:14 Database.StorageEncrypted\n    {SAID}\n" in ran.out
    assert "; 1 waived; " in ran.out.splitlines()[-1]


def test_a_file_of_waivers_does_the_same(stackproof: Any, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "waivers.yaml").write_text(IN_FILE.format(expiry=NEXT_YEAR))
    ran = stackproof("check", "db.yaml")
    assert f"waived\n  SP301 db.yaml:6 Database.StorageEncrypted\n    {SAID}\n" in ran.out


def test_an_expired_waiver_fails_with_its_place(stackproof: Any, tmp_path: Path) -> None:
    write(tmp_path, IN_METADATA, NOW - timedelta(days=2))
    ran = stackproof("check", "db.yaml")
    assert ran.code == 1
    assert "FAIL high SP301 db.yaml:14 StorageEncrypted" in ran.out
    assert "FAIL high WAIVER-EXPIRED db.yaml:5\n" in ran.out


def test_every_format_knows_what_is_waived(stackproof: Any, tmp_path: Path) -> None:
    write(tmp_path, IN_METADATA)
    [waived] = json.loads(stackproof("check", "db.yaml", "-f", "json").out)["waived"]
    assert (waived["finding"]["rule"], waived["waiver"]["owner"], waived["waiver"]["expiry"]) == (
        "SP301",
        "data team",
        NEXT_YEAR.isoformat(),
    )
    results = json.loads(stackproof("check", "db.yaml", "-f", "sarif").out)["runs"][0]["results"]
    assert {
        result["ruleId"]: [(found["kind"], found["justification"]) for found in result["suppressions"]]
        for result in results
        if "suppressions" in result
    } == {"SP301": [("inSource", SAID)]}
    junit = ET.fromstring(stackproof("check", "db.yaml", "-f", "junit").out)
    assert [skipped.get("message") for skipped in junit.iter("skipped")] == [f"db.yaml:14: waived {SAID}"]
    assert "SP301" not in stackproof("check", "db.yaml", "-f", "github").out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("waivers: [", "stackproof: w.yaml:1: not well-formed YAML or JSON: "),
        ("- a", "stackproof: w.yaml:1: a file of waivers is a mapping with the one key 'waivers'"),
        ("", "stackproof: w.yaml:1: empty file"),
    ],
)
def test_a_file_that_holds_no_waivers_is_one_line(stackproof: Any, tmp_path: Path, content: str, message: str) -> None:
    write(tmp_path)
    (tmp_path / "w.yaml").write_text(content)
    ran = stackproof("check", "db.yaml", "--waivers", "w.yaml")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith(message)


def test_a_file_of_waivers_that_is_not_there_is_wrong_usage(stackproof: Any, tmp_path: Path) -> None:
    write(tmp_path)
    ran = stackproof("check", "db.yaml", "--waivers", "absent.yaml")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "absent.yaml" in ran.err


# --- Baselines. ---


def test_old_findings_pass_and_new_ones_fail(stackproof: Any, tmp_path: Path) -> None:
    path = write(tmp_path)
    written = stackproof("check", ".", "--baseline", "known.yaml", "--write-baseline")
    assert (written.code, written.out.splitlines()[-1].startswith("PASSED policies: ")) == (0, True)
    path.write_text(f"# A line more.\n{path.read_text()}")
    assert stackproof("check", ".", "--baseline", "known.yaml").code == 0
    path.write_text(
        f"{path.read_text()}  Queue: {{Type: AWS::SQS::Queue, Properties: {{SqsManagedSseEnabled: false}}}}\n"
    )
    ran = stackproof("check", ".", "--baseline", "known.yaml", "-f", "json")
    assert ran.code == 1
    assert {finding["resource"] for finding in json.loads(ran.out)["findings"]} == {"Queue"}


def test_what_is_gone_is_said(stackproof: Any, tmp_path: Path) -> None:
    path = write(tmp_path)
    stackproof("check", ".", "--baseline", "known.yaml", "--write-baseline")
    path.write_text(path.read_text().replace("Encrypted: false", "Encrypted: true"))
    ran = stackproof("check", ".", "--baseline", "known.yaml")
    assert ran.code == 0
    assert "  gone: SP301 db.yaml Database.StorageEncrypted\n" in ran.out


def test_a_baseline_is_found_from_another_folder(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path)
    stackproof("check", "db.yaml", "--baseline", "known.yaml", "--write-baseline")
    assert stackproof("check", "../db.yaml", "--baseline", "../known.yaml", cwd=tmp_path / "sub").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--baseline", "absent.yaml"], "no baseline 'absent.yaml'; --write-baseline writes it"),
        (["--write-baseline"], "--write-baseline needs --baseline FILE"),
        (["--baseline", "db.yaml"], "db.yaml:1: a baseline begins with the line 'findings:'"),
        (["--baseline", "/dev/full/x", "--write-baseline"], "cannot write /dev/full/x: "),
        (["--pack", "fsb"], "no policy belongs to a pack 'fsb'; did you mean 'fsbp'?; see stackproof list packs"),
    ],
)
def test_wrong_usage_is_one_line(stackproof: Any, tmp_path: Path, arguments: list[str], message: str) -> None:
    write(tmp_path)
    ran = stackproof("check", "db.yaml", *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"stackproof: {message}")


# --- Packs. ---


def test_a_pack_asks_its_policies_only(stackproof: Any, tmp_path: Path) -> None:
    write(tmp_path)
    rules = json.loads(stackproof("check", "db.yaml", "--pack", "cis", "-f", "json").out)["rules"]
    assert rules
    assert all(any(control.startswith("CIS ") for control in rule["controls"]) for rule in rules)


def test_another_pack_is_asked_anew_after_a_cached_run(stackproof: Any, tmp_path: Path) -> None:
    write(tmp_path)
    all_of_them, cis, again = (
        stackproof("check", "db.yaml", "-f", "github", *packs).out for packs in ([], ["--pack", "cis"], [])
    )
    assert all_of_them == again != cis


def test_packs_are_listed_with_their_policies(stackproof: Any) -> None:
    packs = [line.split()[0] for line in stackproof("list", "packs").out.splitlines()]
    assert packs == ["cis", "fsbp", "nist", "stackproof"]
    listed = stackproof("list", "policies", "--pack", "cis").out.splitlines()
    assert 0 < len(listed) < len(stackproof("list", "policies").out.splitlines())


def test_only_policies_have_packs(stackproof: Any) -> None:
    ran = stackproof("list", "systems", "--pack", "cis")
    assert (ran.code, ran.err) == (2, "stackproof: --pack restricts policies, not systems\n")
