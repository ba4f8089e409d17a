"""Wall times of whole processes beside the peers, measured in one run: ``make benchmark``.

Budgets are ratios to cfn-lint on the same files, so that they mean the same on every machine. One run that does not
count compiles the bytecode of every tool; the median of several runs counts.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stackproof import load_system
from tests.benchmarks import conditional

RUNS = 5
MATICKO = Path("cloudformation", "systems", "maticko.yaml")
LAYERS = sorted({layer.template for layer in load_system(MATICKO).manifest.layers.values()})
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Case:
    """One command to be timed.

    Attributes:
        peer: the case it is compared with, by name; empty for the peers themselves.
        budget: how much of the peer's time it may take, or None.
    """

    name: str
    command: Sequence[str | Path]
    peer: str = ""
    budget: float | None = None


def cases(folder: Path) -> list[Case]:
    """Return what is measured, peers first."""
    alone = folder / "template.yaml"
    shutil.copy("cloudformation/03-database.yaml", alone)
    check: list[str | Path] = [BIN / "stackproof", "check"]
    checkov = os.environ.get("STACKPROOF_BENCHMARK_CHECKOV") or shutil.which("checkov")
    flags: list[str | Path] = [
        "--framework",
        "cloudformation",
        "--quiet",
        "--compact",
        "--skip-download",
        "--soft-fail",
    ]
    sizes = {number: folder / f"conditional{number}.json" for number in (200, 400)}
    for number, path in sizes.items():
        path.write_text(conditional.template(number))
    small, large = (f"stackproof check, {number} resources, 12 conditions, every scenario" for number in sizes)
    peers = [
        Case("cfn-lint, 1 template", [BIN / "cfn-lint", "--config-file", os.devnull, alone]),
        # The same work: each layer under the values of each environment.
        Case("cfn-lint, 5 layers in 3 environments", [BIN / "stackproof", "lint", MATICKO]),
    ]
    if checkov and Path(checkov).exists():
        peers.append(Case("checkov, 1 template", [checkov, *flags, "--file", alone]))
        peers.append(Case("checkov, 5 templates", [checkov, *flags, "--file", *LAYERS]))
    one, five = (peer.name for peer in peers[:2])
    return [
        *peers,
        Case("stackproof --help", [BIN / "stackproof", "--help"]),
        Case("stackproof check, 1 template", [*check, "--no-cache", alone], one, 0.25 / 2.0),
        Case("stackproof check, 1 template, nothing changed", [*check, alone], one, 0.1 / 2.0),
        Case("stackproof check, 5 layers in 3 environments", [*check, "--no-cache", MATICKO], five, 0.3 / 3.4),
        Case("stackproof check, 5 layers, nothing changed", [*check, MATICKO], five, 0.1 / 3.4),
        Case("stackproof check, 4 systems in 11 environments", [*check, "--no-cache"], five),
        Case("stackproof check, 4 systems, nothing changed", check, five, 0.1 / 3.4),
        Case(small, [*check, "--no-cache", sizes[200]], one, 2.0 / 2.0),
        # Twice the resources, twice the time.
        Case(large, [*check, "--no-cache", sizes[400]], small, 2.4),
    ]


def seconds(case: Case, folder: Path) -> float:
    """Return the median wall time of a command, after one run that is not counted."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["XDG_CACHE_HOME"] = str(folder / "cache")
    times = []
    for _ in range(RUNS + 1):
        started = time.perf_counter()
        done = subprocess.run(case.command, capture_output=True, env=environment, check=False)
        times.append(time.perf_counter() - started)
        if done.returncode not in (0, 1, 4, 6, 8, 12, 14):
            sys.exit(f"{case.name} broke (exit {done.returncode}): {done.stderr.decode()[-300:]}")
    return statistics.median(times[1:])


def main() -> int:
    """Measure everything; returns 1 where a budget is broken."""
    broken = 0
    measured: dict[str, float] = {}
    print(f"{'':<46} {'seconds':>8} {'of cfn-lint':>12} {'budget':>8}")
    with tempfile.TemporaryDirectory() as name:
        for case in cases(Path(name)):
            measured[case.name] = seconds(case, Path(name))
            ratio = measured[case.name] / measured[case.peer] if case.peer else None
            over = ratio is not None and case.budget is not None and ratio > case.budget
            broken += over
            columns = (f"{value:.3f}" if value is not None else "" for value in (ratio, case.budget))
            print(f"{case.name:<46} {measured[case.name]:>8.3f} {next(columns):>12} {next(columns):>8}", end="")
            print("  OVER" if over else "", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
