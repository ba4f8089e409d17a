"""The metadata of a policy, and what its check yields."""

from __future__ import annotations

from dataclasses import dataclass

from stackproof.findings import Severity
from stackproof.marks import Mark
from stackproof.resolve.stack import Resource, Stack

TEMPLATE = ("Template",)
"""The ``types`` of a policy about a whole template: its check is given the `Stack`."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything about a policy but its check and its title.

    Attributes:
        id: permanent and never reused: ``SP`` and three digits.
        severity: how bad a failure is.
        types: resource types that are judged, or `TEMPLATE`.
        rationale: why the state is demanded, in one or two sentences.
        remediation: how to reach it, in one sentence that starts with a verb.
        controls: published controls that it answers to, such as ``FSBP RDS.3`` or ``NIST SC-28``.
        protected_only: True where only protected environments must hold it.
    """

    id: str
    severity: Severity
    types: tuple[str, ...]
    rationale: str
    remediation: str
    controls: tuple[str, ...] = ()
    protected_only: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a policy found.

    Attributes:
        message: what is wrong, in one sentence without the resource's name.
        path: dotted path inside the subject.
        mark: the line to look at.
        fix: how to mend it, where the policy's remediation is not precise enough.
    """

    message: str
    path: str
    mark: Mark
    fix: str = ""


def problem(subject: Resource | Stack, path: str, message: str, fix: str = "") -> Problem:
    """Return a problem of a resource or a template.

    Parameters:
        subject: what was judged.
        path: dotted property path, ``SecurityGroupIngress.0.CidrIp`` (see `Block.path_of`), or a path below the root of
            a template, ``Parameters.Password``; it need not exist: the nearest part of it that does is shown.
        message: what is wrong, in one sentence without the resource's name.
        fix: how to mend it, where the policy's remediation is not precise enough.
    """
    mark = subject.mark_of(path) if isinstance(subject, Resource) else subject.template.mark_of(path)
    return Problem(message, path, mark, fix)
