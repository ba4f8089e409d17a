"""From verdicts to what counts: where waivers are found, when they are not needed, and what no cache may hide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from stackproof import InputError
from stackproof.cache import Cache
from stackproof.findings import Finding, Report
from stackproof.judge import run as stage
from stackproof.judge.run import FailOn, Question, Scenarios, Terms, run
from stackproof.judge.targets import collect, waiver_files

TODAY = date(2026, 11, 21)
EXPIRY = date(2027, 3, 31)
POLICY = '''"""Topics are encrypted."""

from stackproof.policy import Policy, Severity, problem

POLICY = Policy("XY100", Severity.HIGH, ("AWS::SNS::Topic",), "Because.", "Set KmsMasterKeyId.", ("ACME 1",))


def check(topic, deployment):
    if topic.text("KmsMasterKeyId") == "":
        yield problem(topic, "KmsMasterKeyId", "it is not encrypted")
'''
TOPIC = """\
{metadata}Parameters: {{Key: {{Type: String, Default: ""}}, Environment: {{Type: String, Default: dev}}}}
Conditions: {{IsDev: !Equals [!Ref Environment, dev]}}
Resources:
  Topic: {{Type: AWS::SNS::Topic, Properties: {{KmsMasterKeyId: {key}}}}}
"""
MANIFEST = """\
system: {system}
region: eu-west-1
environments: {{dev: {{branch: dev}}, prod: {{branch: main}}}}
layers: {{topic: {{template: topic.yaml}}}}
"""
ENTRY = f"policy: XY100, resource: Topic, reason: Moves, owner: me, expiry: {EXPIRY}"
METADATA = f"Metadata: {{{{stackproof: {{{{waivers: [{{{{{ENTRY}}}}}]}}}}}}}}\n"


@pytest.fixture(autouse=True)
def infra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two systems of one template, and a template that belongs to none; one policy."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "infra"
    (folder / "systems").mkdir(parents=True)
    (tmp_path / "own" / "sns").mkdir(parents=True)
    (tmp_path / "own" / "sns" / "encrypted.py").write_text(POLICY)
    for system in ("shop", "bank"):
        (folder / "systems" / f"{system}.yaml").write_text(MANIFEST.format(system=system))
    template(folder / "topic.yaml")
    template(folder / "alone.yaml")
    return folder


def template(path: Path, metadata: str = "", key: str = "!Ref Key") -> None:
    path.write_text(TOPIC.format(metadata=metadata.format(), key=key))


def settled(
    *paths: str, today: date = TODAY, cache: Cache | None = None, question: Question | None = None, **terms: object
) -> tuple[Report, list[str]]:
    """Judge paths; returns the report and what was refused."""
    refused: list[InputError] = []
    named = tuple(map(Path, paths or ("infra",)))
    known = cache or Cache(None)
    targets = collect(named, known, refused.append)
    asked = question or Question((Path("own"),))
    given = Terms(today, named, complete=not refused, **terms)  # type: ignore[arg-type]
    report = run(targets, asked, known, refused.append, terms=given)
    return report, [str(error) for error in refused]


def told(findings: tuple[Finding, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return rule, place and environments."""
    return sorted((one.rule.id, one.system or one.mark.file, one.environments) for one in findings)


def waived(report: Report) -> list[tuple[str, str, tuple[str, ...]]]:
    return told(tuple(one.finding for one in report.waived))


BOTH = ("dev", "prod")


def test_without_a_waiver_everything_counts() -> None:
    report, _ = settled()
    assert told(report.findings) == [
        ("XY100", "bank", BOTH),
        ("XY100", "infra/alone.yaml", ()),
        ("XY100", "shop", BOTH),
    ]
    assert (report.waived, report.known, report.clean) == ((), (), False)


def test_a_waiver_in_a_template_holds_in_every_system_that_uses_it(infra: Path) -> None:
    template(infra / "topic.yaml", METADATA)
    report, _ = settled()
    assert told(report.findings) == [("XY100", "infra/alone.yaml", ())]
    assert waived(report) == [("XY100", "bank", BOTH), ("XY100", "shop", BOTH)]


@pytest.mark.parametrize("cached", [True, False])
def test_on_the_day_after_its_expiry_a_waiver_fails_whatever_is_cached(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cached: bool
) -> None:
    template(infra / "alone.yaml", METADATA)
    cache = Cache(tmp_path / "cache" if cached else None)
    assert settled("infra/alone.yaml", today=EXPIRY, cache=cache)[0].clean
    if cached:
        monkeypatch.setattr(
            stage, "judge_target", lambda *args: pytest.fail("the verdicts are not taken from the cache")
        )
    report, _ = settled("infra/alone.yaml", today=EXPIRY + timedelta(days=1), cache=cache)
    assert [found.rule.id for found in report.findings] == ["XY100", "WAIVER-EXPIRED"]
    assert report.waived == ()


def test_a_cached_run_says_the_same_about_waivers(infra: Path, tmp_path: Path) -> None:
    template(infra / "topic.yaml", METADATA)
    template(infra / "alone.yaml", METADATA.replace("Moves", "''"))
    first, second = (settled(cache=Cache(tmp_path / "cache"))[0] for _ in range(2))
    assert replace(first, seconds=0) == replace(second, seconds=0)
    assert ("WAIVER-UNREASONED", "infra/alone.yaml", ()) in told(first.findings)


# --- Files of waivers. ---


@pytest.mark.parametrize("place", ["waivers.yaml", "infra/waivers.yaml", "infra/systems/waivers.yaml"])
@pytest.mark.parametrize("path", [".", "infra", "infra/systems/shop.yaml", "infra/topic.yaml"])
def test_a_file_of_waivers_beside_or_above_a_manifest_is_found_however_it_is_named(place: str, path: str) -> None:
    Path(place).write_text(f"waivers:\n  - {{system: shop, layer: topic, environments: [dev], {ENTRY}}}\n")
    report, refused = settled(path)
    assert refused == []
    assert [one for one in told(report.findings) if one[1] == "shop"] == [("XY100", "shop", ("prod",))]
    assert waived(report) == [("XY100", "shop", ("dev",))]


def test_a_file_above_what_is_checked_has_no_say_where_it_lies_outside(
    infra: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "waivers.yaml").write_text("waivers: []\n")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    refused: list[InputError] = []
    targets = collect([infra], Cache(None), refused.append)
    assert waiver_files(targets, [infra]) == ()
    (infra / "waivers.yaml").write_text("waivers: []\n")
    assert waiver_files(targets, [infra]) == (infra / "waivers.yaml",)


def test_a_named_file_stands_in_the_place_of_those_that_are_found() -> None:
    Path("infra/waivers.yaml").write_text(f"waivers:\n  - {{system: shop, layer: topic, {ENTRY}}}\n")
    Path("other.yml").write_text(f"waivers:\n  - {{template: infra/alone.yaml, {ENTRY}}}\n")
    assert waived(settled(waivers=Path("other.yml"))[0]) == [("XY100", "infra/alone.yaml", ())]


def test_a_file_that_is_not_well_formed_is_refused_with_its_line() -> None:
    Path("infra/waivers.yaml").write_text("waivers:\n  - a: b: c\n")
    assert settled()[1] == [
        "infra/waivers.yaml:2: not well-formed YAML or JSON: mapping values are not allowed in this context"
    ]


def test_waivers_of_a_template_that_is_refused_hide_nothing(infra: Path) -> None:
    (infra / "alone.yaml").write_text(f"{METADATA.format()}Resources: {{Topic: {{Type: AWS::SNS::Topic, Typ: x}}}}\n")
    report, refused = settled()
    assert [found.rule.id for found in report.findings] == ["XY100", "XY100"]
    assert [error.partition(": ")[0] for error in refused] == ["infra/alone.yaml:2"]


UNKNOWN = [
    ("system: shp, layer: topic", "Topic", "no system 'shp'; did you mean 'shop'?"),
    ("system: shop, layer: topc", "Topic", "no layer 'topc'; did you mean 'topic'? in the system shop"),
    ("system: shop, layer: topic", "Topc", "no resource 'Topc'; did you mean 'Topic'?"),
    ("system: shop, layer: topic, environments: [prd]", "Topic", "no environment 'prd'; did you mean 'prod'?"),
    ("template: topc.yaml", "Topic", "no template 'infra/topc.yaml'"),
    ("template: waivers.yaml", "Topic", "no template 'infra/waivers.yaml'"),
    ("template: alone.yaml", "Topc", "no resource 'Topc'; did you mean 'Topic'?"),
    ("template: topic.yaml, environments: [prd]", "Topic", "no environment 'prd'; did you mean 'prod'?"),
    (
        "template: alone.yaml, environments: [dev]",
        "Topic",
        "infra/alone.yaml belongs to no system, so there are no environments",
    ),
]


@pytest.mark.parametrize(("place", "resource", "message"), UNKNOWN)
def test_what_a_waiver_names_must_exist(place: str, resource: str, message: str) -> None:
    entry = ENTRY.replace("Topic", resource)
    Path("infra/waivers.yaml").write_text(f"waivers:\n  - {{{place}, {entry}}}\n")
    found = [(one.rule.id, str(one.mark), one.message) for one in settled()[0].findings if one.rule.id != "XY100"]
    assert found == [("WAIVER-UNKNOWN", "infra/waivers.yaml:2", message)]


# --- Where it can be said that a waiver is not needed. ---


UNUSED = ("WAIVER-UNUSED", "bank", ())
DEV = Question((Path("own"),), environments=("dev",))
BOUND = Question((Path("own"),), scenarios=Scenarios.BOUND)
FREE = Question((Path("own"),), scenarios=Scenarios.FREE)


@pytest.mark.parametrize(
    ("paths", "question", "told_unused"),
    [
        (("infra",), None, True),
        ((".",), None, True),
        (("infra",), BOUND, True),
        (("infra",), FREE, False),
        (("infra",), DEV, False),
        (("infra/topic.yaml",), None, False),
        (("infra/systems/bank.yaml",), None, False),
        (("infra/systems",), None, False),
    ],
)
def test_a_waiver_of_a_template_is_not_needed_where_all_around_it_was_judged(
    infra: Path, paths: tuple[str, ...], question: Question | None, told_unused: bool
) -> None:
    template(infra / "topic.yaml", METADATA, key="alias/aws/sns")
    report, _ = settled(*paths, question=question)
    assert (UNUSED in told(report.findings)) is told_unused


@pytest.mark.parametrize(
    ("path", "told_unused"), [("infra", True), ("infra/systems/shop.yaml", True), ("infra/systems/bank.yaml", False)]
)
def test_a_waiver_of_a_system_is_not_needed_where_the_system_was_judged(
    infra: Path, path: str, told_unused: bool
) -> None:
    template(infra / "topic.yaml", key="alias/aws/sns")
    Path("infra/waivers.yaml").write_text(f"waivers:\n  - {{system: shop, layer: topic, {ENTRY}}}\n")
    report, _ = settled(path)
    assert (("WAIVER-UNUSED", "shop", ()) in told(report.findings)) is told_unused


@pytest.mark.parametrize(("question", "told_unused"), [(None, True), (BOUND, False)])
def test_a_waiver_of_a_bare_template_is_not_needed_where_it_was_judged_freely(
    infra: Path, question: Question | None, told_unused: bool
) -> None:
    template(infra / "alone.yaml", METADATA, key="alias/aws/sns")
    report, _ = settled("infra/alone.yaml", question=question)
    assert ("WAIVER-UNUSED" in {found.rule.id for found in report.findings}) is told_unused


def test_a_waiver_of_a_policy_that_was_not_asked_may_be_needed(infra: Path) -> None:
    Path("more").mkdir()
    (Path("more") / "other.py").write_text(POLICY.replace("XY100", "XY200").replace("ACME", "OTHER"))
    template(infra / "alone.yaml", METADATA)
    report, _ = settled("infra/alone.yaml", question=Question((Path("own"), Path("more")), packs=("other",)))
    assert told(report.findings) == [("XY200", "infra/alone.yaml", ())]


# --- What counts. ---


def test_a_waiver_of_what_does_not_count_is_needed_but_takes_nothing_out(infra: Path) -> None:
    """The empty key is admitted by the want of a constraint, not declared."""
    text = TOPIC.format(metadata=METADATA.format(), key="!Ref Key")
    (infra / "alone.yaml").write_text(text.replace('Default: ""', "Default: alias/aws/sns"))
    declared = Question((Path("own"),), fail_on=FailOn.DECLARED)
    report, _ = settled("infra/alone.yaml", question=declared)
    assert (report.findings, report.waived) == ((), ())
    assert len(settled("infra/alone.yaml")[0].waived) == 1


# --- The baseline. ---


def test_a_baseline_lets_pass_what_it_holds_and_shrinks(infra: Path) -> None:
    known = Path("known.yaml")
    report, _ = settled(baseline=known, renew=True)
    assert (report.findings, len(report.known), report.notes) == ((), 3, ("known.yaml written: 3 findings",))
    template(infra / "alone.yaml", key="alias/aws/sns")
    report, _ = settled(baseline=known)
    assert (report.findings, len(report.known)) == ((), 2)
    assert report.notes == (
        "one of the findings in known.yaml is gone; --write-baseline takes it out",
        "gone: XY100 infra/alone.yaml Topic.KmsMasterKeyId",
    )
    assert settled(baseline=known, renew=True)[0].notes == ("known.yaml written: 2 findings",)


def test_a_baseline_never_hides_findings_about_waivers(infra: Path) -> None:
    template(infra / "alone.yaml", METADATA.replace("Moves", "''"))
    for _ in range(2):
        report, _ = settled(baseline=Path("known.yaml"), renew=True)
        assert told(report.findings) == [("WAIVER-UNREASONED", "infra/alone.yaml", ())]


def test_what_is_waived_is_not_written_into_the_baseline(infra: Path) -> None:
    template(infra / "topic.yaml", METADATA)
    settled(baseline=Path("known.yaml"), renew=True)
    assert Path("known.yaml").read_text().count("XY100") == 1
    report, _ = settled(baseline=Path("known.yaml"), today=EXPIRY + timedelta(days=1))
    assert told(report.findings) == [("WAIVER-EXPIRED", "bank", ()), ("XY100", "bank", BOTH), ("XY100", "shop", BOTH)]


@pytest.mark.parametrize("question", [DEV, FREE])
def test_a_restricted_run_says_nothing_of_the_rest_of_the_baseline_and_keeps_it(question: Question) -> None:
    settled(baseline=Path("known.yaml"), renew=True)
    whole = Path("known.yaml").read_text()
    Path("infra/topic.yaml").write_text(Path("infra/topic.yaml").read_text().replace("!Ref Key", "alias/aws/sns"))
    assert settled("infra/systems", baseline=Path("known.yaml"), question=question)[0].notes == ()
    settled("infra/systems", baseline=Path("known.yaml"), question=question, renew=True)
    assert Path("known.yaml").read_text() == whole


def test_an_entry_of_a_template_that_is_no_more_is_gone(infra: Path) -> None:
    settled(baseline=Path("known.yaml"), renew=True)
    (infra / "alone.yaml").unlink()
    assert settled(baseline=Path("known.yaml"))[0].notes[1] == "gone: XY100 infra/alone.yaml Topic.KmsMasterKeyId"


def test_a_baseline_holds_what_counts_only(infra: Path) -> None:
    text = TOPIC.format(metadata="", key="!Ref Key").replace('Default: ""', "Default: alias/aws/sns")
    (infra / "alone.yaml").write_text(text)
    declared = Question((Path("own"),), fail_on=FailOn.DECLARED)
    settled("infra/alone.yaml", baseline=Path("known.yaml"), question=declared, renew=True)
    assert "XY100" not in Path("known.yaml").read_text()
    settled("infra/alone.yaml", baseline=Path("known.yaml"), renew=True)
    report, _ = settled("infra/alone.yaml", baseline=Path("known.yaml"), question=declared)
    assert (report.findings, report.known, report.notes) == ((), (), ())


def test_a_baseline_is_not_written_where_an_input_was_refused(infra: Path) -> None:
    (infra / "broken.yaml").write_text("AWSTemplateFormatVersion: a: b")
    _, refused = settled(baseline=Path("known.yaml"), renew=True)
    assert refused[-1] == "known.yaml is not written, because an input could not be judged"
    assert not Path("known.yaml").exists()
