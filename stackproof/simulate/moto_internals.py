"""Where moto's internals are touched; tests/unit/engine/simulate/test_moto_contract.py says what is expected of them.

moto's services stay as they are, but for what `stackproof.simulate.additions` adds to them. Its CloudFormation
`Stack` is replaced, while a simulation runs, by one that makes its resources through
`stackproof.simulate.cloudformation`; moto's own handlers serve the types that have no better one here, with properties
that remember what was read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from moto import mock_aws
from moto.cloudformation import models as _models
from moto.cloudformation import parsing as _parsing
from moto.cloudformation.exceptions import (
    UnformattedGetAttTemplateException,
    UnsupportedAttribute,
    ValidationError,
)
from moto.iam import models as _iam
from moto.utilities.utils import get_partition

from stackproof.errors import InputError
from stackproof.simulate.additions import added
from stackproof.simulate.clients import simulated_client
from stackproof.simulate.cloudformation import Place, StackError, StackRun
from stackproof.simulate.handlers import Handler, Made, Wanted
from stackproof.simulate.record import Record
from stackproof.simulate.trace import traced

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models
parsing: Any = _parsing
iam: Any = _iam

MOTO = "5.2.5"
"""The release whose internals are known here; pyproject.toml pins it."""

_CONFIG: Any = {"core": {"mock_credentials": True}}

Handlers = Callable[[str, Callable[[str], Any]], "Handler | None"]
"""Gives our handler of a type, made with a way to get boto3 clients; None where moto's is to be used."""


@contextmanager
def simulated(record: Record, handlers: Handlers) -> Iterator[None]:
    """Replace AWS by moto for this process, and moto's stacks by ours.

    Parameters:
        record: notes what could not be simulated.
        handlers: finds our handlers.
    """
    with ExitStack() as stack:
        stack.enter_context(mock_aws(config=_CONFIG))
        stack.enter_context(added())
        stack.enter_context(patch.object(models, "Stack", _stack_class(record, handlers)))
        yield


def _stack_class(record: Record, handlers: Handlers) -> type:
    """Return a stack class that notes into one record."""

    class Stack(models.Stack):  # type: ignore[misc]
        """A moto stack whose resources are made by `StackRun`; moto finds ``StackStatus`` by the class name."""

        def _create_resource_map(self) -> None:
            self._backend = models.cloudformation_backends[self.account_id][self.region_name]
            place = Place(
                account=self.account_id,
                region=self.region_name,
                exports=_Exports(self._backend.exports),
                client=partial(simulated_client, self.region_name),
                handler=self._handler,
                random=parsing.random_suffix,
                record=record,
            )
            self._place = place
            try:
                self._run = StackRun(self.name, self.stack_id, self.template, self.parameters, place, self._tell)
            except InputError as error:
                raise ValidationError(message=error.message) from None
            self._outputs: list[dict[str, Any]] = []

        def _create_output_map(self) -> None:
            return None

        def _handler(self, kind: str) -> Handler | None:
            found = handlers(kind, self._place.client) or moto_handler(kind, self.account_id, self.region_name)
            if found is None or not kind.startswith("AWS::IAM::"):
                return found
            return _with_managed_policies(found, self.account_id, get_partition(self.region_name))

        def _tell(self, logical_id: str, physical_id: str, kind: str, status: str, reason: str) -> None:
            self.events.append(
                models.Event(self.stack_id, self.name, logical_id, physical_id, kind, status, reason or None, None)
            )

        def create_resources(self) -> None:
            self.status = "CREATE_IN_PROGRESS"
            try:
                self._run.create()
                self._publish()
            except StackError as failure:
                self._roll_back(f"The following resource(s) failed to create: [{failure}].")
            except InputError as error:
                self._roll_back(error.message)
            else:
                self.mark_creation_complete()

        def _publish(self) -> None:
            outputs = list(self._run.outputs())
            for name, _, _, export in outputs:
                if export in self._backend.exports:
                    raise InputError(f"Export with name {export} is already exported (output {name})")
            for name, value, description, export in outputs:
                if export is not None:
                    self._backend.exports[export] = parsing.Export(self.stack_id, export, value)
                self._outputs.append(
                    {"OutputKey": name, "OutputValue": value, "Description": description, "ExportName": export}
                )

        def _roll_back(self, reason: str) -> None:
            self._add_stack_event("ROLLBACK_IN_PROGRESS", reason)
            try:
                self._run.delete(keep=False)
                self.status = "ROLLBACK_COMPLETE"
            except StackError:
                self.status = "ROLLBACK_FAILED"
            self._add_stack_event(self.status)

        def delete(self) -> None:
            self._add_stack_event("DELETE_IN_PROGRESS", "User Initiated")
            try:
                self._run.delete()
                self.status = "DELETE_COMPLETE"
                self._add_stack_event(self.status)
            except StackError as failure:
                self.status = "DELETE_FAILED"
                self._add_stack_event(self.status, str(failure))

        @property
        def stack_resources(self) -> list[Any]:
            return [
                SimpleNamespace(
                    logical_resource_id=logical_id,
                    physical_resource_id=self._run.physical_id(logical_id),
                    cf_resource_type=self._run.stack.resources[logical_id].type,
                )
                for logical_id in self._run.made
            ]

        @property
        def outputs(self) -> list[dict[str, Any]] | None:
            return self._outputs or None

        @property
        def exports(self) -> list[Any]:
            return [self._backend.exports[output["ExportName"]] for output in self._outputs if output["ExportName"]]

        @property
        def stack_parameters(self) -> dict[str, Any]:
            return dict(self.parameters)

        @property
        def parameter_list(self) -> list[dict[str, Any]]:
            declared = self._run.stack.template.parameters
            return [
                {"ParameterKey": name, "ParameterValue": "****" if declared[name].no_echo else value}
                for name, value in self.parameters.items()
            ]

    return Stack


class _Exports(dict[str, str]):
    """moto's exports by name, as values."""

    def __init__(self, exports: dict[str, Any]) -> None:
        super().__init__()
        self._exports = exports

    def __contains__(self, name: object) -> bool:
        return name in self._exports

    def __getitem__(self, name: str) -> str:
        return str(self._exports[name].value)


@cache
def _managed_policies() -> dict[str, Any]:
    """Return AWS's managed policies by name; moto would parse them anew for each of its IAM backends."""
    return dict(json.loads(iam.aws_managed_policies_data))


def _with_managed_policies(handler: Handler, account: str, partition: str) -> Handler:
    """Return a handler before which the managed policies exist that a resource names, as they do in every account."""

    def make(wanted: Wanted) -> Made:
        policies = iam.iam_backends[account][partition].managed_policies
        for arn in wanted.properties.get("ManagedPolicyArns", ()):
            name = str(arn).rpartition("/")[2]
            if arn not in policies and name in _managed_policies():
                policy = iam.AWSManagedPolicy.from_data(name, account, partition, _managed_policies()[name])
                policies[policy.arn] = policy
        return handler(wanted)

    return make


def moto_handler(kind: str, account: str, region: str) -> Handler | None:
    """Return a handler around moto's own CloudFormation model of a type; None where moto has none."""
    model = parsing.get_model_map().get(kind)
    if model is None or kind == "AWS::CloudFormation::Stack":
        return None

    def make(wanted: Wanted) -> Made:
        return _make_with_moto(model, wanted, account, region)

    return make


def _make_with_moto(model: Any, wanted: Wanted, account: str, region: str) -> Made:
    name_property = parsing.resource_name_property_from_type(wanted.type)
    name = parsing.generate_resource_name(wanted.type, wanted.stack, wanted.logical_id)
    name = wanted.properties.get(name_property, name) if name_property else name
    properties = traced(wanted.properties)
    definition = {"Type": wanted.type, "Properties": properties}
    resource = model.create_from_cloudformation_json(
        name,
        definition,
        account,
        region,
        LogicalId=wanted.logical_id,
        StackId=wanted.stack_id,
        ResourceType=wanted.type,
    )

    def attribute(attribute_name: str) -> Any:
        try:
            return resource.get_cfn_attribute(attribute_name)
        except (NotImplementedError, AttributeError, UnformattedGetAttTemplateException, UnsupportedAttribute):
            raise KeyError(attribute_name) from None

    def delete(_snapshot: bool) -> None:
        plain = {"Type": wanted.type, "Properties": wanted.properties}
        try:
            resource.delete(account, region)
        except (TypeError, AttributeError):
            # moto's own fallback: most of its models have a class method instead.
            parsing.parse_and_delete_resource(resource.physical_resource_id, plain, account, region)

    unread = tuple(path for path in properties.unread() if path != name_property)
    return Made(resource.physical_resource_id, attribute, delete, unread)
