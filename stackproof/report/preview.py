"""A preview for people at a terminal, for a pull request, and for programs.

Names of properties are shown, their values never: they may be secrets.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stackproof.deploy.change_sets import Change
from stackproof.deploy.guard import Danger, Risk
from stackproof.deploy.preview import Kind, LayerPreview, Plan, Preview, kind_of
from stackproof.report.paint import Line, painted, plain
from stackproof.report.text import visible
from stackproof.report.wording import several

COMMENT_LIMIT = 65_536
"""Characters that GitHub takes in a comment."""
_NOTE_ROOM = 500
"""Characters kept free for the note that something was cut."""

_SIGNS = {
    Kind.ADDED: ("+", "green"),
    Kind.IMPORTED: (">", "green"),
    Kind.MODIFIED: ("~", "yellow"),
    Kind.REPLACED: ("!", "bold red"),
    Kind.PERHAPS_REPLACED: ("?", "bold red"),
    Kind.REMOVED: ("-", "red"),
}
_FATES = {"Delete": "deleted", "Retain": "retained", "Snapshot": "kept as a snapshot"}


def marker(system: str, environment: str) -> str:
    """Return the hidden first line of a comment, by which it is found again when it is to be updated."""
    return f"<!-- stackproof preview {system} {environment} -->"


# --- Text. ---


def text(preview: Preview, colour: bool = False) -> str:
    """Return the preview for a terminal.

    Parameters:
        preview: what will happen.
        colour: paint it (imports rich); ask `stackproof.report.paint.wants_colour`.
    """
    return (painted if colour else plain)(_lines(preview))


def _lines(preview: Preview) -> Iterator[Line]:
    yield [(_place(preview), "bold")]
    for layer in preview.layers:
        yield []
        yield [(f"{layer.layer}: ", "bold"), (_headline(layer), "")]
        if layer.failure:
            yield [("  FAILED ", "bold red"), (visible(layer.failure), "")]
        yield from _change_lines(layer)
    yield []
    for risk in _risks(preview):
        mark = "INTERRUPTED" if risk.danger is Danger.INTERRUPTS else "DESTRUCTIVE"
        yield [(f"{mark} ", "bold red"), (visible(str(risk)), "")]
    if preview.accept:
        yield [("To deploy it: ", ""), (_accept(preview), "bold")]
    yield [(_total(preview), "bold")]


def _change_lines(layer: LayerPreview) -> Iterator[Line]:
    changes = _by_kind(layer)
    if not changes:
        return
    names = max(len(visible(change.logical_id)) for change in changes)
    types = max(len(visible(change.type)) for change in changes)
    for change in changes:
        sign, style = _SIGNS[kind_of(change)]
        aside = "; ".join(_asides(layer, change)).removeprefix(str(Kind.ADDED))
        told = f" {visible(change.logical_id):<{names}}  {visible(change.type):<{types}}  {visible(aside)}".rstrip()
        yield [("  ", ""), (sign, style), (told, "")]


def _place(preview: Preview) -> str:
    protected = ", protected" if preview.environment.protected else ""
    account = f" in account {preview.account}" if preview.account else ""
    name, dash, mark = preview.commit.partition("-")
    commit = f", commit {name[:12]}{dash}{mark}" if name else ""
    region = f"{',' if account else ' in'} {preview.environment.region}"
    return visible(f"{preview.system} {preview.environment.name}{account}{region}{protected}{commit}")


def _headline(layer: LayerPreview) -> str:
    """Return what happens to a layer, in a line."""
    if layer.failure:
        return "cannot be deployed like this"
    if layer.plan is Plan.NOTHING:
        return "nothing to change"
    told = layer.first or _verb(layer)
    parts = [f"{told} after {', '.join(layer.after)}" if layer.after else told]
    counts = _counts(layer)
    if counts:
        source = "" if layer.change_set else " (from the template)"
        parts.append(f"{counts}{source}")
    told = "; ".join(parts)
    if layer.change_set and layer.after:
        return f"{told}; its change set is made anew then"
    return told if layer.known else f"{told}; what changes is known then"


def _verb(layer: LayerPreview) -> str:
    if layer.plan is Plan.CREATE:
        return "will be created"
    return "will be updated" if layer.known else "may be updated"


def _counts(layer: LayerPreview) -> str:
    counted = Counter(kind_of(change) for change in layer.changes)
    return ", ".join(f"{counted[kind]} {kind}" for kind in Kind if counted[kind])


def _by_kind(layer: LayerPreview) -> list[Change]:
    """Return a layer's changes, those of one kind together, the gravest first."""
    order = (Kind.REMOVED, Kind.REPLACED, Kind.PERHAPS_REPLACED, Kind.MODIFIED, Kind.IMPORTED, Kind.ADDED)
    return sorted(layer.changes, key=lambda change: (order.index(kind_of(change)), change.logical_id))


def _asides(layer: LayerPreview, change: Change) -> Iterator[str]:
    """Iterate over what is to be said of a change: its kind, its causes, what it does to whom."""
    kind = kind_of(change)
    why = _why(change)
    yield f"{kind} because of {', '.join(why)}" if why else str(kind)
    fate = _FATES.get(change.fate.removeprefix("ReplaceAnd"))
    if fate and kind is not Kind.MODIFIED:
        yield fate if kind is Kind.REMOVED else f"the old one is {fate}"
    for risk in layer.risks:
        if risk.change == change:
            yield _warning(risk)


def _why(change: Change) -> tuple[str, ...]:
    return change.replacing or change.properties


def _warning(risk: Risk) -> str:
    """Return how a risk is marked beside its change."""
    if risk.danger is Danger.INTERRUPTS:
        return "INTERRUPTS" if risk.certain else "perhaps INTERRUPTS"
    return f"DESTRUCTIVE: {_danger(risk)}"


def _danger(risk: Risk) -> str:
    return str(risk.danger) if risk.certain else f"perhaps {risk.danger}"


def _risks(preview: Preview) -> Iterator[Risk]:
    for layer in preview.layers:
        yield from layer.risks


def _accept(preview: Preview) -> str:
    return " ".join(f"--accept {name}" for name in dict.fromkeys(preview.accept))


def _total(preview: Preview) -> str:
    """Return how many layers fare how."""
    failed = sum(bool(layer.failure) for layer in preview.layers)
    plans = Counter(layer.plan for layer in preview.layers if not layer.failure)
    words = ((Plan.CREATE, "to create"), (Plan.UPDATE, "to update"), (Plan.RECOVER, "to recover"))
    parts = [f"{plans[plan]} {word}" for plan, word in words if plans[plan]]
    parts += [f"{plans[Plan.NOTHING]} unchanged"] if plans[Plan.NOTHING] else []
    parts += [f"{failed} cannot be deployed like this"] if failed else []
    return f"{several(len(preview.layers), 'layer')}: {', '.join(parts)}"


# --- Markdown. ---


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that belong together; rows may be cut, and what closes them is written all the same."""

    opening: str
    rows: tuple[str, ...] = ()
    closing: str = ""

    def within(self, room: int) -> tuple[str, int]:
        """Return as much as there is room for, and how many rows were left out; nothing where no row fits."""
        room -= len(self.opening) + len(self.closing)
        fitting = 0
        for row in self.rows:
            room -= len(row)
            if room < 0:
                break
            fitting += 1
        if room < 0 and not fitting:
            return "", len(self.rows) or 1
        return self.opening + "".join(self.rows[:fitting]) + self.closing, len(self.rows) - fitting


def markdown(preview: Preview, limit: int = COMMENT_LIMIT) -> str:
    """Return the preview as a comment of a pull request: a table first, details folded.

    Parameters:
        preview: what will happen.
        limit: how many characters it may have; what does not fit is cut, and a note says so.
    """
    written: list[str] = []
    left_out = 0
    for block in _blocks(preview):
        room = limit - _NOTE_ROOM - sum(map(len, written))
        told, missing = block.within(room)
        written.append(told)
        left_out += missing
    if left_out:
        command = f"stackproof preview {preview.system} {preview.environment.name}"
        written.append(f"\n**Cut here:** a comment holds no more; {several(left_out, 'line')} left out. ")
        written.append(f"All of it: `{command}`\n")
    return "".join(written)


def _blocks(preview: Preview) -> Iterator[_Block]:
    name = f"{preview.system} {preview.environment.name}"
    yield _Block(
        f"{marker(preview.system, preview.environment.name)}\n## Preview of {_escaped(name)}\n\n"
        f"{_escaped(_total(preview))}.<br><sub>{_escaped(_place(preview))}</sub>\n\n"
    )
    yield _summary_table(preview)
    dangers = tuple(f"> - {_danger_item(risk)}\n" for risk in _risks(preview))
    if dangers:
        yield _Block("\n> [!CAUTION]\n", dangers)
    if preview.accept:
        yield _Block(f"\nTo deploy it: `{_accept(preview)}`\n")
    failures = tuple(
        f"> - **{_escaped(layer.layer)}**: {_escaped(layer.failure)}\n" for layer in preview.layers if layer.failure
    )
    if failures:
        yield _Block("\n> [!WARNING]\n> Cannot be deployed like this:\n", failures)
    for layer in preview.layers:
        if layer.changes:
            yield _details(layer)


def _summary_table(preview: Preview) -> _Block:
    head = ("layer", "what happens", "added", "modified", "replaced", "removed", "interrupted", "destructive")
    rule = ("---", "---", "--:", "--:", "--:", "--:", "---", "---")
    return _Block(_row(head) + _row(rule), tuple(_summary_row(layer) for layer in preview.layers))


def _summary_row(layer: LayerPreview) -> str:
    counts = (
        layer.count(Kind.ADDED, Kind.IMPORTED),
        layer.count(Kind.MODIFIED),
        layer.count(Kind.REPLACED, Kind.PERHAPS_REPLACED),
        layer.count(Kind.REMOVED),
    )
    shown = (str(count) if count else "" for count in counts)
    interrupted = [risk for risk in layer.risks if risk.danger is Danger.INTERRUPTS]
    destructive = [risk for risk in layer.risks if risk.danger is not Danger.INTERRUPTS]
    marked = (
        ", ".join(f"**{_code(risk.change.logical_id)}**" for risk in found) for found in (interrupted, destructive)
    )
    return _row((_escaped(layer.layer), _escaped(_deed(layer)), *shown, *marked))


def _deed(layer: LayerPreview) -> str:
    """Return what happens to a layer, in the words of a table's cell."""
    if layer.failure:
        return "cannot be deployed like this"
    if layer.plan is Plan.NOTHING:
        return "nothing to change"
    told = layer.first or (str(layer.plan) if layer.known else f"perhaps {layer.plan}")
    return f"{told} after {', '.join(layer.after)}" if layer.after else told


def _details(layer: LayerPreview) -> _Block:
    opening = (
        f"\n<details>\n<summary>{_escaped(layer.layer)}: {_escaped(_headline(layer))}</summary>\n\n"
        + _row(("", "resource", "type", "what happens"))
        + _row(("---",) * 4)
    )
    rows = tuple(
        _row(
            (
                _code(_SIGNS[kind_of(change)][0]),
                _code(change.logical_id),
                _code(change.type),
                _escaped("; ".join(_asides(layer, change)))
                .replace("DESTRUCTIVE", "**DESTRUCTIVE**")
                .replace("INTERRUPTS", "**INTERRUPTS**"),
            )
        )
        for change in _by_kind(layer)
    )
    return _Block(opening, rows, "\n</details>\n")


def _danger_item(risk: Risk) -> str:
    because = f", because of {', '.join(map(_code, risk.why))}" if risk.why else ""
    place = _code(f"{risk.layer}/{risk.change.logical_id}")
    return f"{place} ({_code(risk.change.type)}): {_danger(risk)}{because}"


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |\n"


_SPECIAL = str.maketrans(
    {
        **{character: f"\\{character}" for character in "\\`*_[]|#~"},
        **{"<": "&lt;", ">": "&gt;", "&": "&amp;", "@": "&#64;"},
    }
)


def _escaped(told: str) -> str:
    """Return a text that GitHub shows as it is: it forms no link, no mention, no element, no table."""
    return visible(told).translate(_SPECIAL)


def _code(name: str) -> str:
    """Return a name as code; what would end the code, or the table's cell, is left out."""
    return f"`{visible(name).replace('`', '').replace('|', '')}`"


# --- JSON. ---


def as_json(preview: Preview) -> str:
    """Return the preview as JSON; see the help of `stackproof preview` for its keys."""
    document = {
        "version": 1,
        "system": preview.system,
        "environment": preview.environment.name,
        "protected": preview.environment.protected,
        "account": preview.account,
        "region": preview.environment.region,
        "commit": preview.commit,
        "failed": preview.failed,
        "accept": list(dict.fromkeys(preview.accept)),
        "layers": [_layer_json(layer) for layer in preview.layers],
    }
    return json.dumps(document, indent=2) + "\n"


def _layer_json(layer: LayerPreview) -> dict[str, Any]:
    return {
        "layer": layer.layer,
        "stack": layer.stack,
        "region": layer.region,
        "status": layer.status,
        "action": str(layer.plan),
        "first": layer.first,
        "after": list(layer.after),
        "known": layer.known,
        "change_set": layer.change_set,
        "failure": layer.failure,
        "changes": [_change_json(layer, change) for change in _by_kind(layer)],
    }


def _change_json(layer: LayerPreview, change: Change) -> dict[str, Any]:
    return {
        "logical_id": change.logical_id,
        "type": change.type,
        "physical_id": change.physical_id,
        "change": str(kind_of(change)),
        "properties": list(change.properties),
        "replacing": list(change.replacing),
        "fate": change.fate,
        "risks": [
            {"danger": str(risk.danger), "certain": risk.certain} for risk in layer.risks if risk.change == change
        ],
    }
