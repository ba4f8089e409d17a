"""Wall times of whole processes beside the peers, measured in one run: ``make benchmark``.

Budgets are ratios to cfn-lint on the same files, so that they mean the same on every machine. One run that does not
count compiles the bytecode of every tool; the median of several runs counts. What takes long runs once. Memory is the
most that a process held at one time.
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
from tests.benchmarks import conditional, simulated

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
        megabytes: how much memory it may take, or None.
        once: whether one run is enough, because it takes long.
    """

    name: str
    command: Sequence[str | Path]
    peer: str = ""
    budget: float | None = None
    megabytes: int | None = None
    once: bool = False


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
    systems = {number: simulated.write(folder / f"simulated{number}", number) for number in (100, 400)}
    simulate: list[str | Path] = [BIN / "stackproof", "simulate"]
    update, faults = ["--from", "HEAD~1"], ["prod", "--faults"]
    few, many = (f"stackproof simulate, {number} resources" for number in systems)
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
        Case(few, [*simulate, systems[100], "dev"], one, None),
        # Four times the resources: what does not depend on them is paid once, the rest is proportional.
        Case(many, [*simulate, systems[400], "dev"], few, 2.4),
        Case("stackproof simulate, 11 environments", [*simulate, "--all", *update], five, 60 / 3.4, 500, once=True),
        Case("stackproof simulate, faults of Ma-Ticko", [*simulate, MATICKO, *faults], five, 45 / 3.4, 500, once=True),
    ]


@dataclass(frozen=True)
class Measured:
    """What a command took."""

    seconds: float
    megabytes: int


def measure(case: Case, folder: Path) -> Measured:
    """Return the median wall time of a command, after one run that is not counted, and the most memory it took."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["XDG_CACHE_HOME"] = str(folder / "cache")
    runs = [_run(case, environment) for _ in range(1 if case.once else RUNS + 1)]
    counted = runs if case.once else runs[1:]
    return Measured(statistics.median(run.seconds for run in counted), max(run.megabytes for run in runs))


def _run(case: Case, environment: dict[str, str]) -> Measured:
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(case.command, stdout=subprocess.DEVNULL, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1, 4, 6, 8, 12, 14):
            errors.seek(0)
            sys.exit(f"{case.name} broke (exit {process.returncode}): {errors.read().decode()[-300:]}")
    return Measured(seconds, usage.ru_maxrss // 1024)


def main() -> int:
    """Measure everything; returns 1 where a budget is broken."""
    broken = 0
    measured: dict[str, Measured] = {}
    print(f"{'':<46} {'seconds':>8} {'of peer':>12} {'budget':>8} {'MB':>6}")
    with tempfile.TemporaryDirectory() as name:
        for case in cases(Path(name)):
            found = measured[case.name] = measure(case, Path(name))
            ratio = found.seconds / measured[case.peer].seconds if case.peer else None
            over = ratio is not None and case.budget is not None and ratio > case.budget
            over |= case.megabytes is not None and found.megabytes > case.megabytes
            broken += over
            columns = (f"{value:.3f}" if value is not None else "" for value in (ratio, case.budget))
            print(f"{case.name:<46} {found.seconds:>8.3f} {next(columns):>12} {next(columns):>8}", end="")
            print(f" {found.megabytes:>6}", "  OVER" if over else "", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
