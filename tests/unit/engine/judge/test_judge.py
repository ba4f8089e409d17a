"""How policies are found, asked, and their answers gathered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stackproof import Deployment, InputError, Verdict, parse_template
from stackproof.compose.system import deployment_of
from stackproof.findings import Finding, Rule, Severity
from stackproof.judge.discover import LoadedPolicy, discover
from stackproof.judge.judge import findings, judge, merged
from stackproof.marks import Mark

POLICY = '''"""Topics are named."""

from stackproof.policy import Policy, Severity, each, problem

POLICY = Policy(
    id="{id}",
    severity=Severity.LOW,
    types=("AWS::SNS::Topic",),
    rationale="A name tells what it is for.",
    remediation="Set TopicName.",
    protected_only={protected_only},
)


def check(topic, deployment):
{check}
'''
NAMED = '    if not topic.text("TopicName"):\n        yield problem(topic, "TopicName", "it has no name")'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a policy file, returns its folder."""

    def written(
        check: str = NAMED, *, name: str = "sns/named.py", id_: str = "XY100", protected_only: bool = False
    ) -> Path:
        path = tmp_path / "policies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(POLICY.format(id=id_, check=check, protected_only=protected_only))
        return tmp_path / "policies"

    return written


def template(*topics: str, parameters: str = "{}") -> Deployment:
    resources = "".join(f"\n  T{i}: {{Type: AWS::SNS::Topic, Properties: {body}}}" for i, body in enumerate(topics))
    return deployment_of(parse_template(f"Parameters: {parameters}\nResources:{resources}\n", "t.yaml"))


def verdicts(folder: Path, deployment: Deployment) -> dict[str, Verdict]:
    return {answer.subject.logical_id: answer.verdict for answer in judge(deployment, discover([folder]))}  # type: ignore[union-attr]


def test_every_file_of_a_folder_is_a_policy_with_its_docstring_as_title(write: Write) -> None:
    write(id_="XY200", name="sns/second.py")
    found = discover([write(id_="XY100")])
    assert [(policy.policy.id, policy.name, policy.title) for policy in found] == [
        ("XY100", "sns/named", "Topics are named"),
        ("XY200", "sns/second", "Topics are named"),
    ]


def test_helpers_and_adapters_are_no_policies(write: Write) -> None:
    folder = write()
    (folder / "sns" / "_helper.py").write_text("raise SystemError")
    (folder / "adapters").mkdir()
    (folder / "adapters" / "rules.py").write_text("raise SystemError")
    assert [policy.name for policy in discover([folder])] == ["sns/named"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("import nowhere\n", "cannot load this policy: ModuleNotFoundError: No module named 'nowhere'"),
        ("def check(:\n", "cannot load this policy: SyntaxError: invalid syntax"),
        ("x = 1\n", "a policy file holds a Policy named POLICY and a function check"),
    ],
)
def test_a_file_that_is_no_policy_is_an_error(write: Write, content: str, message: str) -> None:
    folder = write()
    (folder / "sns" / "bad.py").write_text(content)
    with pytest.raises(InputError) as error:
        discover([folder])
    assert str(error.value).startswith(f"{folder}/sns/bad.py:1: {message}")


def test_two_policies_of_one_id_are_an_error(write: Write) -> None:
    write(name="sns/other.py")
    with pytest.raises(InputError, match=r"policy id XY100 is taken by .*sns/named\.py"):
        discover([write()])


def test_a_folder_without_policies_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no policy in"):
        discover([tmp_path])


def test_verdicts_are_pass_fail_and_unproven(write: Write) -> None:
    deployment = template("{TopicName: a}", "{}", "{TopicName: !Ref Name}", parameters="{Name: {Type: String}}")
    assert verdicts(write(), deployment) == {"T0": "pass", "T1": "fail", "T2": "unproven"}


def test_an_unproven_finding_says_what_is_not_known_and_where(write: Write) -> None:
    deployment = template("{TopicName: !Ref Name}", parameters="{Name: {Type: String}}")
    (found,) = findings(deployment, judge(deployment, discover([write()])))
    assert (found.verdict, found.message, found.path, str(found.mark)) == (
        Verdict.UNPROVEN,
        "TopicName is ${Name}, which is known only after deployment",
        "TopicName",
        "t.yaml:3",
    )


def test_what_cannot_be_decided_in_one_element_hides_nothing_of_the_others(write: Write) -> None:
    check = (
        '    for tag in each(topic.items_of("Tags")):\n'
        '        if not tag.text("Value"):\n'
        '            yield problem(topic, tag.path_of("Value"), "an empty tag")'
    )
    body = "{Tags: [{Key: a, Value: !Ref Name}, {Key: b, Value: ''}, {Key: c, Value: x}]}"
    deployment = template(body, parameters="{Name: {Type: String}}")
    (answer,) = judge(deployment, discover([write(check)]))
    assert [found.path for found in answer.undecided] == ["Tags.0.Value"]
    assert [found.path for found in answer.failures] == ["Tags.1.Value"]


def test_a_property_of_a_wrong_type_is_unproven_and_hides_nothing_of_the_others(write: Write) -> None:
    check = '    if topic.integer("FifoThroughputScope") > 1:\n        yield problem(topic, "FifoThroughputScope", "m")'
    deployment = template("{FifoThroughputScope: many}", "{FifoThroughputScope: 2}")
    wrong, right = judge(deployment, discover([write(check)]))
    assert [found.message for found in wrong.undecided] == ["'FifoThroughputScope' must be a number, not 'many'"]
    assert right.verdict == "fail"


def test_independent_lists_add_up_and_past_the_bound_the_verdict_is_unproven(write: Write) -> None:
    check = "    a = next(each(range(100)))\n    b = next(each(range(100)))\n    yield from ()"
    (answer,) = judge(template("{}"), discover([write(check)]))
    assert answer.verdict == "unproven"
    assert answer.undecided[0].message == "more than 5,000 combinations to look at"


def test_a_broken_policy_stops_the_gate_and_names_its_line(write: Write) -> None:
    folder = write("    yield topic.nothing")
    with pytest.raises(InputError) as error:
        list(judge(template("{}"), discover([folder])))
    assert str(error.value).startswith(f"{folder}/sns/named.py:16: policy XY100 cannot judge T0 (t.yaml:3): Attribute")


def test_a_policy_for_protected_environments_is_not_asked_elsewhere(write: Write, tmp_path: Path) -> None:
    from stackproof import load_system

    (tmp_path / "t.yaml").write_text("Resources: {T: {Type: AWS::SNS::Topic}}\n")
    (tmp_path / "s.yaml").write_text(
        "system: s\nregion: us-east-1\nenvironments: {dev: {branch: dev}, prod: {branch: main, protected: true}}\n"
        "layers: {one: {template: t.yaml}}\n"
    )
    system = load_system(tmp_path / "s.yaml")
    policies = discover([write(protected_only=True)])
    asked: dict[str, list[LoadedPolicy]] = {
        name: [answer.policy for answer in judge(system.deployment(name), policies)] for name in system.environments
    }
    assert asked == {"dev": [], "prod": list(policies)}


def test_one_problem_in_several_environments_is_one_finding() -> None:
    rule = Rule("XY100", "t", Severity.LOW)

    def finding(environment: str, message: str = "m") -> Finding:
        return Finding(rule, Verdict.FAIL, message, "f", Mark("t.yaml", 3), environments=(environment,))

    found = merged([finding("prod"), finding("dev"), finding("dev", "other")], ("dev", "test", "prod"))
    assert [(one.message, one.environments) for one in found] == [("m", ("dev", "prod")), ("other", ("dev",))]
