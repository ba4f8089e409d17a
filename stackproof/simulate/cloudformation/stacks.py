"""The operations that make, change and remove stacks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stackproof.simulate.cloudformation.changes import nothing_to_do
from stackproof.simulate.cloudformation.checks import changed_types
from stackproof.simulate.cloudformation.life import Life
from stackproof.simulate.cloudformation.order import Pause
from stackproof.simulate.cloudformation.record import StackRecord
from stackproof.simulate.cloudformation.refusals import Refusal, by_a_transform
from stackproof.simulate.cloudformation.region import MISSING, Region
from stackproof.simulate.cloudformation.requests import target_of, template_text
from stackproof.simulate.cloudformation.stack_policy import StackPolicyError, parse_stack_policy

Request = Mapping[str, Any]

UPDATABLE = (
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "CREATE_FAILED",
    "UPDATE_FAILED",
)


def create_stack(region: Region, request: Request) -> dict[str, Any]:
    """Answer CreateStack."""
    name = str(request.get("StackName"))
    found = region.look(name)
    if found is not None and found.status != "REVIEW_IN_PROGRESS":
        raise Refusal(f"Stack [{name}] already exists", "AlreadyExistsException")
    stack = found or region.new(name)
    on_failure = str(request.get("OnFailure") or ("DO_NOTHING" if request.get("DisableRollback") else "ROLLBACK"))
    try:
        target = target_of(request, stack, region.place, None)
    except Refusal as refusal:
        if by_a_transform(refusal):
            life = Life(stack, region.place)
            region.carry_out(stack, life, life.fail(refusal.message, on_failure))
            return {"StackId": stack.id}
        if found is None:
            region.place.stacks.remove(stack)
        raise
    for change_set in stack.change_sets.values():
        change_set.execution = "OBSOLETE"
    stack.protected = bool(request.get("EnableTerminationProtection"))
    stack.disable_rollback = bool(request.get("DisableRollback")) or request.get("OnFailure") == "DO_NOTHING"
    stack.timeout = request.get("TimeoutInMinutes")
    stack.token = str(request.get("ClientRequestToken") or "")
    set_policy(region, stack, request, target.template.resources)
    life = Life(stack, region.place, target, sheds=bool(request.get("RetainExceptOnCreate")))
    region.carry_out(stack, life, life.create(on_failure))
    return {"StackId": stack.id}


def update_stack(region: Region, request: Request) -> dict[str, Any]:
    """Answer UpdateStack."""
    stack = region.find(request.get("StackName"), MISSING, deleted=False)
    check_updatable(stack)
    if stack.target is None:
        raise Refusal(MISSING.format(request.get("StackName")))
    check_preserving(stack, disable_rollback=bool(request.get("DisableRollback")))
    target = target_of(request, stack, region.place, stack.target)
    retyped = changed_types(stack.target, target)
    if retyped:
        raise Refusal(retyped)
    set_policy(region, stack, request, target.template.resources)
    during = one_of(region, request, "StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL")
    if during:
        _checked(during, target.template.resources)
    idle = nothing_to_do(stack.target, target) and stack.target.options == target.options
    if idle and stack.status not in ("CREATE_FAILED", "UPDATE_FAILED"):
        raise Refusal("No updates are to be performed.")
    for change_set in stack.change_sets.values():
        if change_set.execution == "AVAILABLE":
            change_set.execution = "OBSOLETE"
    stack.update_policy = during
    stack.change_set_id = ""
    stack.token = str(request.get("ClientRequestToken") or "")
    stack.disable_rollback = bool(request.get("DisableRollback"))
    life = Life(stack, region.place, target, sheds=bool(request.get("RetainExceptOnCreate")))
    region.carry_out(stack, life, life.update(disable_rollback=stack.disable_rollback))
    return {"StackId": stack.id}


def check_updatable(stack: StackRecord) -> None:
    """Refuse to update a stack in a status that does not permit it."""
    if stack.status not in UPDATABLE:
        raise Refusal(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def check_preserving(stack: StackRecord, *, disable_rollback: bool) -> None:
    """Refuse to update a stack whose last operation failed, unless this one leaves failures as they are too."""
    if stack.status.endswith("_FAILED") and not disable_rollback:
        raise Refusal(
            f"This stack is currently in a non-terminal [{stack.status}] state. To update the stack from this state, "
            "please use the disable-rollback parameter with update-stack API. To rollback to the last known good "
            "state, use the rollback-stack API"
        )


def delete_stack(region: Region, request: Request) -> dict[str, Any]:
    """Answer DeleteStack; a stack that is not there is gone."""
    stack = region.look(request.get("StackName"))
    if stack is None or stack.gone:
        return {}
    if stack.protected:
        raise Refusal(
            f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled",
        )
    if stack.parent_id and region.find(stack.root_id).protected:
        raise Refusal(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    retained = frozenset(request.get("RetainResources") or ())
    if retained and stack.status not in ("DELETE_FAILED", "ROLLBACK_FAILED"):
        raise Refusal(
            f"Invalid operation on stack [{stack.id}]. When you delete a stack, specify which resources to retain only "
            "when the stack is in the DELETE_FAILED state."
        )
    unknown = sorted(retained - stack.standing.keys())
    if unknown:
        raise Refusal(f"The specified resources to retain do not exist in the stack: [{', '.join(unknown)}]")
    stack.token = str(request.get("ClientRequestToken") or "")
    life = Life(stack, region.place)
    force = request.get("DeletionMode") == "FORCE_DELETE_STACK"
    if force and stack.status != "DELETE_FAILED":
        raise Refusal(f"Stack [{stack.id}] is in {stack.status} state: only one in DELETE_FAILED can be force deleted")
    region.carry_out(stack, life, life.delete(retained, force=force))
    return {}


def cancel_update_stack(region: Region, request: Request) -> dict[str, Any]:
    """Answer CancelUpdateStack."""
    stack = region.find(request.get("StackName"), MISSING, deleted=False)
    life = region.waiting(stack)
    if life is None or stack.status != "UPDATE_IN_PROGRESS":
        raise Refusal("CancelUpdateStack cannot be called from current stack status")
    stack.token = str(request.get("ClientRequestToken") or "")
    life.cancel()
    region.settle()
    return {}


def continue_update_rollback(region: Region, request: Request) -> dict[str, Any]:
    """Answer ContinueUpdateRollback."""
    stack = region.find(request.get("StackName"), MISSING, deleted=False)
    if stack.status != "UPDATE_ROLLBACK_FAILED" or stack.undo is None:
        raise Refusal(f"Stack:{stack.id} is in {stack.status} state and can not be continued to update rollback.")
    skipped = frozenset(request.get("ResourcesToSkip") or ())
    unknown = sorted(name for name in skipped if name.partition(".")[0] not in stack.standing)
    if unknown:
        raise Refusal(f"Resources to skip [{', '.join(unknown)}] do not exist in the stack {stack.name}")
    stack.token = str(request.get("ClientRequestToken") or "")
    region.carry_out(stack, stack.undo, stack.undo.continue_rollback(skipped))
    return {}


def rollback_stack(region: Region, request: Request) -> dict[str, Any]:
    """Answer RollbackStack."""
    stack = region.find(request.get("StackName"), MISSING, deleted=False)
    if stack.status not in ("CREATE_FAILED", "UPDATE_FAILED") or stack.undo is None:
        raise Refusal(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back.")
    stack.token = str(request.get("ClientRequestToken") or "")
    region.carry_out(stack, stack.undo, stack.undo.roll_back())
    return {"StackId": stack.id}


def signal_resource(region: Region, request: Request) -> dict[str, Any]:
    """Answer SignalResource."""
    stack = region.find(request.get("StackName"), MISSING, deleted=False)
    life = region.waiting(stack)
    logical_id = str(request.get("LogicalResourceId"))
    if logical_id not in stack.standing:
        raise Refusal(f"Resource {logical_id} does not exist for stack {stack.name}")
    if life is None or region.pause_of(stack) is not Pause.SIGNALS:
        raise Refusal(f"Resource {logical_id} is in {stack.standing[logical_id].status} state and can not be signaled")
    if life.signal(logical_id, str(request.get("UniqueId")), str(request.get("Status"))):
        region.go_on(stack)
    return {}


def update_termination_protection(region: Region, request: Request) -> dict[str, Any]:
    """Answer UpdateTerminationProtection."""
    stack = region.find(request.get("StackName"), MISSING, deleted=False)
    if stack.parent_id:
        raise Refusal("Termination protection cannot be updated on nested stacks; update the root stack")
    stack.protected = bool(request.get("EnableTerminationProtection"))
    return {"StackId": stack.id}


def set_stack_policy(region: Region, request: Request) -> dict[str, Any]:
    """Answer SetStackPolicy."""
    if request.get("StackPolicyBody") and request.get("StackPolicyURL"):
        raise Refusal("You cannot specify both StackPolicyURL and StackPolicyBody")
    stack = region.find(request.get("StackName"), MISSING, deleted=False)
    set_policy(region, stack, request, stack.target.template.resources if stack.target else ())
    return {}


def get_stack_policy(region: Region, request: Request) -> dict[str, Any]:
    """Answer GetStackPolicy: right after a request to update a stack with the policy that holds during the update."""
    stack = region.find(request.get("StackName"), MISSING)
    body = stack.update_policy or stack.policy
    return {"StackPolicyBody": body} if body else {}


def set_policy(region: Region, stack: StackRecord, request: Request, names: Iterable[str]) -> None:
    """Give a stack the policy that a request brings, if it brings one.

    Parameters:
        names: the logical ids that a policy may name.
    """
    body = one_of(region, request, "StackPolicyBody", "StackPolicyURL")
    if body:
        _checked(body, names)
        stack.policy = body


def _checked(body: str, names: Iterable[str]) -> None:
    try:
        parse_stack_policy(body).check(names)
    except StackPolicyError as error:
        raise Refusal(str(error)) from None


def one_of(region: Region, request: Request, body: str, url: str) -> str:
    """Return the document that a request brings or names; empty where there is none."""
    if not request.get(body) and not request.get(url):
        return ""
    if request.get(body) and request.get(url):
        raise Refusal(f"You cannot specify both {url} and {body}")
    return template_text({"TemplateBody": request.get(body), "TemplateURL": request.get(url)}, region.place)


OPERATIONS: dict[str, Callable[[Region, Request], dict[str, Any]]] = {
    "CreateStack": create_stack,
    "UpdateStack": update_stack,
    "DeleteStack": delete_stack,
    "CancelUpdateStack": cancel_update_stack,
    "ContinueUpdateRollback": continue_update_rollback,
    "RollbackStack": rollback_stack,
    "SignalResource": signal_resource,
    "UpdateTerminationProtection": update_termination_protection,
    "SetStackPolicy": set_stack_policy,
    "GetStackPolicy": get_stack_policy,
}
"""What answers each request."""

UNHURRIED = frozenset({"SignalResource", "CancelUpdateStack", "GetStackPolicy"})
"""Requests that find an operation where it waits; any other lets time pass first."""
