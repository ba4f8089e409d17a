"""Simulate several deployments in several processes; the order of the answers does not depend on their number."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from stackproof.compose.system import load_system
from stackproof.deploy import Event
from stackproof.findings import Report
from stackproof.simulate.plan import Plan, Wishes, planned
from stackproof.simulate.run import Progress, carry_out, merged, shifted


def carry_out_in_processes(plans: Sequence[Plan], jobs: int, progress: Progress) -> Report:
    """Carry out several plans side by side, as one report; the progress hears of each plan when it is done.

    Parameters:
        plans: what to simulate; all with the same wishes.
        jobs: number of processes.
        progress: hears of each event, in the order of the plans.
    """
    total, done = sum(plan.steps for plan in plans), 0
    reports = []
    for plan, (report, events) in zip(plans, _answers(plans, jobs), strict=True):
        for event in events:
            shifted(progress, done, total)(event)
        done += plan.steps
        reports.append(report)
    return merged(reports)


def _answers(plans: Sequence[Plan], jobs: int) -> Iterator[tuple[Report, list[Event]]]:
    # A process reads its systems itself: they hold what does not travel.
    targets = [(plan.system.manifest.path, plan.deployment.environment.name) for plan in plans]
    with multiprocessing.Pool(min(jobs, len(targets))) as pool:
        yield from pool.imap(partial(_simulated, wishes=plans[0].wishes), targets)


def _simulated(target: tuple[Path, str], wishes: Wishes) -> tuple[Report, list[Event]]:
    path, environment = target
    events: list[Event] = []
    (plan,) = planned([(load_system(path), environment)], wishes)
    return carry_out(plan, events.append), events
