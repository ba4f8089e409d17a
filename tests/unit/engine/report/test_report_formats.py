"""The table of formats: found by name, imported when used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stackproof.findings import Report
from stackproof.report import FORMATS


def test_the_formats_are_named_in_this_order() -> None:
    """Help texts and errors list the formats so."""
    assert list(FORMATS) == ["terminal", "json", "sarif", "junit", "github"]


def test_importing_the_package_imports_no_format() -> None:
    """A run pays for the format that it prints and for no other."""
    script = "import sys, stackproof.report; print([m for m in sys.modules if m.startswith('stackproof.report.')])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_renders_every_report(name: str, report: Report, clean: Report, empty: Report) -> None:
    """No report, not even one about nothing, is too odd for a format."""
    for given in (report, clean, empty):
        text = FORMATS[name](given)
        assert text == "" or text.endswith("\n")


def test_options_reach_the_format(report: Report) -> None:
    """The command line hands colours and its version through the table."""
    assert "\x1b[1;31mFAIL" in FORMATS["terminal"](report, colour=True)
    assert '"version": "9.9"' in FORMATS["sarif"](report, version="9.9")
