"""Instances send the signals that their group waits for."""

import re
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
    rationale="A group that waits for signals which nobody sends for it fails every update after its timeout, and one "
    "whose instances always report success takes broken ones into service.",
    remediation="Call cfn-signal at the end of UserData with --exit-code $?, --stack and ${AWS::StackName}, and "
    "--resource and the group's logical id.",
    controls=("NIST CM-3", "NIST CP-10"),
)

_CALL = re.compile(r"^.*(?:cfn-signal\b|cloudformation\s+signal-resource\b|Send-CFNResourceSignal\b).*$", re.M | re.I)
_STACK = re.compile(r"(?<!\S)--?stack(?:-?name)?(?:\s*=\s*|\s+)[\"']?([^\s\"';]+)", re.I)
_EXIT_CODE = re.compile(r"(?<!\S)(?:--exit-code|-e)\s*=?\s*[\"']?([^\s\"';]+)")
_SUCCESS = re.compile(r"(?<!\S)(?:--success|-s|--status|-Status)\s*=?\s*[\"']?([^\s\"';]+)", re.I)
_ON_EXIT = re.compile(r"^\s*trap\s.*\s(?:EXIT|0)\b", re.M)
# What keeps a broken start from reaching the line, or may: then a constant success says something.
_GUARDS = re.compile(
    r"^\s*set\s+-[a-z]*e|errexit|^#!.*\s-[a-z]*e|&&|\|\||^\s*(?:trap|if|while|until|for|case|exit|return|try|function)\b|\(\)",
    re.M,
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
    else:
        whole = user_data(settings(source)).replace("\\\n", " ")
        stack = deployment.stacks[group.stack].context.stack_name
        strange = [name for name in _stacks(whole, group.logical_id) if name != stack and not {"$", "%"} & set(name)]
        if strange:
            message = f"the instances of {source.logical_id} signal the stack {strange[0]}, whatever this one is called"
            yield from said(group, source.mark_of(script), message)
        elif _always_succeeds(whole):
            message = f"the instances of {source.logical_id} signal success whatever has failed"
            yield from said(group, source.mark_of(script), message)


def _stacks(script: str, resource: str) -> list[str]:
    """Return the stacks that a script signals for a resource."""
    calls = [line[0] for line in _CALL.finditer(script) if not line[0].lstrip().startswith("#") and resource in line[0]]
    return [name for call in calls for name in _STACK.findall(call)]


def _always_succeeds(script: str) -> bool:
    """Return whether the only signal of a shell script is success, and nothing keeps a failure from reaching it."""
    calls = [line for line in _CALL.finditer(script) if not line[0].lstrip().startswith("#")]
    if not re.match(r"#!.*sh\b", script) or len(calls) != 1:
        return False
    call, before = calls[0][0], script[: calls[0].start()]
    code, success = _EXIT_CODE.search(call), _SUCCESS.search(call)
    if (code[1] if code else "0") != "0" or (success is not None and success[1].lower() not in ("true", "success")):
        return False
    commands = [line for line in before.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return bool(_ON_EXIT.search(call)) or (bool(commands) and not _GUARDS.search(before + call))


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
