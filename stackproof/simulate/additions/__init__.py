"""What moto's services lack and templates need, in the form of a model that could be given to moto.

Each entry of `KINDS` says of one kind of thing which operations write, read and remove it. An operation that moto does
not have is answered from what was kept; one that takes a parameter and forgets it is answered by moto first, and what
it left out is filled in. `METHODS` holds the few operations that need code, `PATCHES` what is no operation: an object
of moto, the name of its attribute and what stands there instead. Every module here may have any of the three; those of
one service stand in a module of its name. Requests are read and answers written by
moto's own parsers and serializers, so what botocore's model does not allow is refused in both directions.

Like `stackproof.simulate.moto_internals`, which switches this on, these modules touch moto's inside;
tests/unit/engine/simulate/test_additions.py holds them to the pinned release.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from unittest.mock import patch

from moto import settings
from moto.cloudfront import urls
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import BaseResponse
from moto.s3.models import FakeBucket

from stackproof.simulate.additions.keeping import Keeper, Kind, Method
from stackproof.simulate.additions.methods import may_take_logs


@cache
def collected() -> tuple[tuple[Kind, ...], dict[tuple[str, str], Method], tuple[tuple[Any, str, Any], ...]]:
    """Return the kinds, methods and patches of all modules here."""
    modules = [vars(import_module(f"{__name__}.{found.name}")) for found in iter_modules(__path__)]
    methods: dict[tuple[str, str], Method] = {}
    for module in modules:
        methods |= module.get("METHODS", {})
    kinds = tuple(kind for module in modules for kind in module.get("KINDS", ()))
    return kinds, methods, tuple(entry for module in modules for entry in module.get("PATCHES", ()))


@contextmanager
def added() -> Iterator[None]:
    """Add to moto's services what they lack; what is kept is forgotten afterwards."""
    kinds, methods, patches = collected()
    keeper = Keeper(kinds, methods, BaseResponse.call_action)

    def call_action(self: BaseResponse) -> object:
        return keeper.answer(self)

    # moto's server takes an expression for one only where it has a name.
    paths = {"{0}/2020-05-31/(?P<rest>.+)$": CloudFrontResponse.dispatch}
    with ExitStack() as stack:
        # A certificate is validated when it is looked at, not a minute later.
        stack.enter_context(patch.object(settings, "ACM_VALIDATION_WAIT", -1))
        stack.enter_context(patch.object(BaseResponse, "call_action", call_action))
        stack.enter_context(patch.dict(urls.url_paths, paths))
        by_policy = FakeBucket._log_permissions_enabled_policy
        logs = staticmethod(partial(may_take_logs, by_policy))
        stack.enter_context(patch.object(FakeBucket, "_log_permissions_enabled_policy", logs))
        for owner, name, instead in patches:
            stack.enter_context(patch.object(owner, name, instead, create=True))
        yield
