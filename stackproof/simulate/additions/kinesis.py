"""Kinesis: the size of records, the tags of a new stream, and tags by ARN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.core.responses import ActionResult, EmptyResult

from stackproof.simulate.additions.keeping import Item, Method, Response

_LARGEST = 1024
"""How large a record may be unless a stream says otherwise, in KiB."""


def _create_stream(response: Response, request: Item) -> Any:
    response.create_stream()
    stream = response.kinesis_backend.streams[request["StreamName"]]
    stream.stream_mode = request.get("StreamModeDetails", {"StreamMode": "PROVISIONED"})
    stream.largest_record = request.get("MaxRecordSizeInKiB", _LARGEST)
    stream.tags = {**stream.tags, **request.get("Tags", {})}
    return EmptyResult()


def _stream(response: Response, request: Item) -> Any:
    arn = request.get("StreamARN") or request.get("ResourceARN")
    return response.kinesis_backend.describe_stream(stream_arn=arn, stream_name=request.get("StreamName"))


def _update_max_record_size(response: Response, request: Item) -> Any:
    _stream(response, request).largest_record = request["MaxRecordSizeInKiB"]
    return {}


def _describe_stream_summary(response: Response, request: Item) -> Any:
    found = response.describe_stream_summary().result["StreamDescriptionSummary"]
    size = getattr(_stream(response, request), "largest_record", _LARGEST)
    return ActionResult({"StreamDescriptionSummary": {**found, "MaxRecordSizeInKiB": size}})


def _describe_stream(response: Response, request: Item) -> Any:
    """Describe a stream with the mode that its summary shows."""
    found = response.describe_stream().result["StreamDescription"]
    shown = found if isinstance(found, dict) else found.to_json()
    return ActionResult({"StreamDescription": {"StreamModeDetails": _stream(response, request).stream_mode, **shown}})


def _tagged(response: Response, request: Item) -> Any:
    """Return the tags of a stream or, kept beside it, of one of its consumers."""
    arn = request["ResourceARN"]
    if "/consumer/" not in arn:
        return _stream(response, request).tags
    return vars(response.kinesis_backend).setdefault("tags_of_consumers", {}).setdefault(arn, {})


def _tag_resource(response: Response, request: Item) -> Any:
    _tagged(response, request).update(request["Tags"])
    return {}


def _untag_resource(response: Response, request: Item) -> Any:
    for key in request["TagKeys"]:
        _tagged(response, request).pop(key, None)
    return {}


def _list_tags_for_resource(response: Response, request: Item) -> Any:
    return {"Tags": [{"Key": key, "Value": value} for key, value in _tagged(response, request).items()]}


METHODS: Mapping[tuple[str, str], Method] = {
    ("kinesis", "CreateStream"): _create_stream,
    ("kinesis", "UpdateMaxRecordSize"): _update_max_record_size,
    ("kinesis", "DescribeStream"): _describe_stream,
    ("kinesis", "DescribeStreamSummary"): _describe_stream_summary,
    ("kinesis", "TagResource"): _tag_resource,
    ("kinesis", "UntagResource"): _untag_resource,
    ("kinesis", "ListTagsForResource"): _list_tags_for_resource,
}
