"""Find policies: files of a folder, loaded by path, so that a user's folder is as good as ours."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.errors import InputError
from stackproof.findings import Rule
from stackproof.marks import Mark
from stackproof.policy.form import Policy, Problem

_ID = re.compile(r"[A-Z]{2,8}[0-9]{3,5}\Z")
_NOT_POLICIES = ("adapters",)


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """A policy with its check.

    Attributes:
        policy: its metadata.
        title: the state that it demands.
        check: yields the problems of one subject.
        path: the file.
        name: ``service/file``, such as ``rds/storage_encrypted``.
    """

    policy: Policy
    title: str
    check: Callable[[Any, Deployment], Iterable[Problem]]
    path: Path
    name: str

    @property
    def rule(self) -> Rule:
        """What reports say about the policy."""
        policy = self.policy
        return Rule(policy.id, self.title, policy.severity, policy.rationale, policy.remediation, policy.controls)


def policy_files(folder: Path) -> list[Path]:
    """Return the files of a folder that hold policies: ``service/desired_state.py``.

    Raises:
        InputError: there is no such folder.
    """
    if not folder.is_dir():
        raise InputError(f"no folder '{folder}' with policies")
    return sorted(
        path
        for path in folder.rglob("*.py")
        if not path.name.startswith("_") and not set(path.relative_to(folder).parts[:-1]) & set(_NOT_POLICIES)
    )


def discover(folders: Iterable[Path]) -> tuple[LoadedPolicy, ...]:
    """Load every policy of some folders, sorted by id.

    Raises:
        InputError: a file that cannot be imported or holds no policy, or two policies of one id.
    """
    found: dict[str, LoadedPolicy] = {}
    for loaded in _load_all(folders):
        first = found.setdefault(loaded.policy.id, loaded)
        if first is not loaded:
            raise InputError(f"policy id {loaded.policy.id} is taken by {first.path}", Mark(str(loaded.path)))
    return tuple(found[key] for key in sorted(found))


def _load_all(folders: Iterable[Path]) -> Iterator[LoadedPolicy]:
    for folder in folders:
        files = policy_files(folder)
        if not files:
            raise InputError(f"no policy in '{folder}'")
        for path in files:
            yield load_policy(path, path.relative_to(folder).with_suffix("").as_posix())


def load_policy(path: Path, name: str) -> LoadedPolicy:
    """Load one policy file.

    Raises:
        InputError: the file cannot be imported or is not a policy.
    """
    module = _import(path, name)
    policy, check = getattr(module, "POLICY", None), getattr(module, "check", None)
    mark = Mark(str(path))
    if not isinstance(policy, Policy) or not callable(check):
        raise InputError("a policy file holds a Policy named POLICY and a function check", mark)
    if not _ID.match(policy.id):
        raise InputError(f"policy id '{policy.id}' must be capital letters and a number, such as SP101", mark)
    title = (module.__doc__ or "").strip().partition("\n")[0].rstrip(".")
    if not title:
        raise InputError("a policy file begins with a docstring that says which state it demands", mark)
    return LoadedPolicy(policy, title, check, path, name)


def _import(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"stackproof_policies.{name.replace('/', '.')}", path)
    if spec is None or spec.loader is None:
        raise InputError("cannot load this policy", Mark(str(path)))
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        # Whatever a user's file raises must not look like "no findings".
        line = getattr(error, "lineno", None) or line_in(error, path)
        raise InputError(f"cannot load this policy: {type(error).__name__}: {error}", Mark(str(path), line)) from None
    return module


def line_in(error: BaseException, path: Path) -> int:
    """Return the line of a file at which an error was raised; 1 where it was raised elsewhere."""
    lines = [1]
    traceback = error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == str(path):
            lines.append(traceback.tb_lineno)
        traceback = traceback.tb_next
    return lines[-1]
