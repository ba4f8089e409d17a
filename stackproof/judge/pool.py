"""Judge many targets in several processes; the order of the answers does not depend on their number."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackproof.judge.run import Question
    from stackproof.judge.targets import Target


def judge_in_processes(targets: Sequence[Target], question: Question, jobs: int) -> Iterator[Any]:
    """Judge targets side by side.

    Parameters:
        targets: what to judge.
        question: what is asked of each.
        jobs: number of processes.
    """
    from stackproof.judge.run import judge_target

    with multiprocessing.Pool(min(jobs, len(targets))) as pool:
        yield from pool.imap(partial(judge_target, question=question), targets, chunksize=4)
