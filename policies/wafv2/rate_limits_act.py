"""Limits on the rate of requests act in protected environments, instead of counting."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.reading import each_block

POLICY = Policy(
    id="SP737",
    severity=Severity.MEDIUM,
    types=("AWS::WAFv2::WebACL",),
    rationale="Counting is for finding the right limit: until the rule acts, one address may send as much as it likes.",
    remediation="Set Action of the rule to Block, Challenge or Captcha.",
    controls=("NIST SC-5", "NIST SC-7"),
    protected_only=True,
)


def check(acl: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A rule that labels what it counts leaves it to another one to act."""
    for rule in each_block(acl.properties, "Rules"):
        limits = "RateBasedStatement" in rule.block("Statement")
        if limits and "Count" in rule.block("Action") and "RuleLabels" not in rule:
            yield problem(acl, rule.path_of("Action"), "this limit only counts")
