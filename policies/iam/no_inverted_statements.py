"""No statement allows everything but what it names."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.documents import any_of, is_whole_service, permissions, trust
from stackproof.policy.roles import GRANTING, is_only_boundary

POLICY = Policy(
    id="SP403",
    severity=Severity.HIGH,
    types=GRANTING,
    rationale="Allow with NotAction, NotResource or NotPrincipal allows what nobody thought of, and all that AWS adds.",
    remediation="List with Action, Resource and Principal what is allowed, and use the inverted forms with Deny only.",
    controls=("NIST AC-6",),
)


def check(identity: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A permissions boundary is the place for all but some; NotAction on one resource is limited by that."""
    if is_only_boundary(identity, deployment):
        return
    for statement in permissions(identity):
        if statement.allows and "NotResource" in statement:
            yield problem(identity, statement.path_of("NotResource"), "it allows all resources but those it names")
        elif statement.allows and "NotAction" in statement:
            wide = any_of(statement.values("Resource"), is_whole_service)
            if wide is None:
                raise statement.undecidable("Resource")
            if wide:
                yield problem(identity, statement.path_of("NotAction"), "it allows all actions but those it names")
    if identity.type == "AWS::IAM::Role":
        for statement in trust(identity):
            if statement.allows and "NotPrincipal" in statement:
                yield problem(identity, statement.path_of("NotPrincipal"), "everybody but those it names may take it")
