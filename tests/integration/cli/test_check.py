"""`stackproof check` from the shell: exit codes, formats, places."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

BAD = """\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      StorageEncrypted: false
"""
POLICY = '''"""Topics are named."""

from stackproof.policy import Policy, Severity, problem

POLICY = Policy(
    id="OWN100",
    severity=Severity.CRITICAL,
    types=("AWS::SNS::Topic",),
    rationale="A name tells what it is for.",
    remediation="Set TopicName.",
)


def check(topic, deployment):
    if not topic.text("TopicName"):
        yield problem(topic, "TopicName", "it has no name")
'''
CLEAN = """\
Description: Nothing that any policy judges.
Metadata: {"AWS::CloudFormation::Interface": {ParameterGroups: []}}
Resources:
  Waiting: {Type: "AWS::CloudFormation::WaitConditionHandle"}
"""


def test_a_clean_template_exits_0(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "clean.yaml").write_text(CLEAN)
    ran = stackproof("check", "clean.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("PASSED policies: ")


def test_findings_exit_1_and_name_place_and_fix(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    ran = stackproof("check", "bad.yaml")
    assert ran.code == 1
    assert "FAIL high SP301 bad.yaml:5 StorageEncrypted" in ran.out
    assert "fix: Set StorageEncrypted to true" in ran.out


def test_a_second_run_answers_the_same_from_the_cache(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    first, second = (stackproof("check", "bad.yaml", "--format", "github").out for _ in range(2))
    assert first == second


def test_a_change_is_seen_after_a_cached_run(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    stackproof("check", "bad.yaml")
    (tmp_path / "bad.yaml").write_text(BAD.replace("false", "true"))
    assert "SP301" not in stackproof("check", "bad.yaml").out


def test_a_users_own_policies_are_asked_beside_ours(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "topic_named.py").write_text(POLICY)
    (tmp_path / "topic.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}\n")
    ran = stackproof("check", "topic.yaml", "--policies", "own")
    assert ran.code == 1
    assert "FAIL critical OWN100 topic.yaml:1 TopicName" in ran.out


def test_a_changed_policy_is_asked_again_after_a_cached_run(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "topic_named.py").write_text(POLICY)
    (tmp_path / "topic.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}\n")
    stackproof("check", "topic.yaml", "--policies", "own")
    (tmp_path / "own" / "topic_named.py").write_text(POLICY.replace("it has no name", "name it"))
    assert "name it" in stackproof("check", "topic.yaml", "--policies", "own").out


def test_json_sarif_and_junit_hold_the_finding(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    report = json.loads(stackproof("check", "bad.yaml", "--format", "json").out)
    assert ("SP301", "bad.yaml", 5) in {(f["rule"], f["file"], f["line"]) for f in report["findings"]}
    sarif = json.loads(stackproof("check", "bad.yaml", "--format", "sarif").out)
    assert "SP301" in {result["ruleId"] for result in sarif["runs"][0]["results"]}
    junit = ET.fromstring(stackproof("check", "bad.yaml", "--format", "junit").out)
    assert any("bad.yaml:5" in (failure.text or "") for failure in junit.iter("failure"))


def test_github_annotations_point_at_the_line(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    lines = stackproof("check", "bad.yaml", "--format", "github").out.splitlines()
    assert any(line.startswith("::error file=bad.yaml,line=5,col=7,title=SP301") for line in lines)


def test_a_report_can_go_into_a_file(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    ran = stackproof("check", "bad.yaml", "--format", "json", "--output", "out/report.json")
    assert (ran.code, ran.out) == (1, "")
    assert json.loads((tmp_path / "out" / "report.json").read_text())["stage"] == "policies"


def test_without_a_terminal_there_is_no_colour_and_no_bar(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    ran = stackproof("check", "bad.yaml")
    assert "\x1b" not in ran.out + ran.err


def test_results_do_not_depend_on_the_number_of_processes(stackproof: Any, tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"t{number:02}.yaml").write_text(BAD.replace("Database", f"Database{number}"))
    one, four = (stackproof("check", ".", "--no-cache", "-j", jobs, "-f", "github").out for jobs in ("1", "4"))
    assert one == four
    assert one.count("title=SP301") == 20


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("text.yaml", b"just words: and: more", "text.yaml:1: not well-formed YAML or JSON: mapping values are not"),
        ("empty.yaml", b"", "empty.yaml:1: empty file"),
        ("binary.yaml", bytes(range(256)) * 4, "binary.yaml:2: not UTF-8 text"),
        (
            "twice.yaml",
            b"Resources:\n  A: {Type: a}\n  A: {Type: b}\n",
            "twice.yaml:3: duplicate key 'A', first at line",
        ),
        ("deep.yaml", b"Resources: " + b"[" * 2000 + b"]" * 2000, "deep.yaml:1: nested more than 100 levels deep"),
        ("deep.json", b'{"a":' * 2000 + b"1" + b"}" * 2000, "deep.json:1: nested more than 100 levels deep"),
        (
            "huge.yaml",
            b"# " + b"x" * 50_000_000,
            "huge.yaml:1: file of 50,000,002 bytes; CloudFormation accepts at most",
        ),
        (
            "bomb.yaml",
            b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + b"".join(b"%c: &%c [%s]\n" % (98 + i, 98 + i, b",".join([b"*%c" % (97 + i)] * 10)) for i in range(9)),
            "bomb.yaml:6: more than 250,000 values once its aliases are expanded",
        ),
    ],
)
def test_bad_input_is_one_line_with_its_place_and_exit_code_2(
    stackproof: Any, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    ran = stackproof("check", name)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"stackproof: {message}")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chek"], "no command 'chek'; did you mean 'check'?"),
        (["check", "absent.yaml"], "absent.yaml:1: cannot be read: No such file or directory"),
        (["check", "--colour"], "No such option '--colour'"),
        (["list", "policies", "--policies", "absent"], "no folder 'absent' with policies"),
        (
            ["explain", "rds/storage_encryptd"],
            "no policy 'rds/storage_encryptd'; did you mean 'rds/storage_encrypted'?",
        ),
        (["simulate", "maticko"], "name a SYSTEM and an ENVIRONMENT, or --all"),
        (["render", "maticko", "prod"], "no system 'maticko' in cloudformation/systems"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(stackproof: Any, arguments: list[str], message: str) -> None:
    ran = stackproof(*arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert message in ran.err


def test_one_broken_input_does_not_hide_the_findings_of_the_others(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "broken.yaml").write_text("AWSTemplateFormatVersion: a: b")
    ran = stackproof("check", ".")
    assert ran.code == 2
    assert "SP301 bad.yaml:5" in ran.out
    assert ran.err.startswith("stackproof: broken.yaml:1: not well-formed")


def test_a_stage_that_refused_an_input_leaves_no_record(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    (tmp_path / "broken.yaml").write_text("AWSTemplateFormatVersion: a: b")
    stackproof("check", ".", "--record", "gate")
    assert not (tmp_path / "gate").exists()


def test_a_policy_that_ends_the_program_does_not_switch_the_gate_off(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "quits.py").write_text("import sys; sys.exit(0)\n")
    (tmp_path / "bad.yaml").write_text(BAD)
    ran = stackproof("check", "bad.yaml", "--policies", "own")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "stackproof: own/quits.py:1: cannot load this policy: SystemExit: 0\n"


def test_a_report_that_cannot_be_written_is_an_error(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    ran = stackproof("check", "bad.yaml", "--output", "/dev/full")
    assert (ran.code, ran.err) == (2, "stackproof: cannot write /dev/full: No space left on device\n")


def test_a_name_that_the_terminal_cannot_show_is_written_with_escapes(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "größe.yaml").write_text(BAD)
    ran = stackproof("check", "größe.yaml", PYTHONIOENCODING="ascii")
    assert ran.code == 1
    assert r"gr\xf6\xdfe.yaml:5" in ran.out


def test_one_mistake_in_a_template_of_a_system_is_said_once(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text(
        "system: s\nregion: us-east-1\nenvironments: {dev: {branch: d}}\nlayers: {a: {template: t.yaml}}\n"
    )
    (tmp_path / "t.yaml").write_text("Resources:\n  A: {Type: AWS::SNS::Topic}\n  A: {Type: AWS::SNS::Topic}\n")
    ran = stackproof("check", ".")
    assert (ran.code, ran.err) == (2, "stackproof: t.yaml:3: duplicate key 'A', first at line 2\n")


def test_a_full_terminal_is_no_traceback(stackproof: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(BAD)
    with Path("/dev/full").open("w") as full:
        ran = stackproof("check", "bad.yaml", stdout=full)
    assert (ran.code, ran.err) == (2, "stackproof: cannot write: No space left on device\n")
