"""Secrets Manager: keys of replicas, what an update takes away, and rotation without the function that does it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.awslambda.utils import get_backend
from moto.secretsmanager.exceptions import ResourceNotFoundException

from stackproof.simulate.additions.keeping import Item, Method, Response

_TIMES = (
    "LastChangedDate",
    "LastAccessedDate",
    "NextRotationDate",
    "LastRotatedDate",
    "DeletedDate",
    "CreatedDate",
)


def _secret(response: Response, request: Item) -> Any:
    return response.backend.secrets[request["SecretId"]]


def _with_keys(secret: Any, regions: list[Item]) -> None:
    """Have replicas encrypted as was asked for; moto takes the default key for all."""
    keys = {region["Region"]: region["KmsKeyId"] for region in regions if "KmsKeyId" in region}
    for replica in secret.replicas:
        replica.config["KmsKeyId"] = keys.get(replica.region, replica.config["KmsKeyId"])


def _create_secret(response: Response, request: Item) -> Any:
    answer = json.loads(response.create_secret())
    _with_keys(response.backend.secrets[answer["ARN"]], request.get("AddReplicaRegions", []))
    return answer


def _replicate(response: Response, request: Item) -> Any:
    answer = json.loads(response.replicate_secret_to_regions())
    _with_keys(_secret(response, request), request["AddReplicaRegions"])
    return answer


def _update_secret(response: Response, request: Item) -> Any:
    """Forget a description that is to be empty, and go back to the account's key where that of the secret is."""
    answer = json.loads(response.update_secret())
    secret = _secret(response, request)
    if request.get("Description") == "":
        secret.description = None
    if request.get("KmsKeyId") == "":
        secret.kms_key_id = response.backend.DEFAULT_KMS_KEY_ALIAS
    return answer


def _rotate_secret(response: Response, request: Item) -> Any:
    """Say that a secret is rotated, and when; the function that would do it is looked for and not run."""
    secret, arn = _secret(response, request), request.get("RotationLambdaARN")
    if arn:
        _find_function(response, arn)
    rules = request.get("RotationRules", getattr(secret, "rotation_rules", {}))
    secret.rotation_rules, secret.rotation_lambda_arn = rules, arn or secret.rotation_lambda_arn
    secret.rotation_requested = secret.rotation_enabled = True
    return {"ARN": secret.arn, "Name": secret.name, "VersionId": secret.default_version_id}


def _find_function(response: Response, arn: str) -> None:
    """Look for a rotation function, as Secrets Manager does."""
    try:
        get_backend(response.current_account, response.region).get_function(arn)
    except Exception:
        raise ResourceNotFoundException(f"Resource not found for ARN '{arn}'.") from None


def _describe_secret(response: Response, request: Item) -> Any:
    """Show the rotation rules as they were given; moto knows of days only."""
    found = json.loads(response.describe_secret())
    for name in _TIMES:
        if found.get(name) is not None:
            found[name] = datetime.fromtimestamp(found[name], UTC)
    rules = getattr(_secret(response, request), "rotation_rules", None)
    return found | ({"RotationRules": rules} if rules is not None and "RotationRules" in found else {})


METHODS: Mapping[tuple[str, str], Method] = {
    ("secretsmanager", "CreateSecret"): _create_secret,
    ("secretsmanager", "DescribeSecret"): _describe_secret,
    ("secretsmanager", "ReplicateSecretToRegions"): _replicate,
    ("secretsmanager", "RotateSecret"): _rotate_secret,
    ("secretsmanager", "UpdateSecret"): _update_secret,
}
