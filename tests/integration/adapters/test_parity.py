"""The engine, cfn-lint and checkov say the same about every template of every case table.

All templates are written into one folder, half of them as JSON, and each tool runs over it once.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stackproof.adapters.judged import policies
from stackproof.errors import InputError
from stackproof.findings import Verdict
from stackproof.load.nodes import REF, Mapping, Node, Scalar, Sequence, walk
from stackproof.load.reader import read_text
from stackproof.policy import TEMPLATE
from stackproof.policy.cases import Case, load_cases
from tests.integration.adapters.conftest import ROOT, command, environment

TABLES = ROOT / "tests/unit/policies"
IDS = {loaded.name: loaded.policy.id for loaded in policies()}
OF_TEMPLATES = {loaded.policy.id for loaded in policies() if loaded.policy.types == TEMPLATE}
SIGNED = re.compile(r"AWS::|AWSTemplateFormatVersion")
BOOLEANS = {"on", "off", "yes", "no", "true", "false"}
"""Names that the other tools read as booleans in YAML; checkov leaves out a template with a resource ``Off``."""

Said = tuple[str, str, str, frozenset[int], bool]
"""File, policy, resource (empty for a whole template), lines, and whether it is unproven."""


@dataclass(frozen=True)
class Written:
    """A case whose template lies in the folder."""

    policy: str
    case: Case


@dataclass(frozen=True)
class Answers:
    """What each tool says about the folder."""

    cases: dict[str, Written]
    engine: dict[str, Any]
    cfnlint: list[dict[str, Any]]
    checkov: dict[str, Any]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """Run each tool once, all at the same time."""
    folder = tmp_path_factory.mktemp("cases")
    cases = dict(_write(folder))
    lines: dict[str, list[str | Path]] = {
        "engine": [Path(sys.executable).with_name("stackproof"), "check", ".", "--no-cache", "--format", "json"],
        "cfnlint": command("cfn-lint", "*.yaml", "*.json", "--include-checks", "I", "--format", "json"),
        "checkov": command("checkov", "-d", ".", "--check", "SP*", "--output", "json", "--compact"),
    }
    with ThreadPoolExecutor() as pool:
        said = dict(zip(lines, pool.map(lambda line: _run(line, folder), lines.values()), strict=True))
    return Answers(cases, **said)


def _run(line: list[str | Path], folder: Path) -> Any:
    done = subprocess.run(line, cwd=folder, env=environment(), capture_output=True, text=True, timeout=400, check=False)
    # A nested template of a case lies nowhere, which cfn-lint says of itself.
    assert [said for said in done.stderr.splitlines() if "Template file not found" not in said] == []
    return json.loads(done.stdout)


def _write(folder: Path) -> Iterator[tuple[str, Written]]:
    """Write every template that is the only one of its case."""
    for table in sorted(TABLES.rglob("*.yaml")):
        source = table.read_text().splitlines()
        for case in load_cases(table):
            if list(case.templates) != ["template"]:
                continue
            (template,) = case.templates.values()
            number = len(list(folder.iterdir()))
            text = _block(source, template.root) if number % 2 else ""
            name = f"{number:04}.yaml" if text else f"{number:04}.json"
            (folder / name).write_text(text or _json(template.root))
            yield name, Written(IDS[table.relative_to(TABLES).with_suffix("").as_posix()], case)


def _block(source: list[str], root: Node) -> str:
    """Return the lines of a template that a table holds in block style, else nothing."""
    first, indent = root.mark.line - 1, root.mark.column - 1
    names = {key.lower() for node in walk(root) if isinstance(node, Mapping) for key in node.entries}
    if source[first][:indent].strip() or source[first][indent] == "{" or names & BOOLEANS:
        return ""
    lines = []
    for line in source[first:]:
        if line.strip() and len(line) - len(line.lstrip()) < indent:
            break
        lines.append(line)
    text = textwrap.dedent("\n".join(lines)).rstrip() + "\n"
    if text.count("\n") == 1:  # checkov asks no check about a resource in the first line
        return ""
    try:
        read_text(text, "case")
    except InputError:  # an alias of an anchor in another case
        return ""
    return text if SIGNED.search(text) else f"AWSTemplateFormatVersion: '2010-09-09'\n{text}"


def _json(root: Node) -> str:
    data = _data(root)
    text = json.dumps(data, indent=2)
    return text if SIGNED.search(text) else json.dumps({"AWSTemplateFormatVersion": "2010-09-09"} | data, indent=2)


def _data(node: Node) -> Any:
    if isinstance(node, Mapping):
        return {key: _text(child) if key == REF else _data(child) for key, child in node.items()}
    if isinstance(node, Sequence):
        return [_data(child) for child in node.items]
    return node.value


def _text(node: Node) -> Any:
    """Return a name as it is written: ``!Ref On`` names no boolean."""
    return node.text if isinstance(node, Scalar) else _data(node)


def of_engine(answers: Answers) -> set[Said]:
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for finding in answers.engine["findings"]:
        found.setdefault((finding["file"], finding["rule"], finding["resource"]), []).append(finding)
    return {
        (*key, frozenset(f["line"] for f in some), any(f["verdict"] == Verdict.UNPROVEN for f in some))
        for key, some in found.items()
    }


def of_cfnlint(answers: Answers) -> set[Said]:
    found: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for match in answers.cfnlint:
        number = match["Rule"]["Id"][1:]
        if number.startswith("9"):
            path = match["Location"]["Path"]
            policy = f"SP{number[1:]}"
            resource = path[1] if policy not in OF_TEMPLATES and path[:1] == ["Resources"] else ""
            found.setdefault((match["Filename"], policy, resource), []).append(match)
    return {
        (
            *key,
            frozenset(m["Location"]["Start"]["LineNumber"] for m in some),
            any("Unproven: " in m["Message"] for m in some),
        )
        for key, some in found.items()
    }


def of_checkov(answers: Answers) -> set[Said]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for record in answers.checkov["results"]["failed_checks"]:
        policy = record["check_id"]
        resource = "" if policy in OF_TEMPLATES else record["resource"].rpartition(".")[2]
        found.setdefault((record["file_path"].lstrip("/"), policy, resource), []).append(record["guideline"])
    return {
        (*key, frozenset(int(line) for line in re.findall(r"\bline (\d+): ", " ".join(said))), "Unproven: " in said[0])
        for key, said in found.items()
    }


def test_cfnlint_says_what_the_engine_says(answers: Answers) -> None:
    """Every policy, resource, line and verdict; and nothing else."""
    assert of_cfnlint(answers) ^ of_engine(answers) == set()


def test_cfnlint_shows_the_columns_of_the_engine(answers: Answers) -> None:
    engine = {(f["file"], f["rule"], f["line"], f["column"]) for f in answers.engine["findings"]}
    shown = set()
    for match in answers.cfnlint:
        number, start = match["Rule"]["Id"][1:], match["Location"]["Start"]
        if number.startswith("9"):
            shown.add((match["Filename"], f"SP{number[1:]}", start["LineNumber"], start["ColumnNumber"]))
    assert shown ^ engine == set()


def test_checkov_fails_what_the_engine_fails(answers: Answers) -> None:
    """Every policy, resource, line and verdict; and nothing else."""
    assert of_checkov(answers) ^ of_engine(answers) == set()


def test_checkov_passes_what_the_engine_passes(answers: Answers) -> None:
    """One record per policy and resource, beside one per template that says that it was judged."""
    passed = answers.checkov["results"]["passed_checks"]
    assert len([record for record in passed if record["check_id"] != "SP100"]) == answers.engine["passed"]
    assert {r["file_path"].lstrip("/") for r in passed if r["check_id"] == "SP100"} == set(answers.cases)
    assert answers.checkov["results"]["parsing_errors"] == []


def test_tools_find_what_the_tables_name(answers: Answers) -> None:
    """Wherever a table speaks of the scenarios of a template: nothing is bound, and it is production."""
    expected: dict[str, set[str]] = {}
    for name, written in answers.cases.items():
        case = written.case
        if case.protected and not case.regions and not case.templates["template"].parameters:
            whole = written.policy in OF_TEMPLATES
            expected[name] = {"" if whole else resource for resource in (*case.fail, *case.unproven)}
    assert len(expected) > 400
    for said in (of_cfnlint(answers), of_checkov(answers)):
        found: dict[str, set[str]] = {name: set() for name in expected}
        for file, policy, resource, *_ in said:
            if file in found and policy == answers.cases[file].policy:
                found[file].add(resource)
        wrong = {name: (found[name], expected[name]) for name in expected if found[name] != expected[name]}
        assert wrong == {}
