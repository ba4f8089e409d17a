"""Instances send the signals that their group waits for."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from stackproof.marks import Mark
from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, is_list, problem
from stackproof.policy.instances import launched_by, settings, signalled, user_data
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP212",
    severity=Severity.HIGH,
    types=("AWS::AutoScaling::AutoScalingGroup",),
    rationale="A group that waits for signals which nobody sends for it fails every update after its timeout.",
    remediation="Call cfn-signal at the end of UserData with --resource and the group's logical id.",
    controls=("NIST CM-3", "NIST CP-10"),
)


def check(group: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The script is read together with cfn-init's metadata; an id that only the instance knows is not judged."""
    if not waits(group):
        return
    source = launched_by(group, deployment)
    if source is None:
        return
    sends, named = signalled(script_of(group, source))
    script = settings(source).path_of("UserData")
    if not sends:
        yield from said(group, source.mark_of(script), f"the instances of {source.logical_id} never call cfn-signal")
    elif group.logical_id not in named:
        unknown = [name for name in named if "$" in name or "%" in name]
        if unknown:
            raise undecidable(settings(source), "UserData", f"signals for {unknown[0]}, which only the instance knows")
        whom = f"for {named[0]}" if named else "without --resource"
        message = f"the instances of {source.logical_id} signal {whom} and not for {group.logical_id}"
        yield from said(group, source.mark_of(script), message)


def said(group: Resource, script: Mark, message: str) -> Iterator[Problem]:
    """Yield a problem of the group that is to be mended in the script."""
    key = next(key for key in ("LaunchTemplate", "MixedInstancesPolicy", "LaunchConfigurationName") if key in group)
    yield replace(problem(group, key, message), mark=script)


def waits(group: Resource) -> bool:
    """Return whether the group waits for signals when it is created or updated."""
    attributes = group.attributes
    rolling = attributes.block("UpdatePolicy").block("AutoScalingRollingUpdate")
    return rolling.boolean("WaitOnResourceSignals") or "ResourceSignal" in attributes.block("CreationPolicy")


def script_of(group: Resource, source: Resource) -> str:
    """Return everything that instances run when they start."""
    script = user_data(settings(source))
    if "cfn-init" in script:
        script += "".join(f"\n{text(owner.attributes.get('Metadata'))}" for owner in (group, source))
    return script


def text(value: Any) -> str:
    """Return every text inside of a value, one a line."""
    if isinstance(value, Block):
        return "\n".join(map(text, value.values()))
    return "\n".join(map(text, value)) if is_list(value) else str(value)
