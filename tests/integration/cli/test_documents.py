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
    assert "docs/layers/gone.md: removed, there is nothing left to say" in stackproof("docs").out
    assert not gone.exists()


POLICY = '''\
"""Queues have a name."""

from stackproof.policy import Policy, Severity, problem

POLICY = Policy(
    id="AB101",
    severity=Severity.LOW,
    types=("AWS::SQS::Queue",),
    rationale="Nobody finds a queue without a name.",
    remediation="Set QueueName.",
    controls=("NIST AC-17", "NIST AC-4"),
)


def check(queue, deployment):
    if "QueueName" not in queue:
        yield problem(queue, "QueueName", "it has no name")
'''
CASES = """\
- case: two of them
  fail: {First: QueueName, Second: QueueName}
  parameters: {Kind: a}
  template:
    Parameters: {Kind: {Type: String}}
    Resources:
      First: {Type: AWS::SQS::Queue}
      Second: {Type: AWS::SQS::Queue}
- case: without a name
  # what is no part of the template is left out
  fail: {Queue: QueueName}
  template:
    Resources:
      # a comment of the template stays
      Queue: {Type: AWS::SQS::Queue}

- case: nothing to judge
  template: {Resources: {Topic: {Type: AWS::SNS::Topic}}}
- case: named
  protected: false
  template:
    Resources:
      Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
"""
SECTION = """\
<a id="ab101"></a>
## AB101 Queues have a name

| severity | name | judges | where | controls |
| --- | --- | --- | --- | --- |
| low | `sqs/named` | `AWS::SQS::Queue` | every environment | NIST AC-17, NIST AC-4 |

Nobody finds a queue without a name.

**Fix:** Set QueueName.
"""
EXAMPLES = """
Bad (without a name): `Queue` at `QueueName`.

```yaml
Resources:
  # a comment of the template stays
  Queue: {Type: AWS::SQS::Queue}
```

Good (named). Here the environment is not protected.

```yaml
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
```
"""


def _policies(folder: Path) -> Path:
    (folder / "rules" / "sqs").mkdir(parents=True)
    (folder / "rules" / "sqs" / "named.py").write_text(POLICY)
    return folder / "docs" / "policies"


def test_pages_about_policies_of_ones_own(stackproof: Stackproof, tmp_path: Path) -> None:
    """Examples come from the case table; without one the page says the rest. Our own policies are left out."""
    _repository(tmp_path)
    pages = _policies(tmp_path)
    assert stackproof("docs").out == "docs/layers/queue.md: written\n"
    assert stackproof("docs", "-p", "rules").out.splitlines() == [
        "docs/policies/sqs.md: written",
        "docs/policies/README.md: written",
        "docs/policies/controls.md: written",
    ]
    made = "<!-- made by `stackproof docs`; change the policy or its cases instead -->\n\n"
    assert (pages / "sqs.md").read_text() == f"{made}# sqs\n\n{SECTION}"
    (tmp_path / "cases" / "sqs").mkdir(parents=True)
    (tmp_path / "cases" / "sqs" / "named.yaml").write_text(CASES)
    assert stackproof("docs", "-p", "rules", "--cases", "cases").out == "docs/policies/sqs.md: written\n"
    assert (pages / "sqs.md").read_text() == f"{made}# sqs\n\n{SECTION}{EXAMPLES}"


def test_index_and_controls(stackproof: Stackproof, tmp_path: Path) -> None:
    """Every policy in the index; every control with who answers it, or the reason why nobody does."""
    _repository(tmp_path)
    pages = _policies(tmp_path)
    (tmp_path / "rules" / "controls.yaml").write_text(
        "NIST: {AC: {}}\nFSBP: {SQS: {1: {asks: It is signed., unanswered: It cannot be.}}}\n"
    )
    stackproof("docs", "-p", "rules")
    assert (pages / "README.md").read_text().partition("# Policies\n\n")[2] == (
        "1 policy. [Published controls](controls.md) and who answers them.\n\n## [sqs](sqs.md)\n\n"
        "| id | what it demands | severity | controls |\n| --- | --- | --- | --- |\n"
        "| [AB101](sqs.md#ab101) | Queues have a name | low | NIST AC-17, NIST AC-4 |\n"
    )
    assert (pages / "controls.md").read_text().partition("# Published controls\n\n")[2] == (
        "Of 1 controls of the AWS Foundational Security Best Practices standard about the services that are judged, "
        "0 are answered by a policy. The rest stands here with its reason.\n\n"
        "## AWS Foundational Security Best Practices\n\n"
        "| control | what it asks | answered by, or why by none |\n| --- | --- | --- |\n"
        "| SQS.1 | It is signed. | It cannot be. |\n\n"
        "## NIST SP 800-53 revision 5\n\n"
        "| control | answered by, or why by none |\n| --- | --- |\n"
        "| AC-4 | [AB101](sqs.md#ab101) |\n| AC-17 | [AB101](sqs.md#ab101) |\n"
    )


def test_stale_pages_about_policies_fail_the_check(stackproof: Stackproof, tmp_path: Path) -> None:
    """Like those about templates; a service without policies loses its page."""
    _repository(tmp_path)
    pages = _policies(tmp_path)
    stackproof("docs", "-p", "rules")
    assert stackproof("docs", "-p", "rules", "--check").code == 0
    (tmp_path / "rules" / "sqs").rename(tmp_path / "rules" / "messages")
    checked = stackproof("docs", "-p", "rules", "--check")
    assert (checked.code, checked.err.splitlines()) == (
        1,
        [
            f"docs/policies/{name}.md is stale; run: stackproof docs"
            for name in ("messages", "README", "controls", "sqs")
        ],
    )
    stackproof("docs", "-p", "rules")
    assert sorted(path.name for path in pages.iterdir()) == ["README.md", "controls.md", "messages.md"]


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
