"""The page about the simulation: which types it makes, by which calls, what replaces them, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from stackproof.document.survey import Survey, passed_over
from stackproof.document.tables import table
from stackproof.simulate.cloudformation.nested import CONDITION, HANDLE
from stackproof.simulate.cloudformation.record import STACK
from stackproof.simulate.cloudformation.schemas import Schema, schema, types
from stackproof.simulate.moto_internals import moto_handler, moto_reader
from stackproof.simulate.not_simulated import NOT_SIMULATED, UNDESCRIBED
from stackproof.simulate.recipe import Recipe
from stackproof.simulate.resources import recipes

MADE = "<!-- made by `stackproof docs`; change the recipes, or simulate/not_simulated.py, instead -->"
"""The first line of the page."""

PAGE = "simulation.md"
"""The page's file."""

_ACCOUNT, _REGION = "123456789012", "us-east-1"
_NONE = "none"

_INTRODUCTION = """A simulated deployment makes each resource through the API of its service, in moto, so that plain \
boto3 can ask for it afterwards. A type that stands in no table here fails its stack, unless \
`--allow-unsimulated TYPE` lets it pass. What a resource declares and the simulation does not make, or makes and does \
not show, is a note of every run; the notes have their reasons from here."""

_OWN = """Made by calls of the service's API. "Changed by" lists the calls that change one in place; where there are \
none, an update that does not replace the resource fails. "Replaced by" lists the properties whose change replaces \
it, by AWS's resource schemas and its documentation, whichever is graver; a change of what is "refused" fails \
the update."""

_MOTO = """These have no recipe: moto's own handlers make them. They cannot be changed in place. What a handler does \
not read is not made; what it reads is not compared with what the service shows."""

_MISSING = """Each of these is a note of the runs in which it is declared. All other properties of the types that are \
made through their services are taken by a call."""

_HIDDEN = """These are taken, and AWS's own API does not show them either. What the schemas call write-only, such as a \
password, is not listed."""


def simulation_page() -> str:
    """Return the page in Markdown."""
    made = recipes()
    theirs = [kind for kind in types() if kind not in made and moto_handler(kind, _ACCOUNT, _REGION) is not None]
    head = ("type", "made by", "changed by", "replaced by")
    parts = [
        MADE,
        "# What is simulated",
        _INTRODUCTION,
        f"## {len(made)} types through their services",
        _OWN,
        table(head, (_row(recipe, schema(kind)) for kind, recipe in sorted(made.items()))),
        "## Types of CloudFormation itself",
        "Nested stacks, wait conditions and their handles are made by the simulated CloudFormation: "
        f"{_listed(sorted((CONDITION, HANDLE, STACK)))}.",
        f"## {len(theirs)} types by moto's own handlers",
        _MOTO,
        table(("type", "not read"), map(_passed_over, theirs)),
        "## Not simulated",
        _MISSING,
        table(("type", "property", "reason"), _reasons(NOT_SIMULATED)),
        "## Shown by nobody",
        _HIDDEN,
        table(("type", "property", "reason"), _reasons(UNDESCRIBED)),
    ]
    return "\n\n".join(parts) + "\n"


def _row(recipe: Recipe, found: Schema | None) -> tuple[str, str, str, str]:
    if found is None:
        raise LookupError(f"there is no schema of {recipe.type}")
    survey = Survey(recipe, found)
    return (
        f"`{recipe.type}`",
        f"{recipe.service}: {_listed(survey.makes)}" if survey.makes else "no call",
        _listed(survey.changes),
        _replaced_by(found),
    )


def _passed_over(kind: str) -> tuple[str, str]:
    reader, found = moto_reader(kind), schema(kind)
    if reader is None or found is None:
        raise LookupError(f"moto has no handler of {kind}")
    return f"`{kind}`", _listed(passed_over(*reader, found))


def _replaced_by(found: Schema) -> str:
    if not found.updatable:
        return "any property"
    parts = (
        ("", found.replaced_by),
        ("perhaps ", found.perhaps_replaced_by),
        ("refused: ", found.unchangeable),
    )
    return "; ".join(f"{before}{_listed(names)}" for before, names in parts if names) or _NONE


def _reasons(reasons: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    for kind, paths in sorted(reasons.items()):
        for path, why in sorted(paths.items()):
            yield f"`{kind}`", f"`{path}`", why


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or _NONE
