"""EventBridge: rules and their targets, event buses, archives, connections and API destinations."""

from __future__ import annotations

import json
from typing import Any

from stackproof.simulate.existing import AlreadyExistsError, exists
from stackproof.simulate.recipe import Job, Recipe, Tagging

_TAGGING = Tagging("tag_resource", "untag_resource", "ResourceARN", id=lambda job: _arn(job))

# --- Rules. ---


def _bus(job: Job) -> dict[str, Any]:
    return {name: job.request[name] for name in ("EventBusName",) if name in job.request}


def _rule_name(job: Job) -> str:
    return str(job.request["Name"])


def _is_new(job: Job) -> None:
    name, bus = job.wanted.properties.get("Name"), job.wanted.properties.get("EventBusName", "default")
    if name and exists(lambda: job.client.describe_rule(Name=name, EventBusName=bus)):
        raise AlreadyExistsError(job.wanted.type, Name=str(name))


def _targets(job: Job) -> None:
    """Give the rule its targets; on a bus of one's own, ``Ref`` has the bus's name before the rule's."""
    targets = job.take("Targets", [])
    ids = {target["Id"] for target in targets}
    gone = [target["Id"] for target in job.before.get("Targets", []) if target["Id"] not in ids]
    if gone:
        job.client.remove_targets(Rule=_rule_name(job), Ids=gone, **_bus(job))
    if targets:
        answer = job.call("put_targets", {"Targets": targets}, Rule=_rule_name(job), **_bus(job))
        if answer.get("FailedEntryCount"):
            raise ValueError(answer["FailedEntries"][0]["ErrorMessage"])
    bus = str(job.request.get("EventBusName", "default")).rpartition("/")[2]
    if bus != "default":
        job.physical_id = f"{bus}|{_rule_name(job)}"


def _change_rule(job: Job) -> None:
    """Put the rule again with everything that is wanted now, then its targets."""
    if job.left or job.gone:
        name, wanted = _rule_name(job), job.wanted.properties
        rest = {key: value for key, value in wanted.items() if key not in ("Name", "Tags", "Targets")}
        job.call("put_rule", rest, Name=name)
        job.left, job.gone = {"Targets": wanted.get("Targets", [])}, set()
        _targets(job)


def _arn(job: Job) -> Any:
    if job.wanted.type == "AWS::Events::EventBus":
        return job.client.describe_event_bus(Name=job.physical_id)["Arn"]
    return job.client.describe_rule(Name=_rule_name(job), **_bus(job))["Arn"]


def _rule_attribute(job: Job, name: str) -> Any:
    return {"Arn": _arn, "RuleName": _rule_name}[name](job)


def _shown(job: Job) -> Any:
    rule = job.client.describe_rule(Name=_rule_name(job), **_bus(job))
    targets = job.client.list_targets_by_rule(Rule=_rule_name(job), **_bus(job))["Targets"]
    return [rule, {"Targets": targets}, job.client.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]]


def _delete(job: Job, _snapshot: bool) -> None:
    if not exists(lambda: job.client.describe_rule(Name=_rule_name(job), **_bus(job))):
        return
    found = job.client.list_targets_by_rule(Rule=_rule_name(job), **_bus(job))["Targets"]
    if found:
        ids = [target["Id"] for target in found]
        job.client.remove_targets(Rule=_rule_name(job), Ids=ids, **_bus(job))
    job.client.delete_rule(Name=_rule_name(job), **_bus(job))


# --- Event buses. ---


def _let_in(job: Job) -> None:
    """Give the bus the policy that is wanted now."""
    if not job.touched("Policy"):
        return
    if job.before.get("Policy"):
        job.client.remove_permission(EventBusName=job.physical_id, RemoveAllPermissions=True)
    policy = job.wanted.properties.get("Policy")
    if policy:
        text = policy if isinstance(policy, str) else json.dumps(policy)
        job.client.put_permission(EventBusName=job.physical_id, Policy=text)


def _bus_attribute(job: Job, name: str) -> Any:
    return {"Arn": _arn(job), "Name": job.physical_id}[name]


_EMPTY: dict[str, Any] = {"Description": "", "KmsKeyIdentifier": "", "DeadLetterConfig": {}, "LogConfig": {}}


def _change_bus(job: Job) -> None:
    _let_in(job)
    wanted = job.wanted.properties
    changed = {name: wanted.get(name, empty) for name, empty in _EMPTY.items() if job.touched(name)}
    if changed:
        job.call("update_event_bus", changed, Name=job.physical_id)


def _bus_tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=_arn(job))["Tags"]


def _permit(job: Job) -> None:
    """Let somebody put events onto a bus, by a statement or by what makes one."""
    wanted = job.wanted.properties
    bus, sid = str(wanted.get("EventBusName", "default")), str(wanted["StatementId"])
    job.touched("Action", "Condition", "EventBusName", "Principal", "Statement", "StatementId")
    if job.before:
        job.client.remove_permission(EventBusName=bus, StatementId=sid)
    if "Statement" in wanted:
        policy = {"Version": "2012-10-17", "Statement": [{"Sid": sid, **wanted["Statement"]}]}
        job.client.put_permission(EventBusName=bus, Policy=json.dumps(policy))
    else:
        given = {name: value for name, value in wanted.items() if name != "EventBusName"}
        job.call("put_permission", given, EventBusName=bus)
    job.physical_id = f"{bus.rpartition('/')[2]}|{sid}"


def _change_permission(job: Job) -> None:
    if job.left or job.gone:
        _permit(job)


def _permission(job: Job) -> Any:
    wanted = job.wanted.properties
    found = job.client.describe_event_bus(Name=wanted.get("EventBusName", "default"))
    statements = [entry for entry in json.loads(found["Policy"])["Statement"] if entry["Sid"] == wanted["StatementId"]]
    principals = [entry["Principal"] for entry in statements]
    who = [str(found["AWS"]).split(":")[4] if isinstance(found, dict) else found for found in principals]
    # The condition is shown in the form of a policy, which is not that of the request.
    return [*statements, {"StatementId": wanted["StatementId"], "Principal": who}]


def _forbid(job: Job, _snapshot: bool) -> None:
    wanted = job.wanted.properties
    bus = wanted.get("EventBusName", "default")
    if exists(lambda: job.client.describe_event_bus(Name=bus).get("Policy")):
        job.client.remove_permission(EventBusName=bus, StatementId=wanted["StatementId"])


# --- Archives, connections, API destinations. ---


def _described(operation: str, arn: str, **names: str) -> Any:
    """Return what gives ``Fn::GetAtt`` from a description: the ARN, and further attributes by their names there."""

    def attribute(job: Job, name: str) -> Any:
        found = getattr(job.client, operation)(Name=job.physical_id)
        # A policy names it by all that stands before the part that is made up.
        return found[arn].rpartition("/")[0] if name == "ArnForPolicy" else found[{"Arn": arn, **names}[name]]

    return attribute


def _change_connection(job: Job) -> None:
    """Change a connection; who authorizes is told anew with it, since the service does not read it out."""
    names = (
        "AuthParameters",
        "AuthorizationType",
        "Description",
        "InvocationConnectivityParameters",
        "KmsKeyIdentifier",
    )
    if job.touched(*names):
        wanted = {name: value for name, value in job.wanted.properties.items() if name != "Name"}
        job.call("update_connection", {"Description": "", "KmsKeyIdentifier": "", **wanted}, Name=job.physical_id)


_RATE = 300
"""How many calls a second an API destination may get unless it says otherwise."""


def _change_destination(job: Job) -> None:
    names = ("ConnectionArn", "Description", "HttpMethod", "InvocationEndpoint", "InvocationRateLimitPerSecond")
    if job.touched(*names):
        wanted = {name: value for name, value in job.wanted.properties.items() if name != "Name"}
        given = {"Description": "", "InvocationRateLimitPerSecond": _RATE, **wanted}
        job.call("update_api_destination", given, Name=job.physical_id)


def _change_archive(job: Job) -> None:
    if job.touched("Description", "EventPattern", "RetentionDays", "KmsKeyIdentifier"):
        rest = {name: job.wanted.properties.get(name) for name in ("EventPattern", "Description", "KmsKeyIdentifier")}
        days = int(job.wanted.properties.get("RetentionDays", 0))
        given = {name: "" if value is None else value for name, value in rest.items()}
        if not given["EventPattern"]:
            job.client.update_archive(ArchiveName=job.physical_id, EventPattern="")
            del given["EventPattern"]
        job.call("update_archive", {**given, "RetentionDays": days}, ArchiveName=job.physical_id)


_HIDDEN = ("AuthParameters",)

RECIPES = (
    Recipe(
        "AWS::Events::Rule",
        "events",
        "put_rule",
        "=Name",
        name="Name",
        name_length=64,
        late=("Targets",),
        before=_is_new,
        after=_targets,
        describe=_rule_attribute,
        remove=_delete,
        show=(_shown,),
        tagging=_TAGGING,
        change=_change_rule,
    ),
    Recipe(
        "AWS::Events::EventBus",
        "events",
        "create_event_bus",
        "=Name",
        "delete_event_bus",
        "Name",
        late=("Policy",),
        after=_let_in,
        describe=_bus_attribute,
        show=("describe_event_bus:Name", _bus_tags),
        hidden=("EventSourceName",),
        tagging=_TAGGING,
        change=_change_bus,
        ignored=("EventSourceName",),
    ),
    Recipe(
        "AWS::Events::EventBusPolicy",
        "events",
        make=_permit,
        remove=_forbid,
        show=(_permission,),
        hidden=("Condition", "EventBusName"),
        change=_change_permission,
    ),
    Recipe(
        "AWS::Events::Connection",
        "events",
        "create_connection",
        "=Name",
        "delete_connection",
        "Name",
        name="Name",
        name_length=64,
        describe=_described("describe_connection", "ConnectionArn", SecretArn="SecretArn"),
        show=("describe_connection:Name",),
        hidden=_HIDDEN,
        change=_change_connection,
    ),
    Recipe(
        "AWS::Events::ApiDestination",
        "events",
        "create_api_destination",
        "=Name",
        "delete_api_destination",
        "Name",
        name="Name",
        name_length=64,
        describe=_described("describe_api_destination", "ApiDestinationArn"),
        show=("describe_api_destination:Name",),
        change=_change_destination,
    ),
    Recipe(
        "AWS::Events::Archive",
        "events",
        "create_archive",
        "=ArchiveName",
        "delete_archive",
        "ArchiveName",
        names={"SourceArn": "EventSourceArn"},
        name="ArchiveName",
        name_length=48,
        attributes={"Arn": "ArchiveArn"},
        show=("describe_archive:ArchiveName",),
        change=_change_archive,
    ),
)
