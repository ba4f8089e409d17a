"""What moto's services lack and templates need, in the form of a model that could be given to moto.

Each entry of `KINDS` says of one kind of thing which operations write, read and remove it. An operation that moto does
not have is answered from what was kept; one that takes a parameter and forgets it is answered by moto first, and what
it left out is filled in. `METHODS` holds the few operations that need code. Requests are read and answers written by
moto's own parsers and serializers, so what botocore's model does not allow is refused in both directions.

Like `stackproof.simulate.moto_internals`, which switches this on, these modules touch moto's inside;
tests/unit/engine/simulate/test_additions.py holds them to the pinned release.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest.mock import patch

from moto import settings
from moto.cloudfront import urls
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import BaseResponse
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.s3.models import FakeBucket

from stackproof.simulate.additions.keeping import Keeper
from stackproof.simulate.additions.kinds import KINDS
from stackproof.simulate.additions.methods import METHODS, described, may_take_logs


@contextmanager
def added() -> Iterator[None]:
    """Add to moto's services what they lack; what is kept is forgotten afterwards."""
    keeper = Keeper(KINDS, METHODS, BaseResponse.call_action)

    def call_action(self: BaseResponse) -> object:
        return keeper.answer(self)

    paths = {"{0}/2020-05-31/.+$": CloudFrontResponse.dispatch}
    with ExitStack() as stack:
        # A certificate is validated when it is looked at, not a minute later.
        stack.enter_context(patch.object(settings, "ACM_VALIDATION_WAIT", -1))
        stack.enter_context(patch.object(BaseResponse, "call_action", call_action))
        stack.enter_context(patch.dict(urls.url_paths, paths))
        by_policy = FakeBucket._log_permissions_enabled_policy
        logs = staticmethod(partial(may_take_logs, by_policy))
        stack.enter_context(patch.object(FakeBucket, "_log_permissions_enabled_policy", logs))
        stack.enter_context(patch.object(SecurityGroupRule, "description", property(described)))
        yield
