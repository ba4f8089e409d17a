"""Kinesis: streams and their consumers."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe, Tagging, tags_of

_DAY, _LARGEST = 24, 1024
_PROVISIONED = "PROVISIONED"


def _mode(properties: dict[str, Any]) -> str:
    """Return who decides about shards; who names their number does it himself."""
    return str(properties.get("StreamModeDetails", {}).get("StreamMode", _PROVISIONED))


def _prepare(properties: dict[str, Any]) -> dict[str, Any]:
    """Return a stream with one shard where it says nothing of shards, and its tags as a map."""
    if _mode(properties) == _PROVISIONED:
        properties.setdefault("ShardCount", 1)
    if "Tags" in properties:
        properties["Tags"] = tags_of(properties["Tags"])
    return properties


def _summary(job: Job) -> dict[str, Any]:
    return dict(job.client.describe_stream_summary(StreamName=job.physical_id)["StreamDescriptionSummary"])


def _arn(job: Job) -> Any:
    return _summary(job)["StreamARN"]


def _settle(job: Job) -> None:
    own, wanted, before = {"StreamName": job.physical_id}, job.wanted.properties, job.before
    if job.touched("RetentionPeriodHours"):
        hours, now = int(wanted.get("RetentionPeriodHours", _DAY)), _summary(job)["RetentionPeriodHours"]
        if hours != now:
            way = "increase" if hours > now else "decrease"
            getattr(job.client, f"{way}_stream_retention_period")(**own, RetentionPeriodHours=hours)
    if job.touched("StreamEncryption"):
        old, new = before.get("StreamEncryption"), wanted.get("StreamEncryption")
        if old and not new:
            job.call("stop_stream_encryption", old, **own)
        if new:
            job.call("start_stream_encryption", new, **own)
    if job.touched("DesiredShardLevelMetrics"):
        had, has = (set(side.get("DesiredShardLevelMetrics", [])) for side in (before, wanted))
        if had - has:
            job.client.disable_enhanced_monitoring(**own, ShardLevelMetrics=sorted(had - has))
        if has - had:
            job.client.enable_enhanced_monitoring(**own, ShardLevelMetrics=sorted(has - had))


def _change(job: Job) -> None:
    wanted = job.wanted.properties
    if job.touched("StreamModeDetails") and _mode(wanted) != _mode(job.before):
        job.client.update_stream_mode(StreamARN=_arn(job), StreamModeDetails={"StreamMode": _mode(wanted)})
    if job.touched("ShardCount") and _mode(wanted) == _PROVISIONED:
        count = int(wanted.get("ShardCount", 1))
        job.client.update_shard_count(StreamName=job.physical_id, TargetShardCount=count, ScalingType="UNIFORM_SCALING")
    if job.touched("MaxRecordSizeInKiB"):
        size = int(wanted.get("MaxRecordSizeInKiB", _LARGEST))
        job.client.update_max_record_size(StreamARN=_arn(job), MaxRecordSizeInKiB=size)
    _settle(job)


def _shown(job: Job) -> Any:
    found = _summary(job)
    metrics = [level["ShardLevelMetrics"] for level in found["EnhancedMonitoring"]]
    tags = job.client.list_tags_for_stream(StreamName=job.physical_id)["Tags"]
    return [found, {"ShardCount": found["OpenShardCount"], "DesiredShardLevelMetrics": metrics}, tags]


_TAGGING = Tagging("tag_resource", "untag_resource", "ResourceARN", id=lambda job: _arn(job))


def _consumer(job: Job) -> Any:
    return job.client.describe_stream_consumer(ConsumerARN=job.physical_id)["ConsumerDescription"]


def _consumer_attribute(job: Job, name: str) -> Any:
    if name not in ("ConsumerARN", "ConsumerCreationTimestamp", "ConsumerName", "ConsumerStatus", "StreamARN"):
        raise KeyError(name)
    value = _consumer(job)[name]
    return str(int(value.timestamp())) if name.endswith("Timestamp") else value


def _consumer_tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=job.physical_id)["Tags"]


def _tag_consumer(job: Job) -> None:
    tags = tags_of(job.take("Tags"))
    if tags:
        job.client.tag_resource(ResourceARN=job.physical_id, Tags=tags)


RECIPES = (
    Recipe(
        "AWS::Kinesis::Stream",
        "kinesis",
        "create_stream",
        "=StreamName",
        "delete_stream",
        "StreamName",
        names={"Name": "StreamName"},
        name="StreamName",
        name_length=128,
        prepare=_prepare,
        late=("RetentionPeriodHours", "StreamEncryption", "DesiredShardLevelMetrics"),
        after=_settle,
        describe=lambda job, name: {"Arn": _arn(job)}[name],
        show=(_shown,),
        tagging=_TAGGING,
        change=_change,
    ),
    Recipe(
        "AWS::Kinesis::StreamConsumer",
        "kinesis",
        "register_stream_consumer",
        "Consumer.ConsumerARN",
        "deregister_stream_consumer",
        "ConsumerARN",
        late=("Tags",),
        after=_tag_consumer,
        describe=_consumer_attribute,
        show=(_consumer, _consumer_tags),
    ),
)
