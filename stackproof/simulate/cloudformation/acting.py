"""Making and changing one resource at a time: what is to be done to it, doing it, undoing it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from stackproof.errors import InputError
from stackproof.resolve.stack import Resource
from stackproof.simulate.cloudformation.checks import check_policy, check_properties
from stackproof.simulate.cloudformation.order import OutOfTimeError, StepError, Steps
from stackproof.simulate.cloudformation.place import Known, Place, Untold
from stackproof.simulate.cloudformation.record import GONE, StackRecord, Standing, Target
from stackproof.simulate.cloudformation.replacement import Effect, effect_of, taken_name
from stackproof.simulate.cloudformation.schemas import schema
from stackproof.simulate.cloudformation.stack_policy import Action
from stackproof.simulate.cloudformation.steps import HalfMadeError, Step, reason_of
from stackproof.simulate.cloudformation.tagging import tagged
from stackproof.simulate.cloudformation.telling import Teller
from stackproof.simulate.cloudformation.waiting import Waiting
from stackproof.simulate.fill import Filler
from stackproof.simulate.handlers import CannotUpdateError, Made, Wanted
from stackproof.simulate.record import Gap

NOT_MADE = "not made: no simulation of this type"
NOT_READ = "not read"
NOT_SHOWN = "taken, but not shown by the simulated service"
_GUARDED = {Effect.CHANGE: Action.MODIFY, Effect.REPLACE: Action.REPLACE}


class Actor:
    """Brings the resources of one stack to what a target says, one at a time.

    Parameters:
        stack: the stack.
        place: where it stands.
        target: what it is to become.
        tell: hears of each step.
        waiting: waits for signals.

    Attributes:
        steps: what was done, in that order.
        known: what the stack asked others for.
        filler: fills symbols by what stands.
        preserves: whether what succeeds stays when something else fails; nothing can be replaced then.
    """

    def __init__(self, stack: StackRecord, place: Place, target: Target, tell: Teller, waiting: Waiting) -> None:
        self.steps: list[Step] = []
        self.known = Known(stack, place, target.options)
        self.filler = Filler(target.stack.scope, self.known)
        self.preserves = False
        secretive = "{{resolve:" in target.body
        self._telling = Filler(target.stack.scope, Untold(stack, place, target.options)) if secretive else None
        self._stack = stack
        self._place = place
        self._tags = target.tags
        self._resources = target.stack.resources
        self._tell = tell
        self._waiting = waiting

    def needs(self) -> dict[str, frozenset[str]]:
        """Return for each resource those that must stand before it."""
        return {name: _needs(resource, self._resources) for name, resource in self._resources.items()}

    def start(self, resource: Resource) -> Step:
        """Make or change one resource; what is then left to do is `finish`.

        Raises:
            StepError: it could not be made or changed.
        """
        old = self._stack.standing.get(resource.logical_id)
        if old is not None and (old.status in GONE or not old.physical_id):
            old = None
        try:
            properties, told, attributes = self._filled(resource)
        except Exception as error:
            step = self._step(resource, old, {}, {}, Effect.CHANGE if old else Effect.CREATE)
            raise self._fail(step, error) from error
        effect, paths = effect_of(old, resource.type, told or properties, attributes, self._place.region)
        if effect is Effect.NOTHING and old is not None and self._retagged(old):
            effect = Effect.CHANGE
        step = self._step(resource, old, properties, attributes, effect)
        step.now.told = told
        if effect is Effect.NOTHING:
            return step
        try:
            check_properties(step.now, self._place.region)
            if effect in _GUARDED:
                check_policy(self._stack, _GUARDED[effect], step.now)
            self._place.options.fault(self._stack.name, resource.logical_id)
            self._act(step, paths)
        except Exception as error:
            raise self._fail(step, error) from error
        return step

    def finish(self, step: Step) -> Steps:
        """Wait for what a resource waits for, and call it complete.

        Raises:
            StepError: what it waits for did not come.
        """
        if step.effect is Effect.NOTHING:
            return
        try:
            if step.effect is Effect.CHANGE and step.before is not None:
                yield from self._waiting.changed(step.now, step.before)
            else:
                yield from self._waiting.made(step.now)
        except OutOfTimeError:
            self.cancel(step)
            raise
        except InputError as error:
            raise self._fail(step, error) from error
        if step.now.made is not None:
            step.now.physical_id = step.now.made.physical_id
        self._tell.resource(step.now, f"{step.verb}_COMPLETE")

    def cancel(self, step: Step) -> None:
        """Give a resource up that is under way, because another failed."""
        if step.effect is Effect.NOTHING:
            return
        step.failed = True
        word = "creation" if step.before is None else "update"
        self._tell.resource(step.now, f"{step.verb}_FAILED", f"Resource {word} cancelled")

    def refuse_removals(self) -> None:
        """Refuse to remove what the stack policy protects.

        Raises:
            StepError: it protects a resource that the target no longer has.
        """
        for standing in list(self._stack.live()):
            if standing.logical_id in self._resources:
                continue
            try:
                check_policy(self._stack, Action.DELETE, standing)
            except InputError as error:
                step = Step(standing.logical_id, standing, replace(standing), Effect.NOTHING)
                self.steps.append(step)
                raise self._fail(step, error) from None

    def undo(self, step: Step) -> None:
        """Bring a resource back to what it was before a step.

        Raises:
            Exception: whatever the service says.
        """
        before = step.before
        if before is None or step.effect is Effect.NOTHING:
            return
        if step.effect is Effect.REPLACE:
            self._tell.resource(before, "UPDATE_IN_PROGRESS")
        else:
            self._tell.resource(replace(step.now, properties=before.properties, told=before.told), "UPDATE_IN_PROGRESS")
            self._place.options.fault(self._stack.name, step.logical_id)
            if before.made is not None and not before.made.take_back():
                before.made.update(self._wanted(before))
        self.put_back(step)
        self._tell.resource(before, "UPDATE_COMPLETE")

    def revert_failed(self) -> None:
        """Bring resources whose change failed back to what they were before; they are still told to have failed."""
        for step in [step for step in self.steps if step.failed and step.effect is not Effect.CREATE]:
            before, now = step.before, step.now
            if before is None:
                continue
            if step.effect is Effect.CHANGE and before.made is not None:
                with suppress(Exception):  # what it is then, the next update finds out
                    before.made.update(self._wanted(before))
            before.status, before.reason, before.time = now.status, now.reason, now.time
            self._stack.standing[step.logical_id] = before
            self.steps.remove(step)

    def put_back(self, step: Step) -> None:
        """Take a resource to be what it was before a step; what a replacement made is still to be removed."""
        if step.before is not None:
            self._stack.standing[step.logical_id] = step.before
        if step.effect is not Effect.REPLACE:
            self.steps.remove(step)

    def look(self) -> None:
        """Ask the services what they show of what was made or changed: for drift later, and for what is missing."""
        for step in self.steps:
            made = step.now.made
            if made is None:
                continue
            step.now.shown = made.describe()
            self._place.record.gaps += [
                Gap(step.now.type, path, why, self._stack.name, step.logical_id)
                for why, paths in ((NOT_READ, made.unread), (NOT_SHOWN, made.missing(step.now.shown)))
                for path in paths
            ]

    # --- What `start` does. ---

    def _filled(self, resource: Resource) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Return a resource's properties, the same as they may be told, and what stands beside, without symbols."""
        beside = {
            name: self.filler.value(value)
            for name, value in resource.attributes.items()
            if name not in ("Properties", "Condition")
        }
        told = self._telling.value(resource.properties) if self._telling is not None else {}
        return self.filler.value(resource.properties), told, beside

    def _retagged(self, old: Standing) -> bool:
        """Return whether the stack's tags, which its resources get too, differ from those that one has."""
        found = schema(old.type, self._place.region)
        return old.tags != self._tags and found is not None and found.taggable

    def _step(
        self,
        resource: Resource,
        old: Standing | None,
        properties: dict[str, Any],
        attributes: dict[str, Any],
        effect: Effect,
    ) -> Step:
        now = Standing(
            resource.logical_id,
            resource.type,
            physical_id="",
            made=None,
            properties=properties,
            attributes=attributes,
            tags=self._tags,
            depends_on=_needs(resource, self._resources),
        )
        if old is not None and effect in (Effect.CHANGE, Effect.NOTHING):
            now.physical_id, now.made, now.shown = old.physical_id, old.made, old.shown
        step = Step(resource.logical_id, old, now, effect)
        self._stack.standing[resource.logical_id] = now
        if effect is not Effect.NOTHING:
            self.steps.append(step)
        elif old is not None:
            now.status, now.time, now.reason = old.status, old.time, old.reason
        return step

    def _act(self, step: Step, paths: tuple[str, ...]) -> None:
        old = step.before
        if old is None:
            self._tell.resource(step.now, "CREATE_IN_PROGRESS")
            self._make(step)
            return
        if step.effect is Effect.CHANGE:
            self._tell.resource(step.now, "UPDATE_IN_PROGRESS")
            if self._change(step, replaceable=bool(paths)):
                return
            step.effect = Effect.REPLACE
        self._replace(step, old)

    def _change(self, step: Step, *, replaceable: bool) -> bool:
        """Change a resource in place; return False where it must be replaced after all."""
        if step.now.made is None:
            return True
        try:
            step.now.made.update(self._wanted(step.now))
        except CannotUpdateError:
            if replaceable:
                return False
            raise
        return True

    def _replace(self, step: Step, old: Standing) -> None:
        if self.preserves:
            raise InputError("Replacement type updates not supported on stack with disable-rollback.")
        taken = taken_name(old, step.now.properties, self._place.region) if old.type == step.now.type else ""
        if taken:
            raise InputError(
                "CloudFormation cannot update a stack when a custom-named resource requires replacing. "
                f"Rename {taken} and update the stack again."
            )
        why = "Requested update requires the creation of a new physical resource; hence creating one."
        step.now.physical_id = old.physical_id
        self._tell.resource(step.now, "UPDATE_IN_PROGRESS", why)
        step.now.made, step.now.physical_id = None, ""
        self._make(step)

    def _make(self, step: Step) -> None:
        """Make a new resource; even one that is not what it should be stands from now on."""
        standing, failure = step.now, None
        try:
            standing.made = self._made(standing)
        except HalfMadeError as error:
            standing.made, failure = error.made, error
        if standing.made is not None:
            standing.physical_id = standing.made.physical_id
        self._tell.resource(standing, f"{step.verb}_IN_PROGRESS", "Resource creation Initiated")
        if failure is not None:
            raise failure

    def _made(self, standing: Standing) -> Made | None:
        handler = self._place.handler(standing.type)
        if handler is not None:
            return handler(self._wanted(standing))
        if standing.type not in self._place.options.allowed:
            raise InputError(
                f"{standing.type} is not simulated; --allow-unsimulated {standing.type} lets the stack go on without it"
            )
        self._place.record.gaps.append(Gap(standing.type, "", NOT_MADE, self._stack.name, standing.logical_id))
        standing.physical_id = f"not-simulated-{standing.logical_id}"
        return None

    def _wanted(self, standing: Standing) -> Wanted:
        stack = self._stack
        name = f"{stack.name}-{standing.logical_id}-{self._place.random()}"
        properties = tagged(standing, stack, self._place.region)
        return Wanted(standing.type, standing.logical_id, stack.name, stack.id, name, properties)

    def _fail(self, step: Step, error: Exception) -> StepError:
        """Tell that a step failed, and return what stops the operation."""
        step.failed = True
        if not step.now.status:
            self._tell.resource(step.now, f"{step.verb}_IN_PROGRESS")
        reason = reason_of(error)
        self._tell.resource(step.now, f"{step.verb}_FAILED", reason)
        return StepError(step.logical_id, reason)


def _needs(resource: Resource, resources: dict[str, Resource]) -> frozenset[str]:
    referred = {found.logical_id for found in resource.references()}
    named = (referred | set(resource.depends_on)) - {resource.logical_id}
    return frozenset(name for name in named if name in resources)
