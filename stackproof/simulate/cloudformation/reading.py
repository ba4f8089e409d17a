"""The operations that only tell: of stacks, resources, events, exports and templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stackproof.simulate.cloudformation import describe, refusals
from stackproof.simulate.cloudformation.record import StackRecord, Standing, Target
from stackproof.simulate.cloudformation.refusals import Refusal
from stackproof.simulate.cloudformation.region import MISSING, MISSING_ID, Region
from stackproof.simulate.cloudformation.requests import template_text
from stackproof.simulate.cloudformation.summary import summary, validation

Request = Mapping[str, Any]
PAGE = 100


def page(found: Iterable[Any], request: Request, key: str) -> dict[str, Any]:
    """Return one page of a list, and where the next one begins."""
    items = list(found)
    try:
        start = int(request.get("NextToken") or 0)
    except ValueError:
        raise Refusal("Invalid pagination token") from None
    more = {"NextToken": str(start + PAGE)} if start + PAGE < len(items) else {}
    return {key: items[start : start + PAGE], **more}


def describe_stacks(region: Region, request: Request) -> dict[str, Any]:
    """Answer DescribeStacks."""
    if request.get("StackName"):
        return {"Stacks": [describe.described_stack(region.find(request["StackName"]))]}
    stacks = (stack for stack in reversed(region.place.stacks) if not stack.gone)
    return page((describe.described_stack(stack) for stack in stacks), request, "Stacks")


def list_stacks(region: Region, request: Request) -> dict[str, Any]:
    """Answer ListStacks."""
    wanted = request.get("StackStatusFilter")
    stacks = (stack for stack in reversed(region.place.stacks) if not wanted or stack.status in wanted)
    return page((describe.summarised_stack(stack) for stack in stacks), request, "StackSummaries")


def describe_stack_events(region: Region, request: Request) -> dict[str, Any]:
    """Answer DescribeStackEvents, newest first."""
    if not request.get("StackName"):
        problem = "Value null at 'stackName' failed to satisfy constraint: Member must not be null"
        raise Refusal(f"1 validation error detected: {problem}")
    stack = region.find(request["StackName"], MISSING)
    return page((describe.described_event(event) for event in reversed(stack.events)), request, "StackEvents")


def describe_stack_resource(region: Region, request: Request) -> dict[str, Any]:
    """Answer DescribeStackResource."""
    stack = region.find(request.get("StackName"), "Stack '{}' does not exist")
    logical_id = str(request.get("LogicalResourceId"))
    standing = stack.standing.get(logical_id)
    if standing is None:
        raise Refusal(f"Resource {logical_id} does not exist for stack {stack.name}")
    detail = describe.described_resource(stack, standing, time="LastUpdatedTimestamp")
    metadata = standing.attributes.get("Metadata")
    return {"StackResourceDetail": detail | {"Metadata": describe.as_json(metadata or {})}}


def describe_stack_resources(region: Region, request: Request) -> dict[str, Any]:
    """Answer DescribeStackResources, by stack or by a resource's physical id."""
    physical_id = request.get("PhysicalResourceId")
    if not request.get("StackName") and not physical_id:
        raise Refusal("At least one of StackName or PhysicalResourceId must be specified")
    if request.get("StackName"):
        stack = region.find(request["StackName"], MISSING_ID)
    else:
        found = [s for s in region.place.stacks if any(r.physical_id == physical_id for r in s.live())]
        if not found:
            raise Refusal(f"Stack for {physical_id} does not exist")
        stack = found[-1]
    logical_id = request.get("LogicalResourceId")
    if logical_id and logical_id not in stack.standing:
        raise Refusal(f"Resource {logical_id} does not exist for stack {stack.name}")
    shown = [r for r in _sorted(stack) if logical_id in (None, r.logical_id)]
    return {"StackResources": [describe.described_resource(stack, standing) for standing in shown[:PAGE]]}


def list_stack_resources(region: Region, request: Request) -> dict[str, Any]:
    """Answer ListStackResources."""
    stack = region.find(request.get("StackName"), MISSING_ID)
    shown = [describe.described_resource(stack, found, time="LastUpdatedTimestamp") for found in _sorted(stack)]
    left_out = ("StackName", "StackId")
    summaries = [{name: value for name, value in found.items() if name not in left_out} for found in shown]
    return page(summaries, request, "StackResourceSummaries")


def _sorted(stack: StackRecord) -> list[Standing]:
    return sorted(stack.standing.values(), key=lambda found: found.logical_id)


def list_exports(region: Region, request: Request) -> dict[str, Any]:
    """Answer ListExports."""
    exports = (
        {"ExportingStackId": found.stack_id, "Name": found.name, "Value": found.value}
        for found in sorted(region.place.exports.values(), key=lambda export: export.name)
    )
    return page(exports, request, "Exports")


def list_imports(region: Region, request: Request) -> dict[str, Any]:
    """Answer ListImports."""
    name = str(request.get("ExportName"))
    users = region.place.users_of(name)
    if not users:
        raise Refusal(f"Export '{name}' is not imported by any stack.")
    return page(users, request, "Imports")


def get_template(region: Region, request: Request) -> dict[str, Any]:
    """Answer GetTemplate."""
    target = _target_named(region, request)
    if target is None:
        return {"StagesAvailable": []}
    processed = request.get("TemplateStage") == "Processed"
    body = describe.processed_body(target) if processed else target.body
    return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}


def _target_named(region: Region, request: Request) -> Target | None:
    name = str(request.get("ChangeSetName") or "")
    if not request.get("StackName") and not name.startswith("arn:"):
        raise Refusal("StackName is a required parameter.")
    if name:
        return region.change_set(request)[1].target
    return region.find(request["StackName"], MISSING_ID).target


def validate_template(region: Region, request: Request) -> dict[str, Any]:
    """Answer ValidateTemplate."""
    template = refusals.read(template_text(request, region.place))
    refusals.check_functions(template)
    return validation(template)


def get_template_summary(region: Region, request: Request) -> dict[str, Any]:
    """Answer GetTemplateSummary."""
    place = region.place
    if request.get("StackName"):
        target = region.find(request["StackName"], MISSING_ID).target
        if target is None:
            raise Refusal(MISSING_ID.format(request["StackName"]))
        return summary(target.template, place.region)
    options = request.get("TemplateSummaryConfig") or {}
    tolerant = bool(options.get("TreatUnrecognizedResourceTypesAsWarnings"))
    return summary(refusals.read(template_text(request, place)), place.region, tolerant=tolerant)


def estimate_template_cost(region: Region, request: Request) -> dict[str, Any]:
    """Answer EstimateTemplateCost with the address of AWS's calculator."""
    refusals.read(template_text(request, region.place))
    return {"Url": "https://calculator.aws/#/estimate"}


def describe_account_limits(region: Region, request: Request) -> dict[str, Any]:
    """Answer DescribeAccountLimits with the documented quotas ("CloudFormation quotas")."""
    limits = {"StackLimit": 2000, "StackOutputsLimit": 200, "ConcurrentResourcesLimit": 2500}
    return {"AccountLimits": [{"Name": name, "Value": value} for name, value in limits.items()]}


OPERATIONS: dict[str, Callable[[Region, Request], dict[str, Any]]] = {
    "DescribeAccountLimits": describe_account_limits,
    "DescribeStackEvents": describe_stack_events,
    "DescribeStackResource": describe_stack_resource,
    "DescribeStackResources": describe_stack_resources,
    "DescribeStacks": describe_stacks,
    "EstimateTemplateCost": estimate_template_cost,
    "GetTemplate": get_template,
    "GetTemplateSummary": get_template_summary,
    "ListExports": list_exports,
    "ListImports": list_imports,
    "ListStackResources": list_stack_resources,
    "ListStacks": list_stacks,
    "ValidateTemplate": validate_template,
}
"""What answers each request."""
