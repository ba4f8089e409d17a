"""CloudFormation's own macros: a name for a function that transforms templates."""

from __future__ import annotations

from stackproof.simulate.recipe import Job, Recipe

_OF_MACRO = ("Description", "FunctionName", "LogGroupName", "LogRoleARN")


def _macro(job: Job) -> None:
    """Register a macro under its name; that its function exists, CloudFormation sees when it is used."""
    job.physical_id = str(job.take("Name"))
    job.left = {}


RECIPES = (
    Recipe(
        "AWS::CloudFormation::Macro",
        "lambda",
        make=_macro,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        ignored=_OF_MACRO,
    ),
)
