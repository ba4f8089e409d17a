"""A git repository with one small system, for tests that simulate what becomes of it from one commit to the next."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from stackproof import System, load_system
from stackproof.findings import Report
from stackproof.simulate import Progress, Wishes, simulate

REGION = "eu-west-1"


class Repository:
    """A folder under git.

    Attributes:
        root: the folder.
        manifest: where the system's manifest lies.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest = root / "systems" / "small.yaml"
        root.mkdir(exist_ok=True)
        self._git("init", "--quiet", "--initial-branch=main")

    def write(self, layers: Mapping[str, str], environments: str = "{dev: {branch: dev}}", **more: str) -> None:
        """Write the system: templates by layer, and what the manifest says of a layer beside its template."""
        self.manifest.parent.mkdir(exist_ok=True)
        lines = [f"system: small\nregion: {REGION}\nenvironments: {environments}\nlayers:"]
        for name, text in layers.items():
            lines.append(f"  {name}: {{template: {name}.yaml{more.get(name, '')}}}")
            self.template(name).write_text(text)
        self.manifest.write_text("\n".join(lines) + "\n")

    def template(self, layer: str) -> Path:
        """Return where the template of a layer lies."""
        return self.root / f"{layer}.yaml"

    def commit(self) -> None:
        """Commit everything as it is."""
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message=A state.")

    def system(self) -> System:
        """Return the system as the working tree has it."""
        return load_system(self.manifest)

    def update(self, reference: str = "HEAD", progress: Progress | None = None, *, faults: bool = False) -> Report:
        """Return what a simulated update from a reference to the working tree reports."""
        return simulate(self.system(), "dev", progress, Wishes(reference=reference, faults=faults))

    def status(self) -> str:
        """Return what git says of the working tree, and which trees it knows of."""
        return self._git("status", "--porcelain", "--ignored") + self._git("worktree", "list")

    def _git(self, *arguments: str) -> str:
        who = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", str(self.root), *who, *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout
