"""Instances of protected environments refuse to be terminated."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.instances import launch_template_of, settings

POLICY = Policy(
    id="SP134",
    severity=Severity.LOW,
    types=("AWS::EC2::Instance",),
    rationale="What stands alone and is terminated by mistake is gone with everything on it; no group replaces it.",
    remediation="Set DisableApiTermination to true.",
    controls=("NIST CM-3", "NIST CP-10"),
    protected_only=True,
)


def check(instance: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A launch template may say it for the instance."""
    if "DisableApiTermination" not in instance and "LaunchTemplate" in instance:
        template = launch_template_of(instance.properties, "LaunchTemplate", deployment)
        if template is not None and settings(template).boolean("DisableApiTermination"):
            return
    if not instance.boolean("DisableApiTermination"):
        yield problem(instance, "DisableApiTermination", "everybody who may terminate instances can by one mistake")
