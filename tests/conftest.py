"""What concerns a run as a whole: which worker runs which tests, and how much the policies were tried.

It stands here and not beside the tests, because with ``-n`` the process that hands them out collects none.
"""

import re
from pathlib import Path
from typing import Any

import pytest

# A deployment that a test asks stands at the beginning of its parameters: test_cache.py::test_size[muejam-dev-…].
_DEPLOYMENT = re.compile(r"integration/simulation/(?!test_lifecycle).*\[([a-z]+-[a-z]+)")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With ``--dist loadscope``, let one worker ask a simulated deployment all questions: it then stands up once."""
    if config.getvalue("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class ByDeployment(LoadScopeScheduling):  # type: ignore[misc]
        """Keeps together the tests of a deployment, other tests by module."""

        def _split_scope(self, nodeid: str) -> str:
            asked = _DEPLOYMENT.search(nodeid)
            return asked[1] if asked else nodeid.rsplit("::", 1)[0]

    return ByDeployment(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the promise tests ask what stands in a real account."""
    group = parser.getgroup("live", "promise tests (tests/integration/simulation)")
    group.addoption(
        "--live",
        action="store_true",
        help="ask the deployments that stand where the ambient credentials lead, not a simulation",
    )
    group.addoption("--live-systems", default="", metavar="NAMES", help="those that must stand there (default: all)")


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
