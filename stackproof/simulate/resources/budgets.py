"""Budgets: budgets and whom they notify."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe, Tagging, made_up_name
from stackproof.simulate.shapes import arguments


def _account(job: Job) -> str:
    return str(job.other("sts").get_caller_identity()["Account"])


def _budget(job: Job) -> None:
    budget = dict(job.take("Budget"))
    budget.setdefault("BudgetName", made_up_name(job.wanted, 100))
    properties = {name: job.take(name) for name in list(job.left)}
    given = {"Budget": budget, **properties}
    request, unread = arguments(job.client, "create_budget", given)
    job.left = dict.fromkeys(unread)
    job.client.create_budget(AccountId=_account(job), **request)
    job.physical_id = budget["BudgetName"]


def _shown(job: Job) -> Any:
    which = {"AccountId": _account(job), "BudgetName": job.physical_id}
    notifications = job.client.describe_notifications_for_budget(**which)["Notifications"]
    subscribers = [
        job.client.describe_subscribers_for_notification(**which, Notification=notification)["Subscribers"]
        for notification in notifications
    ]
    return [job.client.describe_budget(**which)["Budget"], notifications, {"Subscribers": subscribers}]


def _arn(job: Job) -> str:
    return f"arn:{job.client.meta.partition}:budgets::{_account(job)}:budget/{job.physical_id}"


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceARN=_arn(job))["ResourceTags"]


def _change(job: Job) -> None:
    """Give the budget its new form; whom it notifies is never changed in place."""
    if job.touched("Budget"):
        wanted = {"NewBudget": {**job.wanted.properties["Budget"], "BudgetName": job.physical_id}}
        job.call("update_budget", wanted, AccountId=_account(job))


def _delete(job: Job, _snapshot: bool) -> None:
    job.client.delete_budget(AccountId=_account(job), BudgetName=job.physical_id)


RECIPES = (
    Recipe(
        "AWS::Budgets::Budget",
        "budgets",
        make=_budget,
        remove=_delete,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        show=(_shown, _tags),
        tagging=Tagging(
            "tag_resource",
            "untag_resource",
            "ResourceARN",
            tags="ResourceTags",
            keys="ResourceTagKeys",
            id=_arn,
            property="ResourceTags",
        ),
        change=_change,
    ),
)
