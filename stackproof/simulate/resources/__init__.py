"""The types that are made through their service's own API, one module per service; moto's own serve the others."""

from __future__ import annotations

from functools import cache

from stackproof.simulate.handlers import Handler
from stackproof.simulate.recipe import Client, Recipe


@cache
def recipes() -> dict[str, Recipe]:
    """Return every recipe by its type."""
    from stackproof.simulate.resources import (
        autoscaling,
        cloudwatch,
        ec2,
        elbv2,
        iam,
        kms,
        logs,
        network_acl,
        rds,
        s3,
        secretsmanager,
        security_group,
    )

    modules = (
        autoscaling,
        cloudwatch,
        ec2,
        elbv2,
        iam,
        kms,
        logs,
        network_acl,
        rds,
        s3,
        secretsmanager,
        security_group,
    )
    return {recipe.type: recipe for module in modules for recipe in module.RECIPES}


def find(kind: str, client: Client) -> Handler | None:
    """Return what makes a type through its service's API, or None."""
    recipe = recipes().get(kind)
    return recipe.handler(client) if recipe else None
