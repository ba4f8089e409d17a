"""Signals: which ones CloudFormation waits for, whether what a resource runs sends them, and what the events say then.

The start script is read, not run (`shell`): a signal counts when the script sends it at its good end, to the right
stack, resource and region. Time is virtual: who waits in vain has waited the whole time.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_string
from enum import StrEnum
from typing import Any

import yaml

from stackproof.simulate.cloudformation.shell import Command, commands_of

GROUP = "AWS::AutoScaling::AutoScalingGroup"
INSTANCE = "AWS::EC2::Instance"
WAIT_CONDITION = "AWS::CloudFormation::WaitCondition"
WAITS = frozenset({GROUP, INSTANCE, WAIT_CONDITION})
"""The types whose CreationPolicy CloudFormation follows here; others have none, or none that waits for signals."""

_DEFAULT_REGION = "us-east-1"
"""Where ``cfn-signal`` sends signals that name no region."""

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.IGNORECASE)
_OPTIONS = {
    "-s": "success",
    "-e": "exit-code",
    "-i": "id",
    "-r": "reason",
    "-d": "data",
    "-f": "credential-file",
}
_NO_VALUE = frozenset({"--verbose", "-v", "--debug"})
_STATUS = re.compile(r"\"?Status\"?\s*:\s*\"?(\w+)", re.IGNORECASE)
_REASON = re.compile(r"\"Reason\"\s*:\s*\"([^\"]*)\"")


class Status(StrEnum):
    """What a signal says."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"


@dataclass(frozen=True, slots=True)
class Receiver:
    """The resource that signals are for.

    Attributes:
        stack: the stack's name.
        stack_id: its ARN.
    """

    logical_id: str
    stack: str
    stack_id: str
    region: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What a resource waits for.

    Attributes:
        count: the number of signals.
        timeout: as the template writes it, such as ``PT15M``.
        percent: how many of a hundred instances must succeed.
    """

    count: int
    timeout: str
    percent: int = 100

    @property
    def time(self) -> timedelta:
        """The time until it gives up."""
        return duration(self.timeout)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How waiting ended.

    Attributes:
        reasons: those of the events ``…_IN_PROGRESS`` meanwhile.
        failure: the reason of ``…_FAILED``; empty where all went well.
        waited: how much virtual time it took.
    """

    reasons: tuple[str, ...] = ()
    failure: str = ""
    waited: timedelta = timedelta()


def duration(text: str) -> timedelta:
    """Return an ISO 8601 duration such as ``PT1H30M``; nothing where it is none."""
    found = _DURATION.fullmatch(str(text))
    days, hours, minutes, seconds = (float(part or 0) for part in (found.groups() if found else ("",) * 4))
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


# --- What is waited for. ---


def creation_policy(kind: str, attribute: Mapping[str, Any] | None) -> Policy | None:
    """Return what a resource waits for when it is made; None where it does not wait.

    Parameters:
        attribute: its ``CreationPolicy``.
    """
    attribute = attribute or {}
    if kind not in WAITS or "ResourceSignal" not in attribute:
        return None
    signal = attribute["ResourceSignal"] or {}
    percent = (attribute.get("AutoScalingCreationPolicy") or {}).get("MinSuccessfulInstancesPercent", 100)
    return Policy(int(signal.get("Count", 1)), str(signal.get("Timeout", "PT5M")), int(percent))


@dataclass(frozen=True, slots=True)
class RollingUpdate:
    """How a group's instances are replaced.

    Attributes:
        pause: how long each batch is waited for, as the template writes it.
        waits: whether signals are waited for, and not only time.
    """

    batch: int
    in_service: int
    pause: str
    waits: bool
    percent: int


def rolling_update_policy(attribute: Mapping[str, Any] | None) -> RollingUpdate | None:
    """Return how a group updates its instances by its ``UpdatePolicy``; None where it leaves them alone."""
    attribute = attribute or {}
    if "AutoScalingRollingUpdate" not in attribute:
        return None
    policy = attribute["AutoScalingRollingUpdate"] or {}
    waits = str(policy.get("WaitOnResourceSignals", False)).lower() == "true"
    return RollingUpdate(
        batch=int(policy.get("MaxBatchSize", 1)),
        in_service=int(policy.get("MinInstancesInService", 0)),
        pause=str(policy.get("PauseTime", "PT5M" if waits else "PT0S")),
        waits=waits,
        percent=int(policy.get("MinSuccessfulInstancesPercent", 100)),
    )


# --- What is sent. ---


def user_data_of(kind: str, properties: Mapping[str, Any], client: Callable[[str], Any]) -> str:
    """Return what an instance, or the instances of a group, run when they start; empty where it is nothing.

    Parameters:
        properties: plain data.
        client: gives boto3 clients, to ask for a launch template or launch configuration.
    """
    if properties.get("UserData"):
        return plain_user_data(str(properties["UserData"]))
    mixed = (properties.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    template = properties.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification")
    if template:
        which = {name: template[name] for name in ("LaunchTemplateId", "LaunchTemplateName") if template.get(name)}
        version = str(template.get("Version") or "$Default")
        versions = client("ec2").describe_launch_template_versions(Versions=[version], **which)
        return plain_user_data(versions["LaunchTemplateVersions"][0]["LaunchTemplateData"].get("UserData", ""))
    if kind == GROUP and properties.get("LaunchConfigurationName"):
        found = client("autoscaling").describe_launch_configurations(
            LaunchConfigurationNames=[properties["LaunchConfigurationName"]]
        )
        return plain_user_data(found["LaunchConfigurations"][0].get("UserData", ""))
    return ""


def plain_user_data(text: str) -> str:
    """Return user data as text, whether or not it is in base64."""
    with suppress(binascii.Error, UnicodeDecodeError):
        return base64.b64decode("".join(text.split()), validate=True).decode()
    return text


def signal_sent(user_data: str, receiver: Receiver, metadata: Callable[[str], Any] = lambda _: None) -> Status | None:
    """Return the first signal that a start script sends to a resource; None where it sends none.

    Parameters:
        user_data: plain text.
        metadata: gives a resource's ``Metadata`` by its logical id, for what ``cfn-init`` runs of it.
    """
    for command in _commands(user_data, metadata):
        program = _program(command)
        if program == "cfn-signal":
            options, rest = _options(command[1:])
            if not rest and _is_for(receiver, options):
                return _status(options)
        elif program == "aws" and "signal-resource" in command:
            options, _ = _options(command[1:])
            named = {"stack": options.get("stack-name", ""), "resource": options.get("logical-resource-id", "")}
            if _is_for(receiver, {**named, "region": options.get("region", receiver.region)}):
                return Status.SUCCESS if options.get("status") == "SUCCESS" else Status.FAILURE
    return None


@dataclass(frozen=True, slots=True)
class HandleSignal:
    """A signal sent to the URL of a wait condition handle.

    Attributes:
        id: its ``UniqueId``; who sends a second signal with it says nothing new.
    """

    status: Status
    id: str = ""
    reason: str = ""
    data: str = ""


def handle_signals(
    user_data: str, url: str, metadata: Callable[[str], Any] = lambda _: None
) -> tuple[HandleSignal, ...]:
    """Return the signals that a start script sends to a wait condition's handle, in their order."""
    found: dict[str, HandleSignal] = {}
    for command in _commands(user_data, metadata):
        if not any(url in word for word in command):
            continue
        signal = _to_handle(command)
        if signal:
            found.setdefault(signal.id, signal)
    return tuple(found.values())


def _to_handle(command: Command) -> HandleSignal | None:
    program = _program(command)
    if program == "cfn-signal":
        options, _ = _options(command[1:])
        named = (options.get(name, "") for name in ("id", "reason", "data"))
        return HandleSignal(_status(options), *named)
    text = " ".join(command)
    status = _STATUS.search(text)
    if program not in ("curl", "wget", "curl.exe") or not status:
        return None
    with suppress(ValueError, AttributeError):
        # The body is what stands in braces.
        body = json.loads(text[text.index("{") : text.rindex("}") + 1])
        named = (str(body.get(name, "")) for name in ("UniqueId", "Reason", "Data"))
        return HandleSignal(_spoken(str(body.get("Status"))), *named)
    reason = _REASON.search(text)
    return HandleSignal(_spoken(status[1]), reason=reason[1] if reason else "")


def _spoken(status: str) -> Status:
    return Status.SUCCESS if status.upper() == "SUCCESS" else Status.FAILURE


def _commands(user_data: str, metadata: Callable[[str], Any]) -> Iterator[Command]:
    """Iterate over the commands of all scripts in user data, and over those that ``cfn-init`` runs between them."""
    for script in _scripts(user_data):
        for command in commands_of(script):
            yield command
            if _program(command) == "cfn-init":
                options, _ = _options(command[1:])
                yield from _initial(metadata(options.get("resource", "")))


def _scripts(user_data: str) -> Iterator[str]:
    """Iterate over the scripts in user data: it may be one, several parts, or a cloud-config."""
    if re.match(r"(?i)(content-type|mime-version):", user_data.lstrip()):
        for part in message_from_string(user_data.lstrip()).walk():
            if not part.is_multipart():
                body = part.get_payload(decode=True)
                yield from _scripts(body.decode(errors="replace") if isinstance(body, bytes) else str(body))
    elif user_data.startswith("#cloud-config"):
        with suppress(yaml.YAMLError, AttributeError):
            config = yaml.safe_load(user_data)
            for section in ("bootcmd", "runcmd"):
                for line in config.get(section) or ():
                    # A list is a command with its arguments; no shell reads them.
                    words = [str(word) for word in line] if isinstance(line, list) else []
                    yield " ".join(map(_quote, words)) if words else str(line)
    elif re.match(r"(?i)\s*<(powershell|script)>", user_data):
        # Windows: the shell's name stands around its script, and nothing is escaped by a backslash.
        script = re.sub(r"(?i)</?(powershell|script|persist)>", "\n", user_data)
        yield script.replace("\\", "/").replace("`\n", " ").replace("^\n", " ")
    else:
        yield user_data


def _quote(word: str) -> str:
    return "'" + word.replace("'", "'\\''") + "'"


def _initial(metadata: Any) -> Iterator[Command]:
    """Iterate over the commands in a resource's ``AWS::CloudFormation::Init``."""
    init = metadata.get("AWS::CloudFormation::Init") if isinstance(metadata, Mapping) else None
    for name, config in (init or {}).items():
        commands = config.get("commands") if name != "configSets" and isinstance(config, Mapping) else None
        for _, step in sorted((commands or {}).items()):
            command = step.get("command", "") if isinstance(step, Mapping) else ""
            words = [str(word) for word in command] if isinstance(command, list) else []
            yield from commands_of(" ".join(map(_quote, words)) if words else str(command))


def _program(command: Command) -> str:
    """Return the name of the program of a command; an interpreter of it does not count."""
    names = (re.split(r"[/\\]", word)[-1] for word in command[:3] if not word.startswith("-"))
    found = next((name for name in names if not re.fullmatch(r"python[\d.]*|env|&", name)), "")
    return re.sub(r"\.(exe|py|cmd|bat)$", "", found)


def _options(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Return the options of a command by their long names, and what is none."""
    options: dict[str, str] = {}
    rest: list[str] = []
    found = iter(words)
    for word in found:
        if re.match(r"\d?[<>]|&>", word):
            # What a redirection goes to may be the next word.
            if word[-1] in "<>":
                next(found, "")
        elif word in _NO_VALUE:
            continue
        elif word.startswith("--"):
            name, is_given, value = word[2:].partition("=")
            options[name] = value if is_given else next(found, "")
        elif word[:2] in _OPTIONS:
            options[_OPTIONS[word[:2]]] = word[2:] or next(found, "")
        elif not re.search(r"cfn-signal(\.exe|\.py)?$", word):
            rest.append(word)
    return options, rest


def _is_for(receiver: Receiver, options: Mapping[str, str]) -> bool:
    """Return whether a signal reaches a resource; a variable of unknown value is taken to be right."""

    def fits(name: str, default: str, *values: str) -> bool:
        value = options.get(name, default)
        return value in values or bool(re.search(r"[$%`]", value))

    return (
        fits("stack", "", receiver.stack, receiver.stack_id)
        and fits("resource", "", receiver.logical_id)
        and fits("region", _DEFAULT_REGION, receiver.region)
    )


def _status(options: Mapping[str, str]) -> Status:
    """Return what ``cfn-signal`` says; an exit code counts before what is said in words."""
    if "exit-code" in options:
        # The code of a command that the script ran: all went well.
        code = options["exit-code"]
        return Status.FAILURE if code.lstrip("-").isdigit() and int(code) else Status.SUCCESS
    return Status.FAILURE if options.get("success", "true").lower() in ("false", "no", "0") else Status.SUCCESS


# --- How it ends. ---


def created(kind: str, policy: Policy, senders: Sequence[str], status: Status | None) -> Outcome:
    """Return how the creation of an instance or a group ends.

    Parameters:
        senders: the ids of the instances that were started.
        status: what each of them signals.
    """
    if status is None or kind == WAIT_CONDITION:
        senders = ()
    if kind != GROUP:
        if status is Status.FAILURE and senders:
            return Outcome(failure=_received(status, senders[0]))
        if len(senders) < policy.count:
            failure = (
                f"Failed to receive {policy.count - len(senders)} resource signal(s) within the specified duration"
            )
            return Outcome(tuple(_received(Status.SUCCESS, sender) for sender in senders), failure, policy.time)
        return Outcome(tuple(_received(Status.SUCCESS, sender) for sender in senders[: policy.count]))
    received = [_received(status, sender) for sender in senders[: policy.count] if status]
    successes = len(received) if status is Status.SUCCESS else 0
    if successes >= math.ceil(policy.count * policy.percent / 100):
        return Outcome(tuple(received))
    missing = policy.count - len(received)
    late = (_missing_in_batch(missing),) if missing else ()
    failures = len(received) if status is Status.FAILURE else 0
    return Outcome(
        (*received, *late),
        _too_few(failures or successes, Status.FAILURE if failures else Status.SUCCESS, policy.count, policy.percent),
        policy.time if missing else timedelta(),
    )


def waited_for(count: int, timeout: timedelta, signals: Sequence[HandleSignal]) -> Outcome:
    """Return how a wait condition with a handle ends.

    Parameters:
        count: how many successes it wants.
        signals: what reaches the handle.
    """
    for signal in signals[:count]:
        if signal.status is Status.FAILURE:
            return Outcome(
                failure=f"WaitCondition received failed message: '{signal.reason}' for uniqueId: {signal.id}"
            )
    if len(signals) < count:
        failure = f"WaitCondition timed out. Received {len(signals)} conditions when expecting {count}"
        return Outcome(failure=failure, waited=timeout)
    return Outcome()


def rolled(
    policy: RollingUpdate,
    desired: int,
    old: Sequence[str],
    new: Sequence[str],
    status: Status | None,
) -> Outcome:
    """Return how the rolling update of a group goes and ends.

    Parameters:
        desired: the group's DesiredCapacity.
        old: the ids of the instances that are replaced.
        new: the ids of those that take their places, in the same order.
        status: what each of the new ones signals.
    """
    if not old:
        return Outcome()
    reasons: list[str] = []
    # While a batch is replaced, so many others must serve: the group grows for that time where it is too small.
    room = max(policy.in_service + min(policy.batch, len(old)), desired)
    if room > desired:
        reasons.append(f"Temporarily setting autoscaling group MinSize and DesiredCapacity to {room}.")
    reasons.append(_initiated(policy, len(old)))
    done = succeeded = failed = 0
    waited = timedelta()
    while done < len(old):
        batch = min(policy.batch, len(old) - done)
        leaving, coming = old[done : done + batch], new[done : done + batch]
        reasons.append(f"Terminating instance(s) [{','.join(leaving)}]; replacing with {batch} new instance(s).")
        done += batch
        reasons.append(
            f"Successfully terminated instance(s) [{','.join(leaving)}] (Progress {100 * done // len(old)}%)."
        )
        if not policy.waits:
            waited += duration(policy.pause)
            continue
        reasons.append(
            f"New instance(s) added to autoscaling group - Waiting on {batch} resource signal(s) "
            f"with a timeout of {policy.pause}."
        )
        if status is None:
            reasons.append(_missing_in_batch(batch))
            waited += duration(policy.pause)
        else:
            reasons += [_received(status, sender) for sender in coming]
        succeeded += batch if status is Status.SUCCESS else 0
        failed += batch if status is Status.FAILURE else 0
        # What is still to come cannot make up for what is lost.
        if succeeded + len(old) - done < math.ceil(len(old) * policy.percent / 100):
            number, said = (failed, Status.FAILURE) if failed else (succeeded, Status.SUCCESS)
            return Outcome(tuple(reasons), _too_few(number, said, len(old), policy.percent), waited)
    return Outcome(tuple(reasons), waited=waited)


def _initiated(policy: RollingUpdate, instances: int) -> str:
    said = f"Rolling update initiated. Terminating {instances} obsolete instance(s) in batches of {policy.batch}"
    said += f", while keeping at least {policy.in_service} instance(s) in service." if policy.in_service else "."
    if policy.waits:
        said += (
            f" Waiting on resource signals with a timeout of {policy.pause} when new instances are added to the "
            "autoscaling group."
        )
    return said


def _received(status: Status, sender: str) -> str:
    return f"Received {status} signal with UniqueId {sender}"


def _missing_in_batch(missing: int) -> str:
    return (
        f"Failed to receive {missing} resource signal(s) for the current batch.  "
        "Each resource signal timeout is counted as a FAILURE."
    )


def _too_few(number: int, status: Status, count: int, percent: int) -> str:
    return (
        f"Received {number} {status} signal(s) out of {count}.  "
        f"Unable to satisfy {percent}% MinSuccessfulInstancesPercent requirement"
    )
