"""The last stage: a report as terminal text, JSON, SARIF, JUnit or GitHub annotations.

Every format is one module with a pure ``render(report) -> str`` whose text ends with a newline (or is empty). No
format is imported before it is asked for, so that a run which prints plain text pays for plain text only.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol

from stackproof.findings import Report


class Renderer(Protocol):
    """A format, called like its module's ``render``."""

    def __call__(self, report: Report, **options: object) -> str:
        """Return the report as text; options are those of the format's own ``render``."""


def _lazy(module: str) -> Renderer:
    """Return a renderer that imports its module at the first call."""

    def render(report: Report, **options: object) -> str:
        text: str = import_module(f"stackproof.report.{module}").render(report, **options)
        return text

    return render


FORMATS: Mapping[str, Renderer] = MappingProxyType(
    {
        "terminal": _lazy("terminal"),
        "json": _lazy("json_report"),
        "sarif": _lazy("sarif"),
        "junit": _lazy("junit"),
        "github": _lazy("github"),
    }
)
"""Format name to renderer, in the order in which help texts list them."""
