"""Conditions on a second factor hold for everybody."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, as_text, problem
from stackproof.policy.documents import Statement, documents, statements

POLICY = Policy(
    id="SP428",
    severity=Severity.MEDIUM,
    types=(
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::IAM::Group",
        "AWS::IAM::Policy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::GroupPolicy",
        "AWS::KMS::Key",
        "AWS::S3::BucketPolicy",
    ),
    rationale="Calls with a permanent access key carry no word about a second factor, so that a condition which holds "
    "where the key is absent lets them through.",
    remediation="Allow with Bool aws:MultiFactorAuthPresent true, and deny with BoolIfExists "
    "aws:MultiFactorAuthPresent false.",
    controls=("NIST IA-2(1)", "NIST IA-2(2)"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Allow must ask for the key itself; Deny must also meet those who have none."""
    for block, key in documents(resource):
        for statement in statements(block, key):
            found = _weakness(statement)
            if found:
                yield problem(resource, statement.path_of("Condition"), found)


def _weakness(statement: Statement) -> str:
    for operator, key, values in statement.conditions():
        if key != "aws:multifactorauthpresent" or operator not in ("bool", "boolifexists"):
            continue
        if any(isinstance(value, Symbol) for value in values):
            raise statement.undecidable("Condition")
        asked = {as_text(value).lower() for value in values}
        if statement.denies:
            if operator == "bool" and asked == {"false"}:
                return "it does not refuse who calls with a permanent key"
        elif operator == "boolifexists" and asked == {"true"}:
            return "it lets in who calls with a permanent key, without a second factor"
        elif asked == {"false"} and any(
            as_text(value).lower() == "sts:assumerole" for value in statement.values("Action")
        ):
            return "it lets in those only who have no second factor"
    return ""
