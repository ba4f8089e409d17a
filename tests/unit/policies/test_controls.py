"""Published controls: each is answered by a policy, or says why no policy answers it."""

from pathlib import Path

import pytest

from stackproof.document.controls import answers, load_controls
from stackproof.errors import InputError
from stackproof.judge.discover import discover
from stackproof.paths import own_policies

POLICIES = discover([own_policies()])
CONTROLS = {control.id: control for control in load_controls(own_policies())}

BEYOND = {
    "FSBP AutoScaling.10": "of the tagging standard",
    "FSBP EC2.13": "of the CIS benchmark",
    "FSBP EC2.14": "of the CIS benchmark",
    "FSBP KMS.4": "of the CIS benchmark",
    "FSBP RDS.38": "no longer in the list, and still right",
    "FSBP RDS.39": "no longer in the list, and still right",
    "FSBP CodeBuild.2": "of a service that is not judged as a whole",
}
"""Controls of Security Hub that policies name although they are not of the standard, or of another service."""


def test_every_control_has_an_answer_or_a_reason() -> None:
    answered = answers(POLICIES)
    assert [name for name, control in CONTROLS.items() if not control.reason and name not in answered] == []


def test_no_reason_is_given_for_what_is_answered() -> None:
    answered = answers(POLICIES)
    assert [name for name, control in CONTROLS.items() if control.reason and name in answered] == []


def test_policies_name_controls_that_there_are() -> None:
    named = {name for name in answers(POLICIES) if name.startswith("FSBP ")}
    assert named - CONTROLS.keys() == BEYOND.keys()


def test_reasons_name_policies_that_there_are() -> None:
    known = {policy.policy.id for policy in POLICIES}
    words = {word.strip(".,;") for control in CONTROLS.values() for word in control.reason.split()}
    assert {word for word in words if word.startswith("SP") and word[2:].isdigit()} <= known


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "controls are named by standard, service and number"),
        ("FSBP: {EC2: {1: {asks: a}}}", "a control is a text, or a mapping of 'asks' and 'unanswered'"),
        ("FSBP: {EC2: {1: {asks: a, unanswered: []}}}", "a text is expected here"),
    ],
)
def test_wrong_list(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "controls.yaml").write_text(text)
    with pytest.raises(InputError, match=message):
        load_controls(tmp_path)


def test_folder_without_a_list(tmp_path: Path) -> None:
    assert load_controls(tmp_path) == ()
