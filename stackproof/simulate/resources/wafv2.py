"""WAF: web ACLs, what they stand before, and where they log."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _summary(job: Job) -> dict[str, Any]:
    return dict(job.answer["Summary"])


def _web_acl_id(job: Job) -> None:
    job.physical_id = "|".join((job.request["Name"], _summary(job)["Id"], job.request["Scope"]))


def _which(job: Job) -> dict[str, Any]:
    return {"Name": job.request["Name"], "Scope": job.request["Scope"], "Id": _summary(job)["Id"]}


def _web_acl(job: Job) -> Any:
    return [job.client.get_web_acl(**_which(job)), {"Scope": job.request["Scope"]}]


def _attribute(job: Job, name: str) -> Any:
    return job.client.get_web_acl(**_which(job))["WebACL"][{"Arn": "ARN"}.get(name, name)]


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=_summary(job)["ARN"])["TagInfoForResource"]["TagList"]


def _delete(job: Job, _snapshot: bool) -> None:
    found = job.client.get_web_acl(**_which(job))
    job.client.delete_web_acl(**_which(job), LockToken=found["LockToken"])


def _logging(job: Job) -> None:
    properties = {name: job.take(name) for name in list(job.left)}
    job.call("put_logging_configuration", {"LoggingConfiguration": properties})
    job.left = {path.removeprefix("LoggingConfiguration."): None for path in job.left}
    job.physical_id = str(properties["ResourceArn"])


def _associate(job: Job) -> None:
    job.request = {"WebACLArn": job.take("WebACLArn"), "ResourceArn": job.take("ResourceArn")}
    job.client.associate_web_acl(**job.request)
    job.physical_id = "|".join((job.request["WebACLArn"], job.request["ResourceArn"]))


def _associated(job: Job) -> Any:
    arn = job.request["ResourceArn"]
    return [job.client.get_web_acl_for_resource(ResourceArn=arn), {"ResourceArn": arn}]


def _dissociate(job: Job, _snapshot: bool) -> None:
    job.client.disassociate_web_acl(ResourceArn=job.request["ResourceArn"])


RECIPES = (
    Recipe(
        "AWS::WAFv2::WebACL",
        "wafv2",
        "create_web_acl",
        "Summary.ARN",
        name="Name",
        name_length=128,
        after=_web_acl_id,
        describe=_attribute,
        remove=_delete,
        show=(_web_acl, _tags),
    ),
    Recipe(
        "AWS::WAFv2::LoggingConfiguration",
        "wafv2",
        make=_logging,
        delete="delete_logging_configuration",
        key="ResourceArn",
        show=("get_logging_configuration:ResourceArn",),
    ),
    Recipe("AWS::WAFv2::WebACLAssociation", "wafv2", make=_associate, remove=_dissociate, show=(_associated,)),
)
