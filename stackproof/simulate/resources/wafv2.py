"""WAF: web ACLs and what their rules refer to, what they stand before, and where they log."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.modify import request
from stackproof.simulate.recipe import Job, Recipe, Show, Tagging

_MADE_ONLY = ("Name", "Scope", "IPAddressVersion", "Capacity")
"""Parameters of what creates something that its update does not take."""


def _arn(job: Job) -> Any:
    return job.answer["Summary"]["ARN"]


def _which(job: Job) -> dict[str, Any]:
    return {"Name": job.request["Name"], "Scope": job.request["Scope"], "Id": job.answer["Summary"]["Id"]}


def _id(job: Job) -> None:
    job.physical_id = "|".join((job.request["Name"], job.answer["Summary"]["Id"], job.request["Scope"]))


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=_arn(job))["TagInfoForResource"]["TagList"]


def _prepared(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties with expressions as the API has them: each an object of its own."""
    if "RegularExpressionList" in properties:
        properties["RegularExpressionList"] = [{"RegexString": text} for text in properties["RegularExpressionList"]]
    return properties


_TAGGING = Tagging("tag_resource", "untag_resource", "ResourceARN", id=_arn)


def _scoped(kind: str, word: str, member: str, **attributes: str) -> Recipe:
    """Return the recipe of something with a name, a scope and an id, that is shown and changed as a whole.

    Parameters:
        kind: the end of its methods' names.
        word: the end of its type.
        member: where the answer has it.
        attributes: ``Fn::GetAtt`` beside ``Arn`` and ``Id``, by member.
    """
    known = {"Arn": "ARN", "Id": "Id", **attributes}

    def found(job: Job) -> Any:
        return getattr(job.client, f"get_{kind}")(**_which(job))

    def show(job: Job) -> Any:
        return [found(job)[member], {"Scope": job.request["Scope"]}]

    def attribute(job: Job, name: str) -> Any:
        value = found(job)[member].get(known[name], [])
        return [entry["Name"] for entry in value] if isinstance(value, list) else value

    def change(job: Job) -> None:
        now = {name: value for name, value in job.wanted.properties.items() if name not in (*_MADE_ONLY, "Tags")}
        if job.touched(*now, *(name for name in job.gone if name not in _MADE_ONLY)):
            given = request(job, f"update_{kind}", _prepared(now))
            getattr(job.client, f"update_{kind}")(**_which(job), LockToken=found(job)["LockToken"], **given)

    def remove(job: Job, _snapshot: bool) -> None:
        getattr(job.client, f"delete_{kind}")(**_which(job), LockToken=found(job)["LockToken"])

    shown: tuple[str | Show, ...] = (show, _tags)
    return Recipe(
        f"AWS::WAFv2::{word}",
        "wafv2",
        f"create_{kind}",
        "Summary.ARN",
        name="Name",
        name_length=128,
        prepare=_prepared,
        after=_id,
        describe=attribute,
        change=change,
        tagging=_TAGGING,
        remove=remove,
        show=shown,
    )


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
    return [job.client.get_web_acl_for_resource(ResourceArn=arn)["WebACL"], {"ResourceArn": arn}]


def _dissociate(job: Job, _snapshot: bool) -> None:
    job.client.disassociate_web_acl(ResourceArn=job.request["ResourceArn"])


RECIPES = (
    _scoped("web_acl", "WebACL", "WebACL", Capacity="Capacity", LabelNamespace="LabelNamespace"),
    _scoped("ip_set", "IPSet", "IPSet"),
    _scoped("regex_pattern_set", "RegexPatternSet", "RegexPatternSet"),
    _scoped(
        "rule_group",
        "RuleGroup",
        "RuleGroup",
        LabelNamespace="LabelNamespace",
        AvailableLabels="AvailableLabels",
        ConsumedLabels="ConsumedLabels",
    ),
    Recipe(
        "AWS::WAFv2::LoggingConfiguration",
        "wafv2",
        make=_logging,
        delete="delete_logging_configuration",
        key="ResourceArn",
        put=True,
        show=("get_logging_configuration:ResourceArn",),
    ),
    Recipe("AWS::WAFv2::WebACLAssociation", "wafv2", make=_associate, remove=_dissociate, show=(_associated,)),
)
