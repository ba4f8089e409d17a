"""Clusters have Container Insights on."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import elements, unknown
from stackproof.policy.containers import CLUSTER

POLICY = Policy(
    id="SP640",
    severity=Severity.LOW,
    types=(CLUSTER,),
    rationale="Without it nobody sees which task restarts, or what memory and disks it had when it did.",
    remediation="Set containerInsights in ClusterSettings to enabled or enhanced.",
    controls=("FSBP ECS.12", "NIST AU-6", "NIST SI-4"),
)


def check(cluster: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A default of the account is no part of a template, and holds until somebody changes it."""
    for setting in elements(cluster, "ClusterSettings"):
        if not isinstance(setting, Block):
            raise unknown(cluster, "ClusterSettings", setting)
        if setting.text("Name", "containerInsights") != "containerInsights":
            continue
        if setting.text("Value").lower() not in ("enabled", "enhanced"):
            yield problem(cluster, setting.path_of("Value"), "its Container Insights are off")
        return
    yield problem(cluster, "ClusterSettings", "nothing turns its Container Insights on")
