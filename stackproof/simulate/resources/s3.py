"""S3: buckets and their policies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.existing import exists
from stackproof.simulate.recipe import Job, Recipe, made_up_name
from stackproof.simulate.shapes import arguments

Convert = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Setting:
    """Something that a bucket is told after it is made.

    Attributes:
        operation: the call that tells it; the one that asks is the same with ``get_``.
        parameter: its parameter.
        names: the API's name by the template's, wherever in the property the two differ.
        change: makes of the property what the parameter takes, where more than names differ.
        beside: further parameters of the call, by the name that the property has for them.
        empty: what the parameter takes where there is to be none any more; the call that takes it away is the same
            with ``delete_`` where None.
    """

    operation: str
    parameter: str
    names: Mapping[str, str] = field(default_factory=dict)
    change: Convert | None = None
    beside: Mapping[str, str] = field(default_factory=dict)
    empty: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Several:
    """Something of which a bucket may have several, each with an id.

    Attributes:
        noun: what its operations are called after ``put_bucket_``.
        parameter: the parameter of the call, and the member of the answer.
        change: makes of an entry what the parameter takes.
    """

    noun: str
    parameter: str
    change: Convert


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """Return a value with the names of its objects changed, at every depth."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(child, names) for key, child in value.items()}
    return [_renamed(item, names) for item in value] if isinstance(value, list) else value


def _encryption(value: dict[str, Any]) -> dict[str, Any]:
    return {"Rules": value["ServerSideEncryptionConfiguration"]}


def _lifecycle(value: dict[str, Any]) -> dict[str, Any]:
    return {"Rules": [_lifecycle_rule(rule) for rule in value["Rules"]]}


_EXPIRY = {
    "ExpirationInDays": "Days",
    "ExpirationDate": "Date",
    "ExpiredObjectDeleteMarker": "ExpiredObjectDeleteMarker",
}
_FILTERS = ("Prefix", "TagFilters", "ObjectSizeGreaterThan", "ObjectSizeLessThan")


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule as the API takes it: its days are nested, and what it applies to is a filter."""
    rule = dict(rule)
    expiration = {theirs: rule.pop(ours) for ours, theirs in _EXPIRY.items() if ours in rule}
    found = {name: rule.pop(name) for name in _FILTERS if name in rule}
    changes: dict[str, Any] = {"Filter": _filter(found)}
    if expiration:
        changes["Expiration"] = expiration
    for name, days in (("Transition", "Days"), ("NoncurrentVersionTransition", "NoncurrentDays")):
        moves = rule.pop(f"{name}s", [rule.pop(name)] if name in rule else [])
        if moves:
            changes[f"{name}s"] = _renamed(moves, {"TransitionInDays": days, "TransitionDate": "Date"})
    if "NoncurrentVersionExpirationInDays" in rule:
        changes["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule.pop("NoncurrentVersionExpirationInDays")}
    return {**rule, **changes}


def _filter(found: dict[str, Any]) -> dict[str, Any]:
    """Return what a rule applies to; more than one condition is an ``And``."""
    tags = found.pop("TagFilters", [])
    if len(found) + len(tags) > 1:
        return {"And": {**found, **({"Tags": tags} if tags else {})}}
    if tags:
        return {"Tag": tags[0]}
    return found or {"Prefix": ""}


def _template_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule that the API shows in the form of a template."""
    expiration = rule.get("Expiration", {})
    return {
        **{ours: expiration[theirs] for ours, theirs in _EXPIRY.items() if theirs in expiration},
        "Transitions": _renamed(rule.get("Transitions", []), {"Days": "TransitionInDays"}),
        "NoncurrentVersionTransitions": _renamed(
            rule.get("NoncurrentVersionTransitions", []), {"NoncurrentDays": "TransitionInDays"}
        ),
    }


def _logging(value: dict[str, Any]) -> dict[str, Any]:
    return {"LoggingEnabled": {"TargetPrefix": "", **value}}


def _notifications(value: dict[str, Any]) -> dict[str, Any]:
    """Return notifications as the API takes them: several events each, and EventBridge by an empty object."""
    found = dict(value)
    for name in ("TopicConfigurations", "QueueConfigurations", "LambdaFunctionConfigurations"):
        if name in found:
            found[name] = [{**entry, "Events": [entry["Events"]]} for entry in found[name]]
    if "EventBridgeConfiguration" in found:
        found["EventBridgeConfiguration"] = {}
    return found


def _website(value: dict[str, Any]) -> dict[str, Any]:
    inside = {"IndexDocument": "Suffix", "ErrorDocument": "Key"}
    return {name: {inside[name]: child} if name in inside else child for name, child in value.items()}


_CHOICES = ("Prefix", "TagFilters", "AccessPointArn")


def _among(entry: dict[str, Any], *, is_optional: bool = False) -> dict[str, Any]:
    """Return an entry with what it applies to as a filter."""
    rest = {name: value for name, value in entry.items() if name not in _CHOICES}
    found: dict[str, Any] = {name: entry[name] for name in _CHOICES if name in entry}
    return {**rest, **({"Filter": _filter(found)} if found or not is_optional else {})}


def _tiering(entry: dict[str, Any]) -> dict[str, Any]:
    return _among(entry, is_optional=True)


_DESTINATION = {"BucketAccountId": "AccountId", "BucketArn": "Bucket"}


def _analytics(entry: dict[str, Any]) -> dict[str, Any]:
    analysis = _renamed(entry["StorageClassAnalysis"], _DESTINATION)
    if "DataExport" in analysis:
        export = analysis["DataExport"]
        analysis["DataExport"] = {**export, "Destination": {"S3BucketDestination": export["Destination"]}}
    return {**_among(entry, is_optional=True), "StorageClassAnalysis": analysis}


def _inventory(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an inventory as the API takes it: its destination, filter and schedule are nested."""
    same: dict[str, Any] = {
        name: entry[name] for name in ("Id", "IncludedObjectVersions", "OptionalFields") if name in entry
    }
    found = {
        **same,
        "IsEnabled": as_text(entry["Enabled"]).lower() == "true",
        "Destination": {"S3BucketDestination": _renamed(entry["Destination"], _DESTINATION)},
        "Schedule": {"Frequency": entry["ScheduleFrequency"]},
    }
    return {**found, **({"Filter": {"Prefix": entry["Prefix"]}} if entry.get("Prefix") else {})}


_SEVERAL: Mapping[str, _Several] = {
    "IntelligentTieringConfigurations": _Several(
        "intelligent_tiering_configuration", "IntelligentTieringConfiguration", _tiering
    ),
    "MetricsConfigurations": _Several(
        "metrics_configuration", "MetricsConfiguration", lambda entry: _among(entry, is_optional=True)
    ),
    "AnalyticsConfigurations": _Several("analytics_configuration", "AnalyticsConfiguration", _analytics),
    "InventoryConfigurations": _Several("inventory_configuration", "InventoryConfiguration", _inventory),
}


def _tagging(value: list[dict[str, Any]]) -> dict[str, Any]:
    return {"TagSet": value}


_SETTINGS: Mapping[str, _Setting] = {
    "PublicAccessBlockConfiguration": _Setting("put_public_access_block", "PublicAccessBlockConfiguration"),
    "OwnershipControls": _Setting("put_bucket_ownership_controls", "OwnershipControls"),
    "VersioningConfiguration": _Setting(
        "put_bucket_versioning", "VersioningConfiguration", empty={"Status": "Suspended"}
    ),
    "BucketEncryption": _Setting(
        "put_bucket_encryption",
        "ServerSideEncryptionConfiguration",
        {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"},
        _encryption,
    ),
    "LifecycleConfiguration": _Setting(
        "put_bucket_lifecycle_configuration",
        "LifecycleConfiguration",
        change=_lifecycle,
        beside={"TransitionDefaultMinimumObjectSize": "TransitionDefaultMinimumObjectSize"},
    ),
    "CorsConfiguration": _Setting(
        "put_bucket_cors", "CORSConfiguration", {"ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
    ),
    "LoggingConfiguration": _Setting(
        "put_bucket_logging",
        "BucketLoggingStatus",
        {"DestinationBucketName": "TargetBucket", "LogFilePrefix": "TargetPrefix"},
        _logging,
        empty={},
    ),
    "ReplicationConfiguration": _Setting(
        "put_bucket_replication", "ReplicationConfiguration", {"TagFilters": "Tags", "TagFilter": "Tag"}
    ),
    "NotificationConfiguration": _Setting(
        "put_bucket_notification_configuration",
        "NotificationConfiguration",
        {
            "Event": "Events",
            "Function": "LambdaFunctionArn",
            "LambdaConfigurations": "LambdaFunctionConfigurations",
            "Queue": "QueueArn",
            "Rules": "FilterRules",
            "S3Key": "Key",
            "Topic": "TopicArn",
        },
        _notifications,
        empty={},
    ),
    "WebsiteConfiguration": _Setting("put_bucket_website", "WebsiteConfiguration", change=_website),
    "AccelerateConfiguration": _Setting(
        "put_bucket_accelerate_configuration",
        "AccelerateConfiguration",
        {"AccelerationStatus": "Status"},
        empty={"Status": "Suspended"},
    ),
    "ObjectLockConfiguration": _Setting(
        "put_object_lock_configuration", "ObjectLockConfiguration", empty={"ObjectLockEnabled": "Enabled"}
    ),
    "Tags": _Setting("put_bucket_tagging", "Tagging", change=_tagging),
}
"""By property, in an order in which each finds what it needs: replication needs versions."""


def _replicas_exist(job: Job) -> None:
    """Refuse what S3 refuses: copies to a bucket that is not there or keeps no versions."""
    for rule in job.wanted.properties.get("ReplicationConfiguration", {}).get("Rules", ()):
        arn = str(rule["Destination"]["Bucket"])
        bucket = arn.rpartition(":")[2]
        try:
            status = job.client.get_bucket_versioning(Bucket=bucket).get("Status")
        except job.client.exceptions.ClientError:
            raise LookupError(f"Destination bucket {bucket} must exist.") from None
        if status != "Enabled":
            raise ValueError(f"Destination bucket {bucket} must have versioning enabled.")


def _bucket(job: Job) -> None:
    name = str(job.take("BucketName") or made_up_name(job.wanted, 63, lower=True))
    region = job.client.meta.region_name
    if exists(lambda: job.client.head_bucket(Bucket=name)):
        # In the first region S3 would give back the bucket that is there.
        raise BucketExistsError(name)
    # The first region is the one that must not be named.
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    lock = {"ObjectLockEnabledForBucket": True} if as_text(job.take("ObjectLockEnabled", "")).lower() == "true" else {}
    job.client.create_bucket(Bucket=name, **where, **lock, **_access(job))
    job.physical_id = name
    _settle(job)


class BucketExistsError(Exception):
    """The name of a bucket is taken; names are shared by all accounts."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} already exists")


def _settle(job: Job) -> None:
    """Tell the bucket what is wanted now and otherwise than before; what is to go goes first, in reverse order."""
    wanted = job.wanted.properties
    changed = [prop for prop in (*_SETTINGS, *_SEVERAL, "AccessControl") if job.touched(prop)]
    for prop in reversed(changed):
        if prop in _SETTINGS and prop not in wanted:
            _take_away(job, _SETTINGS[prop])
    for prop in changed:
        if prop in _SEVERAL:
            _tell_several(job, prop)
        elif prop == "AccessControl":
            _set_access(job, str(wanted.get(prop, "Private")))
        elif prop in wanted:
            _tell(job, prop, _SETTINGS[prop], wanted[prop])


def _take_away(job: Job, setting: _Setting) -> None:
    if setting.empty is not None:
        given = {setting.parameter: setting.empty}
        getattr(job.client, setting.operation)(Bucket=job.physical_id, **given)
    else:
        name = setting.operation.removesuffix("_configuration").replace("put_", "delete_")
        getattr(job.client, name)(Bucket=job.physical_id)


def _tell_several(job: Job, prop: str) -> None:
    several = _SEVERAL[prop]
    had, has = ({entry["Id"]: entry for entry in side.get(prop, [])} for side in (job.before, job.wanted.properties))
    for own in sorted(had.keys() - has.keys()):
        getattr(job.client, f"delete_bucket_{several.noun}")(Bucket=job.physical_id, Id=own)
    for own, entry in has.items():
        if had.get(own) != entry:
            given = {several.parameter: several.change(entry)}
            request, unread = arguments(job.client, f"put_bucket_{several.noun}", given)
            job.left |= {f"{prop}.*.{path.partition('.')[2]}": None for path in unread}
            getattr(job.client, f"put_bucket_{several.noun}")(Bucket=job.physical_id, Id=own, **request)


def _access(job: Job) -> dict[str, str]:
    """Return who may have access where nothing says that access control lists are in force; S3 refuses it."""
    wanted = job.wanted.properties
    canned = str(wanted.get("AccessControl", "Private"))
    return {} if canned == "Private" or "OwnershipControls" in wanted else {"ACL": _canned(canned)}


def _canned(name: str) -> str:
    return _CAPITALS.sub("-", name).lower()


_CAPITALS = re.compile("(?<=[a-z])(?=[A-Z])")


def _set_access(job: Job, canned: str) -> None:
    job.client.put_bucket_acl(Bucket=job.physical_id, ACL=_canned(canned))


def _tell(job: Job, prop: str, setting: _Setting, value: Any) -> None:
    others = {ours: value[ours] for ours in setting.beside if ours in value}
    plain = {key: child for key, child in value.items() if key not in others} if others else value
    named = _renamed(plain, setting.names)
    given = {setting.parameter: setting.change(named) if setting.change else named}
    request, unread = arguments(job.client, setting.operation, given)
    back = {theirs: ours for ours, theirs in setting.names.items()}
    for path in unread:
        parts = [back.get(part, part) for part in path.split(".")[1:]]
        job.left[".".join((prop, *parts))] = None
    theirs = {setting.beside[ours]: child for ours, child in others.items()}
    getattr(job.client, setting.operation)(Bucket=job.physical_id, **request, **theirs)


def _settings(job: Job) -> Any:
    """Return what the bucket was told, in the API's names and in those of a template."""
    told = {prop: setting for prop, setting in _SETTINGS.items() if prop in job.wanted.properties}
    shown: list[Any] = [{"BucketName": job.physical_id}]
    for prop, setting in told.items():
        answer = getattr(job.client, setting.operation.replace("put_", "get_"))(Bucket=job.physical_id)
        answer.pop("ResponseMetadata", None)
        shown += [{prop: answer}, {prop: _renamed(answer, {theirs: ours for ours, theirs in setting.names.items()})}]
        if setting.change is _lifecycle:
            shown.append({prop: {"Rules": [_template_rule(rule) for rule in answer["Rules"]]}})
        if setting.change is _website:
            shown.append(
                {
                    "IndexDocument": answer.get("IndexDocument", {}).get("Suffix"),
                    "ErrorDocument": answer.get("ErrorDocument", {}).get("Key"),
                }
            )
        if setting.change is _notifications:
            shown.append({"EventBridgeEnabled": "EventBridgeConfiguration" in answer})
    if "ObjectLockEnabled" in job.wanted.properties:
        shown.append({"ObjectLockEnabled": _is_locked(job)})
    return [*shown, *(_shown_several(job, prop) for prop in _SEVERAL if prop in job.wanted.properties)]


def _is_locked(job: Job) -> bool:
    return exists(lambda: job.client.get_object_lock_configuration(Bucket=job.physical_id))


def _shown_several(job: Job, prop: str) -> Any:
    """Return each entry as the template has it where S3 shows just that, and as S3 shows it where it does not."""
    several, shown = _SEVERAL[prop], []
    for entry in job.wanted.properties[prop]:
        operation = getattr(job.client, f"get_bucket_{several.noun}")
        answer = operation(Bucket=job.physical_id, Id=entry["Id"])[several.parameter]
        request, _ = arguments(job.client, f"put_bucket_{several.noun}", {several.parameter: several.change(entry)})
        shown.append(entry if request[several.parameter] == answer else answer)
    return {prop: shown}


def _bucket_attribute(job: Job, name: str) -> str:
    bucket, region = job.physical_id, job.client.meta.region_name
    dash = region in _DASHED_WEBSITES
    return {
        "Arn": f"arn:{job.client.meta.partition}:s3:::{bucket}",
        "DomainName": f"{bucket}.s3.amazonaws.com",
        "DualStackDomainName": f"{bucket}.s3.dualstack.{region}.amazonaws.com",
        "RegionalDomainName": f"{bucket}.s3.{region}.amazonaws.com",
        "WebsiteURL": f"http://{bucket}.s3-website{'-' if dash else '.'}{region}.amazonaws.com",
    }[name]


_DASHED_WEBSITES = frozenset(
    (
        "ap-northeast-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-west-1",
        "sa-east-1",
        "us-east-1",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    )
)
"""The oldest regions, whose website addresses have a dash where the others have a dot."""


def _policy(job: Job) -> None:
    job.physical_id = str(job.wanted.properties["Bucket"])
    _change_policy(job)


def _change_policy(job: Job) -> None:
    job.touched("Bucket")
    if job.touched("PolicyDocument"):
        document = job.wanted.properties["PolicyDocument"]
        text = document if isinstance(document, str) else json.dumps(document)
        job.client.put_bucket_policy(Bucket=job.physical_id, Policy=text)


def _remove_policy(job: Job, _snapshot: bool) -> None:
    if exists(lambda: job.client.get_bucket_policy(Bucket=job.physical_id)):
        job.client.delete_bucket_policy(Bucket=job.physical_id)


def _change(job: Job) -> None:
    if "ReplicationConfiguration" in job.left:
        _replicas_exist(job)
    _settle(job)


RECIPES = (
    Recipe(
        "AWS::S3::Bucket",
        "s3",
        before=_replicas_exist,
        make=_bucket,
        describe=_bucket_attribute,
        delete="delete_bucket",
        key="Bucket",
        show=(_settings,),
        hidden=("AccessControl",),
        change=_change,
    ),
    Recipe(
        "AWS::S3::BucketPolicy",
        "s3",
        make=_policy,
        remove=_remove_policy,
        show=("get_bucket_policy:Bucket",),
        hidden=("Bucket",),
        change=_change_policy,
    ),
)
