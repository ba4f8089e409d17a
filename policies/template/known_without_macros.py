"""What a template holds is known without running a macro or a module."""

from collections.abc import Iterator

from stackproof.policy import TEMPLATE, Deployment, Policy, Problem, Severity, Stack, problem

POLICY = Policy(
    id="SP910",
    severity=Severity.MEDIUM,
    types=TEMPLATE,
    rationale="A macro may change any resource when it is deployed: what is made is not what was judged.",
    remediation="Use the expanded template, as sam build or the change set's processed template give it.",
)


def check(stack: Stack, deployment: Deployment) -> Iterator[Problem]:
    """``AWS::LanguageExtensions`` is expanded here as it is there."""
    if stack.template.macros:
        names = ", ".join(stack.template.macros)
        yield problem(stack, "Transform", f"{names} decides only in the account what this template holds")
