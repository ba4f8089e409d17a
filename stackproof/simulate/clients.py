"""The boto3 clients of simulated accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any
from unittest.mock import patch

import msgspec


@cache
def simulated_client(region: str, service: str) -> Any:
    """Return a client that is only ever used inside of a simulated account.

    One per process, because making a client takes longer than most of what it is asked: it holds the fake credentials
    and no state of the account.
    """
    from botocore.config import Config

    # Nobody reads who asks; botocore would say it anew in each request.
    return session().client(service, region_name=region, config=Config(user_agent="stackproof"))


@cache
def session() -> Any:
    """Return the session of all clients; it keeps no state of an account either."""
    import boto3
    from botocore.session import get_session

    core = get_session()
    core.register_component("data_loader", lean_loader())
    core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=_time)
    return boto3.Session(botocore_session=core)


@contextmanager
def lean_sessions() -> Iterator[None]:
    """Let every session that is made meanwhile load models as ours does: importing moto makes some."""
    from botocore import session as sessions

    with patch.object(sessions, "create_loader", lambda _paths=None: lean_loader()):
        yield


def _time(value: Any) -> datetime:
    """Return a time of an answer; botocore's own way to it takes ten times as long."""
    from botocore.utils import parse_timestamp

    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return parse_timestamp(value)  # type: ignore[no-any-return]
    return found if found.tzinfo else parse_timestamp(value)


@cache
def lean_loader() -> Any:
    """Return what loads the models of services, without their documentation, each once.

    botocore's own keeps more than twice the memory, and moto loads every model a second time.
    """
    from botocore.loaders import JSONFileLoader, create_loader

    class Lean(JSONFileLoader):  # type: ignore[misc]
        """Reads a model without what is written for people."""

        def _load_file(self, full_path: str, open_method: Any) -> Any:
            try:
                with open_method(full_path, "rb") as file:
                    return _without_documentation(msgspec.json.decode(file.read()))
            except FileNotFoundError:
                return None

    loader = create_loader()
    loader.file_loader = Lean()
    return loader


def _without_documentation(value: Any) -> Any:
    if isinstance(value, dict):
        if isinstance(value.get("documentation"), str):
            value["documentation"] = ""
        for child in value.values():
            _without_documentation(child)
    elif isinstance(value, list):
        for child in value:
            _without_documentation(child)
    return value
