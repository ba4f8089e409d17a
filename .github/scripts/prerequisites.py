"""Puts into a simulated account what an environment must find there, in any of some checkouts.

prerequisites.py SYSTEM ENVIRONMENT CHECKOUT...
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import boto3

from stackproof import load_system
from stackproof.simulate.prerequisites import prerequisites, provide

if __name__ == "__main__":
    name, environment, *checkouts = sys.argv[1:]
    provided = set()
    for checkout in checkouts:
        manifest = Path(checkout, "cloudformation", "systems", f"{name}.yaml")
        system = load_system(manifest) if manifest.is_file() else None
        if system is None or environment not in system.environments:
            continue
        for needed in prerequisites(system.deployment(environment)):
            key = (needed.service, needed.region, needed.name)
            if key not in provided:
                provided.add(key)
                provide(needed, partial(boto3.client, region_name=needed.region))
