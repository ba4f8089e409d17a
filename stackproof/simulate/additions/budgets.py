"""Budgets: changes of budgets, their tags, and whom a notification reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response


def _subscribers(response: Response, request: Item) -> Any:
    budget = response.backend.budgets[request["AccountId"]].get(request["BudgetName"])
    found = [
        entry for entry in (budget.notifications if budget else ()) if _same(entry.details, request["Notification"])
    ]
    if not found:
        raise Refused("NotFoundException", f"No such notification of budget {request['BudgetName']}.")
    return {"Subscribers": found[0].subscribers}


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    keys = ("NotificationType", "ComparisonOperator", "Threshold")
    return all(one.get(key) == other.get(key) for key in keys)


def _create_budget(response: Response, request: Item) -> Any:
    """Keep the tags beside the budget, where moto would have them."""
    response.create_budget()
    name = request["Budget"]["BudgetName"]
    response.backend.budgets[request["AccountId"]][name].tags = request.get("ResourceTags", [])
    return {}


def _update_budget(response: Response, request: Item) -> Any:
    """Give a budget its new form; who is notified stays."""
    wanted, budgets = request["NewBudget"], response.backend.budgets[request["AccountId"]]
    before = budgets.get(wanted["BudgetName"])
    if before is None:
        raise Refused("NotFoundException", f"Unable to update budget: {wanted['BudgetName']} - it doesn't exist.")
    if wanted.get("BudgetType", before.budget["BudgetType"]) != before.budget["BudgetType"]:
        raise Refused("InvalidParameterException", "The type of a budget cannot be changed.")
    period = {"TimePeriod": before.budget["TimePeriod"]}
    now = type(before)({**period, **wanted}, [])
    now.notifications, now.tags = before.notifications, before.tags
    budgets[wanted["BudgetName"]] = now
    return {}


def _budget(response: Response, request: Item) -> Any:
    name = request["ResourceARN"].rpartition("/")[2]
    budget = response.backend.budgets[response.current_account].get(name)
    if budget is None:
        raise Refused("NotFoundException", f"{request['ResourceARN']} does not exist.")
    return budget


def _list_tags(response: Response, request: Item) -> Any:
    return {"ResourceTags": _budget(response, request).tags}


def _tag(response: Response, request: Item) -> Any:
    budget, given = _budget(response, request), request["ResourceTags"]
    keys = {tag["Key"] for tag in given}
    budget.tags = [*(tag for tag in budget.tags if tag["Key"] not in keys), *given]
    return {}


def _untag(response: Response, request: Item) -> Any:
    budget = _budget(response, request)
    budget.tags = [tag for tag in budget.tags if tag["Key"] not in request["ResourceTagKeys"]]
    return {}


METHODS: Mapping[tuple[str, str], Method] = {
    ("budgets", "CreateBudget"): _create_budget,
    ("budgets", "UpdateBudget"): _update_budget,
    ("budgets", "DescribeSubscribersForNotification"): _subscribers,
    ("budgets", "ListTagsForResource"): _list_tags,
    ("budgets", "TagResource"): _tag,
    ("budgets", "UntagResource"): _untag,
}
