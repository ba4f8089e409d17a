"""S3: configurations of buckets that moto lacks or forgets in part, what closes them, and conditions of policies."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.iam.access_control import PermissionResult
from moto.s3 import exceptions as _exceptions
from moto.s3 import models as _models
from moto.s3 import responses as _responses

from stackproof.simulate.additions.conditions import Context, are_met
from stackproof.simulate.additions.keeping import Item, Response, request_of

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
exceptions: Any = _exceptions
models: Any = _models
responses: Any = _responses


@dataclass(frozen=True, slots=True)
class _Configuration:
    """Something that a bucket is told.

    Attributes:
        noun: what its operations are called after ``Put``, ``Get``, ``Delete`` and ``List``.
        member: what holds it, in a request.
        outer: whether an answer has the member, and not only what is in it.
        made_up: the lists whose entries get an id where they have none, each with the name of the id.
    """

    noun: str
    member: str
    outer: bool = True
    made_up: Mapping[str, str] | None = None


_TOLD: Mapping[str, _Configuration] = {
    "cors": _Configuration("BucketCors", "CORSConfiguration", outer=False),
    "encryption": _Configuration("BucketEncryption", "ServerSideEncryptionConfiguration"),
    "lifecycle": _Configuration(
        "BucketLifecycleConfiguration", "LifecycleConfiguration", outer=False, made_up={"Rules": "ID"}
    ),
    "logging": _Configuration("BucketLogging", "BucketLoggingStatus", outer=False),
    "notification": _Configuration(
        "BucketNotificationConfiguration",
        "NotificationConfiguration",
        outer=False,
        made_up=dict.fromkeys(("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations"), "Id"),
    ),
    "object-lock": _Configuration("ObjectLockConfiguration", "ObjectLockConfiguration"),
    "replication": _Configuration("BucketReplication", "ReplicationConfiguration", made_up={"Rules": "ID"}),
}
"""What moto checks and acts upon, and does not show in full; by the word of the address."""

_NUMBERED: Mapping[str, _Configuration] = {
    word: _Configuration(f"Bucket{name}Configuration", f"{name}Configuration")
    for word, name in {
        "analytics": "Analytics",
        "intelligent-tiering": "IntelligentTiering",
        "inventory": "Inventory",
        "metrics": "Metrics",
    }.items()
}
"""What a bucket may have several of, each with an id."""


class _NoSuchConfigurationError(exceptions.S3ClientError):  # type: ignore[misc]
    code = "NoSuchConfiguration"

    def __init__(self) -> None:
        super().__init__("The specified configuration does not exist.")


def _kept(bucket: Any) -> dict[str, Any]:
    """Return what is kept of a bucket beside what moto keeps."""
    found: dict[str, Any] = vars(bucket).setdefault("configurations", {})
    return found


_answer_of_moto = responses.S3Response._bucket_response


def _bucket_response(response: Response, request: Any, full_url: str) -> Any:
    query = response._get_querystring(request, full_url)
    name = response.parse_bucket_name_from_url(request, full_url)
    if name and request.method == "PUT":
        _refuse(response, request, name, query)
    word = next((word for word in query if word in _NUMBERED or word in _TOLD), "")
    if not name or not word or request.method not in _METHODS:
        return _answer_of_moto(response, request, full_url)
    bucket = response.backend.get_bucket(name)
    if word in _NUMBERED:
        return _numbered(response, bucket, word, query)
    if (request.method, word) == ("GET", "encryption") and not bucket.encryption:
        response.data["Action"] = "GetBucketEncryption"
        return response.serialized(ActionResult({"ServerSideEncryptionConfiguration": {"Rules": [_ENCRYPTED]}}))
    return _told(response, bucket, word, _answer_of_moto(response, request, full_url))


_ENCRYPTED = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
"""How a bucket encrypts that was not told how."""


_METHODS = {"PUT": "Put", "GET": "Get", "DELETE": "Delete"}


def _numbered(response: Response, bucket: Any, word: str, query: Mapping[str, list[str]]) -> Any:
    configuration, kept = _NUMBERED[word], _kept(bucket).setdefault(word, {})
    own, verb = query.get("id", [""])[0], _METHODS[response.request.method]
    if verb == "Get" and not own:
        response.data["Action"] = f"List{configuration.noun}s"
        shown = {f"{configuration.member}List": [kept[key] for key in sorted(kept)], "IsTruncated": False}
        return response.serialized(ActionResult(shown))
    response.data["Action"] = f"{verb}{configuration.noun}"
    if verb == "Put":
        kept[own] = request_of(response)[configuration.member]
        return response.serialized(EmptyResult())
    if own not in kept:
        raise _NoSuchConfigurationError
    if verb == "Delete":
        del kept[own]
        return response.serialized(EmptyResult())
    return response.serialized(ActionResult({configuration.member: kept[own]}))


def _told(response: Response, bucket: Any, word: str, answer: Any) -> Any:
    configuration, kept, verb = _TOLD[word], _kept(bucket), _METHODS[response.request.method]
    if isinstance(answer, tuple) and answer[0] >= 300:
        return answer
    response.data["Action"] = f"{verb}{configuration.noun}"
    if verb == "Delete":
        kept.pop(word, None)
    elif verb == "Put":
        told = request_of(response)
        kept[word] = _with_ids(copy.deepcopy(told[configuration.member]), configuration, word)
        if word == "lifecycle":
            size = told.get("TransitionDefaultMinimumObjectSize", "all_storage_classes_128K")
            kept[word] = {**kept[word], "TransitionDefaultMinimumObjectSize": size}
    elif word in kept:
        shown = {configuration.member: kept[word]} if configuration.outer else kept[word]
        return response.serialized(ActionResult(shown))
    return answer


def _with_ids(value: Item, configuration: _Configuration, word: str) -> Item:
    for name, own in (configuration.made_up or {}).items():
        for rule in value.get(name, ()):
            rule.setdefault(own, models.random.get_random_string(length=48))
            if word == "replication" and "Filter" in rule:
                rule.setdefault("Priority", 0)
    return value


# --- What new buckets are like, and what they do not let happen. ---

_ENFORCED = "BucketOwnerEnforced"
_NO_ACCESS = frozenset(("", "private", "bucket-owner-full-control"))
"""Access control lists that say no more than that the bucket's owner may do everything."""

_create = models.S3Backend.create_bucket


def _create_bucket(backend: Any, *given: Any, **named: Any) -> Any:
    """Make a bucket as S3 makes it since April 2023: without access control lists, closed to the public."""
    bucket = _create(backend, *given, **named)
    bucket.ownership_rule = _ENFORCED
    bucket.public_access_block = models.PublicAccessBlock(*(True,) * 4)
    return bucket


class _AclWithOwnershipError(exceptions.S3ClientError):  # type: ignore[misc]
    code = "InvalidBucketAclWithObjectOwnership"

    def __init__(self) -> None:
        super().__init__("Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting")


class _NoAclsError(exceptions.S3ClientError):  # type: ignore[misc]
    code = "AccessControlListNotSupported"

    def __init__(self) -> None:
        super().__init__("The bucket does not allow ACLs")


def _refuse(response: Response, request: Any, name: str, query: Mapping[str, list[str]]) -> None:
    """Refuse what moto lets pass: access control lists where there are none, and policies that open to the public."""
    access, ownership = (str(request.headers.get(f"x-amz-{word}", "")) for word in ("acl", "object-ownership"))
    if not query:
        if access not in _NO_ACCESS and ownership in ("", _ENFORCED):
            raise _AclWithOwnershipError
        return
    bucket = response.backend.get_bucket(name)
    block = bucket.public_access_block
    if "acl" in query and access not in _NO_ACCESS:
        if bucket.ownership_rule == _ENFORCED:
            raise _NoAclsError
        if access.startswith("public-") and block is not None and block.block_public_acls:
            raise exceptions.S3AccessDeniedError
    is_blocked = block is not None and block.block_public_policy
    if "policy" in query and is_blocked and responses.bucket_policy_is_public(response.body):
        raise exceptions.S3AccessDeniedError


_delete = responses.S3Response.delete_bucket


def _delete_bucket(response: Response) -> Any:
    """Delete a bucket that is empty; of one that keeps versions, those count."""
    bucket = response.backend.get_bucket(response.bucket_name)
    try:
        return _delete(response)
    except exceptions.BucketNotEmpty as error:
        if bucket.is_versioned:
            error.message = f"{error.message}. You must delete all versions in the bucket."
        raise


# --- Policies. ---

_REQUEST: ContextVar[Context] = ContextVar("request", default={})  # noqa: B039

_answer_about_key = responses.S3Response._key_response


def _key_response(response: Response, request: Any, full_url: str) -> Any:
    """Answer about an object, knowing of the request what a bucket's policy may ask."""
    token = _REQUEST.set(_context(response, request, full_url))
    try:
        answer = _answer_about_key(response, request, full_url)
    finally:
        _REQUEST.reset(token)
    if answer == (_FORBIDDEN, {}, "") and request.method != "HEAD":
        # moto says nothing with it.
        raise exceptions.S3AccessDeniedError
    return answer


_FORBIDDEN = 403


def _context(response: Response, request: Any, full_url: str) -> Context:
    scheme, _, rest = full_url.partition("://")
    account = str(response.current_account)
    # An address of this machine stands for that of AWS, which nobody asks in the clear unless he says so.
    is_open = scheme == "http" and "amazonaws.com" in rest.partition("/")[0]
    headers = {f"s3:{name.lower()}": str(value) for name, value in request.headers.items()}
    known = {
        "aws:securetransport": "false" if is_open else "true",
        "aws:principalaccount": account,
        "aws:principalarn": f"arn:{response.partition}:iam::{account}:root",
        "aws:principalisawsservice": "false",
        "aws:resourceaccount": account,
        "aws:requestedregion": str(response.region),
    }
    secure = {} if is_open else {"s3:tlsversion": "1.3"}
    return {**headers, **known, **secure}


def _get_permission(bucket: Any, action: str, resource: str) -> Any:
    """Return what a bucket's policy says of a request; moto looks neither at conditions nor at who asks."""
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    statements = json.loads(bucket.policy.decode())["Statement"]
    context = {"aws:principalaccount": str(bucket.account_id), **_REQUEST.get()}
    effects = {
        statement["Effect"]
        for statement in (statements if isinstance(statements, list) else [statements])
        if _applies(statement, action, resource, context)
    }
    if "Deny" in effects:
        return PermissionResult.DENIED
    return PermissionResult.PERMITTED if "Allow" in effects else PermissionResult.NEUTRAL


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    asked = {"Action": action.lower(), "Resource": resource}
    for name, value in asked.items():
        patterns = [text.lower() if name == "Action" else text for text in _list(statement.get(name, ()))]
        refused = [text.lower() if name == "Action" else text for text in _list(statement.get(f"Not{name}", ()))]
        if not (any(_matches(text, value) for text in patterns) or (refused and not _any(refused, value))):
            return False
    if not _is_meant(statement, context):
        return False
    return are_met(statement.get("Condition", {}), context)


def _matches(pattern: str, text: str) -> bool:
    return are_met({"StringLike": {"text": pattern}}, {"text": text})


def _any(patterns: list[str], text: str) -> bool:
    return any(_matches(pattern, text) for pattern in patterns)


def _is_meant(statement: Mapping[str, Any], context: Context) -> bool:
    """Return whether a statement is about who asks, which is the account itself."""
    if "NotPrincipal" in statement:
        return not _names(statement["NotPrincipal"], context)
    return _names(statement.get("Principal"), context)


def _names(principal: Any, context: Context) -> bool:
    account = context["aws:principalaccount"]
    named = _list(principal.get("AWS", ())) if isinstance(principal, dict) else _list(principal or ())
    return any(name in ("*", account) or (name.endswith(f":{account}:root") and ":iam::" in name) for name in named)


def _list(value: Any) -> list[str]:
    return list(_iterate(value))


def _iterate(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        yield from value


PATCHES = (
    (models.FakeBucket, "get_permission", _get_permission),
    (responses.S3Response, "_bucket_response", _bucket_response),
    (responses.S3Response, "_key_response", _key_response),
    (responses.S3Response, "delete_bucket", _delete_bucket),
    (models.S3Backend, "create_bucket", _create_bucket),
)
