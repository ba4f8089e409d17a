"""The pytest plugin: gives tests the systems of their repository, once per system, environment or layer.

pytest loads it wherever stackproof is installed, also for projects that have no system. So it imports nothing of
weight before a test asks for one of its fixtures, and leaves all other tests alone: a project's own fixture ``system``
or ``deployment`` takes the place of the one here, and nothing is parametrised then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from stackproof.compose.deployment import Deployment
    from stackproof.compose.system import System
    from stackproof.findings import Finding, Report
    from stackproof.resolve.stack import Stack
    from stackproof.simulate.standing import Simulated

__all__ = ["PolicyFindings", "subject_of"]

_MARKERS = (
    "systems(*names): run for these systems only",
    "environments(*names): run for these environments only",
    "layers(*names): run for these layers only",
    "promise(*ids): the promise that this test proves, such as MT-07",
)

# The parameters of a test. Fixtures of a project may take the place of `system`, `deployment` and `stack`, never of
# these: where a test's fixtures do not lead to them, it has nothing to do with this plugin.
_SYSTEM, _ENVIRONMENT, _LAYER = "_stackproof_system", "_stackproof_environment", "_stackproof_layer"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, and settings of the same names."""
    group = parser.getgroup("stackproof")
    for name, meaning in (
        ("systems", "a system's manifest, or a folder of manifests (default: cloudformation/systems, here or above)"),
        ("policies", "a folder of policies that are asked beside stackproof's own"),
    ):
        group.addoption(f"--stackproof-{name}", action="append", default=[], metavar="PATH", help=meaning)
        parser.addini(f"stackproof_{name}", meaning, type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    for line in _MARKERS:
        config.addinivalue_line("markers", line)
    config.stash[_SYSTEMS] = _Systems(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test once per system, environment and layer, as far as its fixtures ask for them."""
    names = [name for name in (_SYSTEM, _ENVIRONMENT, _LAYER) if name in metafunc.fixturenames]
    if not names:
        return
    places = metafunc.config.stash[_SYSTEMS].places(metafunc.definition, len(names))
    ids = ["-".join(str(name) for name in place if name) for place in places]
    # pytest puts tests of one parameter side by side, and goes by the last parameter first. Each names all that it
    # lies in, so that tests of one system, and among these tests of one environment, stay together.
    nested = [tuple(place[: len(place) - inner] for inner in range(len(place))) for place in places]
    metafunc.parametrize(names[::-1], nested, ids=ids, indirect=True, scope="session")


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Say what was found where a test demands that nothing is."""
    found, wanted = (left, right) if isinstance(left, PolicyFindings) else (right, left)
    if op == "==" and isinstance(found, PolicyFindings) and wanted == []:
        return [f"{found!r} == []", *(_line(finding) for finding in found)]
    return None


def subject_of(item: pytest.Item) -> tuple[str, str]:
    """Return the system and the environment that a test is run for; empty texts where it is run for none."""
    callspec = getattr(item, "callspec", None)
    params = callspec.params if callspec else {}
    system, environment = params.get(_ENVIRONMENT) or (*params.get(_SYSTEM, ("",)), "")
    return str(system), environment


# --- Fixtures. ---


@pytest.fixture(scope="session")
def _stackproof_system(request: pytest.FixtureRequest) -> System:
    """The system of a test's parameter."""
    name = _param(request)
    found = name if isinstance(name, _Wrong) else request.config.stash[_SYSTEMS].loaded[name]
    if isinstance(found, _Wrong):
        raise _failure(found.message)
    system: System = found
    return system


@pytest.fixture(scope="session")
def _stackproof_environment(request: pytest.FixtureRequest, _stackproof_system: System) -> str:
    """The environment of a test's parameter."""
    return str(_param(request))


@pytest.fixture(scope="session")
def _stackproof_layer(request: pytest.FixtureRequest, _stackproof_environment: str) -> str:
    """The layer of a test's parameter."""
    return str(_param(request))


@pytest.fixture(scope="session")
def system(_stackproof_system: System) -> System:
    """Each system of the repository."""
    return _stackproof_system


@pytest.fixture(scope="session")
def deployment(_stackproof_system: System, _stackproof_environment: str) -> Deployment:
    """All stacks of each system in each of its environments, resolved and joined."""
    with _wrong_input_in_one_line():
        return _stackproof_system.deployment(_stackproof_environment)


@pytest.fixture(scope="session")
def stack(deployment: Deployment, _stackproof_layer: str) -> Stack:
    """Each stack of each system in each of its environments."""
    return deployment.stack(_stackproof_layer)


@pytest.fixture(scope="module")
def simulated(deployment: Deployment) -> Iterator[Simulated]:
    """Each deployment, standing in a simulated account that the tests of a module share."""
    from stackproof.deploy import DeployError
    from stackproof.simulate.standing import standing

    with _wrong_input_in_one_line():
        try:
            with standing(deployment) as found:
                yield found
        except DeployError as error:
            stack = deployment.stack(error.layer)
            mark = getattr(stack.resources.get(error.logical_id, stack), "mark", stack.mark)
            raise _failure(f"{mark}: cannot be deployed in simulation: {error}") from None


@pytest.fixture(scope="session")
def _stackproof_report(
    request: pytest.FixtureRequest, _stackproof_system: System, _stackproof_environment: str
) -> Report:
    """What ``stackproof check --environment NAME`` says of each system in each of its environments."""
    with _wrong_input_in_one_line():
        return request.config.stash[_SYSTEMS].report(_stackproof_system, _stackproof_environment)


@pytest.fixture
def policy_findings(request: pytest.FixtureRequest, _stackproof_report: Report) -> PolicyFindings:
    """The findings of all policies about each system in each of its environments."""
    found = PolicyFindings(_stackproof_report)
    if found:
        request.node.add_report_section("setup", "policy findings", found.text)
    return found


class PolicyFindings(list["Finding"]):
    """Findings that a failing test shows as ``stackproof check`` does.

    Attributes:
        report: where they come from.
    """

    def __init__(self, report: Report) -> None:
        super().__init__(report.findings)
        self.report = report

    @property
    def text(self) -> str:
        """The report as text."""
        from stackproof.report.terminal import render_plain

        return render_plain(self.report)

    def __repr__(self) -> str:
        from stackproof.report.wording import listing, several

        return f"<{several(len(self), 'finding')} in {listing(self.report.subjects)}>"


# --- Which tests run for what. ---


@dataclass(frozen=True, slots=True)
class _Wrong:
    """Stands in the place of a system that cannot be had: the tests that want it fail with its message."""

    name: str
    message: str

    def __str__(self) -> str:
        return self.name


_Place = tuple["str | _Wrong", str, str]
"""System, environment and layer; the last two may be empty."""


class _Systems:
    """The systems of the repository; read when a test asks for one."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._reports: dict[tuple[str, str], Report] = {}

    @cached_property
    def loaded(self) -> dict[str, System | _Wrong]:
        """Every system by its name, also those that are wrong, by the names of their files."""
        from stackproof.compose.system import load_system
        from stackproof.errors import InputError

        found: dict[str, System | _Wrong] = {}
        for path in self._manifests():
            try:
                system = load_system(path)
                if system.name in found:
                    raise InputError(f"there is a manifest of the system '{system.name}' already", system.manifest.mark)
            except InputError as error:
                found[path.stem] = _Wrong(path.stem, str(error))
            else:
                found[system.name] = system
        return found

    def _manifests(self) -> Iterator[Path]:
        named = self._paths("systems")
        if not named:
            from stackproof.compose.system import system_paths

            yield from system_paths(self._config.rootpath)
        for path in named:
            if path.is_dir():
                yield from sorted(path.glob("*.y*ml"))
            else:
                yield path

    def _paths(self, name: str) -> tuple[Path, ...]:
        """Return what an option names, or else the setting of that name."""
        given = self._config.getoption(f"stackproof_{name}")
        if given:
            return tuple(self._config.invocation_params.dir / path for path in given)
        return tuple(self._config.getini(f"stackproof_{name}"))

    @cached_property
    def _all_places(self) -> tuple[_Place, ...]:
        places: list[_Place] = []
        for name, system in self.loaded.items():
            if isinstance(system, _Wrong):
                places.append((system, "", ""))
                continue
            layers = system.manifest.layers.values()
            for environment in system.environments:
                here = [layer.name for layer in layers if environment in layer.environments]
                places += [(name, environment, layer) for layer in here or [""]]
        return tuple(places)

    def places(self, test: pytest.Item, depth: int) -> list[tuple[str | _Wrong, ...]]:
        """Return what a test is to be run for.

        Parameters:
            test: its markers choose among all.
            depth: 1 where it asks for systems, 2 for environments, 3 for layers.
        """
        wanted = [_marked(test, marker) for marker in ("systems", "environments", "layers")]
        found: list[_Place] = list(self._all_places)
        for level, names in enumerate(wanted):
            wrong = self._unknown(level, names, found)
            if wrong is not None:
                return [(wrong, "", "")[:depth]]
            found = [place for place in found if not names or _is_wrong(place, level) or str(place[level]) in names]
        if depth == len(wanted):
            found = [place for place in found if place[-1] or isinstance(place[0], _Wrong)]
        if not found:
            message = "no system has such a layer in such an environment"
            if not self.loaded:
                message = "no system in cloudformation/systems, here or above; name its folder as stackproof_systems"
            return [(_Wrong("nothing", message), "", "")[:depth]]
        return list(dict.fromkeys(place[:depth] for place in found))

    def _unknown(self, level: int, names: Sequence[str], among: Iterable[_Place]) -> _Wrong | None:
        """Return what is wrong with names that nothing has, which would choose nothing and pass."""
        from stackproof.errors import suggestion

        known = dict.fromkeys(str(place[level]) for place in among if not _is_wrong(place, level))
        if not known or all(name in known for name in names):
            return None
        name = next(name for name in names if name not in known)
        what = ("system", "environment", "layer")[level]
        return _Wrong(name, f"no {what} '{name}'{suggestion(name, known)}")

    def report(self, system: System, environment: str) -> Report:
        """Judge a system in one environment, once.

        Raises:
            InputError: the system or a policy is wrong.
        """
        key = (system.name, environment)
        if key not in self._reports:
            from datetime import UTC, datetime

            from stackproof.cache import Cache
            from stackproof.judge.run import Question, Terms, run
            from stackproof.judge.targets import collect
            from stackproof.paths import own_policies

            question = Question((own_policies(), *self._paths("policies")), (environment,))
            targets = collect([system.manifest.path], cache := Cache(None), _raise)
            terms = Terms(datetime.now(UTC).date(), (system.manifest.path,))
            self._reports[key] = run(targets, question, cache, _raise, terms=terms)
        return self._reports[key]


_SYSTEMS = pytest.StashKey[_Systems]()


def _marked(test: pytest.Item, marker: str) -> tuple[str, ...]:
    """Return the names of a marker: the test's own, or else those of its class or module."""
    found = test.get_closest_marker(marker)
    return tuple(str(name) for name in found.args) if found else ()


def _is_wrong(place: _Place, level: int) -> bool:
    """Return whether a system could not be loaded and a name is asked that its manifest would tell."""
    return level > 0 and isinstance(place[0], _Wrong)


def _param(request: pytest.FixtureRequest) -> Any:
    """Return the innermost name of a fixture's parameter."""
    if not hasattr(request, "param"):
        raise _failure("a test takes stackproof's fixtures as arguments: it runs once for each of them")
    return request.param[-1]


def _raise(error: Exception) -> None:
    raise error


def _line(finding: Finding) -> str:
    from stackproof.report.wording import headline, target

    about = " ".join(part for part in (finding.rule.id, target(finding)) if part)
    return f"{finding.mark} {about}: {headline(finding)}; fix: {finding.fix}"


@contextmanager
def _wrong_input_in_one_line() -> Iterator[None]:
    """Fail a test with what is wrong with a manifest, a template or a policy, and no traceback."""
    from stackproof.errors import InputError

    try:
        yield
    except InputError as error:
        raise _failure(str(error)) from None


def _failure(message: str) -> BaseException:
    """Return what fails a test with one line."""
    return pytest.fail.Exception(message, pytrace=False)
