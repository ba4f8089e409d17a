"""Subscriptions to events of databases tell what matters."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.reading import members, undecidable

POLICY = Policy(
    id="SP324",
    severity=Severity.LOW,
    types=("AWS::RDS::EventSubscription",),
    rationale="A subscription that leaves out failures looks like silence exactly when somebody should be told.",
    remediation="Remove EventCategories, or list maintenance, failure and configuration change as far as the source "
    "has them.",
    controls=("FSBP RDS.19", "FSBP RDS.20", "FSBP RDS.21", "FSBP RDS.22", "NIST SI-4"),
)

_NEEDED = {
    "db-cluster": frozenset({"maintenance", "failure"}),
    "db-instance": frozenset({"maintenance", "configuration change", "failure"}),
    "db-parameter-group": frozenset({"configuration change"}),
    "db-security-group": frozenset({"configuration change", "failure"}),
}


def check(subscription: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Without categories it tells everything; without a type of source it tells of all."""
    if not subscription.boolean("Enabled", default=True):
        yield problem(subscription, "Enabled", "it is switched off")

    needed = _NEEDED.get(subscription.text("SourceType"), frozenset())
    if not needed or not stated(subscription, "EventCategories"):
        return
    listed = members(subscription.properties, "EventCategories")
    missing = needed - {name.lower() for name in listed if isinstance(name, str)}
    asked = next((name for name in listed if isinstance(name, Symbol)), None)
    if missing and asked is not None:
        raise undecidable(subscription.properties, "EventCategories", f"holds {asked}, which may be any")
    if missing:
        yield problem(subscription, "EventCategories", f"it leaves out {' and '.join(sorted(missing))}")
