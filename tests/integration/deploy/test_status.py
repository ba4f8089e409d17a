"""`stackproof status` against a server."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.integration.conftest import Served
from tests.integration.deploy.conftest import Stackproof
from tests.unit.engine.deploy.shop import Shop

MISSING = """\
shop dev in account 123456789012, us-east-1
  base   MISSING  there is no stack
  files  MISSING  there is no stack
2 layers: 2 missing
"""
STANDING = """\
shop dev in account 123456789012, us-east-1
  base   CREATE_COMPLETE  TIME
         Url: https://shop.example.com
  files  CREATE_COMPLETE  TIME
2 layers: 2 complete
"""
DRIFTED = """\
shop dev in account 123456789012, us-east-1
  base   CREATE_COMPLETE  TIME
         Url: https://shop.example.com
         drift Topic (DisplayName)
  files  CREATE_COMPLETE  TIME  no drift
2 layers: 1 complete, 1 drifted
"""


def _timeless(text: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)


def test_nothing_stands(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("status", shop.manifest, "dev")
    assert (ran.code, ran.out, ran.err) == (1, MISSING, "")


def test_all_stands(stackproof: Stackproof, shop: Shop, deploy: Callable[[], None]) -> None:
    deploy()
    ran = stackproof("status", shop.manifest, "dev")
    assert (ran.code, _timeless(ran.out), ran.err) == (0, STANDING, "")


def test_drift(stackproof: Stackproof, shop: Shop, deploy: Callable[[], None], served: Served) -> None:
    deploy()
    sns = served.client("sns")
    (topic,) = sns.list_topics()["Topics"]
    sns.set_topic_attributes(TopicArn=topic["TopicArn"], AttributeName="DisplayName", AttributeValue="other")
    ran = stackproof("status", shop.manifest, "dev", "--drift")
    assert (ran.code, _timeless(ran.out), ran.err) == (1, DRIFTED, "")


def test_a_rolled_back_update(stackproof: Stackproof, shop: Shop, deploy: Callable[[], None], served: Served) -> None:
    deploy()
    served.client("ssm").put_parameter(Name="/taken", Value="x", Type="String")
    shop.change("files", "      Type: String\n      Value", "      Name: /taken\n      Type: String\n      Value")
    body = shop.deployment().stack("files").template
    from stackproof.deploy.request import template_body

    there = served.client("cloudformation", "us-west-2")
    served.client("ssm", "us-west-2").put_parameter(Name="/taken", Value="x", Type="String")
    there.update_stack(
        StackName="shop-dev-files",
        TemplateBody=template_body(body),
        Parameters=[{"ParameterKey": "TopicName", "UsePreviousValue": True}],
    )
    ran = stackproof("status", shop.manifest, "dev")
    told = "  files  UPDATE_ROLLBACK_COMPLETE  TIME  the last update failed and was rolled back\n"
    assert ran.code == 1
    assert _timeless(ran.out).endswith(f"{told}2 layers: 1 complete, 1 failed\n")


def test_json(stackproof: Stackproof, shop: Shop, deploy: Callable[[], None]) -> None:
    deploy()
    found = stackproof("status", shop.manifest, "dev", "--format", "json").json
    changed = found["layers"][0].pop("changed")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", changed)
    assert found["good"] is True
    assert found["layers"][0] == {
        "layer": "base",
        "stack": "shop-dev-base",
        "region": "us-east-1",
        "status": "CREATE_COMPLETE",
        "reason": "",
        "protected": False,
        "urls": {"Url": "https://shop.example.com"},
        "drift": None,
        "drift_unknown": "",
        "good": True,
    }
