"""Which inputs `stackproof check` finds behind a path."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from stackproof import InputError
from stackproof.cache import Cache
from stackproof.judge.targets import Target, collect

TEMPLATE = "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
MANIFEST = """\
system: shop
region: eu-west-1
environments: {dev: {branch: dev}}
layers: {queue: {template: queue.yaml}}
"""


def collected(*paths: Path) -> tuple[list[Target], list[str]]:
    refused: list[InputError] = []
    targets = collect(paths, Cache(None), refused.append)
    return targets, [str(error) for error in refused]


def _refuse(error: InputError) -> None:
    raise error


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system of one template, and beside it a template that belongs to none."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "infra" / "systems").mkdir(parents=True)
    (tmp_path / "infra" / "systems" / "shop.yaml").write_text(MANIFEST)
    (tmp_path / "infra" / "queue.yaml").write_text(TEMPLATE)
    (tmp_path / "infra" / "alone.yaml").write_text(TEMPLATE)
    return tmp_path


def test_a_folder_gives_its_systems_and_the_templates_of_no_system(repository: Path) -> None:
    targets, refused = collected(Path("infra"))
    manifest = Path("infra/systems/shop.yaml")
    assert targets == [
        Target(Path("infra/alone.yaml")),
        Target(manifest, (Path("infra/systems/../queue.yaml"),), is_system=True),
    ]
    assert refused == []


def test_a_template_of_a_system_is_judged_through_the_system_and_alone(repository: Path) -> None:
    targets, _ = collected(Path("infra/queue.yaml"))
    used = Path("infra/systems/../queue.yaml")
    assert targets == [Target(Path("infra/systems/shop.yaml"), (used,), only=(used,), is_system=True)]


def test_a_template_of_no_system_is_judged_by_itself(repository: Path) -> None:
    assert collected(Path("infra/alone.yaml")) == ([Target(Path("infra/alone.yaml"))], [])


def test_files_that_are_no_templates_are_passed_over_in_a_folder(repository: Path) -> None:
    for name in ("package.json", "values.yaml", ".hidden.yaml"):
        (repository / "infra" / name).write_text('{"name": "no template"}')
    (repository / "infra" / "node_modules").mkdir()
    (repository / "infra" / "node_modules" / "t.yaml").write_text(TEMPLATE)
    targets, refused = collected(Path("infra"))
    assert [target.path.name for target in targets] == ["alone.yaml", "shop.yaml"]
    assert refused == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("broken.yaml", "AWSTemplateFormatVersion: a: b", "broken.yaml:1: not well-formed YAML or JSON: mapping"),
        ("twice.yaml", "AWSTemplateFormatVersion: '1'\nResources: {}\nResources: {}\n", "twice.yaml:3: duplicate key"),
    ],
)
def test_a_broken_template_in_a_folder_is_refused_and_the_others_are_still_found(
    repository: Path, name: str, content: str, message: str
) -> None:
    (repository / "infra" / name).write_text(content)
    targets, refused = collected(Path("infra"))
    assert len(refused) == 1
    assert refused[0].startswith(f"infra/{message}")
    assert [target.path.name for target in targets] == ["alone.yaml", "shop.yaml"]


def test_a_folder_without_templates_is_refused(tmp_path: Path) -> None:
    _, refused = collected(tmp_path)
    assert refused == [f"{tmp_path}:1: no CloudFormation template and no system's manifest in this folder"]


def test_a_named_file_that_is_no_template_is_refused(repository: Path) -> None:
    (repository / "values.yaml").write_text("a: 1\n")
    _, refused = collected(Path("values.yaml"))
    assert refused == ["values.yaml:1: not a CloudFormation template and not a system's manifest"]


def test_an_absent_path_is_refused(repository: Path) -> None:
    assert collected(Path("absent.yaml"))[1] == ["absent.yaml:1: cannot be read: No such file or directory"]


def test_what_a_file_is_comes_from_the_cache_the_second_time(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path / "cache")
    first = collect([Path("infra")], cache, _refuse)
    monkeypatch.setattr("stackproof.judge.targets._classify", lambda *_: pytest.fail("parsed again"))
    assert collect([Path("infra")], cache, _refuse) == first


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "systems/shop.yaml",
            MANIFEST.replace("layers", "layerz").encode(),
            "unknown key 'layerz'; did you mean 'layers'?",
        ),
        ("systems/shop.yaml", MANIFEST.replace("system:", "sistem:").encode(), "unknown key 'sistem'"),
        ("systems/empty.yaml", b"", "empty file"),
        (
            "shop2.yaml",
            MANIFEST.replace("region", "regional").encode(),
            "unknown key 'regional'; did you mean 'region'?",
        ),
        ("wide.yaml", "Resources: {A: {Type: AWS::SNS::Topic}}".encode("utf-16"), "not UTF-8 text"),
        ("systems/twin.yaml", MANIFEST.encode(), "the system 'shop' is described by infra/systems/shop.yaml already"),
    ],
)
def test_what_is_nearly_a_manifest_or_a_template_is_refused_in_a_folder(
    repository: Path, name: str, content: bytes, message: str
) -> None:
    (repository / "infra" / name).write_bytes(content)
    _, refused = collected(Path("infra"))
    assert [error.split(": ", 1)[1].startswith(message) for error in refused] == [True], refused


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("UPPER.YAML", TEMPLATE.encode()),
        ("bom.yaml", b"\xef\xbb\xbf" + TEMPLATE.encode()),
        ("typo.yaml", TEMPLATE.replace("{Type: AWS::SNS::Topic}", "{Typ: AWS::SNS::Topic, Properties: {}}").encode()),
        ("loop.yaml", b"Resources:\n  Fn::ForEach::T:\n    - N\n    - [A]\n    - {'T${N}': {Type: AWS::SNS::Topic}}\n"),
    ],
)
def test_every_shape_of_a_template_is_found_in_a_folder(repository: Path, name: str, content: bytes) -> None:
    (repository / "infra" / name).write_bytes(content)
    targets, refused = collected(Path("infra"))
    assert (name in [target.path.name for target in targets], refused) == (True, [])


def test_a_manifest_with_a_byte_order_mark_is_found(repository: Path) -> None:
    path = repository / "infra" / "systems" / "shop.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    targets, _ = collected(Path("infra"))
    assert [target.is_system for target in targets] == [False, True]


def test_linked_folders_are_searched_once(repository: Path) -> None:
    (repository / "elsewhere").mkdir()
    (repository / "elsewhere" / "linked.yaml").write_text(TEMPLATE)
    (repository / "infra" / "link").symlink_to(repository / "elsewhere")
    (repository / "infra" / "circle").symlink_to(repository / "infra")
    targets, _ = collected(Path("infra"))
    assert [target.path.name for target in targets] == ["alone.yaml", "linked.yaml", "shop.yaml"]


def test_a_pipe_is_never_read(repository: Path) -> None:
    os.mkfifo(repository / "infra" / "pipe.yaml")
    assert collected(Path("infra"))[1] == []
    assert collected(Path("infra/alone.yaml"))[1] == []
    assert collected(Path("infra/pipe.yaml"))[1] == ["infra/pipe.yaml:1: not a regular file"]


def test_a_link_that_leads_to_itself_is_refused(repository: Path) -> None:
    (repository / "infra" / "self.yaml").symlink_to("self.yaml")
    assert collected(Path("infra"))[1] == []
    assert collected(Path("infra/self.yaml"))[1] == [
        "infra/self.yaml:1: cannot be read: Too many levels of symbolic links"
    ]


def test_a_broken_neighbour_does_not_concern_a_named_template(repository: Path) -> None:
    (repository / "infra" / "broken.yaml").write_text("AWSTemplateFormatVersion: a: b")
    assert collected(Path("infra/alone.yaml")) == ([Target(Path("infra/alone.yaml"))], [])


def test_one_file_named_twice_is_judged_once(repository: Path) -> None:
    targets, _ = collected(Path("infra/alone.yaml"), repository / "infra" / "alone.yaml")
    assert targets == [Target(Path("infra/alone.yaml"))]


def test_template_that_another_one_nests_is_judged_with_it(repository: Path) -> None:
    """In a folder a nested template is not judged alone; whoever names it gets it alone."""
    (repository / "infra" / "child.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}\n")
    (repository / "infra" / "parent.yaml").write_text(
        "Resources: {Nested: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}}\n"
    )
    targets, _ = collected(Path("infra"))
    parent = Target(Path("infra/parent.yaml"), (Path("infra/child.yaml"),))
    assert [target for target in targets if target.path.name in ("child.yaml", "parent.yaml")] == [parent]
    assert collected(Path("infra/child.yaml")) == ([Target(Path("infra/child.yaml"))], [])


def test_what_a_system_uses_is_not_judged_again_where_a_template_nests_it(repository: Path) -> None:
    """A root that nests layers of systems only is judged alone, wherever it is found."""
    root = repository / "infra" / "roots" / "shop.yaml"
    root.parent.mkdir()
    address = "https://bucket.s3.amazonaws.com/infra/queue.yaml"
    root.write_text(
        f"Resources: {{Queue: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: '{address}'}}}}}}\n"
    )
    expected = Target(Path("infra/roots/shop.yaml"), alone=True)
    for named in (Path("infra"), Path("infra/roots"), Path("infra/roots/shop.yaml")):
        targets, refused = collected(named)
        assert [target for target in targets if "roots" in target.path.parts] == [expected]
        assert refused == []


def test_a_template_that_nests_others_too_is_judged_with_all(repository: Path) -> None:
    nested = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s.yaml}}"
    (repository / "infra" / "root.yaml").write_text(
        f"Resources: {{Queue: {nested % 'queue'}, Alone: {nested % 'alone'}}}\n"
    )
    targets, _ = collected(Path("infra/root.yaml"))
    (root,) = targets
    assert (root.alone, {path.name for path in root.templates}) == (False, {"queue.yaml", "alone.yaml"})
