"""Where things lie, and paths as messages show them."""

from __future__ import annotations

from pathlib import Path


def shown_path(path: Path) -> str:
    """Return a path relative to the working directory where it lies below it, else as it was given."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (OSError, RuntimeError, ValueError):  # elsewhere, or a link that leads nowhere
        return path.as_posix()


def own_policies() -> Path:
    """Return the folder of the policies that come with stackproof: inside the wheel, or beside the package."""
    package = Path(__file__).parent
    inside = package / "policies"
    return inside if inside.is_dir() else package.parent / "policies"
