"""The boto3 clients of simulated accounts."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def simulated_client(region: str, service: str) -> Any:
    """Return a client that is only ever used inside of a simulated account.

    One per process, because making a client takes longer than most of what it is asked: it holds the fake credentials
    and no state of the account.
    """
    import boto3

    return boto3.client(service, region_name=region)
