"""Web ACLs have rules."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

POLICY = Policy(
    id="SP731",
    severity=Severity.MEDIUM,
    types=("AWS::WAFv2::WebACL",),
    rationale="A web ACL without rules looks like a firewall and lets everything through.",
    remediation="Add rules, such as the managed groups AWSManagedRulesCommonRuleSet and KnownBadInputsRuleSet.",
    controls=("FSBP WAF.10", "NIST CM-2"),
)


def check(acl: Resource, deployment: Deployment) -> Iterator[Problem]:
    """One that blocks everything by default lets nothing through."""
    if "Block" not in acl.block("DefaultAction") and not stated(acl, "Rules"):
        yield problem(acl, "Rules", "it lets everything through")
