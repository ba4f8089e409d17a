"""What waivers take out of the findings, and what is wrong with those that must not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from stackproof import InputError
from stackproof.findings import WHOLE_TEMPLATE, Finding, Rule, Severity, Verdict, Waiver
from stackproof.judge.discover import _ID
from stackproof.judge.waivers import RULES, Scope, Written, apply, in_file, in_template
from stackproof.load.reader import read_text
from stackproof.marks import Mark

TODAY = date(2026, 11, 21)
EXPIRY = date(2027, 3, 31)
ENCRYPTED = Rule("SP301", "Database storage is encrypted at rest", Severity.HIGH)
FINDING = Finding(
    rule=ENCRYPTED,
    verdict=Verdict.FAIL,
    message="its storage is not encrypted",
    fix="Set StorageEncrypted to true.",
    mark=Mark("db.yaml", 5, 7),
    resource="Database",
    path="StorageEncrypted",
    template="db.yaml",
)
IN_SYSTEM = replace(FINDING, system="shop", layer="database", environments=("dev", "test", "prod"))
WAIVER = Waiver("SP301", "Database", "Moves in spring", "data team", EXPIRY, Mark("db.yaml", 9, 9), template="db.yaml")
OF_LAYER = replace(WAIVER, mark=Mark("waivers.yaml", 2, 3), template="", system="shop", layer="database")
SCOPE = Scope(frozenset({"SP301", "SP302"}))

ENTRY = "policy: SP301, resource: Database, reason: Moves, owner: data team, expiry: 2027-03-31"


def template(metadata: str = "{}", resource: str = "{}") -> Written:
    """Return what a template with these two pieces of metadata says."""
    text = f"Metadata: {metadata}\nResources:\n  Database:\n    Type: AWS::RDS::DBInstance\n    Metadata: {resource}\n"
    return in_template(read_text(text, "db.yaml"))


def said(written: Written) -> list[tuple[str, int, str]]:
    """Return rule, line and message of every finding."""
    return [(finding.rule.id, finding.mark.line, finding.message) for finding in written.findings]


def about(waiver: Waiver, *findings: Finding, today: date = TODAY, scope: Scope = SCOPE) -> list[tuple[str, str]]:
    """Return rule and message of what is wrong with one waiver."""
    return [(found.rule.id, found.message) for found in apply(findings, [waiver], today, scope).about]


# --- Reading. ---


def test_a_waiver_stands_in_the_metadata_of_a_template() -> None:
    assert template(f"{{stackproof: {{waivers: [{{{ENTRY}}}]}}}}") == Written(
        (replace(WAIVER, reason="Moves", mark=Mark("db.yaml", 1, 35)),)
    )


def test_in_the_metadata_of_a_resource_it_need_not_name_it() -> None:
    entry = "{policy: SP301, reason: Moves, owner: data team, expiry: 2027-03-31, environments: [dev]}"
    [waiver] = template(resource=f"{{stackproof: {{waivers: [{entry}]}}}}").waivers
    assert (waiver.resource, waiver.template, waiver.environments) == ("Database", "db.yaml", ("dev",))


def test_a_json_template_carries_waivers_too() -> None:
    text = (
        '{"Metadata": {"stackproof": {"waivers": [{"policy": "SP301", "resource": "Database", "reason": "Moves",'
        ' "owner": "data team", "expiry": "2027-03-31"}]}}, "Resources": {"Database": {"Type": "T"}}}'
    )
    assert [str(waiver) for waiver in in_template(read_text(text, "t.json")).waivers] == [
        "waiver of SP301 for Database"
    ]


def test_a_file_names_the_template_from_where_it_lies() -> None:
    root = read_text(f"waivers:\n  - {{template: old/db.yaml, {ENTRY}}}\n", "infra/waivers.yaml")
    assert [waiver.template for waiver in in_file(root, Path("infra")).waivers] == ["infra/old/db.yaml"]


def test_a_file_names_system_and_layer() -> None:
    root = read_text(f"waivers:\n  - {{system: shop, layer: database, {ENTRY}}}\n", "waivers.yaml")
    [waiver] = in_file(root, Path()).waivers
    assert (waiver.system, waiver.layer, waiver.template) == ("shop", "database", "")


@pytest.mark.parametrize("text", ["[]", "waivers: []\nwaiver: []", "Resources: {}", "waiver: []"])
def test_a_file_that_holds_something_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"^waivers.yaml:1: a file of waivers is a mapping with the one key 'waivers'"):
        in_file(read_text(text, "waivers.yaml"), Path())


LEFT_OUT = [
    ("policy: SP301, ", "WAIVER-MALFORMED", "this waiver names no policy"),
    ("resource: Database, ", "WAIVER-MALFORMED", "this waiver names no resource"),
    ("owner: data team, ", "WAIVER-MALFORMED", "this waiver names no owner"),
    (", expiry: 2027-03-31", "WAIVER-MALFORMED", "this waiver names no expiry"),
    ("reason: Moves, ", "WAIVER-UNREASONED", "this waiver names no reason"),
]
REPLACED = [
    ("Moves", "'  '", "WAIVER-UNREASONED", "this waiver names no reason"),
    ("Moves", "[a, b]", "WAIVER-MALFORMED", "the reason of a waiver is one text"),
    ("2027-03-31", "never", "WAIVER-MALFORMED", "the expiry 'never' is not a date such as 2027-03-31"),
    ("2027-03-31", "2027-02-30", "WAIVER-MALFORMED", "the expiry '2027-02-30' is not a date such as 2027-03-31"),
    ("2027-03-31", "20270331", "WAIVER-MALFORMED", "the expiry '20270331' is not a date such as 2027-03-31"),
    ("Database", "'*'", "WAIVER-WILDCARD", "a waiver cannot be for every resource"),
    ("Database", "Data*", "WAIVER-WILDCARD", "a waiver cannot be for every resource"),
    ("SP301", "'*'", "WAIVER-WILDCARD", "a waiver cannot be for every policy"),
    ("owner", "onwer: me, owner", "WAIVER-MALFORMED", "unknown key 'onwer' in a waiver; did you mean 'owner'?"),
    ("owner", "system: shop, owner", "WAIVER-MALFORMED", "unknown key 'system' in a waiver"),
    ("owner", "environments: dev, owner", "WAIVER-MALFORMED", "the environments of a waiver are a list of names"),
    ("owner", "environments: [], owner", "WAIVER-MALFORMED", "the environments of a waiver are a list of names"),
    ("owner", "environments: ['*'], owner", "WAIVER-MALFORMED", "a waiver for every environment names none"),
]


@pytest.mark.parametrize(
    ("old", "new", "rule", "message"), [(old, "", rule, message) for old, rule, message in LEFT_OUT] + REPLACED
)
def test_what_is_wrong_with_a_waiver_is_a_finding_and_it_waives_nothing(
    old: str, new: str, rule: str, message: str
) -> None:
    written = template(f"{{stackproof: {{waivers: [{{{ENTRY.replace(old, new, 1)}}}]}}}}")
    assert written.waivers == ()
    assert said(written) == [(rule, 1, message)]


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ("{stackproof: []}", "stackproof's metadata is a mapping with the key 'waivers'"),
        ("{stackproof: {waiver: []}}", "unknown key 'waiver' in stackproof's metadata; did you mean 'waivers'?"),
        ("{stackproof: {waivers: {}}}", "waivers are a list"),
        (
            "{stackproof: {waivers: [SP301]}}",
            "a waiver is a mapping with the keys policy, resource, reason, owner, expiry, environments",
        ),
    ],
)
def test_metadata_of_another_shape_are_a_finding(metadata: str, message: str) -> None:
    assert said(template(metadata)) == [("WAIVER-MALFORMED", 1, message)]
    assert said(template(resource=metadata)) == [("WAIVER-MALFORMED", 5, message)]


def test_in_the_metadata_of_one_resource_no_other_can_be_waived() -> None:
    written = template(resource=f"{{stackproof: {{waivers: [{{{ENTRY.replace('Database', 'Other')}}}]}}}}")
    assert said(written) == [
        ("WAIVER-MALFORMED", 5, "this waiver stands in the metadata of Database and cannot be for Other")
    ]


@pytest.mark.parametrize("place", ["", "system: shop, ", "layer: a, ", "template: a.yaml, system: s, layer: a, "])
def test_a_waiver_of_a_file_says_which_template_it_is_about(place: str) -> None:
    written = in_file(read_text(f"waivers:\n  - {{{place}{ENTRY}}}\n", "waivers.yaml"), Path())
    message = "a waiver names either its template, or its system and layer"
    assert said(written) == [("WAIVER-MALFORMED", 2, message)]


def test_a_waiver_of_a_file_is_not_for_every_template() -> None:
    written = in_file(read_text(f"waivers:\n  - {{template: '*', {ENTRY}}}\n", "waivers.yaml"), Path())
    assert said(written) == [("WAIVER-WILDCARD", 2, "a waiver is for one template")]


def test_foreign_metadata_say_nothing() -> None:
    assert template("{cfn-lint: {config: {}}, stackproof: {}}") == Written()


# --- Applying. ---


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.UNPROVEN])
def test_what_fails_and_what_is_unproven_can_be_waived(verdict: Verdict) -> None:
    finding = replace(FINDING, verdict=verdict)
    applied = apply([finding], [WAIVER], TODAY, SCOPE)
    assert (applied.findings, applied.about) == ((), ())
    assert [(one.finding, one.waiver) for one in applied.waived] == [(finding, WAIVER)]


@pytest.mark.parametrize(
    "finding",
    [
        replace(FINDING, rule=replace(ENCRYPTED, id="SP302")),
        replace(FINDING, resource="Replica"),
        replace(FINDING, resource=""),
        replace(FINDING, template="other.yaml"),
    ],
)
def test_a_waiver_is_for_one_policy_one_resource_and_one_template(finding: Finding) -> None:
    assert apply([finding], [WAIVER], TODAY, SCOPE).findings == (finding,)


@pytest.mark.parametrize("finding", [replace(IN_SYSTEM, system="other"), replace(IN_SYSTEM, layer="archive"), FINDING])
def test_a_waiver_of_a_layer_is_for_no_other(finding: Finding) -> None:
    assert apply([finding], [OF_LAYER], TODAY, SCOPE).findings == (finding,)


def test_a_waiver_is_for_all_layers_that_a_template_makes() -> None:
    assert apply([IN_SYSTEM], [WAIVER], TODAY, SCOPE).findings == ()


def test_a_finding_whose_value_comes_from_elsewhere_belongs_to_its_resource() -> None:
    elsewhere = replace(FINDING, mark=Mark("exports.yaml", 3))
    assert apply([elsewhere], [WAIVER], TODAY, SCOPE).findings == ()


def test_another_spelling_of_the_template_is_the_same_file() -> None:
    assert apply([replace(FINDING, template="systems/../db.yaml")], [WAIVER], TODAY, SCOPE).findings == ()


def test_a_waiver_for_some_environments_leaves_the_others() -> None:
    applied = apply([IN_SYSTEM], [replace(OF_LAYER, environments=("test", "dev"))], TODAY, SCOPE)
    assert [finding.environments for finding in applied.findings] == [("prod",)]
    assert [one.finding.environments for one in applied.waived] == [("dev", "test")]


def test_waivers_for_all_environments_together_leave_nothing() -> None:
    waivers = [replace(OF_LAYER, environments=(name,)) for name in IN_SYSTEM.environments]
    applied = apply([IN_SYSTEM], waivers, TODAY, SCOPE)
    assert (applied.findings, applied.about) == ((), ())


def test_a_finding_about_the_whole_template_is_waived_by_that_name() -> None:
    finding = replace(FINDING, resource="")
    applied = apply([finding], [replace(WAIVER, resource=WHOLE_TEMPLATE)], TODAY, SCOPE)
    assert (applied.findings, applied.about) == ((), ())


@pytest.mark.parametrize(("today", "holds"), [(EXPIRY, True), (date(2027, 4, 1), False)])
def test_a_waiver_holds_until_the_end_of_its_expiry(today: date, holds: bool) -> None:
    applied = apply([FINDING], [WAIVER], today, SCOPE)
    assert bool(applied.waived) is holds
    assert bool(applied.findings) is not holds


def test_an_expired_waiver_is_a_finding_with_its_place_and_owner() -> None:
    [found] = apply([FINDING], [WAIVER], date(2027, 4, 1), SCOPE).about
    assert (found.rule.id, str(found.mark), found.resource) == ("WAIVER-EXPIRED", "db.yaml:9", "Database")
    assert found.message == "the waiver of SP301 for Database expired on 2027-03-31; its owner is data team"
    assert found.fix == "Mend what was waived, or agree on another expiry with the owner."


def test_a_waiver_that_nothing_needs_is_a_finding() -> None:
    assert about(WAIVER) == [("WAIVER-UNUSED", "the waiver of SP301 for Database waives nothing")]


def test_the_second_waiver_of_one_finding_is_not_needed() -> None:
    twice = [WAIVER, replace(WAIVER, mark=Mark("db.yaml", 14, 9))]
    assert [str(found.mark) for found in apply([FINDING], twice, TODAY, SCOPE).about] == ["db.yaml:14"]


def test_where_not_everything_was_judged_a_waiver_may_be_needed() -> None:
    assert about(WAIVER, scope=replace(SCOPE, whole=lambda waiver: False)) == []


def test_a_waiver_of_an_unknown_policy_is_a_finding() -> None:
    waiver = replace(WAIVER, policy="SP031")
    assert about(waiver, FINDING) == [("WAIVER-UNKNOWN", "no policy 'SP031'; did you mean 'SP301'?")]


def test_a_waiver_of_what_does_not_exist_is_a_finding_also_where_not_everything_was_judged() -> None:
    scope = replace(SCOPE, unknown=lambda waiver: "no resource 'Database'", whole=lambda waiver: False)
    assert about(WAIVER, scope=scope) == [("WAIVER-UNKNOWN", "no resource 'Database'")]


def test_findings_about_waivers_cannot_be_waived() -> None:
    waivers = [WAIVER, replace(WAIVER, policy="WAIVER-UNUSED", mark=Mark("db.yaml", 14, 9))]
    found = apply([], waivers, TODAY, SCOPE).about
    assert [(one.rule.id, one.mark.line) for one in found] == [("WAIVER-UNUSED", 9), ("WAIVER-UNKNOWN", 14)]


def test_no_policy_can_have_the_id_of_a_rule_about_waivers() -> None:
    assert [rule.id for rule in RULES if _ID.match(rule.id)] == []
