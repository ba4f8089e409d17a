"""EventBridge: rules and their targets."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _bus(job: Job) -> dict[str, Any]:
    return {name: job.request[name] for name in ("EventBusName",) if name in job.request}


def _rule_name(job: Job) -> str:
    return str(job.request["Name"])


def _targets(job: Job) -> None:
    """Give the rule its targets; on a bus of one's own, ``Ref`` has the bus's name before the rule's."""
    targets = job.take("Targets")
    if targets:
        answer = job.call("put_targets", {"Targets": targets}, Rule=_rule_name(job), **_bus(job))
        if answer.get("FailedEntryCount"):
            raise ValueError(answer["FailedEntries"][0]["ErrorMessage"])
    bus = str(job.request.get("EventBusName", "default")).rpartition("/")[2]
    if bus != "default":
        job.physical_id = f"{bus}|{_rule_name(job)}"


def _shown(job: Job) -> Any:
    rule = job.client.describe_rule(Name=_rule_name(job), **_bus(job))
    targets = job.client.list_targets_by_rule(Rule=_rule_name(job), **_bus(job))["Targets"]
    return [rule, {"Targets": targets}, job.client.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]]


def _delete(job: Job, _snapshot: bool) -> None:
    found = job.client.list_targets_by_rule(Rule=_rule_name(job), **_bus(job))["Targets"]
    if found:
        ids = [target["Id"] for target in found]
        job.client.remove_targets(Rule=_rule_name(job), Ids=ids, **_bus(job))
    job.client.delete_rule(Name=_rule_name(job), **_bus(job))


RECIPES = (
    Recipe(
        "AWS::Events::Rule",
        "events",
        "put_rule",
        "=Name",
        name="Name",
        name_length=64,
        late=("Targets",),
        after=_targets,
        attributes={"Arn": "RuleArn"},
        remove=_delete,
        show=(_shown,),
    ),
)
