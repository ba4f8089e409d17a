"""What the CDK writes into each of its templates: a note of the constructs that it used, which nothing is made of."""

from __future__ import annotations

import uuid

from stackproof.simulate.recipe import Job, Recipe


def _note(job: Job) -> None:
    job.physical_id = str(uuid.uuid4())
    job.left = {}


RECIPES = (
    Recipe(
        "AWS::CDK::Metadata",
        "sts",
        make=_note,
        describe=lambda job, name: {"Id": job.physical_id}[name],
        ignored=("Analytics", "Modules"),
    ),
)
