"""Every scenario that a template permits is judged, and what fails says with which values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stackproof import load_system, load_template, parse_template
from stackproof.compose.open import open_deployment_of, open_template
from stackproof.findings import Verdict
from stackproof.judge.discover import LoadedPolicy, discover
from stackproof.judge.judge import Judgement
from stackproof.judge.scenarios import judge_scenarios
from stackproof.paths import own_policies
from stackproof.resolve.stack import Resource
from tests.benchmarks import conditional

POLICIES = {policy.policy.id: policy for policy in discover([own_policies()])}


def database(encrypted: str, parameters: str = "", *, rest: str = "", attributes: str = "") -> str:
    """A template with one database."""
    declared = f"Parameters:\n{parameters}" if parameters else ""
    return (
        f"{declared}{rest}Resources:\n  Data:\n    Type: AWS::RDS::DBInstance\n{attributes}"
        f"    Properties:\n      StorageEncrypted: {encrypted}\n"
    )


def group(source: str, parameters: str = "", *, rest: str = "") -> str:
    """A template with one security group that lets somebody in by SSH."""
    declared = f"Parameters:\n{parameters}" if parameters else ""
    return (
        f"{declared}{rest}Resources:\n  Group:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n"
        "      SecurityGroupIngress:\n        - IpProtocol: tcp\n          FromPort: 22\n          ToPort: 22\n"
        f"          CidrIp: {source}\n"
    )


def ask(policy: str, *templates: str, logical_id: str = "") -> Judgement:
    """Ask one policy about the first resource that it judges."""
    deployment = open_deployment_of({f"t{number}": parse_template(text) for number, text in enumerate(templates)})
    judgements = list(judge_scenarios(deployment, [POLICIES[policy]]))
    return next(found for found in judgements if not logical_id or found.subject.logical_id == logical_id)  # type: ignore[union-attr]


def told(judgement: Judgement) -> tuple[Verdict, dict[str, str] | None, bool]:
    """Return the verdict, the witness of the only problem, and whether its values are declared."""
    if not judgement.witnesses:
        return judgement.verdict, None, True
    (witness,) = judgement.witnesses.values()
    return judgement.verdict, dict(witness.values), witness.declared


SWITCH = "  Enc: {Type: String, Default: '%s'%s}\n"
BOTH = ", AllowedValues: ['true', 'false']"
STAGE = "  Stage: {Type: String, Default: %s, AllowedValues: [dev, prod]}\n"
IS_PROD = "Conditions:\n  IsProd: !Equals [!Ref Stage, prod]\n  NotProd: !Not [!Condition IsProd]\n"
MAP = "Mappings:\n  Sizes:\n    dev: {Encrypted: %s}\n    prod: {Encrypted: true}\n"
CIDR = "  Source: {Type: String%s}\n"

BAD = {
    "a switch that is on by default": (database("!Ref Enc", SWITCH % ("true", BOTH)), {"Enc": "false"}, True),
    "a switch without a default": (database("!Ref Enc", "  Enc: {Type: String}\n"), {"Enc": "false"}, False),
    "a switch without a default but with values": (
        database("!Ref Enc", "  Enc: {Type: String, AllowedValues: ['true', 'false']}\n"),
        {"Enc": "false"},
        True,
    ),
    "a switch that is off by default": (database("!Ref Enc", SWITCH % ("false", BOTH)), {"Enc": "false"}, True),
    "a switch without permitted values": (database("!Ref Enc", SWITCH % ("true", "")), {"Enc": "false"}, False),
    "a condition with prod as default": (
        database("!If [IsProd, true, false]", STAGE % "prod", rest=IS_PROD),
        {"Stage": "dev"},
        True,
    ),
    "a condition with dev as default": (
        database("!If [IsProd, true, false]", STAGE % "dev", rest=IS_PROD),
        {"Stage": "dev"},
        True,
    ),
    "nothing where it is not prod": (
        database("!If [IsProd, true, !Ref AWS::NoValue]", STAGE % "prod", rest=IS_PROD),
        {"Stage": "dev"},
        True,
    ),
    "a mapping by environment": (
        database("!FindInMap [Sizes, !Ref Stage, Encrypted]", STAGE % "prod", rest=MAP % "false"),
        {"Stage": "dev"},
        True,
    ),
    "a resource that exists where it is not prod": (
        database("false", STAGE % "prod", rest=IS_PROD, attributes="    Condition: NotProd\n"),
        {"Stage": "dev"},
        True,
    ),
    "a switch where it is not prod": (
        database("!If [IsProd, true, !Ref Enc]", STAGE % "prod" + SWITCH % ("true", BOTH), rest=IS_PROD),
        {"Stage": "dev", "Enc": "false"},
        True,
    ),
}


@pytest.mark.parametrize(("template", "witness", "declared"), BAD.values(), ids=BAD)
def test_unencrypted_in_some_scenario(template: str, witness: dict[str, str], declared: bool) -> None:
    assert told(ask("SP301", template)) == (Verdict.FAIL, witness, declared)


OPEN = {
    "a range with a safe default and no constraint": (
        group("!Ref Source", CIDR % ", Default: 10.0.0.0/8"),
        {"Source": "0.0.0.0/0"},
        False,
    ),
    "a pattern that admits the world": (
        group("!Ref Source", CIDR % ", Default: 10.0.0.0/8, AllowedPattern: '[0-9./]+'"),
        {"Source": "0.0.0.0/0"},
        False,
    ),
    "one permitted value that is the world": (
        group("!Ref Source", CIDR % ", Default: 10.0.0.0/8, AllowedValues: [10.0.0.0/8, 0.0.0.0/0]"),
        {"Source": "0.0.0.0/0"},
        True,
    ),
    "the world through Sub": (
        group("!Sub '${Source}/${Bits}'", CIDR % ", Default: 0.0.0.0" + "  Bits: {Type: Number, Default: 0}\n"),
        {"Source": "0.0.0.0", "Bits": "0"},  # noqa: S104 - an address range
        True,
    ),
    "the world through If": (
        group("!If [IsProd, 10.0.0.0/8, 0.0.0.0/0]", STAGE % "prod", rest=IS_PROD),
        {"Stage": "dev"},
        True,
    ),
    "the world through a mapping": (
        group(
            "!FindInMap [Ranges, !Ref Stage, Source]",
            STAGE % "prod",
            rest="Mappings:\n  Ranges:\n    dev: {Source: 0.0.0.0/0}\n    prod: {Source: 10.0.0.0/8}\n",
        ),
        {"Stage": "dev"},
        True,
    ),
}


@pytest.mark.parametrize(("template", "witness", "declared"), OPEN.values(), ids=OPEN)
def test_open_in_some_scenario(template: str, witness: dict[str, str], declared: bool) -> None:
    assert told(ask("SP102", template)) == (Verdict.FAIL, witness, declared)


RULES = """\
Rules:
  ProdIsEncrypted:
    Assertions:
      - Assert: !Equals [!Ref Enc, 'true']
        AssertDescription: it must be encrypted
"""
RULES_OF_STAGES = """\
Rules:
  DevIsEncryptedToo:
    RuleCondition: !Equals [!Ref Stage, dev]
    Assertions: [{Assert: !Equals [!Ref Enc, 'true'], AssertDescription: it must be encrypted}]
  ProdIsEncrypted:
    RuleCondition: !Equals [!Ref Stage, prod]
    Assertions: [{Assert: !Equals [!Ref Enc, 'true'], AssertDescription: it must be encrypted}]
"""
SAFE = {
    "a condition that guards its resource": (
        "SP301",
        database("!If [IsProd, true, false]", STAGE % "prod", rest=IS_PROD, attributes="    Condition: IsProd\n"),
    ),
    "a value that a rule forbids": ("SP301", database("!Ref Enc", SWITCH % ("true", BOTH), rest=RULES)),
    "values that two rules forbid between them": (
        "SP301",
        database("!Ref Enc", STAGE % "dev" + SWITCH % ("true", BOTH), rest=RULES_OF_STAGES),
    ),
    "one permitted value": ("SP301", database("!Ref Enc", SWITCH % ("true", ", AllowedValues: ['true']"))),
    "both branches": ("SP301", database("!If [IsProd, true, true]", STAGE % "dev", rest=IS_PROD)),
    "both values of a mapping": (
        "SP301",
        database("!FindInMap [Sizes, !Ref Stage, Encrypted]", STAGE % "dev", rest=MAP % "true"),
    ),
    "a pattern that excludes the world": (
        "SP102",
        group("!Ref Source", CIDR % r", Default: 10.0.0.0/8, AllowedPattern: '^10\.[0-9.]+/([89]|[12][0-9]|3[0-2])$'"),
    ),
    "a pattern that excludes the world, without a default": (
        "SP102",
        group("!Ref Source", CIDR % r", AllowedPattern: '^10\.[0-9.]+/([89]|[12][0-9]|3[0-2])$'"),
    ),
    "conditions that exclude each other": (
        "SP301",
        database("!If [IsProd, true, !If [NotProd, true, false]]", STAGE % "dev", rest=IS_PROD),
    ),
}


@pytest.mark.parametrize(("policy", "template"), SAFE.values(), ids=SAFE)
def test_safe_in_every_scenario(policy: str, template: str) -> None:
    assert told(ask(policy, template)) == (Verdict.PASS, None, True)


EXPORTER = (
    "Parameters:\n"
    + CIDR % ", Default: 10.0.0.0/8"
    + ("Resources: {T: {Type: AWS::SNS::Topic}}\nOutputs:\n  Range: {Value: !Ref Source, Export: {Name: range}}\n")
)


def test_open_through_another_stack() -> None:
    """What a stack imports is what the exporting one may put out."""
    found = ask("SP102", group("!ImportValue range"), EXPORTER)
    assert told(found) == (Verdict.FAIL, {"Source": "0.0.0.0/0"}, False)


def test_export_that_nobody_knows_is_unproven() -> None:
    assert told(ask("SP102", group("!ImportValue range"))) == (Verdict.UNPROVEN, {}, True)


def test_parameter_that_may_be_anything_is_unproven() -> None:
    """Where neither a value that is listed nor a hostile one decides, nobody knows."""
    found = ask("SP301", "Parameters: {Any: {Type: 'AWS::SSM::Parameter::Value<String>'}}\n" + database("!Ref Any"))
    assert (found.verdict, found.failures) == (Verdict.UNPROVEN, ())


MANY = "".join(
    f"  P{number}: {{Type: String, Default: 'true', AllowedValues: ['true', 'false']}}\n" for number in range(30)
)
CONDITIONS = "Conditions:\n" + "".join(f"  C{number}: !Equals [!Ref P{number}, 'true']\n" for number in range(30))


def test_independent_elements_add_up() -> None:
    """Thirty rules under conditions of their own are thirty questions, and each witness names its own parameter."""
    rules = "".join(
        f"        - !If [C{number}, {{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}}, "
        "{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]\n"
        for number in range(30)
    )
    template = (
        f"Parameters:\n{MANY}{CONDITIONS}Resources:\n  Group:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n"
        f"      SecurityGroupIngress:\n{rules}"
    )
    found = ask("SP102", template)
    assert [dict(witness.values) for witness in found.witnesses.values()] == [{f"P{n}": "false"} for n in range(30)]


def test_too_many_combinations_are_unproven_and_named() -> None:
    """A value that hangs on thirty parameters together is given up on, with their names."""
    joined = "!Join ['', [" + ", ".join(f"!If [C{n}, '', '']" for n in range(30)) + ", 'true']]"
    found = ask("SP301", database(joined, MANY, rest=CONDITIONS))
    assert found.verdict is Verdict.UNPROVEN
    assert found.undecided[0].message.startswith("more than 1,000 combinations of P0, P1, P2")


@dataclass(frozen=True)
class _Counted:
    """A policy that counts its runs."""

    runs: list[int]

    def __call__(self, subject: object, deployment: object) -> list[object]:
        self.runs.append(1)
        return []


def test_only_parameters_that_are_read_are_branched_on() -> None:
    """A policy that reads nothing runs once, however many parameters there are."""
    counted = _Counted([])
    real = POLICIES["SP301"]
    policy = LoadedPolicy(real.policy, real.title, counted, real.path, real.name)  # type: ignore[arg-type]
    deployment = open_deployment_of({"t": parse_template(database("!Ref P0", MANY))})
    list(judge_scenarios(deployment, [policy]))
    assert len(counted.runs) == 1


PARENT = """\
Parameters:
  Source: {Type: String, Default: 10.0.0.0/8}
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Bucket: {Type: String, Default: artifacts}
  Prefix: {Type: String, Default: templates/}
Conditions: {IsProd: !Equals [!Ref Stage, prod]}
Resources:
  Network:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: %s, Parameters: {Source: %s}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !GetAtt Network.Outputs.Range}
"""
CHILD = group("!Ref Source", "  Source: {Type: String, Default: 0.0.0.0/0}\n").replace("Group:", "Inner:") + (
    "Outputs:\n  Range: {Value: !Ref Source}\n"
)


def _nested(folder: Path, url: str, passed: str, attributes: str = "") -> dict[str, Judgement]:
    folder.mkdir(exist_ok=True)
    (folder / "child.yaml").write_text(CHILD)
    parent = folder / "parent.yaml"
    parent.write_text((PARENT % (url, passed)).replace("  Network:\n", f"  Network:\n{attributes}"))
    deployment = open_template(load_template(parent), parent)
    return {found.subject.logical_id: found for found in judge_scenarios(deployment, [POLICIES["SP102"]])}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "url",
    [
        "child.yaml",
        "./child.yaml",
        "https://bucket.s3.amazonaws.com/some/prefix/child.yaml",
        "!Sub 'https://${Bucket}.s3.${AWS::Region}.amazonaws.com/${Prefix}child.yaml'",
        "!Join ['/', ['https://s3.amazonaws.com', !Ref Source, child.yaml]]",
    ],
)
def test_open_through_a_nested_stack(tmp_path: Path, url: str) -> None:
    """What the parent permits reaches the nested stack, and comes back by its outputs."""
    found = _nested(tmp_path, url, "!Ref Source")
    expected = (Verdict.FAIL, {"Source": "0.0.0.0/0"}, False)
    assert (told(found["Inner"]), told(found["Group"])) == (expected, expected)


def test_nested_stack_has_what_it_is_passed(tmp_path: Path) -> None:
    """Its own default does not matter where the parent passes a value."""
    found = _nested(tmp_path, "child.yaml", "10.0.0.0/8")
    assert {told(judgement)[0] for judgement in found.values()} == {Verdict.PASS}


def test_nested_stack_that_exists_in_some_scenarios(tmp_path: Path) -> None:
    """A nested stack under a condition is judged where the condition holds."""
    found = _nested(tmp_path, "child.yaml", "!If [IsProd, 10.0.0.0/8, 0.0.0.0/0]", "    Condition: IsProd\n")
    assert told(found["Inner"]) == (Verdict.PASS, None, True)


def test_nested_template_that_is_not_there_is_unproven(tmp_path: Path) -> None:
    """Nobody knows what a nested stack puts out whose template lies elsewhere."""
    found = _nested(tmp_path, "https://example.com/other.yaml", "a")
    assert (list(found), told(found["Group"])) == (["Group"], (Verdict.UNPROVEN, {}, True))


def test_default_of_a_nested_stack_holds_where_nothing_is_passed(tmp_path: Path) -> None:
    """Nobody can give a nested stack another value than its parent does."""
    found = _nested(tmp_path, "child.yaml", "!Ref AWS::NoValue")
    assert told(found["Inner"]) == (Verdict.FAIL, {}, True)


def _runs(resources: int) -> int:
    """Return how often policies are run over a template of a size."""
    counted: list[int] = []

    def counting(policy: LoadedPolicy) -> LoadedPolicy:
        def check(subject: Any, deployment: Any) -> Any:
            counted.append(1)
            return policy.check(subject, deployment)

        return LoadedPolicy(policy.policy, policy.title, check, policy.path, policy.name)

    deployment = open_deployment_of({"t": parse_template(conditional.template(resources))})
    list(judge_scenarios(deployment, [counting(policy) for policy in POLICIES.values()]))
    return len(counted)


def test_twice_the_resources_are_twice_the_work() -> None:
    """Conditions that have nothing to do with a resource do not multiply what is run for it."""
    small, large = _runs(120), _runs(240)
    assert large <= 2 * small
    assert small < 120 * len(POLICIES)


def test_free_scenarios_of_a_whole_system_are_bounded() -> None:
    """Stacks that are joined multiply nothing: each question reads what concerns its own subject."""
    runs: list[int] = []

    def counting(policy: LoadedPolicy) -> LoadedPolicy:
        def check(subject: Any, deployment: Any) -> Any:
            runs.append(1)
            return policy.check(subject, deployment)

        return LoadedPolicy(policy.policy, policy.title, check, policy.path, policy.name)

    deployment = load_system("maticko").open_deployment("prod")
    judged = list(judge_scenarios(deployment, [counting(policy) for policy in POLICIES.values()]))
    assert len(runs) < 30 * len(judged)
    assert {found.subject.stack for found in judged if isinstance(found.subject, Resource)} == set(deployment.stacks)


ALARM = """\
  Alarm: {Type: AWS::CloudWatch::Alarm, Properties: {Namespace: a, MetricName: b, Threshold: 1}}
  Topic: {Type: AWS::SNS::Topic, Condition: IsProd}
"""


def test_resource_that_nobody_names_matters_where_it_exists() -> None:
    """An alarm must be heard where there is a topic, although neither names the other."""
    found = ask("SP513", f"Parameters:\n{STAGE % 'dev'}{IS_PROD}Resources:\n{ALARM}")
    assert told(found) == (Verdict.FAIL, {"Stage": "prod"}, True)


def test_rules_multiply_nothing_where_a_problem_is_found() -> None:
    """One assignment that the rules permit is enough; the others that they read are not gone through."""
    counted = _Counted([])
    real = POLICIES["SP301"]

    def check(subject: Any, deployment: Any) -> Any:
        counted(subject, deployment)
        return real.check(subject, deployment)

    switches = MANY.splitlines(keepends=True)[:10]
    tests = ", ".join(f"!Equals [!Ref P{number}, 'true']" for number in range(10))
    rules = f"Rules:\n  One: {{Assertions: [{{Assert: !Or [{tests}], AssertDescription: one of them}}]}}\n"
    text = database("!Ref Enc", SWITCH % ("true", BOTH) + "".join(switches), rest=rules)
    policy = LoadedPolicy(real.policy, real.title, check, real.path, real.name)
    (found,) = judge_scenarios(open_deployment_of({"t": parse_template(text)}), [policy])
    assert told(found) == (Verdict.FAIL, {"Enc": "false"}, True)
    assert len(counted.runs) < 10
