"""Says at the end of a run how much the policies were tried.

It stands here and not beside the tables, because with ``-n`` the process that prints collects no tests.
"""

from pathlib import Path

import pytest

_TABLES = Path(__file__).parent / "unit" / "policies"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the number of policies and cases where any of them was run."""
    reports = (report for group in terminalreporter.stats.values() for report in group)
    if not any("unit/policies/" in getattr(report, "nodeid", "") for report in reports):
        return
    from stackproof.judge.discover import discover
    from stackproof.paths import own_policies
    from stackproof.policy.cases import load_cases

    policies = len(discover([own_policies()]))
    cases = sum(len(load_cases(path)) for path in _TABLES.rglob("*.yaml"))
    terminalreporter.write_line(f"{policies} policies, {cases} cases")
