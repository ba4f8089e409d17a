"""What a deletion leaves behind, and what stands in its way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy.event import Event

_PROTECTED = ("deletion protection", "cannot delete protected", "deletionprotection")
_OFF = {
    "AWS::Cognito::UserPool": "cognito-idp update-user-pool --user-pool-id {id} --deletion-protection INACTIVE",
    "AWS::DocDB::DBCluster": "docdb modify-db-cluster --db-cluster-identifier {id} --no-deletion-protection",
    "AWS::DynamoDB::Table": "dynamodb update-table --table-name {id} --no-deletion-protection-enabled",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": (
        "elbv2 modify-load-balancer-attributes --load-balancer-arn {id} "
        "--attributes Key=deletion_protection.enabled,Value=false"
    ),
    "AWS::RDS::DBCluster": (
        "rds modify-db-cluster --db-cluster-identifier {id} --no-deletion-protection --apply-immediately"
    ),
    "AWS::RDS::DBInstance": (
        "rds modify-db-instance --db-instance-identifier {id} --no-deletion-protection --apply-immediately"
    ),
}
"""How each type's deletion protection is switched off with the AWS CLI."""
_FULL = {
    "AWS::Backup::BackupVault": "delete the recovery points of the backup vault {id} first",
    "AWS::ECR::Repository": "delete the images first: aws ecr delete-repository --region {region} --repository-name "
    "{id} --force",
    "AWS::S3::Bucket": "empty the bucket {id} first, earlier versions of its objects too",
}
"""What must be emptied before it can be deleted."""


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a stack, as CloudFormation lists it.

    Attributes:
        id: its physical id; may be empty.
    """

    layer: str
    logical_id: str
    type: str
    id: str
    region: str

    def __str__(self) -> str:
        return f"{self.layer}/{self.logical_id} ({self.type}){f' {self.id}' if self.id else ''}"


def parts(client: Any, stack: str, layer: str, region: str) -> dict[str, Part]:
    """Return the resources of a stack by logical id; nothing where they must not be listed.

    Parameters:
        client: a boto3 client of CloudFormation.
        stack: the stack's name or id.
    """
    found: dict[str, Part] = {}
    with suppress(client.exceptions.ClientError):
        for page in client.get_paginator("list_stack_resources").paginate(StackName=stack):
            for raw in page["StackResourceSummaries"]:
                name = str(raw["LogicalResourceId"])
                physical_id = str(raw.get("PhysicalResourceId") or "")
                found[name] = Part(layer, name, str(raw["ResourceType"]), physical_id, region)
    return found


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of resources whose stack is gone.

    Attributes:
        retained: resources that their template keeps.
        snapshots: resources of which a last snapshot was taken.
    """

    retained: tuple[Part, ...]
    snapshots: tuple[Part, ...]


def remains(deployment: Deployment, events: Iterable[Event], known: Mapping[str, Mapping[str, Part]]) -> Remains:
    """Return what a deletion left behind.

    Parameters:
        deployment: what was deleted.
        events: what CloudFormation told meanwhile.
        known: by stack, what stood before.
    """
    retained: dict[Part, None] = {}
    snapshots: dict[Part, None] = {}
    for event in events:
        part = known.get(event.stack, {}).get(event.logical_id)
        if part is None:
            continue
        if event.status == "DELETE_SKIPPED":
            retained[part] = None
        elif event.status == "DELETE_COMPLETE" and part.id and _leaves_snapshot(deployment, part):
            snapshots[part] = None
    return Remains(tuple(retained), tuple(snapshots))


def _leaves_snapshot(deployment: Deployment, part: Part) -> bool:
    resource = deployment.stack(part.layer).resources.get(part.logical_id)
    return resource is not None and resource.attributes.get("DeletionPolicy") == "Snapshot"


def way_out(reason: str, part: Part | None) -> str:
    """Return how what stands in the way of a deletion is removed; empty where nothing is known.

    Parameters:
        reason: what CloudFormation says.
        part: the resource that it could not delete; None where that is the stack.
    """
    said = reason.lower()
    if "terminationprotection" in said.replace(" ", ""):
        return "switch the stack's termination protection off first"
    if "in use by" in said and "export" in said:
        return "another stack imports from it: delete that one first"
    if part is None:
        return ""
    if part.type in _OFF and any(word in said for word in _PROTECTED):
        return lifting(part)
    if part.type in _FULL and ("not empty" in said or "contains" in said or "cannot be deleted" in said):
        return _FULL[part.type].format(id=part.id, region=part.region)
    return ""


def lifting(part: Part) -> str:
    """Return how a resource's deletion protection is switched off; the type must be one of those that have it."""
    return f"switch its deletion protection off: aws {_OFF[part.type].format(id=part.id)} --region {part.region}"


def shielded(part: Part, client: Callable[[str, str], Any]) -> bool:
    """Return whether a resource's deletion protection is on; False where that cannot be found out.

    Parameters:
        part: the resource.
        client: gives a boto3 client by its service and region.
    """
    ask = _SHIELDS.get(part.type)
    if ask is None or not part.id:
        return False
    service, look = ask
    found = client(service, part.region)
    try:
        return look(found, part.id)
    except found.exceptions.ClientError:
        # Who may not look, or what is no longer there: the deletion itself will tell.
        return False


def _load_balancer(client: Any, arn: str) -> bool:
    attributes = client.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {"Key": "deletion_protection.enabled", "Value": "true"} in attributes


def _instance(client: Any, name: str) -> bool:
    found = client.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return any(one["DeletionProtection"] for one in found)


def _cluster(client: Any, name: str) -> bool:
    found = client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    return any(one["DeletionProtection"] for one in found)


_SHIELDS: dict[str, tuple[str, Callable[[Any, str], bool]]] = {
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("elbv2", _load_balancer),
    "AWS::RDS::DBCluster": ("rds", _cluster),
    "AWS::RDS::DBInstance": ("rds", _instance),
}
