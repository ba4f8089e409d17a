"""The life of a stack: it is created, updated, rolled back, cleaned up and deleted.

Sources: "Stack creation events", "Understand update behaviors of stack resources", "Choose how to handle failures when
provisioning resources", "Continue rolling back from failed nested stack updates" in the AWS CloudFormation user guide.
"""

from __future__ import annotations

from collections.abc import Iterator

from stackproof.errors import InputError
from stackproof.simulate.cloudformation.acting import Actor
from stackproof.simulate.cloudformation.checks import check_alarms, check_target
from stackproof.simulate.cloudformation.notifying import notifier
from stackproof.simulate.cloudformation.order import OutOfTimeError, Pause, StepError, Steps, carry_out, delete_order
from stackproof.simulate.cloudformation.place import Place
from stackproof.simulate.cloudformation.publishing import Publisher
from stackproof.simulate.cloudformation.record import StackRecord, Target
from stackproof.simulate.cloudformation.removing import REPLACEMENT, Remover
from stackproof.simulate.cloudformation.replacement import Effect
from stackproof.simulate.cloudformation.steps import Step, failed_to, inherit, left_over, reason_of
from stackproof.simulate.cloudformation.telling import Teller, secrets_of
from stackproof.simulate.cloudformation.waiting import Waiting

USER = "User Initiated"
_REPLACED_OR_NEW = (Effect.CREATE, Effect.REPLACE)


class Life:
    """Carries out one operation on one stack.

    An operation is an iterator that is carried out by exhausting it; where it waits for something it yields why.

    Parameters:
        stack: the stack.
        place: where it stands.
        target: what it is to become; None where it is only to be looked after or deleted.
        sheds: whether what it makes is removed by a roll back even where its ``DeletionPolicy`` retains it.

    Attributes:
        why: why the operation failed.
    """

    def __init__(self, stack: StackRecord, place: Place, target: Target | None = None, *, sheds: bool = False) -> None:
        self._stack = stack
        self._place = place
        self._before = stack.target
        self._put_out = dict(stack.outputs), set(stack.imports)
        secrets = secrets_of(stack.target) | secrets_of(target)
        self._tell = Teller(stack, place.clock, secrets, notifier(place, target or stack.target))
        self._waiting = Waiting(stack, place, self._tell)
        self._remover = Remover(stack, place, self._tell, sheds=sheds)
        self._publisher = Publisher(stack, place)
        self._target = target
        self.why = ""
        self._actor = Actor(stack, place, target, self._tell, self._waiting) if target is not None else None
        self._cancelled = False
        self._skipped: frozenset[str] = frozenset()

    def review(self) -> None:
        """Begin the life of a stack that is only planned so far, by a change set."""
        self._tell.stack("REVIEW_IN_PROGRESS", USER)

    def signal(self, logical_id: str, unique_id: str, status: str) -> bool:
        """Take a signal for a resource that waits; return whether it need not wait any longer."""
        return self._waiting.take(logical_id, unique_id, status)

    def cancel(self) -> None:
        """Have an update that waits before its clean-up rolled back."""
        self._cancelled = True

    # --- Creating. ---

    def create(self, on_failure: str) -> Steps:
        """Make every resource of the target.

        Parameters:
            on_failure: ``ROLLBACK``, ``DELETE`` or ``DO_NOTHING``.
        """
        self._tell.stack("CREATE_IN_PROGRESS", USER)
        self._stack.target = self._target
        self._waiting.limit(self._stack.timeout)
        try:
            yield from self._deploy(goes_on=on_failure == "DO_NOTHING")
        except (StepError, InputError) as error:
            self.why = self._why(error, "create")
            yield from self._give_up(self.why, on_failure)
            return
        self._tell.stack("CREATE_COMPLETE")

    def fail(self, reason: str, on_failure: str) -> Steps:
        """Give a stack up whose template could not even be worked out."""
        self._tell.stack("CREATE_IN_PROGRESS", USER)
        yield from self._give_up(f"{reason.rstrip('.')}.", on_failure)

    def _give_up(self, reason: str, on_failure: str) -> Steps:
        """Leave, roll back or delete a stack that could not be created."""
        stack = self._stack
        if on_failure == "DO_NOTHING":
            stack.undo = self
            stack.imports |= self._undoing.known.imports
            self._tell.stack("CREATE_FAILED", reason)
            return
        deleting = on_failure == "DELETE"
        word, status = ("Delete", "DELETE") if deleting else ("Rollback", "ROLLBACK")
        said = f"{reason.rstrip(' .')}. {word} requested by user." if reason else USER
        self._tell.stack(f"{status}_IN_PROGRESS", said)
        stack.undo = None
        stack.deleted = self._place.clock.now
        stack.change_set_id = ""
        failures = self._remover.remove(list(stack.live()), rolling_back=True)
        if failures:
            self._tell.stack(f"{status}_FAILED", failed_to("delete", failures))
            return
        self._publisher.restore({})
        stack.imports = set()
        self._tell.stack(f"{status}_COMPLETE")
        yield from ()

    # --- Updating. ---

    def update(self, *, disable_rollback: bool = False) -> Steps:
        """Bring the stack to the target; after a failure back to what it was.

        Before what is no longer needed is removed it waits, so that it can still be cancelled (`cancel`).
        """
        stack = self._stack
        self._tell.stack("UPDATE_IN_PROGRESS", USER)
        stack.updated = self._place.clock.now
        stack.target = self._target
        self._drop_failed()
        try:
            yield from self._deploy(goes_on=disable_rollback)
            yield Pause.CLEANUP
            if self._cancelled:
                raise InputError(USER)
        except (StepError, InputError) as error:
            self.why = USER if self._cancelled else self._why(error, "update")
            if disable_rollback and not self._cancelled:
                self._preserve()
            else:
                self._roll_back(self.why)
            return
        stack.undo = None
        self._tell.stack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up()
        self._tell.stack("UPDATE_COMPLETE")

    def _drop_failed(self) -> None:
        """Remove what an earlier operation could not make, so that it is made anew."""
        for found in list(self._stack.live()):
            if found.status != "CREATE_FAILED":
                continue
            if not found.physical_id or self._remover.remove_one(found, rolling_back=True):
                del self._stack.standing[found.logical_id]

    def _preserve(self) -> None:
        """Leave a failed update as it is, but what failed to change, and remember how all of it is undone."""
        self._undoing.revert_failed()
        if self._stack.undo is not None:
            self._inherit(self._stack.undo)
        self._stack.undo = self
        self._stack.imports |= self._undoing.known.imports
        self._tell.stack("UPDATE_FAILED", self.why)

    def _inherit(self, earlier: Life) -> None:
        """Take over what an earlier operation, which failed too, did and did not undo."""
        self._before, self._put_out = earlier._before, earlier._put_out
        inherit(self._steps, earlier._steps, self._stack.standing)

    def _clean_up(self) -> None:
        """Remove what the update replaced, and what its template no longer has."""
        stack, wanted = self._stack, self._target.stack.resources if self._target else {}
        for step in self._steps:
            if step.now.made is not None:
                step.now.made.settle()
        replaced = {
            step.logical_id: step.before
            for step in self._steps
            if step.effect is Effect.REPLACE and step.before is not None
        }
        gone = {found.logical_id: found for found in stack.live() if found.logical_id not in wanted}
        for name in delete_order({name: found.depends_on for name, found in {**replaced, **gone}.items()}):
            if name in replaced:
                self._remover.remove_one(replaced[name], attribute=REPLACEMENT)
            if name in gone:
                self._remover.remove_one(gone[name])
                del stack.standing[name]

    # --- Rolling back. ---

    def roll_back(self) -> Steps:
        """Take a stack in ``CREATE_FAILED`` or ``UPDATE_FAILED`` back to its last good state."""
        if self._before is None:
            yield from self._give_up("", "ROLLBACK")
        else:
            self._roll_back(USER)

    def continue_rollback(self, skipped: frozenset[str]) -> Steps:
        """Go on with a roll back that failed.

        Parameters:
            skipped: logical ids of resources that are left as they are, and taken to be what they were; those of
                nested stacks begin with the nested stack's.
        """
        for nested in [name for name in skipped if "." in name]:
            self._skip_below(nested)
        for step in [step for step in self._steps if step.logical_id in skipped | self._skipped]:
            self._tell.resource(step.before or step.now, "UPDATE_COMPLETE", "Resource was skipped")
            self._undoing.put_back(step)
        self._roll_back(USER)
        yield from ()

    def _skip_below(self, name: str) -> None:
        """Have a nested stack skip one of its resources when its roll back goes on: ``Child.Resource``."""
        child, _, below = name.partition(".")
        standing = self._stack.standing.get(child)
        for stack in self._place.stacks:
            if standing is not None and stack.id == standing.physical_id and stack.undo is not None:
                stack.undo._skipped |= {below}

    def _roll_back(self, reason: str) -> None:
        """Undo the steps of an update in their order, then remove what it made."""
        stack = self._stack
        stack.target = self._before
        self._tell.stack("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        outputs, stack.imports = self._put_out
        self._publisher.restore(outputs)
        for step in list(self._steps):
            try:
                self._undoing.undo(step)
            except Exception as error:
                # Whatever a service says is the reason of the failure, as in CloudFormation.
                self._tell.resource(step.now, "UPDATE_FAILED", reason_of(error))
                stack.undo = self
                self._tell.stack("UPDATE_ROLLBACK_FAILED", failed_to("update", [step.logical_id]))
                return
        stack.undo = None
        self._tell.stack("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        made = [step for step in self._steps if step.effect in _REPLACED_OR_NEW]
        self._remover.remove([step.now for step in made if step.now.physical_id], rolling_back=True)
        for step in made:
            if step.before is None:
                stack.standing.pop(step.logical_id, None)
        self._tell.stack("UPDATE_ROLLBACK_COMPLETE")

    # --- Deleting. ---

    def delete(self, retained: frozenset[str] = frozenset(), *, force: bool = False) -> Steps:
        """Remove the stack's resources, but those that are to stay.

        Parameters:
            retained: logical ids that are left alone, after a deletion failed because of them.
            force: forget what cannot be deleted.
        """
        stack, before = self._stack, self._stack.status
        self._tell.stack("DELETE_IN_PROGRESS", USER)
        try:
            self._publisher.refuse_if_used()
        except InputError as error:
            self._tell.stack(before, error.message)
            return
        stack.deleted = self._place.clock.now
        stack.change_set_id = ""
        unfinished = stack.undo._steps if stack.undo is not None else []
        failures = self._remover.remove(left_over(unfinished, stack.standing), rolling_back=True)
        failures += self._remover.remove(list(stack.live()), retained=retained)
        if failures and not force:
            self._tell.stack("DELETE_FAILED", failed_to("delete", failures))
            return
        self._publisher.withdraw()
        stack.imports = set()
        self._tell.stack("DELETE_COMPLETE")
        yield from ()

    # --- What creating and updating share. ---

    def _deploy(self, *, goes_on: bool) -> Steps:
        """Make or change every resource, and put out what the stack puts out.

        Parameters:
            goes_on: whether a failure stops only what needs the resource that failed, and nothing is rolled back.

        Raises:
            StepError: a resource failed.
            InputError: the stack as a whole cannot be what it is to become.
        """
        actor, target = self._undoing, self._target
        if target is None:
            return
        check_target(target, self._place)
        actor.preserves = goes_on
        actor.refuse_removals()
        begun: dict[str, Step] = {}

        def begin(name: str) -> None:
            begun[name] = actor.start(target.stack.resources[name])

        yield from carry_out(
            actor.needs(),
            begin,
            lambda name: actor.finish(begun[name]),
            lambda name: actor.cancel(begun[name]),
            goes_on=goes_on,
        )
        self._publisher.publish(target, actor.filler)
        self._stack.imports = actor.known.imports
        check_alarms(target, self._place)
        actor.look()

    @property
    def _undoing(self) -> Actor:
        if self._actor is None:
            raise ValueError("nothing was begun that could be carried on or undone")
        return self._actor

    @property
    def _steps(self) -> list[Step]:
        return self._actor.steps if self._actor is not None else []

    def _why(self, error: Exception, verb: str) -> str:
        """Return the stack's reason for a failure."""
        if isinstance(error, StepError) and not isinstance(error, OutOfTimeError):
            return failed_to(verb, [step.logical_id for step in self._steps if step.failed])
        return reason_of(error)


def exhaust(steps: Iterator[Pause]) -> None:
    """Carry an operation out to its end, whatever it waits for."""
    for _ in steps:
        pass
