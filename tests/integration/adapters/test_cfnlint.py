"""``cfn-lint --append-rules policies/adapters/cfnlint``."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.adapters.conftest import DATABASE, PARENT, REFUSED, WAIVER, Ran, Tool

WATCHED = ("E9301", "E9103")


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "database.yaml"
    path.write_text(DATABASE)
    return path


def ours(ran: Ran, *ids: str) -> list[dict[str, Any]]:
    return [match for match in ran.json if match["Rule"]["Id"] in (ids or WATCHED)]


def place(match: dict[str, Any]) -> tuple[str, int, int, list[str | int]]:
    location = match["Location"]
    return match["Rule"]["Id"], location["Start"]["LineNumber"], location["Start"]["ColumnNumber"], location["Path"]


def test_match_names_rule_line_column_and_path(tool: Tool, template: Path) -> None:
    """The path leads through the branch of the condition that is wrong, so that editors underline the value itself."""
    rule = ["Resources", "Group", "Properties", "SecurityGroupIngress", "Fn::If", 1, 0, "CidrIp"]
    ran = tool("cfn-lint", template, "--format", "json")
    assert [place(match) for match in ours(ran)] == [
        ("E9301", 17, 7, ["Resources", "Database", "Properties", "StorageEncrypted"]),
        ("E9103", 27, 13, rule),
    ]
    assert ran.code & 2


def test_message_says_what_when_and_how_to_mend(tool: Tool, template: Path) -> None:
    (match,) = ours(tool("cfn-lint", template, "--format", "json"), "E9301")
    assert match["Message"] == (
        "Database.StorageEncrypted: its storage is not encrypted (when Encrypted=false). Set StorageEncrypted to true; "
        "an existing database is encrypted by restoring an encrypted snapshot."
    )
    assert match["Level"] == "Error"
    assert match["Filename"] == str(template)
    assert match["Rule"]["ShortDescription"] == "Database storage is encrypted at rest"


def test_severity_is_the_letter(tool: Tool, template: Path) -> None:
    """Those of low severity are informational, which cfn-lint shows on demand."""
    usual = {match["Rule"]["Id"] for match in tool("cfn-lint", template, "--format", "json").json}
    asked = {match["Rule"]["Id"] for match in tool("cfn-lint", template, "-c", "I", "--format", "json").json}
    assert {"E9301", "W9306"} <= usual
    assert not {id_ for id_ in usual if id_.startswith("I9")}
    assert "I9903" in asked


def test_unproven_is_told(tool: Tool, tmp_path: Path) -> None:
    path = tmp_path / "unknown.yaml"
    path.write_text(DATABASE.replace("!Ref Encrypted\n", "!ImportValue Encrypted\n"))
    (match,) = ours(tool("cfn-lint", path, "--format", "json"), "E9301")
    assert match["Message"].startswith("Database.StorageEncrypted: Unproven: ")


def test_checks_are_ignored_on_the_command_line(tool: Tool, template: Path) -> None:
    assert [match["Rule"]["Id"] for match in ours(tool("cfn-lint", template, "-i", "E93", "--format", "json"))] == [
        "E9103"
    ]


@pytest.mark.parametrize(
    ("metadata", "left"),
    [
        ("Metadata: {cfn-lint: {config: {ignore_checks: [E9103]}}}\n", ["E9301"]),
        ("Metadata: {cfn-lint: {config: {configure_rules: {E9301: {fail_on: declared}}}}}\n", ["E9301", "E9103"]),
    ],
    ids=["ignored", "declared values count"],
)
def test_metadata_of_the_template_configures(tool: Tool, tmp_path: Path, metadata: str, left: list[str]) -> None:
    path = tmp_path / "database.yaml"
    path.write_text(metadata + DATABASE)
    assert [match["Rule"]["Id"] for match in ours(tool("cfn-lint", path, "--format", "json"))] == left


def test_metadata_of_a_resource_ignores_there_only(tool: Tool, tmp_path: Path) -> None:
    """Also where the line that is shown belongs to another resource."""
    ignored = "    Metadata: {cfn-lint: {config: {ignore_checks: [E9301]}}}\n    Type: AWS::RDS::DBInstance\n"
    second = DATABASE.partition("  Database:\n")[2].partition("  Group:\n")[0]
    path = tmp_path / "database.yaml"
    path.write_text(DATABASE.replace("    Type: AWS::RDS::DBInstance\n", ignored) + "  Second:\n" + second)
    matches = ours(tool("cfn-lint", path, "--format", "json"), "E9301")
    assert [match["Location"]["Path"][1] for match in matches] == ["Second"]


def test_values_that_no_constraint_excludes_need_not_count(tool: Tool, tmp_path: Path) -> None:
    path = tmp_path / "database.yaml"
    path.write_text(DATABASE.replace("    AllowedValues: ['true', 'false']\n", ""))
    arguments = ("cfn-lint", path, "--format", "json")
    assert [match["Rule"]["Id"] for match in ours(tool(*arguments), "E9301")] == ["E9301"]
    assert ours(tool(*arguments, "-x", "E9301:fail_on=declared"), "E9301") == []


def test_template_from_standard_input(tool: Tool) -> None:
    matches = ours(tool("cfn-lint", "--format", "json", given=DATABASE))
    assert [place(match)[:3] for match in matches] == [("E9301", 17, 7), ("E9103", 27, 13)]


def test_json_and_several_files(tool: Tool, tmp_path: Path) -> None:
    """Each file is judged by itself."""
    (tmp_path / "one.json").write_text('{"Resources": {\n "Data": {"Type": "AWS::RDS::DBInstance"}}}\n')
    (tmp_path / "two.yaml").write_text(DATABASE)
    matches = ours(tool("cfn-lint", "one.json", "two.yaml", "--format", "json"), "E9301")
    assert [(match["Filename"], *place(match)[1:3]) for match in matches] == [("one.json", 2, 2), ("two.yaml", 17, 7)]


def test_template_that_stackproof_refuses_is_an_error(tool: Tool, tmp_path: Path) -> None:
    path = tmp_path / "refused.json"
    path.write_text(REFUSED)
    ran = tool("cfn-lint", path, "--format", "json")
    (match,) = ours(ran, "E9100")
    assert place(match)[1:3] == (1, REFUSED.index('"Propertys"') + 1)
    assert "Invalid template resource property 'Propertys'" in match["Message"]


def test_rules_that_cannot_be_loaded_stop_cfn_lint(tool: Tool, template: Path, broken: str) -> None:
    ran = tool("cfn-lint", template, PYTHONPATH=broken)
    assert ran.code == 1
    assert "stackproof lacks something" in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(("year", "found"), [("2999", []), ("2020", ["E9301", "E9100"])], ids=["standing", "expired"])
def test_waivers_of_the_template_hold(tool: Tool, tmp_path: Path, year: str, found: list[str]) -> None:
    """As long as they last; then what was waived is told again, and the waiver too."""
    path = tmp_path / "database.yaml"
    path.write_text(WAIVER.replace("YEAR", year) + DATABASE)
    matches = ours(tool("cfn-lint", path, "--format", "json"), "E9301", "E9100")
    assert sorted(match["Rule"]["Id"] for match in matches) == sorted(found)


def test_nested_stack_is_judged_with_its_parameters(tool: Tool, template: Path, tmp_path: Path) -> None:
    """Where the parent names it; the message says which line of the nested template is wrong."""
    (tmp_path / "parent.yaml").write_text(PARENT)
    (match,) = ours(tool("cfn-lint", "parent.yaml", "--format", "json"), "E9103")
    assert place(match) == ("E9103", 5, 7, ["Resources", "Inner", "Properties", "TemplateURL"])
    assert "database.yaml:27 Group.SecurityGroupIngress.0.CidrIp: " in match["Message"]
