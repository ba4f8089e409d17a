"""Systems at a git reference, without deploying anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from stackproof.errors import InputError
from stackproof.simulate.plan import Wishes, planned
from stackproof.simulate.revision import revisions
from tests.integration.simulation.repository import Repository

QUEUE = "Resources: {Queue: {Type: AWS::SQS::Queue}}\n"
BOTH = "{dev: {branch: dev}, prod: {branch: main}}"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with one commit: one layer, one queue."""
    found = Repository(tmp_path / "repository")
    found.write({"only": QUEUE}, BOTH)
    found.commit()
    return found


def test_the_system_is_as_it_was(repository: Repository) -> None:
    repository.write({"only": QUEUE, "more": QUEUE}, BOTH)
    with revisions("HEAD") as past:
        found = past.system(repository.system())
        assert found is not None
        assert list(found.deployment("dev").stacks) == ["only"]


def test_marks_name_files_as_git_does(repository: Repository) -> None:
    with revisions("main") as past:
        found = past.system(repository.system())
        assert found is not None
        assert found.manifest.mark.file == "main:systems/small.yaml"
        assert [resource.mark.file for resource in found.deployment("dev").resources] == ["main:only.yaml"]


def test_a_system_is_read_once_for_all_of_its_environments(repository: Repository) -> None:
    system = repository.system()
    with revisions("HEAD") as past:
        assert past.system(system) is past.system(system)


def test_what_is_unpacked_is_removed(repository: Repository) -> None:
    with revisions("HEAD") as past:
        found = past.system(repository.system())
        assert found is not None
        path = found.manifest.path
        assert path.is_file()
    assert not path.exists()


def test_system_that_had_another_name_is_another_one(repository: Repository) -> None:
    """Its stacks had other names: nothing of them is updated."""
    repository.manifest.write_text(repository.manifest.read_text().replace("small", "large"))
    with revisions("HEAD") as past:
        assert past.system(repository.system()) is None


def test_broken_neighbour_is_not_in_the_way_of_a_renamed_manifest(repository: Repository) -> None:
    (repository.manifest.parent / "broken.yaml").write_text("a: b: c\n")
    repository.commit()
    repository.manifest = repository.manifest.rename(repository.manifest.with_name("new.yaml"))
    with revisions("HEAD") as past:
        found = past.system(repository.system())
    assert found is not None
    assert found.name == "small"


@pytest.mark.parametrize(
    ("wishes", "steps"),
    [
        pytest.param(Wishes(), 2, id="created, deleted"),
        pytest.param(Wishes(faults=True), 3, id="let fail as well"),
        pytest.param(Wishes(reference="HEAD"), 3, id="updated between"),
        pytest.param(Wishes(reference="HEAD", faults=True), 5, id="let fail twice"),
    ],
)
def test_plan_knows_its_steps(repository: Repository, wishes: Wishes, steps: int) -> None:
    (plan,) = planned([(repository.system(), "dev")], wishes)
    assert plan.steps == steps


def test_plan_without_a_past(repository: Repository) -> None:
    repository.write({"only": QUEUE}, "{test: {branch: test}}")
    (plan,) = planned([(repository.system(), "test")], Wishes(reference="HEAD"))
    assert (plan.before, plan.steps) == (None, 2)


def test_wrong_environment_is_an_error(repository: Repository) -> None:
    with pytest.raises(InputError, match="small has no environment 'test'"):
        planned([(repository.system(), "test")], Wishes(reference="HEAD"))
