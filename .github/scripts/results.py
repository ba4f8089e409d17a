"""Says how the jobs have ended that the variable NEEDS holds, GitHub's context `needs` as JSON.

results.py table: a row of a Markdown table for each
results.py bad: those that have not succeeded, on one line, which is empty when all have
"""

from __future__ import annotations

import json
import os
import sys


def table(results: dict[str, str]) -> str:
    """Return a row for each job."""
    return "\n".join(f"| {job} | {result} |" for job, result in results.items())


def bad(results: dict[str, str]) -> str:
    """Return the jobs that have not succeeded."""
    return ", ".join(f"{job}: {result}" for job, result in results.items() if result != "success")


if __name__ == "__main__":
    (form,) = sys.argv[1:]
    ended = {job: each["result"] for job, each in json.loads(os.environ["NEEDS"]).items()}
    sys.stdout.write({"table": table, "bad": bad}[form](ended) + "\n")
