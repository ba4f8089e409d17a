"""Secrets Manager: secrets, made-up passwords, who may read them, and the address of the database they open."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.logical_names import logical_name
from stackproof.simulate.modify import modify
from stackproof.simulate.recipe import Job, Recipe, Tagging
from stackproof.simulate.shapes import arguments
from stackproof.simulate.updates import came_and_went


def _secret(job: Job) -> None:
    """Make a secret; one without a name is called by its logical id."""
    properties = {name: job.take(name) for name in list(job.left) if name != "GenerateSecretString"}
    properties.setdefault("Name", logical_name(job.wanted))
    request, unread = arguments(job.client, "create_secret", properties, {"ReplicaRegions": "AddReplicaRegions"})
    job.left |= dict.fromkeys(unread)
    job.answer = job.client.create_secret(**request)
    job.physical_id = job.answer["ARN"]


def _generated(job: Job) -> None:
    """Put in what Secrets Manager makes up, as ``GenerateSecretString`` says; it is made up anew if that changes."""
    rules = job.take("GenerateSecretString")
    if rules is None:
        return
    template, key = rules.get("SecretStringTemplate"), rules.get("GenerateStringKey")
    own = ("SecretStringTemplate", "GenerateStringKey")
    options = {name: value for name, value in rules.items() if name not in own}
    request, unread = arguments(job.client, "get_random_password", options)
    job.left |= dict.fromkeys(f"GenerateSecretString.{path}" for path in unread)
    password = job.client.get_random_password(**request)["RandomPassword"]
    text = json.dumps({**json.loads(template), key: password}) if template and key else password
    job.client.put_secret_value(SecretId=job.physical_id, SecretString=text)


_TEXTS = {"Description": "", "KmsKeyId": ""}
"""What can be changed, and what it goes back to."""


def _change(job: Job) -> None:
    """Change a secret; one whose value is no longer stated keeps the one that it has."""
    modify(job, "update_secret", _TEXTS, SecretId=job.physical_id)
    if "SecretString" in job.left:
        job.client.update_secret(SecretId=job.physical_id, SecretString=as_text(job.wanted.properties["SecretString"]))
    job.touched("SecretString", "GenerateSecretString")
    if job.touched("ReplicaRegions"):
        _change_replicas(job)


def _change_replicas(job: Job) -> None:
    """Replicate to new regions, and anew where the key of a replica is another; give up the others."""
    added, removed = came_and_went(job, "ReplicaRegions")
    if removed:
        regions = [replica["Region"] for replica in removed]
        job.client.remove_regions_from_replication(SecretId=job.physical_id, RemoveReplicaRegions=regions)
    if added:
        job.client.replicate_secret_to_regions(SecretId=job.physical_id, AddReplicaRegions=added)


def _delete(job: Job, _snapshot: bool) -> None:
    found = job.client.describe_secret(SecretId=job.physical_id).get("ReplicationStatus", ())
    if found:
        regions = [replica["Region"] for replica in found]
        job.client.remove_regions_from_replication(SecretId=job.physical_id, RemoveReplicaRegions=regions)
    job.client.delete_secret(SecretId=job.physical_id, ForceDeleteWithoutRecovery=True)


def _replicas(job: Job) -> Any:
    """Return the replicas under the name that the template's property has in the API."""
    found = job.client.describe_secret(SecretId=job.physical_id).get("ReplicationStatus", [])
    return {"AddReplicaRegions": [{name: replica[name] for name in ("Region", "KmsKeyId")} for replica in found]}


def _policy(job: Job) -> None:
    job.physical_id = _arn(job, str(job.take("SecretId")))
    _put_policy(job)


def _change_policy(job: Job) -> None:
    if job.touched("ResourcePolicy", "BlockPublicPolicy"):
        job.left = dict(job.wanted.properties)
        job.take("SecretId")
        _put_policy(job)


def _put_policy(job: Job) -> None:
    properties = {name: job.take(name) for name in list(job.left)}
    job.call("put_resource_policy", properties, SecretId=job.physical_id)


def _no_policy(job: Job, _snapshot: bool) -> None:
    job.client.delete_resource_policy(SecretId=job.physical_id)


def _arn(job: Job, secret: str) -> str:
    """Return a secret's ARN, which is the id of whatever belongs to it; a template may name the secret otherwise."""
    return str(job.client.describe_secret(SecretId=secret)["ARN"])


_ROTATION = {"RotateImmediatelyOnUpdate": "RotateImmediately"}


def _rotation(job: Job) -> None:
    """Have a secret rotated; a function that CloudFormation would have to make first is not simulated."""
    job.physical_id = _arn(job, str(job.take("SecretId")))
    properties = {name: job.take(name) for name in list(job.left)}
    request, unread = arguments(job.client, "rotate_secret", properties, _ROTATION)
    job.left = dict.fromkeys(unread)
    job.client.rotate_secret(**{**request, "SecretId": job.physical_id})


def _change_rotation(job: Job) -> None:
    names = ("RotationLambdaARN", "RotationRules", "RotateImmediatelyOnUpdate")
    given = {name: value for name, value in job.wanted.properties.items() if name in names}
    if job.touched(*names):
        request, _ = arguments(job.client, "rotate_secret", {"RotationRules": {}, **given}, _ROTATION)
        job.client.rotate_secret(**{**request, "SecretId": job.physical_id})


def _no_rotation(job: Job, _snapshot: bool) -> None:
    job.client.cancel_rotate_secret(SecretId=job.physical_id)


def _attach(job: Job) -> None:
    """Add the address of a database to a secret, as the rotation functions of AWS expect it."""
    job.physical_id = _arn(job, str(job.take("SecretId")))
    _add_address(job)


def _add_address(job: Job) -> None:
    target, kind = str(job.take("TargetId")), str(job.take("TargetType"))
    if kind not in _TARGETS:
        raise NotImplementedError(f"TargetType {kind} is not simulated")
    operation, parameter, member = _TARGETS[kind]
    (found,) = getattr(job.other("rds"), operation)(**{parameter: target})[member]
    at = found["Endpoint"]
    address = {
        "engine": found["Engine"],
        "host": at["Address"] if isinstance(at, dict) else at,
        "port": at["Port"] if isinstance(at, dict) else found["Port"],
        **({"dbname": name} if (name := found.get("DBName") or found.get("DatabaseName")) else {}),
        _IDENTIFIERS[kind]: target,
    }
    job.client.put_secret_value(SecretId=job.physical_id, SecretString=json.dumps(_value(job) | address))


_TARGETS = {
    "AWS::RDS::DBInstance": ("describe_db_instances", "DBInstanceIdentifier", "DBInstances"),
    "AWS::RDS::DBCluster": ("describe_db_clusters", "DBClusterIdentifier", "DBClusters"),
}
_IDENTIFIERS = {"AWS::RDS::DBInstance": "dbInstanceIdentifier", "AWS::RDS::DBCluster": "dbClusterIdentifier"}


def _value(job: Job) -> dict[str, Any]:
    return dict(json.loads(job.client.get_secret_value(SecretId=job.physical_id)["SecretString"]))


def _change_target(job: Job) -> None:
    if job.touched("TargetId", "TargetType"):
        kept = {name: text for name, text in _value(job).items() if name not in ("dbname", *_IDENTIFIERS.values())}
        job.client.put_secret_value(SecretId=job.physical_id, SecretString=json.dumps(kept))
        job.left = {name: job.wanted.properties[name] for name in ("TargetId", "TargetType")}
        _add_address(job)


def _target(job: Job) -> Any:
    """Return what a secret says of its target, under the names of the template."""
    found = _value(job)
    kind, name = next((kind, name) for kind, name in _IDENTIFIERS.items() if name in found)
    return {"TargetType": kind, "TargetId": found[name]}


def _of_secret(job: Job, name: str) -> str:
    """Return the only attribute that something has that belongs to a secret."""
    named: Mapping[str, str] = {"Id": job.physical_id}
    return named[name]


RECIPES = (
    Recipe(
        "AWS::SecretsManager::Secret",
        "secretsmanager",
        make=_secret,
        late=("GenerateSecretString",),
        after=_generated,
        remove=_delete,
        attributes={"Id": "ARN"},
        names={"ReplicaRegions": "AddReplicaRegions"},
        show=("describe_secret:SecretId", _replicas),
        hidden=("GenerateSecretString", "SecretString"),
        tagging=Tagging("tag_resource", "untag_resource", "SecretId"),
        change=_change,
    ),
    Recipe(
        "AWS::SecretsManager::ResourcePolicy",
        "secretsmanager",
        make=_policy,
        change=_change_policy,
        remove=_no_policy,
        describe=_of_secret,
        show=("get_resource_policy:SecretId",),
        hidden=("SecretId", "BlockPublicPolicy"),
    ),
    Recipe(
        "AWS::SecretsManager::RotationSchedule",
        "secretsmanager",
        make=_rotation,
        change=_change_rotation,
        remove=_no_rotation,
        describe=_of_secret,
        show=("describe_secret:SecretId",),
        hidden=("SecretId", "RotateImmediatelyOnUpdate"),
    ),
    Recipe(
        "AWS::SecretsManager::SecretTargetAttachment",
        "secretsmanager",
        make=_attach,
        change=_change_target,
        describe=_of_secret,
        show=(_target,),
        hidden=("SecretId",),
    ),
)
