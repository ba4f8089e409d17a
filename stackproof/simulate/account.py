"""A simulated account: moto in this process, cut off from whatever the user's machine is set up for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from stackproof.errors import InputError
from stackproof.simulate.clients import lean_sessions, simulated_client
from stackproof.simulate.cloudformation.place import Options
from stackproof.simulate.record import Record

_INSTALL = "the simulation needs boto3 and moto: pip install 'stackproof[simulate]'"


class SimulatedAccount:
    """One account, empty but for what every account has.

    Attributes:
        region: the region that its clients use unless they are asked for another.
        options: what the simulation may, notes and lets go wrong.
    """

    def __init__(self, region: str, options: Options) -> None:
        self.region = region
        self.options = options

    @property
    def record(self) -> Record:
        """What could not be simulated so far."""
        return self.options.record

    def client(self, service: str, region: str = "") -> Any:
        """Return a boto3 client of a service; it works inside of the account's context only."""
        return simulated_client(region or self.region, service)

    def cloudformation(self, region: str = "") -> Any:
        """Return CloudFormation's client in a region, as a `stackproof.deploy.Deployer` asks for it."""
        return self.client("cloudformation", region)


@contextmanager
def simulated_account(
    region: str, account_id: str | None = None, allowed: frozenset[str] = frozenset()
) -> Iterator[SimulatedAccount]:
    """Give a simulated account, and forget it afterwards.

    Parameters:
        region: where its clients work unless they are asked for another region.
        account_id: its id; a made-up one where None.
        allowed: resource types that may stay unsimulated; any other fails its stack.

    Raises:
        InputError: boto3 or moto is not installed.
    """
    options = Options(allowed=allowed)
    # The environment first: boto3 looks for the user's profile as soon as it is imported.
    with patch.dict(os.environ, _environment(account_id), clear=True):
        try:
            with lean_sessions():
                from stackproof.simulate.moto_internals import simulated
                from stackproof.simulate.resources import find
        except ModuleNotFoundError as error:
            if error.name in ("boto3", "botocore", "moto"):
                raise InputError(f"{_INSTALL} (no module '{error.name}')") from None
            raise
        with simulated(options, find):
            yield SimulatedAccount(region, options)


def _environment(account_id: str | None) -> dict[str, str]:
    """Return the environment without what could lead boto3 to a real account or another endpoint."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    own = {"MOTO_ACCOUNT_ID": account_id} if account_id else {}
    return mine | nothing | own | {"AWS_EC2_METADATA_DISABLED": "true"}
