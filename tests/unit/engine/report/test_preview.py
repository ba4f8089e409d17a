"""The three forms of a preview, from previews made by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from stackproof.bind.manifest import Environment
from stackproof.deploy.change_sets import Change
from stackproof.deploy.guard import Danger, Risk
from stackproof.deploy.preview import LayerPreview, Plan, Preview
from stackproof.report import preview as report

PROD = Environment("prod", "main", protected=True, region="us-east-1")
DATABASE = Change(
    "Modify",
    "Database",
    "AWS::RDS::DBInstance",
    physical_id="db-1",
    replacement="True",
    properties=("DBName", "Tags"),
    replacing=("DBName",),
    fate="ReplaceAndSnapshot",
)
CLASS = Change("Modify", "Replica", "AWS::RDS::DBInstance", replacement="False", properties=("DBInstanceClass",))
ALARM = Change("Add", "HighCpuAlarm", "AWS::CloudWatch::Alarm")
BUCKET = Change("Remove", "Logs", "AWS::S3::Bucket", fate="Retain")
NETWORK = LayerPreview("networking", "shop-prod-networking", "us-east-1", "UPDATE_COMPLETE", Plan.NOTHING)
DATA = LayerPreview(
    "database",
    "shop-prod-database",
    "us-east-1",
    "UPDATE_COMPLETE",
    Plan.UPDATE,
    change_set="arn:change-set",
    changes=(ALARM, CLASS, DATABASE, BUCKET),
    risks=(
        Risk("database", DATABASE, Danger.REPLACES),
        Risk("database", CLASS, Danger.INTERRUPTS),
        Risk("database", BUCKET, Danger.LOSES),
    ),
)
NEW = LayerPreview("cache", "shop-prod-cache", "us-east-1", "", Plan.CREATE, after=("networking",), changes=(ALARM,))


def _preview(*layers: LayerPreview) -> Preview:
    return Preview("shop", PROD, "123456789012", "0123456789abcdef0123-dirty", layers)


TEXT = """\
shop prod in account 123456789012, us-east-1, protected, commit 0123456789ab-dirty

networking: nothing to change

database: will be updated; 1 added, 1 modified, 1 replaced, 1 removed
  - Logs          AWS::S3::Bucket         removed; retained; DESTRUCTIVE: loses data
  ! Database      AWS::RDS::DBInstance    replaced because of DBName; the old one is kept as a snapshot; \
DESTRUCTIVE: replaces a resource with data
  ~ Replica       AWS::RDS::DBInstance    modified because of DBInstanceClass; INTERRUPTS
  + HighCpuAlarm  AWS::CloudWatch::Alarm

cache: will be created after networking; 1 added (from the template)
  + HighCpuAlarm  AWS::CloudWatch::Alarm

DESTRUCTIVE database/Database (AWS::RDS::DBInstance): replaces a resource with data (because of DBName)
INTERRUPTED database/Replica (AWS::RDS::DBInstance): interrupts (because of DBInstanceClass)
DESTRUCTIVE database/Logs (AWS::S3::Bucket): loses data
To deploy it: --accept database/Database --accept database/Replica --accept database/Logs
3 layers: 1 to create, 1 to update, 1 unchanged
"""

MARKDOWN = """\
<!-- stackproof preview shop prod -->
## Preview of shop prod

3 layers: 1 to create, 1 to update, 1 unchanged.<br>\
<sub>shop prod in account 123456789012, us-east-1, protected, commit 0123456789ab-dirty</sub>

| layer | what happens | added | modified | replaced | removed | interrupted | destructive |
| --- | --- | --: | --: | --: | --: | --- | --- |
| networking | nothing to change |  |  |  |  |  |  |
| database | update | 1 | 1 | 1 | 1 | **`Replica`** | **`Database`**, **`Logs`** |
| cache | create after networking | 1 |  |  |  |  |  |

> [!CAUTION]
> - `database/Database` (`AWS::RDS::DBInstance`): replaces a resource with data, because of `DBName`
> - `database/Replica` (`AWS::RDS::DBInstance`): interrupts, because of `DBInstanceClass`
> - `database/Logs` (`AWS::S3::Bucket`): loses data

To deploy it: `--accept database/Database --accept database/Replica --accept database/Logs`

<details>
<summary>database: will be updated; 1 added, 1 modified, 1 replaced, 1 removed</summary>

|  | resource | type | what happens |
| --- | --- | --- | --- |
| `-` | `Logs` | `AWS::S3::Bucket` | removed; retained; **DESTRUCTIVE**: loses data |
| `!` | `Database` | `AWS::RDS::DBInstance` | replaced because of DBName; the old one is kept as a snapshot; \
**DESTRUCTIVE**: replaces a resource with data |
| `~` | `Replica` | `AWS::RDS::DBInstance` | modified because of DBInstanceClass; **INTERRUPTS** |
| `+` | `HighCpuAlarm` | `AWS::CloudWatch::Alarm` | added |

</details>

<details>
<summary>cache: will be created after networking; 1 added (from the template)</summary>

|  | resource | type | what happens |
| --- | --- | --- | --- |
| `+` | `HighCpuAlarm` | `AWS::CloudWatch::Alarm` | added |

</details>
"""


def test_text() -> None:
    assert report.text(_preview(NETWORK, DATA, NEW)) == TEXT


def test_colours_change_no_word() -> None:
    painted = report.text(_preview(NETWORK, DATA, NEW), colour=True)
    assert "\x1b[1;31m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == TEXT


def test_markdown() -> None:
    assert report.markdown(_preview(NETWORK, DATA, NEW)) == MARKDOWN


@pytest.mark.parametrize(
    ("layer", "headline", "cell"),
    [
        (
            replace(NEW, failure="No export named x found", changes=()),
            "cannot be deployed like this",
            "cannot be deployed like this",
        ),
        (
            replace(DATA, after=("networking",)),
            "will be updated after networking; 1 added, 1 modified, 1 replaced, 1 removed; its change set "
            "is made anew then",
            "update after networking",
        ),
        (
            replace(NETWORK, plan=Plan.UPDATE, after=("recovery",), known=False),
            "may be updated after recovery; what changes is known then",
            "perhaps update after recovery",
        ),
        (
            replace(NETWORK, plan=Plan.RECOVER, first="waits for what is under way", known=False),
            "waits for what is under way; what changes is known then",
            "waits for what is under way",
        ),
    ],
    ids=["failure", "provisional", "unknown", "recover"],
)
def test_how_a_layer_is_told(layer: LayerPreview, headline: str, cell: str) -> None:
    assert f"{layer.layer}: {headline}\n" in report.text(_preview(layer))
    assert f"| {layer.layer} | {cell} |" in report.markdown(_preview(layer))


def test_a_failure_says_why() -> None:
    failed = _preview(replace(NEW, failure="No export named x found", changes=()))
    assert "  FAILED No export named x found\n" in report.text(failed)
    assert "> - **cache**: No export named x found\n" in report.markdown(failed)


@pytest.mark.parametrize(
    ("failure", "shown"),
    [
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("@everyone", "&#64;everyone"),
        ("a|b", "a\\|b"),
        ("[x](http://y)", "\\[x\\](http://y)"),
        ("*bold* `code` #1", "\\*bold\\* \\`code\\` \\#1"),
        ("\x1b[2J", "\\\\x1b\\[2J"),
    ],
)
def test_nothing_in_a_comment_acts(failure: str, shown: str) -> None:
    assert f"> - **cache**: {shown}\n" in report.markdown(_preview(replace(NEW, failure=failure, changes=())))


def _large(count: int) -> Preview:
    changes = tuple(Change("Add", f"Resource{number:05}", "AWS::SNS::Topic") for number in range(count))
    return _preview(replace(DATA, changes=changes, risks=()), NETWORK)


def test_a_comment_is_cut_where_it_would_be_too_long() -> None:
    told = report.markdown(_large(3000))
    assert 60_000 < len(told) <= report.COMMENT_LIMIT
    assert told.endswith("left out. All of it: `stackproof preview shop prod`\n")


def test_a_cut_comment_counts_what_is_left_out() -> None:
    told = report.markdown(_large(3000))
    shown = told.count("| `+` |")
    assert f"**Cut here:** a comment holds no more; {3000 - shown} lines left out." in told


def test_a_cut_comment_is_still_well_formed() -> None:
    told = report.markdown(_large(3000))
    assert told.count("<details>") == told.count("</details>") == 1
    assert "| networking | nothing to change |" in told


@pytest.mark.parametrize("limit", range(600, 3000, 150))
def test_a_comment_never_exceeds_its_limit(limit: int) -> None:
    assert len(report.markdown(_preview(NETWORK, DATA, NEW), limit)) <= limit


def test_json() -> None:
    told = json.loads(report.as_json(_preview(replace(DATA, changes=(DATABASE,)))))
    assert told == {
        "version": 1,
        "system": "shop",
        "environment": "prod",
        "protected": True,
        "account": "123456789012",
        "region": "us-east-1",
        "commit": "0123456789abcdef0123-dirty",
        "failed": False,
        "accept": ["database/Database", "database/Replica", "database/Logs"],
        "layers": [
            {
                "layer": "database",
                "stack": "shop-prod-database",
                "region": "us-east-1",
                "status": "UPDATE_COMPLETE",
                "action": "update",
                "first": "",
                "after": [],
                "known": True,
                "change_set": "arn:change-set",
                "failure": "",
                "changes": [
                    {
                        "logical_id": "Database",
                        "type": "AWS::RDS::DBInstance",
                        "physical_id": "db-1",
                        "change": "replaced",
                        "properties": ["DBName", "Tags"],
                        "replacing": ["DBName"],
                        "fate": "ReplaceAndSnapshot",
                        "risks": [{"danger": "replaces a resource with data", "certain": True}],
                    }
                ],
            }
        ],
    }


def test_an_unprotected_environment_asks_for_nothing() -> None:
    dev = replace(_preview(DATA), environment=replace(PROD, protected=False))
    assert "--accept" not in report.text(dev)
    assert "--accept" not in report.markdown(dev)
    assert json.loads(report.as_json(dev))["accept"] == []
