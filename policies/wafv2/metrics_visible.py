"""Web ACLs and their rules are counted in CloudWatch."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.reading import each_block

POLICY = Policy(
    id="SP734",
    severity=Severity.LOW,
    types=("AWS::WAFv2::WebACL", "AWS::WAFv2::RuleGroup"),
    rationale="Without metrics nobody sees an attack that a rule stops, nor an alarm that a rule stops too much.",
    remediation="Set CloudWatchMetricsEnabled of VisibilityConfig to true.",
    controls=("FSBP WAF.12", "NIST AU-12", "NIST CA-7"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The whole and each rule have a setting of their own."""
    for part in each(("whole", "rules")):
        blocks = iter((resource.properties,)) if part == "whole" else each_block(resource.properties, "Rules")
        for block in blocks:
            yield from _problems(resource, block)


def _problems(resource: Resource, block: Block) -> Iterator[Problem]:
    config = block.block("VisibilityConfig")
    if not config.boolean("CloudWatchMetricsEnabled"):
        path = config.path_of("CloudWatchMetricsEnabled")
        yield problem(
            resource, path, "it has no metrics" if block is resource.properties else "this rule has no metrics"
        )
