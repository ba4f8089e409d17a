"""The workflows as data, and what GitHub makes of their matrices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / ".github" / "workflows"
NAMES = ("deploy", "gate", "nightly", "release")


@dataclass(frozen=True)
class Workflow:
    """One file of `.github/workflows/`.

    Attributes:
        name: the file's name without its ending.
        data: what it says.
    """

    name: str
    data: dict[str, Any]

    @property
    def on(self) -> dict[str, Any]:
        """What starts it; YAML reads the key as true."""
        return dict(self.data[True])  # type: ignore[index]

    @cached_property
    def jobs(self) -> dict[str, dict[str, Any]]:
        """Its jobs by id."""
        return dict(self.data["jobs"])

    def needs(self, job: str) -> list[str]:
        """Which jobs a job waits for."""
        needs = self.jobs[job].get("needs", [])
        return [needs] if isinstance(needs, str) else list(needs)


def workflow(name: str) -> Workflow:
    """Load one by the name of its file."""
    return Workflow(name, yaml.safe_load((FOLDER / f"{name}.yml").read_text()))


def action(name: str) -> dict[str, Any]:
    """Load one of the repository's own actions."""
    return dict(yaml.safe_load((ROOT / ".github" / "actions" / name / "action.yml").read_text()))


def combinations(matrix: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs of a matrix whose expressions are evaluated.

    An entry of ``include`` joins every combination none of whose own values it would change; one that joins none is a
    run of its own.
    """
    axes = {key: values for key, values in matrix.items() if key not in ("include", "exclude")}
    runs = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    originals = [dict(run) for run in runs]
    for entry in matrix.get("include", ()):
        fits = [
            run
            for run, original in zip(runs, originals, strict=False)
            if all(original.get(key, value) == value for key, value in entry.items())
        ]
        if axes and fits:
            for run in fits:
                run |= entry
        else:
            runs.append(dict(entry))
    return runs
