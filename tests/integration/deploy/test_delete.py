"""`stackproof delete` against a server."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.conftest import STACKPROOF, Served
from tests.integration.deploy.conftest import Stackproof
from tests.unit.engine.deploy.shop import Shop

DELETED = """\
shop-dev-files  DELETE_IN_PROGRESS
shop-dev-files/Bucket  DELETE_SKIPPED
shop-dev-files  DELETE_COMPLETE
shop-dev-base  DELETE_IN_PROGRESS
shop-dev-base  DELETE_COMPLETE
"""
LEFT = re.compile(
    r"Retained, and not deleted: files/Bucket \(AWS::S3::Bucket\) shop-dev-files-bucket-\w+\n"
    r"Deleted 2 stacks of shop dev\n"
)


def _stacks(served: Served) -> list[str]:
    found = [
        stack
        for region in ("us-east-1", "us-west-2")
        for stack in served.client("cloudformation", region).describe_stacks()["Stacks"]
    ]
    return [stack["StackName"] for stack in found]


def test_all_is_deleted_in_reverse(
    stackproof: Stackproof, shop: Shop, deploy: Callable[[], None], served: Served
) -> None:
    deploy()
    ran = stackproof("delete", shop.manifest, "dev", "--yes")
    assert (ran.code, ran.err) == (0, DELETED)
    assert _stacks(served) == []


def test_what_is_retained_is_named(stackproof: Stackproof, shop: Shop, deploy: Callable[[], None]) -> None:
    deploy()
    assert LEFT.fullmatch(stackproof("delete", shop.manifest, "dev", "--yes").out)


def test_nothing_to_delete(stackproof: Stackproof, shop: Shop) -> None:
    ran = stackproof("delete", shop.manifest, "dev", "--yes")
    told = "Nothing to delete: no stack of shop dev in account 123456789012\n"
    assert (ran.code, ran.out, ran.err) == (0, told, "")


def test_what_was_only_previewed_is_cleared(stackproof: Stackproof, shop: Shop, served: Served) -> None:
    stackproof("preview", shop.manifest, "dev")
    assert _stacks(served) == ["shop-dev-base"]
    assert stackproof("delete", shop.manifest, "dev", "--yes").out == "Deleted 1 stack of shop dev\n"
    assert _stacks(served) == []


def test_a_protected_environment_is_refused_before_anything_is_asked(stackproof: Stackproof, shop: Shop) -> None:
    """Not even the account is: no server answers here."""
    ran = stackproof("delete", shop.manifest, "prod", "--yes", AWS_ENDPOINT_URL="http://127.0.0.1:9")
    told = "stackproof: shop prod is protected: its stacks are not deleted by this command\n"
    assert (ran.code, ran.out, ran.err) == (2, "", told)


def test_without_a_terminal_it_wants_a_yes(
    stackproof: Stackproof, shop: Shop, deploy: Callable[[], None], served: Served
) -> None:
    deploy()
    ran = stackproof("delete", shop.manifest, "dev", stdin="dev\n")
    assert (ran.code, ran.out, ran.err) == (2, "", "stackproof: without a terminal to ask on, say --yes\n")
    assert len(_stacks(served)) == 2


def test_termination_protection_is_seen_before_anything_is_deleted(
    stackproof: Stackproof, shop: Shop, deploy: Callable[[], None], served: Served
) -> None:
    deploy()
    protected = {"StackName": "shop-dev-base", "EnableTerminationProtection": True}
    served.client("cloudformation").update_termination_protection(**protected)
    ran = stackproof("delete", shop.manifest, "dev", "--yes")
    told = "stackproof: termination protection is on: shop-dev-base; nothing was deleted\n"
    assert (ran.code, ran.out, ran.err) == (1, "", told)
    assert len(_stacks(served)) == 2


DATABASE = """\
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      Engine: postgres
      DBInstanceClass: db.t3.micro
      AllocatedStorage: '20'
      MasterUsername: shop
      ManageMasterUserPassword: true
      DeletionProtection: true
"""


def test_deletion_protection_is_seen_before_anything_is_deleted(
    stackproof: Stackproof, shop: Shop, deploy: Callable[[], None], served: Served
) -> None:
    shop.change("base", "Resources:\n", DATABASE)
    deploy()
    (database,) = served.client("rds").describe_db_instances()["DBInstances"]
    name = database["DBInstanceIdentifier"]
    ran = stackproof("delete", shop.manifest, "dev", "--yes")
    told = (
        f"stackproof: deletion protection is on: base/Database (AWS::RDS::DBInstance) {name}: switch its deletion "
        f"protection off: aws rds modify-db-instance --db-instance-identifier {name} --no-deletion-protection "
        "--apply-immediately --region us-east-1\n"
        "stackproof: nothing was deleted\n"
    )
    assert (ran.code, ran.out, ran.err) == (1, "", told)
    assert len(_stacks(served)) == 2


@pytest.fixture
def blocked(shop: Shop, deploy: Callable[[], None], served: Served) -> str:
    """A bucket that CloudFormation cannot delete, because something lies in it."""
    shop.change("files", "    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n", "")
    deploy()
    (bucket,) = served.client("s3").list_buckets()["Buckets"]
    served.client("s3").put_object(Bucket=bucket["Name"], Key="a", Body=b"")
    return str(bucket["Name"])


def test_what_blocks_is_named_with_the_way_out(stackproof: Stackproof, shop: Shop, blocked: str) -> None:
    ran = stackproof("delete", shop.manifest, "dev", "--yes")
    told = ran.err.splitlines()[-3:]
    assert ran.code == 1
    assert told[0].startswith("stackproof: shop-dev-files: Bucket: DELETE_FAILED: ")
    assert told[1:] == [
        f"stackproof: shop-dev-files: Bucket: empty the bucket {blocked} first, earlier versions of its objects too",
        "stackproof: what is deleted stays deleted: run the same command again to go on",
    ]


def test_it_goes_on_where_it_stopped(stackproof: Stackproof, shop: Shop, blocked: str, served: Served) -> None:
    assert stackproof("delete", shop.manifest, "dev", "--yes").code == 1
    served.client("s3").delete_object(Bucket=blocked, Key="a")
    assert stackproof("delete", shop.manifest, "dev", "--yes").code == 0
    assert _stacks(served) == []


def _typing(served: Served, shop: Shop, answer: str) -> tuple[int, str]:
    """Run the command at a terminal, where somebody types an answer."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [STACKPROOF, "delete", shop.manifest, "dev"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"AWS_ENDPOINT_URL": served.endpoint},
        cwd=Path(shop.manifest).parent,
        text=True,
    ) as process:
        os.close(theirs)
        os.write(ours, answer.encode() + b"\n")
        out, _ = process.communicate(timeout=60)
    os.close(ours)
    return process.returncode, out


def test_a_terminal_is_asked_for_the_name(shop: Shop, deploy: Callable[[], None], served: Served) -> None:
    deploy()
    code, out = _typing(served, shop, "dev")
    assert code == 0
    assert out.startswith(
        "In account 123456789012:\n"
        "  shop-dev-base  CREATE_COMPLETE  us-east-1\n"
        "  shop-dev-files  CREATE_COMPLETE  us-west-2\n"
        "Type dev to delete 2 stacks: "
    )
    assert _stacks(served) == []


def test_another_name_deletes_nothing(shop: Shop, deploy: Callable[[], None], served: Served) -> None:
    deploy()
    code, out = _typing(served, shop, "yes")
    assert (code, out.splitlines()[-1].partition("stackproof: ")[2]) == (2, "nothing was deleted: that is not dev")
    assert len(_stacks(served)) == 2
