"""``stackproof cost``: what environments cost in a month."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click


@click.command()
@click.argument("system")
@click.argument("environment", required=False)
@click.option("--format", "-f", "form", type=click.Choice(["terminal", "json"]), default="terminal", show_default=True)
def command(system: str, environment: str | None, form: str) -> None:
    """Estimate the monthly cost of ENVIRONMENT of SYSTEM, or of all its environments, at list prices.

    Counted is what stands there: instances, storage, gateways, keys. Traffic, requests and logs are not.
    """
    from stackproof.compose.system import load_system
    from stackproof.estimate import estimate

    loaded = load_system(system)
    names = [environment] if environment else list(loaded.environments)
    found = {name: estimate(loaded.deployment(name)) for name in names}
    if form == "json":
        click.echo(json.dumps({name: _data(item) for name, item in found.items()}, indent=2))
        return
    for name, item in found.items():
        click.echo(f"{loaded.name} {name}: {_money(item.low, item.high)} a month")
        for line in _lines(item, whole=environment is not None):
            click.echo(line)


def _data(item: Any) -> dict[str, Any]:
    return {
        "low": round(item.low, 2),
        "high": round(item.high, 2),
        "lines": [
            {
                "layer": line.layer,
                "resource": line.logical_id,
                "what": line.what,
                "low": round(line.low, 2),
                "high": round(line.high, 2),
            }
            for line in item.lines
        ],
        "by_use": list(item.by_use),
        "unknown": list(item.unknown),
    }


def _lines(item: Any, *, whole: bool) -> Iterator[str]:
    """Iterate over the layers and, where one environment is asked for, their resources."""
    for layer in dict.fromkeys(line.layer for line in item.lines):
        mine = [line for line in item.lines if line.layer == layer]
        low, high = sum(line.low for line in mine), sum(line.high for line in mine)
        yield f"  {layer:<14} {_money(low, high)}"
        for line in mine if whole else ():
            yield f"    {line.logical_id}: {line.what}  {_money(line.low, line.high)}"
    if item.by_use:
        yield f"  by use, not counted: {', '.join(kind.removeprefix('AWS::') for kind in item.by_use)}"
    for reason in item.unknown:
        yield f"  not known: {reason}"


def _money(low: float, high: float) -> str:
    return f"{low:.2f} USD" if round(low, 2) == round(high, 2) else f"{low:.2f}-{high:.2f} USD"
