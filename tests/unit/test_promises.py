"""Every promise of the systems is proven in every environment, or says why it is not."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from stackproof import System, load_system
from stackproof.compose.system import system_paths
from stackproof.judge.discover import LoadedPolicy, discover
from stackproof.paths import own_policies
from stackproof.policy.form import TEMPLATE
from stackproof.promises import PROMISES, Promise, Proof, load_promises, proofs

ROOT = Path(__file__).parents[2]
PROMISED = load_promises(ROOT / PROMISES)
PREFIXES = {"MT": "maticko", "CJ": "caja", "MJ": "muejam", "MD": "mattilda"}


@cache
def carried() -> dict[str, tuple[Proof, ...]]:
    return proofs(ROOT / "tests")


@cache
def system_of(promise: Promise) -> System:
    (path,) = (path for path in system_paths(ROOT) if path.stem == PREFIXES[promise.id[:2]])
    return load_system(path)


@cache
def policies() -> dict[str, LoadedPolicy]:
    return {found.policy.id: found for found in discover([own_policies()])}


@pytest.mark.parametrize("promise", PROMISED, ids=lambda promise: promise.id)
def test_promise_is_proven_in_every_environment_or_says_why_not(promise: Promise) -> None:
    tests = carried().get(promise.id, ())
    restricted = {environment for proof in tests for environment in proof.environments}
    everywhere = bool(promise.policies) or any(not proof.environments for proof in tests)
    assert promise.reason or everywhere or restricted >= set(system_of(promise).environments)


@pytest.mark.parametrize("promise", [found for found in PROMISED if found.policies], ids=lambda promise: promise.id)
def test_policy_that_holds_a_promise_has_something_to_judge(promise: Promise) -> None:
    """A policy without a resource to look at passes, and proves nothing."""
    system = system_of(promise)
    idle = [
        (name, environment)
        for name in promise.policies
        for environment in system.environments
        if not _judges(policies()[name], system, environment)
    ]
    assert idle == []


def _judges(policy: LoadedPolicy, system: System, environment: str) -> bool:
    deployment = system.deployment(environment)
    if policy.policy.protected_only and not deployment.environment.protected:
        return True
    return policy.policy.types == TEMPLATE or bool(deployment.of_type(*policy.policy.types))


def test_no_test_carries_a_promise_that_nobody_made() -> None:
    assert carried().keys() - {promise.id for promise in PROMISED} == set()
