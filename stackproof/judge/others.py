"""What the stages that run other tools share: what to run them on, and how their words become findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stackproof.bind.manifest import Environment
from stackproof.compose.deployment import Deployment
from stackproof.compose.system import load_deployment, load_system
from stackproof.findings import Subject
from stackproof.judge.targets import Target
from stackproof.paths import shown_path


@dataclass(frozen=True, slots=True)
class Candidate:
    """One deployment that another tool is to look at."""

    subject: Subject
    deployment: Deployment

    @property
    def environment(self) -> Environment:
        """The environment of the deployment."""
        return self.deployment.environment


def candidates(targets: Sequence[Target]) -> Iterator[Candidate]:
    """Return every environment of every system, and every template that belongs to none.

    Raises:
        InputError: one of them cannot be resolved.
    """
    for target in targets:
        if not target.is_system:
            yield Candidate(Subject(shown_path(target.path)), load_deployment(target.path, alone=target.alone))
            continue
        system = load_system(Path(target.path))
        for name in system.environments:
            yield Candidate(Subject(system.name, name), system.deployment(name))
