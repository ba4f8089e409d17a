"""``checkov --external-checks-dir policies/adapters/checkov``."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.adapters.conftest import CHECKS, DATABASE, PARENT, REFUSED, WAIVER, Ran, Tool

GROUP, INSTANCE = "AWS::EC2::SecurityGroup.Group", "AWS::RDS::DBInstance.Database"


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "database.yaml"
    path.write_text(DATABASE)
    return path


def records(ran: Ran, kind: str = "failed") -> list[tuple[str, str]]:
    return [(record["check_id"], record["resource"]) for record in ran.json["results"][f"{kind}_checks"]]


def failed(ran: Ran, check: str) -> dict[str, Any]:
    (record,) = (record for record in ran.json["results"]["failed_checks"] if record["check_id"] == check)
    return dict(record)


def test_record_names_check_resource_keys_and_lines(tool: Tool, template: Path) -> None:
    """What the template permits fails, what is right passes; one record per check and resource."""
    ran = tool("checkov", "-f", template, "--check", "SP101,SP102,SP103,SP301,SP903", "-o", "json")
    assert ran.code == 1
    assert records(ran) == [("SP301", INSTANCE), ("SP103", GROUP), ("SP903", "Parameters.Encrypted")]
    assert records(ran, "passed") == [("SP101", GROUP), ("SP102", GROUP)]
    record = failed(ran, "SP103")
    assert record["check_result"]["evaluated_keys"] == ["Properties/SecurityGroupIngress/[0]/CidrIp"]
    assert record["file_line_range"] == [18, 28]
    assert record["file_path"] == "/database.yaml"
    assert record["severity"] == "CRITICAL"


def test_guideline_says_what_when_and_how_to_mend(tool: Tool, template: Path) -> None:
    """In every format that shows one: the terminal, JSON, JUnit."""
    words = (
        "line 17: Database.StorageEncrypted: its storage is not encrypted (when Encrypted=false). Set StorageEncrypted "
        "to true; an existing database is encrypted by restoring an encrypted snapshot."
    )
    ran = tool("checkov", "-f", template, "--check", "SP301", "-o", "json")
    assert failed(ran, "SP301")["guideline"] == words
    assert words in tool("checkov", "-f", template, "--check", "SP301").out


def test_unproven_fails_and_says_so(tool: Tool, tmp_path: Path) -> None:
    path = tmp_path / "unknown.yaml"
    path.write_text(DATABASE.replace("!Ref Encrypted\n", "!ImportValue Encrypted\n"))
    record = failed(tool("checkov", "-f", path, "--check", "SP301", "-o", "json"), "SP301")
    assert record["guideline"].startswith("line 17: Database.StorageEncrypted: Unproven: ")


def test_sarif_is_valid(tool: Tool, template: Path, tmp_path: Path) -> None:
    """Ids, level and lines; an attachment without a file, which checkov writes for details, would be none."""
    ran = tool("checkov", "-f", template, "--check", "SP301", "-o", "sarif", "--output-file-path", tmp_path)
    assert ran.code == 1
    (run,) = Ran(0, (tmp_path / "results_sarif.sarif").read_text(), "").json["runs"]
    assert [(rule["id"], rule["name"]) for rule in run["tool"]["driver"]["rules"]] == [
        ("SP301", "Database storage is encrypted at rest")
    ]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"], result["attachments"]) == ("SP301", "error", [])
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["endLine"]) == (13, 17)


def test_skips_of_the_template_are_respected(tool: Tool, tmp_path: Path) -> None:
    """The metadata of a resource, a comment in one, a comment in a parameter."""
    skipping = DATABASE
    for before, added in (
        ("    Type: AWS::RDS::DBInstance\n", "    Metadata: {checkov: {skip: [{id: SP301, comment: a test}]}}\n"),
        ("    Type: AWS::EC2::SecurityGroup\n", "    # checkov:skip=SP103:a test\n"),
        ("  Encrypted:\n", "    # checkov:skip=SP903:a test\n"),
    ):
        skipping = skipping.replace(before, before + added)
    path = tmp_path / "database.yaml"
    path.write_text(skipping)
    ran = tool("checkov", "-f", path, "--check", "SP103,SP301,SP903,SP905", "-o", "json")
    skipped = [("SP301", INSTANCE), ("SP103", GROUP), ("SP903", "Parameters.Encrypted")]
    assert records(ran, "skipped") == skipped
    assert records(ran) == [("SP905", "Parameters.Encrypted")]


def test_skips_of_the_command_line_are_respected(tool: Tool, template: Path) -> None:
    """By id, by pattern, by severity."""
    ran = tool("checkov", "-f", template, "--skip-check", "CKV*,SP301,SP1*,LOW", "-o", "json")
    found = {check for kind in ("passed", "failed") for check, _ in records(ran, kind)}
    assert {"SP302", "SP902"} <= found
    assert not found & {"SP301", "SP100", "SP103", "SP310", "SP903"}


def test_folder_is_judged_file_by_file(tool: Tool, tmp_path: Path) -> None:
    """Paths are relative to the folder, and built-in checks run beside ours."""
    folder = tmp_path / "templates/inner"
    folder.mkdir(parents=True)
    (folder / "two.yaml").write_text(DATABASE)
    (folder.parent / "one.json").write_text('{"Resources": {"Data": {"Type": "AWS::RDS::DBInstance"}}}\n')
    ran = tool("checkov", "-d", folder.parent, "--check", "SP301,CKV_AWS_16", "-o", "json")
    found = [(record["file_path"], record["check_id"]) for record in ran.json["results"]["failed_checks"]]
    assert sorted(found) == [("/inner/two.yaml", "SP301"), ("/one.json", "CKV_AWS_16"), ("/one.json", "SP301")]


def test_every_framework_of_checkov_may_load_the_checks(tool: Tool, template: Path) -> None:
    """Each runs in a process of its own; only one of them has the verdicts."""
    ran = tool("checkov", "-d", template.parent, "--framework", "all", "--check", "SP301", "-o", "json")
    assert records(ran) == [("SP301", INSTANCE)]


def test_template_that_stackproof_refuses_fails_whatever_is_asked(tool: Tool, tmp_path: Path) -> None:
    path = tmp_path / "refused.json"
    path.write_text(REFUSED)
    ran = tool("checkov", "-f", path, "--check", "SP301", "-o", "json")
    assert ran.code == 1
    assert records(ran) == [("SP100", "Template")]
    assert "Invalid template resource property 'Propertys'" in failed(ran, "SP100")["guideline"]


def test_waiver_of_the_template_holds(tool: Tool, tmp_path: Path) -> None:
    """A waived finding is no failure; an expired waiver is one, besides."""
    (tmp_path / "standing.yaml").write_text(WAIVER.replace("YEAR", "2999") + DATABASE)
    (tmp_path / "expired.yaml").write_text(WAIVER.replace("YEAR", "2020") + DATABASE)
    ran = tool("checkov", "-d", tmp_path, "--check", "SP301", "-o", "json")
    found = {(record["file_path"], record["check_id"]) for record in ran.json["results"]["failed_checks"]}
    assert found == {("/expired.yaml", "SP301"), ("/expired.yaml", "SP100")}


def test_nested_stack_is_judged_with_its_parameters(tool: Tool, template: Path, tmp_path: Path) -> None:
    """A failure of the resource that nests it; a type that the policy does not judge itself."""
    (tmp_path / "parent.yaml").write_text(PARENT)
    ran = tool("checkov", "-f", tmp_path / "parent.yaml", "--check", "SP103", "-o", "json")
    assert records(ran) == [("SP103", "AWS::CloudFormation::Stack.Inner")]
    assert "database.yaml:27 Group.SecurityGroupIngress.0.CidrIp: " in failed(ran, "SP103")["guideline"]


def test_checks_that_cannot_be_loaded_fail_every_template(tool: Tool, template: Path, broken: str) -> None:
    """It would log the error, and pass."""
    ran = tool("checkov", "-f", template, "--check", "SP301", "-o", "json", PYTHONPATH=broken)
    assert ran.code == 1
    assert records(ran) == [("SP100", "Template")]
    assert "stackproof lacks something" in failed(ran, "SP100")["guideline"]


def test_no_module_shadows_another() -> None:
    """The folder of the checks stands on the sys.path of checkov."""
    assert sorted(path.name for path in CHECKS.iterdir() if path.name != "__pycache__") == [
        "__init__.py",
        "stackproof_checks.py",
    ]
