"""Checks around an operation: before any resource is touched, and before it is called complete.

Sources: "Roll back your CloudFormation stack on alarm breach", "Prevent updates to stack resources" in the AWS
CloudFormation user guide; the wording about attributes is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.errors import InputError
from stackproof.resolve.stack import references_in
from stackproof.resolve.values import symbols_in
from stackproof.simulate.cloudformation.place import Place
from stackproof.simulate.cloudformation.record import STACK, StackRecord, Standing, Target
from stackproof.simulate.cloudformation.schemas import refusal, refused, schema
from stackproof.simulate.cloudformation.stack_policy import Action, parse_stack_policy
from stackproof.symbols import Imported

_BY_OUTPUT = (STACK, "AWS::CloudFormation::WaitCondition")
"""Types whose attributes no schema knows."""


def check_target(target: Target, place: Place) -> None:
    """Check what parameters and imports name, what functions ask for, and the alarms that are to watch.

    Raises:
        InputError: something is wrong; no resource is to be touched.
    """
    if target.missing:
        raise InputError(target.missing)
    _check_imports(target, place)
    list(_triggers(target, place))
    resources = target.stack.resources
    asked = [(f"/Resources/{name}", found.references()) for name, found in resources.items()]
    asked += [(f"/Outputs/{name}/Value", references_in(found.value)) for name, found in target.stack.outputs.items()]
    for where, references in asked:
        for reference in references:
            kind = resources[reference.logical_id].type
            if reference.attribute and not _has_attribute(kind, reference.attribute, place.region):
                said = f"Resource type {kind} does not support attribute {{{reference.attribute}}}"
                raise InputError(f"[Error] {where}/Fn::GetAtt: {said}")


def changed_types(before: Target | None, after: Target) -> str:
    """Return why resources cannot be of another type than before; empty where none is."""
    old, new = before.stack.resources if before is not None else {}, after.stack.resources
    changed = [name for name in old if name in new and old[name].type != new[name].type]
    return _RETYPED.format(", ".join(changed)) if changed else ""


_RETYPED = (
    "Update of resource type is not permitted. The new template modifies resource type of the following resources: [{}]"
)


def _check_imports(target: Target, place: Place) -> None:
    stack = target.stack
    found = [symbol for resource in stack.resources.values() for symbol in symbols_in(resource.properties)]
    found += [symbol for output in stack.outputs.values() for symbol in symbols_in(output.value)]
    for symbol in found:
        if isinstance(symbol, Imported) and isinstance(symbol.name, str) and symbol.name not in place.exports:
            raise InputError(f"No export named {symbol.name} found")


def _has_attribute(kind: str, attribute: str, region: str) -> bool:
    """Return whether ``Fn::GetAtt`` of a type knows an attribute; True where nobody can tell."""
    found = schema(kind, region)
    if found is None or found.open or kind in _BY_OUTPUT:
        return True
    first = attribute.partition(".")[0]
    return any(name.partition(".")[0] == first for name in (*found.read_only, *found.properties))


def check_properties(standing: Standing, region: str) -> None:
    """Check properties by the resource's schema.

    Raises:
        InputError: with the words of CloudFormation.
    """
    found = schema(standing.type, region)
    lines = refused(found, standing.properties) if found is not None else ()
    if found is not None and lines:
        raise InputError(refusal(found, standing.logical_id, lines))


def check_policy(stack: StackRecord, action: Action, standing: Standing) -> None:
    """Check a change against the stack's policy, or the one that an update brings for itself.

    Raises:
        InputError: the policy forbids it.
    """
    body = stack.update_policy or stack.policy
    forbidden = parse_stack_policy(body).refusal(action, standing.logical_id, standing.type) if body else ""
    if forbidden:
        raise InputError(forbidden)


def check_alarms(target: Target, place: Place) -> None:
    """Look at the alarms that are to roll an operation back.

    Raises:
        InputError: one of them is in alarm, or is not there.
    """
    for arn, state in _triggers(target, place):
        if state == "ALARM":
            raise InputError(f"The following rollback triggers are in ALARM state: [{arn}]")


def _triggers(target: Target, place: Place) -> Iterator[tuple[str, str]]:
    """Iterate over the alarms that are to roll an operation back: ARN and state.

    Raises:
        InputError: one is not there.
    """
    for trigger in (target.options.get("RollbackConfiguration") or {}).get("RollbackTriggers") or ():
        name = str(trigger["Arn"]).partition(":alarm:")[2]
        types = ["MetricAlarm", "CompositeAlarm"]
        found = place.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=types)
        alarms = [*found.get("MetricAlarms", ()), *found.get("CompositeAlarms", ())]
        if not alarms:
            raise InputError(f"The following rollback triggers do not exist: [{trigger['Arn']}]")
        yield str(trigger["Arn"]), str(alarms[0]["StateValue"])
