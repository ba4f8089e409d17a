"""Secrets Manager: secrets, made-up passwords, and the address of the database they open."""

from __future__ import annotations

import json
from typing import Any

from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.shapes import arguments


def _generated(job: Job) -> None:
    """Put in what Secrets Manager makes up, as ``GenerateSecretString`` says."""
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


def _delete(job: Job, _snapshot: bool) -> None:
    found = job.client.describe_secret(SecretId=job.physical_id).get("ReplicationStatus", ())
    if found:
        regions = [replica["Region"] for replica in found]
        job.client.remove_regions_from_replication(SecretId=job.physical_id, RemoveReplicaRegions=regions)
    job.client.delete_secret(SecretId=job.physical_id, ForceDeleteWithoutRecovery=True)


def _replicas(job: Job) -> Any:
    """Return the regions of the replicas under the name that the template's property has in the API."""
    found = job.client.describe_secret(SecretId=job.physical_id).get("ReplicationStatus", [])
    return {"AddReplicaRegions": [{"Region": replica["Region"]} for replica in found]}


def _attach(job: Job) -> None:
    """Add the address of an RDS instance to a secret, as the rotation functions of AWS expect it."""
    job.physical_id = str(job.take("SecretId"))
    target, kind = job.take("TargetId"), job.take("TargetType")
    if kind != "AWS::RDS::DBInstance":
        raise NotImplementedError(f"TargetType {kind} is not simulated")
    found: dict[str, Any] = job.other("rds").describe_db_instances(DBInstanceIdentifier=target)["DBInstances"][0]
    text = job.client.get_secret_value(SecretId=job.physical_id)["SecretString"]
    address = {
        "engine": found["Engine"],
        "host": found["Endpoint"]["Address"],
        "port": found["Endpoint"]["Port"],
        "dbInstanceIdentifier": target,
    }
    job.client.put_secret_value(SecretId=job.physical_id, SecretString=json.dumps(json.loads(text) | address))


RECIPES = (
    Recipe(
        "AWS::SecretsManager::Secret",
        "secretsmanager",
        "create_secret",
        "ARN",
        name="Name",
        late=("GenerateSecretString",),
        after=_generated,
        remove=_delete,
        attributes={"Id": "ARN"},
        names={"ReplicaRegions": "AddReplicaRegions"},
        show=("describe_secret:SecretId", _replicas),
        hidden=("GenerateSecretString", "SecretString"),
    ),
    Recipe("AWS::SecretsManager::SecretTargetAttachment", "secretsmanager", make=_attach),
)
