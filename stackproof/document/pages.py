"""The pages of a repository: which there are, which are stale, how they are brought up to date."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as MappingABC
from pathlib import Path

from stackproof.bind.manifest import load_manifest
from stackproof.compose.system import system_paths
from stackproof.document.controls import load_controls
from stackproof.document.layer import Usage, layer_page
from stackproof.document.policies import policy_pages
from stackproof.errors import InputError
from stackproof.judge.discover import discover
from stackproof.load.reader import read_file
from stackproof.load.template import is_template, load_template
from stackproof.paths import own_policies, shown_path

_MADE = "<!-- made by `stackproof docs`;"


def layer_pages(folder: Path) -> dict[str, str]:
    """Return a page by file name for every template that lies in a folder.

    Raises:
        InputError: a template or a manifest is wrong.
    """
    manifests = [load_manifest(path, shown_path(path)) for path in system_paths(folder)]
    pages = {}
    for path in sorted(folder.glob("*.y*ml")):
        if not is_template(read_file(path, shown_path(path))):
            continue
        template = load_template(path, shown_path(path))
        usages = [
            Usage(manifest, layer)
            for manifest in manifests
            for layer in manifest.layers.values()
            if layer.template.resolve() == path.resolve()
        ]
        pages[f"{path.stem}.md"] = layer_page(template, usages)
    return pages


def is_own() -> bool:
    """Return whether the working directory is our own repository."""
    return own_policies().parent.resolve() == Path.cwd().resolve()


def policy_folders() -> tuple[Path, ...]:
    """Return the folder of our own policies where it belongs to the working directory, as in our own repository."""
    return (own_policies(),) if is_own() else ()


def simulation_pages() -> dict[str, str]:
    """Return the page about the simulation, by its file name.

    Raises:
        InputError: what the simulation needs is not installed.
    """
    try:
        from stackproof.document.simulation import PAGE, simulation_page
    except ModuleNotFoundError as error:
        if error.name in ("boto3", "botocore", "moto"):
            raise InputError("the page about the simulation needs: pip install 'stackproof[simulate]'") from None
        raise
    return {PAGE: simulation_page()}


def written_about(folders: Iterable[Path], cases: Path) -> dict[str, str]:
    """Return the pages about the policies of some folders, by file name.

    Parameters:
        folders: where the policies are, and the published controls that they should answer to.
        cases: where their case tables are; it need not exist.

    Raises:
        InputError: a policy, a case table or a list of controls is wrong.
    """
    folders = tuple(folders)
    controls = [control for folder in folders for control in load_controls(folder)]
    return policy_pages(discover(folders), cases if cases.is_dir() else None, controls)


def stale(pages: MappingABC[str, str], output: Path) -> list[Path]:
    """Return the files that differ from their page, are missing, or are about nothing any more."""
    different = [output / name for name, text in pages.items() if _read(output / name) != text]
    return different + [path for path in _made(output) if path.name not in pages]


def write(pages: MappingABC[str, str], output: Path) -> list[Path]:
    """Bring a folder up to date; return the files that changed. Files that were not made here are left alone."""
    changed = stale(pages, output)
    output.mkdir(parents=True, exist_ok=True)
    for path in changed:
        if path.name in pages:
            path.write_text(pages[path.name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def _made(output: Path) -> list[Path]:
    return [path for path in sorted(output.glob("*.md")) if (_read(path) or "").startswith(_MADE)]


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
