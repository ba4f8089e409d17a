"""``stackproof docs`` and ``stackproof list promises`` through the real console script."""

from __future__ import annotations

from pathlib import Path

from tests.integration.cli.conftest import Stackproof

PLACE = "docs/promises.md:1"
TEMPLATE = """\
Description: One queue.
Parameters:
  Kind: {Type: String, Default: a, AllowedValues: [a, b], Description: Which | kind.}
Resources:
  Queue: {Type: AWS::SQS::Queue}
"""


def _repository(folder: Path) -> None:
    (folder / "cloudformation" / "systems").mkdir(parents=True)
    (folder / "cloudformation" / "queue.yaml").write_text(TEMPLATE)
    (folder / "cloudformation" / "other.yaml").write_text("a: 1\n")
    (folder / "cloudformation" / "systems" / "shop.yaml").write_text(
        "system: shop\nregion: eu-west-1\nenvironments: {dev: {branch: dev}}\n"
        "layers: {queue: {template: queue.yaml, parameters: {Kind: b}}}\n"
    )


def test_pages_are_written_once_and_kept(stackproof: Stackproof, tmp_path: Path) -> None:
    """A second run changes nothing, and what the tool did not make is left alone."""
    _repository(tmp_path)
    (tmp_path / "docs" / "layers").mkdir(parents=True)
    own = tmp_path / "docs" / "layers" / "README.md"
    own.write_text("mine\n")
    assert stackproof("docs").out == "docs/layers/queue.md: written\n"
    assert stackproof("docs").out == ""
    assert own.read_text() == "mine\n"
    assert (tmp_path / "docs" / "layers" / "queue.md").read_text() == (
        "<!-- made by `stackproof docs`; change the template instead -->\n\n# queue\n\nOne queue.\n\n## Parameters\n\n"
        "| parameter | meaning | default | permitted |\n| --- | --- | --- | --- |\n"
        "| `Kind` | Which \\| kind. | `a` | a, b |\n\n"
        "## Values in the systems\n\n### shop (layer `queue`)\n\n"
        "| parameter | dev |\n| --- | --- |\n| `Kind` | `b` |\n\n"
        "## Resources\n\n| resource | type | exists |\n| --- | --- | --- |\n| `Queue` | AWS::SQS::Queue | always |\n"
    )


def test_stale_pages_fail_the_check(stackproof: Stackproof, tmp_path: Path) -> None:
    """A changed template, a missing page and a page without a template are each named; nothing is written."""
    _repository(tmp_path)
    stackproof("docs")
    assert stackproof("docs", "--check").code == 0
    (tmp_path / "cloudformation" / "queue.yaml").write_text(TEMPLATE.replace("One", "Another"))
    (tmp_path / "cloudformation" / "second.yaml").write_text(TEMPLATE)
    gone = tmp_path / "docs" / "layers" / "gone.md"
    gone.write_text((tmp_path / "docs" / "layers" / "queue.md").read_text())
    checked = stackproof("docs", "--check")
    assert (checked.code, checked.out) == (1, "")
    assert checked.err.splitlines() == [
        "docs/layers/queue.md is stale; run: stackproof docs",
        "docs/layers/second.md is stale; run: stackproof docs",
        "docs/layers/gone.md is stale; run: stackproof docs",
    ]
    assert gone.is_file()
    assert "docs/layers/gone.md: removed, its template is gone" in stackproof("docs").out
    assert not gone.exists()


def test_promises_with_what_proves_them(stackproof: Stackproof, tmp_path: Path) -> None:
    """Each promise is followed by its tests, its policies and what is not proven."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "promises.md").write_text(
        "| AB-01 | a door | SP101, SP102 |\n| AB-02 | a bell |\n# Not proven here\n| AB-02 | it comes later |\n"
    )
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_house.py").write_text(
        "@pytest.mark.promise('AB-01')\n@pytest.mark.environments('dev', 'test')\ndef test_door(deployment): ...\n"
    )
    assert stackproof("list", "promises").out == (
        "AB-01  a door\n"
        "       tests/test_house.py::test_door (dev, test)\n"
        "       policies SP101, SP102\n"
        "AB-02  a bell\n"
        "       not proven here: it comes later\n"
    )


def test_promises_that_nobody_wrote_down(stackproof: Stackproof) -> None:
    """Without a table there is one line that says which file is missing."""
    listed = stackproof("list", "promises")
    assert (listed.code, listed.err) == (2, f"stackproof: {PLACE}: cannot be read: No such file or directory\n")


def test_cost_of_every_environment(stackproof: Stackproof, tmp_path: Path) -> None:
    """A line per environment and layer, and what is not counted."""
    _repository(tmp_path)
    (tmp_path / "cloudformation" / "queue.yaml").write_text(f"{TEMPLATE}  Key: {{Type: AWS::KMS::Key}}\n")
    assert stackproof("cost", "shop").out == (
        "shop dev: 1.00 USD a month\n  queue          1.00 USD\n  by use, not counted: SQS::Queue\n"
    )
    assert stackproof("cost", "shop", "dev").out.splitlines()[2] == "    Key: key  1.00 USD"
    assert '"low": 1.0,' in stackproof("cost", "shop", "-f", "json").out
