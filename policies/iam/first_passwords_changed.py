"""Users change the password that a template gave them."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP429",
    severity=Severity.MEDIUM,
    types=("AWS::IAM::User",),
    rationale="Whoever deployed the template knows the first password, and everybody who sees its parameters.",
    remediation="Set LoginProfile.PasswordResetRequired to true.",
    controls=("NIST IA-5",),
)


def check(user: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A user without a login profile has no password."""
    if "LoginProfile" in user and not user.block("LoginProfile").boolean("PasswordResetRequired"):
        yield problem(user, "LoginProfile.PasswordResetRequired", "its first password may stay for ever")
