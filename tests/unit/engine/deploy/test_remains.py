"""What stays of a deleted stack, and what blocks its deletion."""

from __future__ import annotations

import pytest

from stackproof.deploy import Action, Deployer, Event
from stackproof.deploy.remains import Part, parts, remains, way_out
from stackproof.simulate.account import SimulatedAccount
from tests.unit.engine.deploy.shop import Shop


def _event(logical_id: str, kind: str, status: str) -> Event:
    return Event(Action.DELETE, "shop-dev-files", logical_id, kind, status)


BUCKET = Part("files", "Bucket", "AWS::S3::Bucket", "shop-files", "us-west-2")
NOTE = Part("files", "Note", "AWS::SSM::Parameter", "CFN-Note", "us-west-2")
KNOWN = {"shop-dev-files": {"Bucket": BUCKET, "Note": NOTE}}


def test_the_parts_of_a_stack(account: SimulatedAccount, shop: Shop) -> None:
    list(Deployer(shop.deployment(), account.cloudformation).update())
    found = parts(account.cloudformation("us-west-2"), "shop-dev-files", "files", "us-west-2")
    assert {name: (part.type, bool(part.id)) for name, part in found.items()} == {
        "Bucket": ("AWS::S3::Bucket", True),
        "Note": ("AWS::SSM::Parameter", True),
    }


def test_the_parts_of_no_stack(account: SimulatedAccount) -> None:
    assert parts(account.cloudformation(), "shop-dev-files", "files", "us-east-1") == {}


def test_what_is_skipped_is_retained(shop: Shop) -> None:
    events = [
        _event("Bucket", "AWS::S3::Bucket", "DELETE_SKIPPED"),
        _event("Note", "AWS::SSM::Parameter", "DELETE_COMPLETE"),
    ]
    left = remains(shop.deployment(), events, KNOWN)
    assert (left.retained, left.snapshots) == ((BUCKET,), ())
    assert str(BUCKET) == "files/Bucket (AWS::S3::Bucket) shop-files"


def test_what_leaves_a_snapshot(shop: Shop) -> None:
    shop.change("files", "DeletionPolicy: Retain", "DeletionPolicy: Snapshot")
    left = remains(shop.deployment(), [_event("Bucket", "AWS::S3::Bucket", "DELETE_COMPLETE")], KNOWN)
    assert (left.retained, left.snapshots) == ((), (BUCKET,))


def _part(kind: str, name: str) -> Part:
    return Part("layer", "It", kind, name, "eu-west-1")


@pytest.mark.parametrize(
    ("reason", "part", "way"),
    [
        (
            "Stack [x] cannot be deleted while TerminationProtection is enabled",
            None,
            "switch the stack's termination protection off first",
        ),
        (
            "Export x cannot be deleted as it is in use by other",
            None,
            "another stack imports from it: delete that one first",
        ),
        (
            "Load balancer 'arn:lb' cannot be deleted because deletion protection is enabled",
            _part("AWS::ElasticLoadBalancingV2::LoadBalancer", "arn:lb"),
            "switch its deletion protection off: aws elbv2 modify-load-balancer-attributes --load-balancer-arn arn:lb "
            "--attributes Key=deletion_protection.enabled,Value=false --region eu-west-1",
        ),
        (
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
            _part("AWS::RDS::DBInstance", "db-1"),
            "switch its deletion protection off: aws rds modify-db-instance --db-instance-identifier db-1 "
            "--no-deletion-protection --apply-immediately --region eu-west-1",
        ),
        (
            "The bucket you tried to delete is not empty",
            _part("AWS::S3::Bucket", "logs"),
            "empty the bucket logs first, earlier versions of its objects too",
        ),
        (
            "The repository with name 'web' cannot be deleted because it still contains images",
            _part("AWS::ECR::Repository", "web"),
            "delete the images first: aws ecr delete-repository --region eu-west-1 --repository-name web --force",
        ),
        ("Rate exceeded", _part("AWS::S3::Bucket", "logs"), ""),
        ("Rate exceeded", None, ""),
    ],
)
def test_the_way_out(reason: str, part: Part | None, way: str) -> None:
    assert way_out(reason, part) == way
