"""How a deployment ended, for people at a terminal, for a pull request, and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from stackproof.deploy.health import Health
from stackproof.deploy.preview import kind_of
from stackproof.deploy.release import End, LayerEnd, Outcome
from stackproof.report.paint import Line, painted, plain
from stackproof.report.text import visible

_STYLES = {
    End.CREATED: "green",
    End.UPDATED: "green",
    End.UNCHANGED: "",
    End.REFUSED: "bold red",
    End.FAILED: "bold red",
    End.NOT_BEGUN: "yellow",
    End.BROUGHT_BACK: "yellow",
    End.STAYS: "yellow",
    End.STUCK: "bold red",
}
_ADDRESSES = ("Url", "DomainName", "DnsName", "Endpoint")
"""How the names of those outputs end that somebody looks for after a deployment."""


def headline(outcome: Outcome) -> str:
    """Return how it ended, in a line."""
    place = f"{outcome.system} {outcome.environment}"
    ends = Counter(layer.end for layer in outcome.layers)
    if ends[End.REFUSED] and not outcome.touched:
        return f"{place}: refused, nothing was changed"
    if ends[End.REFUSED] or ends[End.FAILED]:
        names = [layer.layer for layer in outcome.layers if layer.end in (End.REFUSED, End.FAILED)]
        return f"{place}: {', '.join(names)} failed"
    if outcome.health is not None and not outcome.health.well:
        back = ends[End.BROUGHT_BACK]
        if ends[End.STUCK]:
            return f"{place}: not well after the deployment, and could not be rolled back"
        return f"{place}: not well after the deployment{', rolled back' if back else ''}"
    return f"{place}: {'deployed' if outcome.touched else 'nothing to change'}"


def text(outcome: Outcome, colour: bool = False) -> str:
    """Return the outcome for a terminal.

    Parameters:
        colour: paint it (imports rich); ask `stackproof.report.paint.wants_colour`.
    """
    return (painted if colour else plain)(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[Line]:
    yield [(headline(outcome), "bold green" if outcome.well else "bold red")]
    width = max(len(layer.stack) for layer in outcome.layers)
    for layer in outcome.layers:
        counts = _counts(layer)
        told = f"{layer.end}{f' ({counts})' if counts else ''}"
        yield [(f"  {layer.stack:<{width}}  ", ""), (told, _STYLES[layer.end])]
        if layer.reason:
            where = f"{layer.logical_id}: " if layer.logical_id else ""
            yield [(visible(f"    {where}{layer.reason}"), "red")]
    yield from _rest(outcome)


def _rest(outcome: Outcome) -> Iterator[Line]:
    """Iterate over what is said of no layer."""
    for label, health in (("health", outcome.health), ("after the roll back", outcome.after)):
        if health is not None:
            yield from ([(visible(f"  {label}: {told}"), "" if health.well else "red")] for told in health.told)
    for name, value in _addresses(outcome):
        yield [(visible(f"  {name} {value}"), "")]
    for told in _advice(outcome):
        yield [(visible(told), "bold")]
    for warning in outcome.warnings:
        yield [("warning: ", "yellow"), (visible(warning), "")]


def _counts(layer: LayerEnd) -> str:
    if layer.end in (End.REFUSED, End.FAILED):
        return ""
    counted = Counter(kind_of(change) for change in layer.changes)
    return ", ".join(f"{count} {kind}" for kind, count in counted.items())


def _addresses(outcome: Outcome) -> Iterator[tuple[str, str]]:
    for layer, outputs in (outcome.outputs or {}).items():
        for name, value in outputs.items():
            if name.endswith(_ADDRESSES):
                yield f"{layer}.{name}", value


def _advice(outcome: Outcome) -> Iterator[str]:
    """Iterate over what remains to be done."""
    ends = {end: [layer.stack for layer in outcome.layers if layer.end is end] for end in End}
    if ends[End.FAILED] or (outcome.touched and ends[End.REFUSED]):
        stays = "What is changed stays changed: mend" if ends[End.CREATED] or ends[End.UPDATED] else "Mend"
        yield f"{stays} it, and run the same command again to go on."
    if outcome.health is None or outcome.health.well:
        return
    if ends[End.STAYS]:
        yield f"Created by this deployment, and not removed: {', '.join(ends[End.STAYS])}."
    if ends[End.STUCK]:
        yield f"Not rolled back: {', '.join(ends[End.STUCK])}; deploy what was there before."
    known = (End.BROUGHT_BACK, End.STAYS, End.STUCK)
    attached = [layer.stack for layer in outcome.layers if layer.attached and layer.end not in known]
    if attached:
        yield f"Changed by a run that was interrupted: {', '.join(attached)}; deploy what was there before."
    elif not any(ends[end] for end in known):
        yield "This run changed nothing that could be rolled back: deploy what was there before."


def markdown(outcome: Outcome) -> str:
    """Return the outcome for a pull request or the summary of a workflow."""
    lines = [f"**{headline(outcome)}**", "", "| stack | | changes |", "| --- | --- | --- |"]
    lines += [f"| `{layer.stack}` | {layer.end} | {_counts(layer)} |" for layer in outcome.layers]
    reasons = (
        ": ".join(filter(None, (layer.stack, layer.logical_id, layer.reason)))
        for layer in outcome.layers
        if layer.reason
    )
    rest = ("".join(part for part, _ in line).strip() for line in _rest(outcome))
    return "\n".join([*lines, "", *(f"- {_escaped(told)}" for told in (*reasons, *rest))]) + "\n"


def _escaped(told: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|" else sign for sign in visible(told))


def as_json(outcome: Outcome) -> str:
    """Return the outcome for programs."""
    found: dict[str, Any] = {
        "version": 1,
        "system": outcome.system,
        "environment": outcome.environment,
        "well": outcome.well,
        "touched": outcome.touched,
        "headline": headline(outcome),
        "layers": [_layer(layer) for layer in outcome.layers],
        "health": _health(outcome.health),
        "after": _health(outcome.after),
        "outputs": {layer: dict(outputs) for layer, outputs in (outcome.outputs or {}).items()},
        "advice": list(_advice(outcome)),
        "warnings": list(outcome.warnings),
        "seconds": round(outcome.seconds, 1),
    }
    return json.dumps(found, indent=2) + "\n"


def _layer(layer: LayerEnd) -> Mapping[str, Any]:
    return {
        "layer": layer.layer,
        "stack": layer.stack,
        "end": str(layer.end),
        "reason": layer.reason,
        "logical_id": layer.logical_id,
        "attached": layer.attached,
        "changes": [
            {
                "logical_id": change.logical_id,
                "type": change.type,
                "change": str(kind_of(change)),
                "properties": list(change.properties),
            }
            for change in layer.changes
        ],
    }


def _health(health: Health | None) -> Mapping[str, Any] | None:
    return None if health is None else {"well": health.well, "told": list(health.told), "attempts": health.attempts}
