"""What both adapters take from the engine: verdicts once per content, each at a place of the file."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from stackproof.adapters.judged import Judged, Place, judge_file, sentence
from stackproof.findings import Report
from stackproof.judge.run import run
from stackproof.judge.targets import Target

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def write(text: str, name: str = "template.yaml") -> Path:
        Path(name).write_text(text)
        return Path(name)

    return write


def database(*properties: str) -> str:
    return "\n".join(["Resources:", "  Data:", "    Type: AWS::RDS::DBInstance", *properties, ""])


def places(answer: Judged, policy: str) -> list[Place]:
    return [answer.place(finding) for finding in answer.of(policy)]


def test_file_is_judged_once_however_many_ask(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def counted(targets: Sequence[Target], *rest: Any, **more: Any) -> Report:
        asked.extend(target.path for target in targets)
        return run(targets, *rest, **more)

    monkeypatch.setattr("stackproof.adapters.judged.run", counted)
    path = write(database())
    assert judge_file(path) is judge_file(path)
    path.write_text(database("    Properties: {StorageEncrypted: true}"))
    assert judge_file(path).of("SP301") == []
    assert asked == [path, path]


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ((), ("Resources", "Data")),
        (("    Properties: {StorageEncrypted: false}",), ("Resources", "Data", "Properties", "StorageEncrypted")),
        (("    Properties: {StorageEncrypted: !Ref Absent}",), ()),
    ],
    ids=["missing", "stated", "refused"],
)
def test_place_is_the_nearest_that_is_written(write: Write, properties: tuple[str, ...], place: Place) -> None:
    answer = judge_file(write(database(*properties)))
    assert places(answer, "SP301" if place else "SP100") == [place]


def test_place_leads_through_a_list_of_a_condition(write: Write) -> None:
    path = write(
        """\
Parameters: {Open: {Type: String, Default: 'no', AllowedValues: ['yes', 'no']}}
Conditions: {IsOpen: !Equals [!Ref Open, 'yes']}
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: of a database
      SecurityGroupIngress:
        - !If [IsOpen, {CidrIp: 0.0.0.0/0, IpProtocol: tcp, FromPort: 5432, ToPort: 5432}, !Ref AWS::NoValue]
"""
    )
    rule = ("Resources", "Group", "Properties", "SecurityGroupIngress", 0, "Fn::If", 1, "CidrIp")
    assert places(judge_file(path), "SP103") == [rule]


def test_template_of_a_system_is_judged_by_itself(write: Write) -> None:
    """A host that looks at one file is told about that file, whatever a manifest beside it binds."""
    write(
        "system: shop\nregion: us-east-1\nenvironments: {dev: {branch: dev}}\nlayers:\n"
        "  data: {template: template.yaml, parameters: {Encrypted: 'true'}}\n",
        "shop.yaml",
    )
    parameter = "Parameters: {Encrypted: {Type: String, Default: 'true', AllowedValues: ['true', 'false']}}\n"
    path = write(parameter + database("    Properties: {StorageEncrypted: !Ref Encrypted}"), "template.yaml")
    (finding,) = judge_file(path).of("SP301")
    assert finding.witness == (("Encrypted", "false"),)


def test_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    answer = judge_file(tmp_path / "absent.yaml")
    assert answer.refused
    assert [finding.rule.id for finding in answer.findings] == ["SP100"]


def test_sentence_stays_on_one_line(write: Write) -> None:
    """Whatever a template names itself."""
    path = write('Resources:\n  "Da\\nta": {Type: AWS::RDS::DBInstance}\n')
    assert [finding for finding in judge_file(path).findings if "\n" in sentence(finding)] == []
