"""Outputs and exports: what a stack puts out, and what other stacks hold on to.

Source: "Exporting stack output values" in the AWS CloudFormation user guide: an export that another stack imports can
neither be changed nor removed.
"""

from __future__ import annotations

from stackproof.errors import InputError
from stackproof.resolve.stack import Output
from stackproof.resolve.values import as_text
from stackproof.simulate.cloudformation.place import Export, Place
from stackproof.simulate.cloudformation.record import StackRecord, Target
from stackproof.simulate.fill import Filler

_DELETE = "Delete canceled. Cannot delete"

Outputs = dict[str, tuple[str, str, str | None]]
"""Value, description and export's name, by output."""


class Publisher:
    """Publishes the outputs of one stack."""

    def __init__(self, stack: StackRecord, place: Place) -> None:
        self._stack = stack
        self._place = place

    def publish(self, target: Target, filler: Filler) -> None:
        """Compute the outputs, and give the exports to the region.

        Raises:
            InputError: an export's name is taken, or one that is in use would change or go.
        """
        stack, place = self._stack, self._place
        outputs = {name: _computed(output, filler) for name, output in target.stack.outputs.items()}
        mine = {export: value for value, _, export in outputs.values() if export is not None}
        for name, value in mine.items():
            known = place.exports.get(name)
            if known is not None and known.stack_id != stack.id:
                owner = next(found.name for found in place.stacks if found.id == known.stack_id)
                raise InputError(f"Export with name {name} is already exported by stack {owner}")
            if known is not None and known.value != value:
                self._refuse_if_used(name, "Cannot update")
        for name in self._own():
            if name not in mine:
                self._refuse_if_used(name, _DELETE)
        self.restore(outputs)

    def refuse_if_used(self) -> None:
        """Refuse to go while another stack imports an export.

        Raises:
            InputError: one does.
        """
        for name in self._own():
            self._refuse_if_used(name, _DELETE)

    def restore(self, outputs: Outputs) -> None:
        """Put out what is given, and nothing else."""
        self.withdraw()
        self._stack.outputs = outputs
        for value, _, export in outputs.values():
            if export is not None:
                self._place.exports[export] = Export(self._stack.id, export, value)

    def withdraw(self) -> None:
        """Take the exports back."""
        for name in self._own():
            del self._place.exports[name]

    def _own(self) -> list[str]:
        return [name for name, found in self._place.exports.items() if found.stack_id == self._stack.id]

    def _refuse_if_used(self, name: str, said: str) -> None:
        users = [user for user in self._place.users_of(name) if user != self._stack.name]
        if users:
            raise InputError(f"{said} export {name} as it is in use by {' and '.join(users)}.")


def _computed(output: Output, filler: Filler) -> tuple[str, str, str | None]:
    export = None if output.export is None else as_text(filler.value(output.export))
    return as_text(filler.value(output.value)), output.description, export
