"""Where moto's internals are touched; tests/unit/engine/simulate/test_moto_contract.py says what is expected of them.

moto's services stay as they are, but for what `stackproof.simulate.additions` adds to them. Its CloudFormation
`Stack` is replaced, while a simulation runs, by one that makes its resources through
`stackproof.simulate.stack_run`; moto's own handlers serve the types that have no better one here, with properties
that remember what was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from moto import mock_aws
from moto.cloudformation import models as _models
from moto.cloudformation import parsing as _parsing
from moto.cloudformation.exceptions import (
    UnformattedGetAttTemplateException,
    UnsupportedAttribute,
)
from moto.core import loaders as _loaders
from moto.core import utils as core_utils
from moto.core.base_backend import AccountSpecificBackend

from stackproof.simulate.additions import added
from stackproof.simulate.additions.thrift import regions
from stackproof.simulate.clients import lean_loader, simulated_client
from stackproof.simulate.cloudformation.place import Options, Place
from stackproof.simulate.handlers import Handler, Made, Wanted
from stackproof.simulate.trace import traced

# moto is typed in parts; its internals are what the contract test says, not what its annotations say.
models: Any = _models
parsing: Any = _parsing
loaders: Any = _loaders

MOTO = "5.2.5"
"""The release whose internals are known here; pyproject.toml pins it."""

_CONFIG: Any = {"core": {"mock_credentials": True}}

Handlers = Callable[[str, Callable[[str], Any]], "Handler | None"]
"""Gives our handler of a type, made with a way to get boto3 clients; None where moto's is to be used."""


@contextmanager
def simulated(options: Options, handlers: Handlers) -> Iterator[None]:
    """Replace AWS by moto for this process, and moto's CloudFormation by ours.

    Parameters:
        options: what the simulation may and notes.
        handlers: finds our handlers.
    """
    with ExitStack() as stack:
        stack.enter_context(patch.object(core_utils, "create_loader", _loader))
        stack.enter_context(patch.object(AccountSpecificBackend, "_generate_regions", regions))
        stack.enter_context(mock_aws(config=_CONFIG))
        stack.enter_context(added())
        stack.enter_context(our_cloudformation(options, handlers))
        yield


@cache
def _loader() -> Any:
    """Return what loads models for moto: with what moto adds to some of them, and lean."""
    return _Loader(extra_search_paths=[loaders.moto_root])


class _Loader(loaders.Loader):  # type: ignore[misc]
    """Shares the clients' models of the services to which moto adds nothing."""

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """Return one model of a service."""
        self.file_loader = lean_loader().file_loader
        folder = Path(loaders.moto_root) / service_name.replace("-", "")
        if any(folder.glob(f"*/{type_name}.moto-extras.json*")):
            return super().load_service_model(service_name, type_name, api_version)
        return lean_loader().load_service_model(service_name, type_name, api_version)


@contextmanager
def our_cloudformation(options: Options, handlers: Handlers) -> Iterator[None]:
    """Put our CloudFormation in the place of moto's; what it holds is forgotten afterwards."""
    from stackproof.simulate.cloudformation.models import CloudFormationBackend

    def place_of(account: str, region: str, partition: str) -> Place:
        return Place(
            account=account,
            region=region,
            partition=partition,
            client=partial(simulated_client, region),
            handler=lambda kind: handler_of(kind, handlers, account, region),
            random=parsing.random_suffix,
            options=options,
        )

    with ExitStack() as stack:
        stack.enter_context(patch.object(models.cloudformation_backends, "backend", CloudFormationBackend))
        stack.enter_context(patch.object(CloudFormationBackend, "place_of", staticmethod(place_of)))
        models.cloudformation_backends.clear()
        stack.callback(models.cloudformation_backends.clear)
        yield


def handler_of(kind: str, handlers: Handlers, account: str, region: str) -> Handler | None:
    """Return what makes a type: a recipe of ours, else moto's own model, else None."""
    return handlers(kind, partial(simulated_client, region)) or moto_handler(kind, account, region)


def moto_handler(kind: str, account: str, region: str) -> Handler | None:
    """Return a handler around moto's own CloudFormation model of a type; None where moto has none."""
    model = parsing.get_model_map().get(kind)
    if model is None or kind == "AWS::CloudFormation::Stack":
        return None

    def make(wanted: Wanted) -> Made:
        return _make_with_moto(model, wanted, account, region)

    return make


def moto_reader(kind: str) -> tuple[Callable[..., Any], str | None] | None:
    """Return moto's function that reads the properties of a type, and the property that it takes as the name."""
    model = parsing.get_model_map().get(kind)
    if model is None:
        return None
    maker: Callable[..., Any] = model.create_from_cloudformation_json
    return maker, parsing.resource_name_property_from_type(kind)


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
