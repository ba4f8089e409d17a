"""Waiting for signals: what a resource waits for after it was made, and who answers.

Signals that a start script sends are taken from the script (`signals`). Where none would come, the operation waits for
SignalResource; once anybody looks at the stack, the time is over.

Source: "CreationPolicy attribute", "UpdatePolicy attribute", "Wait condition" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from stackproof.errors import InputError
from stackproof.simulate.cloudformation.order import OutOfTimeError, Pause
from stackproof.simulate.cloudformation.place import Place
from stackproof.simulate.cloudformation.record import StackRecord, Standing
from stackproof.simulate.cloudformation.signals import (
    GROUP,
    INSTANCE,
    WAIT_CONDITION,
    HandleSignal,
    Outcome,
    Receiver,
    Status,
    created,
    creation_policy,
    duration,
    handle_signals,
    rolled,
    rolling_update_policy,
    signal_sent,
    user_data_of,
    waited_for,
)
from stackproof.simulate.cloudformation.telling import Teller

_RENEWS = ("LaunchTemplate", "LaunchConfigurationName", "MixedInstancesPolicy", "VPCZoneIdentifier")
"""What about a group makes its instances obsolete."""
_STARTED = ("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration")

Heard = Generator[Pause, None, tuple[Status | None, list[str]]]
"""Waits, and returns what was signalled and by whom."""


class Waiting:
    """Waits for the signals of one stack's resources."""

    def __init__(self, stack: StackRecord, place: Place, tell: Teller) -> None:
        self._stack = stack
        self._place = place
        self._tell = tell
        self._wanted: dict[str, int] = {}
        self._taken: dict[str, dict[str, Status]] = {}
        self._deadline: datetime | None = None

    def limit(self, minutes: int | None) -> None:
        """Have the whole operation end in time; None where it may last."""
        self._deadline = self._place.clock.now + timedelta(minutes=minutes) if minutes else None

    def take(self, logical_id: str, unique_id: str, status: str) -> bool:
        """Take a signal from outside; return whether the resource need not wait any longer."""
        taken = self._taken.setdefault(logical_id, {})
        taken.setdefault(unique_id, Status(status))
        return Status.FAILURE in taken.values() or len(taken) >= self._wanted.get(logical_id, 1)

    def made(self, now: Standing) -> Iterator[Pause]:
        """Wait until a new resource has the signals that it asks for.

        Raises:
            InputError: they did not come in time, or one says that it failed.
        """
        if now.type == WAIT_CONDITION and now.properties.get("Handle"):
            yield from self._at_handle(now)
            return
        policy = creation_policy(now.type, now.attributes.get("CreationPolicy"))
        if policy is None:
            return
        status, senders = self._sent(now), self._instances(now)
        if status is None:
            status, senders = yield from self._from_outside(now, policy.count)
        self._end(now, "CREATE_IN_PROGRESS", created(now.type, policy, senders, status))

    def changed(self, now: Standing, before: Standing) -> Iterator[Pause]:
        """Replace the instances of a group whose template changed, batch by batch, as its UpdatePolicy says.

        Raises:
            InputError: a batch did not signal in time, or failed.
        """
        policy = rolling_update_policy(now.attributes.get("UpdatePolicy"))
        if now.type != GROUP or policy is None or not _renewed(now.properties, before.properties):
            return
        old = self._instances(now)
        new = self._renew(now, old)
        status = self._sent(now)
        if status is None and policy.waits and old:
            status, new = yield from self._batch_from_outside(now, new)
        desired = int(now.properties.get("DesiredCapacity") or now.properties.get("MinSize") or len(old))
        self._end(now, "UPDATE_IN_PROGRESS", rolled(policy, desired, old, new, status))

    def _from_outside(self, now: Standing, count: int) -> Heard:
        """Wait for SignalResource; return what came, once time is over."""
        self._wanted[now.logical_id] = count
        yield Pause.SIGNALS
        taken = self._taken.pop(now.logical_id, {})
        failed = [sender for sender, status in taken.items() if status is Status.FAILURE]
        if failed:
            return Status.FAILURE, failed
        return (Status.SUCCESS if taken else None), list(taken)

    def _batch_from_outside(self, now: Standing, new: list[str]) -> Heard:
        status, senders = yield from self._from_outside(now, len(new))
        return (status, new) if len(senders) >= len(new) or status is Status.FAILURE else (None, new)

    def _at_handle(self, now: Standing) -> Iterator[Pause]:
        count = int(now.properties.get("Count", 1))
        timeout = duration(f"PT{now.properties.get('Timeout', 0)}S")
        signals = self._to_handle(str(now.properties["Handle"]))
        if len(signals) < count:
            status, senders = yield from self._from_outside(now, count - len(signals))
            signals += [HandleSignal(status, sender) for sender in senders if status is not None]
        self._end(now, "CREATE_IN_PROGRESS", waited_for(count, timeout, signals))
        if now.made is not None:
            data = json.dumps({signal.id: signal.data for signal in signals}, separators=(",", ":"))
            now.made.attribute = {"Data": data}.__getitem__

    def _end(self, now: Standing, status: str, outcome: Outcome) -> None:
        clock = self._place.clock
        if self._deadline is not None and clock.now + outcome.waited > self._deadline:
            clock.tick((self._deadline - clock.now).total_seconds())
            raise OutOfTimeError(now.logical_id, "Stack creation time exceeded the specified timeout")
        for reason in outcome.reasons:
            self._tell.resource(now, status, reason)
        clock.tick(outcome.waited.total_seconds())
        if outcome.failure:
            raise InputError(outcome.failure)

    # --- What runs. ---

    def _sent(self, now: Standing) -> Status | None:
        """Return what the start script of an instance, or of a group's instances, signals."""
        if now.type not in (GROUP, INSTANCE):
            return None
        user_data = user_data_of(now.type, now.properties, self._place.client)
        receiver = Receiver(now.logical_id, self._stack.name, self._stack.id, self._place.region)
        return signal_sent(user_data, receiver, self._metadata)

    def _to_handle(self, url: str) -> list[HandleSignal]:
        found: list[HandleSignal] = []
        for standing in self._stack.live():
            if standing.type in _STARTED:
                properties: Mapping[str, Any] = standing.properties.get("LaunchTemplateData", standing.properties)
                user_data = user_data_of(standing.type, properties, self._place.client)
                found += handle_signals(user_data, url, self._metadata)
        return found

    def _metadata(self, logical_id: str) -> Any:
        standing = self._stack.standing.get(logical_id)
        return standing.attributes.get("Metadata") if standing else None

    def _instances(self, now: Standing) -> list[str]:
        if now.type != GROUP:
            return [now.physical_id]
        groups = self._place.client("autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=[now.physical_id]
        )["AutoScalingGroups"]
        return [instance["InstanceId"] for group in groups for instance in group["Instances"]]

    def _renew(self, now: Standing, old: list[str]) -> list[str]:
        """Have a group replace its instances; return the new ones."""
        client = self._place.client("autoscaling")
        for instance in old:
            client.terminate_instance_in_auto_scaling_group(InstanceId=instance, ShouldDecrementDesiredCapacity=False)
        return [instance for instance in self._instances(now) if instance not in old]


def _renewed(now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    return any(now.get(name) != before.get(name) for name in _RENEWS)
