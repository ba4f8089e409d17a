"""What stands in for a program in the sandbox: `stand_in.py NAME ARGUMENT...`; it notes the call and plays its part.

Runs without site-packages, so that it starts at once. The variable STAND_IN_FAIL names calls that fail, by their
beginnings, parted by commas.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

STATE = Path(os.environ.get("STAND_IN_STATE", "."))
REAL = ("branches", "list", "render", "serve", "summary")
SARIF = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "stackproof"}}, "results": []}]}

_CONDITIONS: tuple[tuple[str, Callable[[str, str], bool]], ...] = (
    (r'\.([\w.]+) == "([^"]*)"', str.__eq__),
    (r'\(\.([\w.]+) \| startswith\("([^"]*)"\)\)', str.startswith),
)


def main(name: str, arguments: list[str]) -> int:
    """Play a program."""
    with (STATE / "calls").open("a") as calls:
        calls.write(json.dumps([name, *arguments]) + "\n")
    played = PROGRAMS[name](arguments) if name in PROGRAMS else 0
    call = " ".join([name, *arguments])
    fails = any(call.startswith(start) for start in os.environ.get("STAND_IN_FAIL", "").split(",") if start)
    return 1 if fails else played


def wrapper(path: Path, name: str) -> None:
    """Write the executable by which a stand-in is called."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/bash\nexec "$STAND_IN_PYTHON" -SEs {Path(__file__)} {name} "$@"\n')
    path.chmod(0o755)


def python(path: Path) -> None:
    """Write the executable that is Python."""
    path.write_text('#!/bin/bash\nexec "$STAND_IN_PYTHON" "$@"\n')
    path.chmod(0o755)


def option(arguments: list[str], name: str) -> str:
    """Return what is given for an option."""
    return arguments[arguments.index(name) + 1] if name in arguments else ""


def tox(arguments: list[str]) -> int:
    """Make environments that hold stand-ins; leave the record that the test has prepared for a stage."""
    before, _, after = " ".join(arguments).partition(" -- ")
    names = option(before.split(), "-e").split(",")
    if "exec" in arguments:
        Path(option(after.split(), "--output")).write_text(json.dumps(SARIF))
        return 0
    for name in names:
        if "--notest" in arguments:
            folder = Path(".tox", name, "bin").absolute()
            wrapper(folder / name, name)
            python(folder / "python")
        elif name == "build":
            for ending in ("py3-none-any.whl", "tar.gz"):
                _write(f"dist/stackproof-0.1.0{'-' if ending[0] == 'p' else '.'}{ending}", "built")
        elif name == "taskcat" and "--step deploy" in after:
            _write("taskcat_outputs/index.html", "<p>report</p>")
        record = STATE / "records" / f"{name}.json"
        if record.exists() and "STACKPROOF_RECORD" in os.environ:
            _write(f"{os.environ['STACKPROOF_RECORD']}/{name}.json", record.read_text())
    return 0


def stackproof(arguments: list[str]) -> int:
    """Be the real one, but for what needs an account."""
    command = arguments[0]
    if command in REAL or os.environ.get("STAND_IN_REAL"):
        program = os.environ["STAND_IN_STACKPROOF"]
        if command == "serve":
            os.execv(program, [program, *arguments])  # noqa: S606 - it is what a shell would do
        return subprocess.run([program, *arguments], check=False).returncode
    what = " ".join(arguments[1:3])
    for name, text in (
        ("--output", f"### {what}\n{os.environ.get('STAND_IN_PREVIEW', 'nothing changes')}\n"),
        ("--save", json.dumps({"version": 1, "for": what})),
        ("--record", json.dumps({"version": 1, "for": what})),
    ):
        if option(arguments, name):
            _write(option(arguments, name), text)
    sys.stdout.write(f"{command} of {what}\n")
    return 0


def curl(arguments: list[str]) -> int:
    """Keep what is sent, and where to."""
    data = option(arguments, "--json")
    _write(str(STATE / "sent.json"), json.dumps({"config": sys.stdin.read(), "body": Path(data[1:]).read_text()}))
    return 0


def gh(arguments: list[str]) -> int:
    """Be GitHub: comments and issues of one repository."""
    path = STATE / "github.json"
    github = json.loads(path.read_text()) if path.exists() else {"comments": [], "issues": [], "releases": []}
    answer = _GH[" ".join(arguments[:1] if arguments[0] == "api" else arguments[:2])](github, arguments)
    path.write_text(json.dumps(github))
    if answer is not None:
        for each in selected(answer, option(arguments, "--jq")):
            sys.stdout.write(f"{each}\n")
    return 0


def selected(answer: list[dict[str, Any]], query: str) -> list[Any]:
    """Answer a query of jq, which gh has built in, of the form that the scripts use: `.[] | select(…) | .FIELD`."""
    form = re.fullmatch(r"\.\[\] \| select\((?P<conditions>.+)\) \| \.(?P<field>\w+)", query)
    if form is None:
        raise NotImplementedError(query)
    conditions = form["conditions"].split(" and ")
    return [each[form["field"]] for each in answer if all(_holds(condition, each) for condition in conditions)]


def _holds(condition: str, of: dict[str, Any]) -> bool:
    for form, compared in _CONDITIONS:
        if found := re.fullmatch(form, condition):
            value: Any = of
            for key in found[1].split("."):
                value = value[key]
            return compared(value, found[2])
    raise NotImplementedError(condition)


def _api(github: dict[str, Any], arguments: list[str]) -> Any:
    method, body = option(arguments, "--method"), option(arguments, "--field").partition("=")[2]
    (address,) = [each for each in arguments if each.startswith("repos/")]
    if not method:
        return github["comments"]
    text = Path(body[1:]).read_text()
    if method == "POST":
        _comment(github, address.split("/")[-2], text)
    else:
        (comment,) = [each for each in github["comments"] if str(each["id"]) == address.rpartition("/")[2]]
        comment["body"] = text
    return None


def _comment(github: dict[str, Any], number: str, text: str) -> None:
    github["comments"].append(
        {"id": len(github["comments"]) + 1, "number": number, "user": {"type": "Bot"}, "body": text}
    )


def _pr_comment(github: dict[str, Any], arguments: list[str]) -> None:
    _comment(github, arguments[2], Path(option(arguments, "--body-file")).read_text())


def _issue_create(github: dict[str, Any], arguments: list[str]) -> None:
    body = Path(option(arguments, "--body-file")).read_text()
    github["issues"].append(
        {
            "number": len(github["issues"]) + 1,
            "title": option(arguments, "--title"),
            "state": "open",
            "comments": [],
            "body": body,
        }
    )


def _issue_comment(github: dict[str, Any], arguments: list[str]) -> None:
    github["issues"][int(arguments[2]) - 1]["comments"].append(Path(option(arguments, "--body-file")).read_text())


def _issue_close(github: dict[str, Any], arguments: list[str]) -> None:
    github["issues"][int(arguments[2]) - 1]["state"] = "closed"


def _issue_list(github: dict[str, Any], _arguments: list[str]) -> Any:
    return [each for each in github["issues"] if each["state"] == "open"]


def _release(github: dict[str, Any], arguments: list[str]) -> None:
    github["releases"].append({"tag": arguments[2], "files": [each for each in arguments if Path(each).is_file()]})


def _write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


_GH: dict[str, Callable[[dict[str, Any], list[str]], Any]] = {
    "api": _api,
    "pr comment": _pr_comment,
    "issue create": _issue_create,
    "issue comment": _issue_comment,
    "issue close": _issue_close,
    "issue list": _issue_list,
    "release create": _release,
}
# `git`, `python` and `aws` are only noted.
ON_THE_PATH = ("aws", "curl", "gh", "git", "python", "tox")
PROGRAMS: dict[str, Callable[[list[str]], int]] = {
    "curl": curl,
    "gh": gh,
    "stackproof": stackproof,
    "tox": tox,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
