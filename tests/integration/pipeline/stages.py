"""Stands for tox where a stage of the gate shall really run: `stages.py ARGUMENT...`, called as tox is.

What runs is the line of tox.ini that begins with stackproof, in the environments that the variable REAL_STAGES names;
any other environment is left to the stand-in. Runs without site-packages, so that it starts at once.
"""

from __future__ import annotations

import configparser
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path


def line(name: str) -> list[str]:
    """Return how the environment of a stage calls stackproof."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read("tox.ini")
    (found,) = [
        each for each in parser[f"testenv:{name}"]["commands"].splitlines() if each.strip().startswith("stackproof ")
    ]
    found = re.sub(r"\{\[(\w+)\](\w+)\}", lambda use: parser[use[1]][use[2]], found)
    found = re.sub(r"\{env:(\w+):([^}]*)\}", lambda use: os.environ.get(use[1], use[2]), found)
    return shlex.split(found.replace("{posargs}", ""))[1:]


def main(arguments: list[str]) -> int:
    """Run a stage, or something within its environment."""
    before, _, after = shlex.join(arguments).partition(" -- ")
    name = before.partition("-e ")[2]
    if name not in os.environ["REAL_STAGES"].split(",") or "--notest" in arguments:
        stand_in = [str(Path(__file__).with_name("stand_in.py")), "tox", *arguments]
        os.execv(sys.executable, [sys.executable, "-SEs", *stand_in])  # noqa: S606 - it is what a shell would do
    called = shlex.split(after)[1:] if "exec" in arguments else line(name)
    return subprocess.run([os.environ["STAND_IN_STACKPROOF"], *called], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
