"""The stage ``checkov``: its built-in CloudFormation checks on the templates rendered for every environment.

checkov lives in an environment of its own and is run as a program. Its configuration file (``.checkov.yaml``) holds,
with what it skips and why. It must not fail open: a template that it could not read, or did not look at, is an error.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stackproof.compose.render import render
from stackproof.errors import InputError
from stackproof.findings import Finding, Report, Rule, Severity, Verdict
from stackproof.judge.judge import merged
from stackproof.judge.others import Candidate

CONFIG = Path(".checkov.yaml")

_WITNESS = "StackproofWitness"
"""A resource added to every template: checkov says nothing about a template that holds no type it has checks for, and a
result about this one proves that it looked."""
_WITNESSED: dict[str, Any] = {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": "alias/aws/sqs"}}


def checkov(chosen: Sequence[Candidate]) -> Report:
    """Run checkov.

    Parameters:
        chosen: what to look at; see `stackproof.judge.others.candidates`.

    Raises:
        InputError: checkov is not installed, broke, or did not look at everything.
    """
    program = _program()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="stackproof-") as folder:
        files = _write(chosen, Path(folder))
        results = _run(program, Path(folder))
    _check_complete(results, files)
    results = {kind: [result for result in found if not _is_witness(result)] for kind, found in results.items()}
    found = [_finding(result, *files[_file(result)]) for result in results["failed_checks"]]
    rules = {
        result["check_id"]: _rule(result) for kind in ("passed_checks", "failed_checks") for result in results[kind]
    }
    known = list(dict.fromkeys(candidate.subject.environment for candidate in chosen))
    return Report(
        stage="checkov",
        subjects=tuple(candidate.subject for candidate in chosen),
        findings=merged(found, known),
        rules=tuple(rules[key] for key in sorted(rules)),
        passed=len(results["passed_checks"]),
        seconds=time.monotonic() - started,
    )


_Files = dict[str, tuple[Candidate, str]]


def _write(chosen: Sequence[Candidate], folder: Path) -> _Files:
    """Write every stack as a template; returns which file is whose."""
    files: _Files = {}
    for number, candidate in enumerate(chosen):
        for layer in candidate.deployment.stacks:
            name = f"{number}/{layer}.json"
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            document = render(candidate.deployment, layer)
            document["Resources"][_WITNESS] = _WITNESSED
            path.write_text(json.dumps(document, indent=1), encoding="utf-8")
            files[name] = (candidate, layer)
    return files


def _program() -> str:
    beside = shutil.which("checkov", path=str(Path(sys.executable).parent))
    program = beside or shutil.which("checkov")
    if program is None:
        raise InputError("checkov is not installed; pip install 'stackproof[checkov]' into an environment of its own")
    return program


def _run(program: str, folder: Path) -> dict[str, Any]:
    command = [
        program,
        "--directory",
        str(folder),
        "--framework",
        "cloudformation",
        "--output",
        "json",
        "--skip-download",
        "--soft-fail",
    ]
    if CONFIG.is_file():
        command += ["--config-file", str(CONFIG)]
    environment = os.environ | {"LOG_LEVEL": "ERROR", "BC_SKIP_MAPPING": "TRUE"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    try:
        answer = json.loads(done.stdout)
        return _results(answer)
    except (ValueError, KeyError, TypeError):
        said = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["nothing"]
        raise InputError(f"checkov broke (exit {done.returncode}): {said[0]}") from None


def _results(answer: Any) -> dict[str, Any]:
    """Return the results of the one framework; checkov answers a list where it ran several."""
    if isinstance(answer, list):
        answer = next(part for part in answer if part["check_type"] == "cloudformation")
    results: dict[str, Any] = answer["results"]
    return {key: results[key] for key in ("passed_checks", "failed_checks", "parsing_errors")}


def _check_complete(results: dict[str, Any], files: _Files) -> None:
    if results["parsing_errors"]:
        raise InputError(f"checkov could not read {', '.join(results['parsing_errors'])}")
    seen = {_file(result) for kind in ("passed_checks", "failed_checks") for result in results[kind]}
    missed = [f"{candidate.subject} {layer}" for name, (candidate, layer) in files.items() if name not in seen]
    if missed:
        raise InputError(f"checkov did not look at {', '.join(missed)}")


def _is_witness(result: Any) -> bool:
    return str(result["resource"]).rpartition(".")[2] == _WITNESS


def _file(result: dict[str, Any]) -> str:
    return str(result["file_path"]).lstrip("/")


def _rule(result: dict[str, Any]) -> Rule:
    severities = {str(severity): severity for severity in Severity}
    return Rule(
        id=result["check_id"],
        title=result["check_name"],
        severity=severities.get(str(result.get("severity") or "").lower(), Severity.MEDIUM),
        help_uri=result.get("guideline") or "",
    )


def _finding(result: dict[str, Any], candidate: Candidate, layer: str) -> Finding:
    stack = candidate.deployment.stacks[layer]
    logical_id = str(result["resource"]).rpartition(".")[2]
    resource = stack.resources.get(logical_id)
    path = _path(result)
    return Finding(
        rule=_rule(result),
        verdict=Verdict.FAIL,
        message=f"{result['check_name']}: not so here",
        fix=f"See checkov's {result['check_id']}{': ' + result['guideline'] if result.get('guideline') else ''}.",
        mark=resource.mark_of(path) if resource else stack.mark,
        resource=logical_id,
        path=path,
        system=candidate.deployment.system,
        layer=layer if candidate.deployment.system else "",
        environments=(candidate.subject.environment,) if candidate.subject.environment else (),
    )


def _path(result: dict[str, Any]) -> str:
    keys: Iterator[str] = iter(result["check_result"].get("evaluated_keys") or ())
    first = next(keys, "")
    return first.removeprefix("Properties/").replace("/", ".").removeprefix("Properties")
