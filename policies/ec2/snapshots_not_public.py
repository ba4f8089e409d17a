"""Accounts share no snapshot with everybody."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem

POLICY = Policy(
    id="SP130",
    severity=Severity.HIGH,
    types=("AWS::EC2::SnapshotBlockPublicAccess",),
    rationale="A snapshot that is shared with everybody gives away the whole disk, and old ones stay shared where only "
    "new ones are blocked.",
    remediation="Set State to block-all-sharing.",
    controls=("FSBP EC2.1", "FSBP EC2.182", "NIST AC-3"),
)


def check(setting: Resource, deployment: Deployment) -> Iterator[Problem]:
    """It holds for the region of the stack."""
    if setting.text("State") != "block-all-sharing":
        yield problem(setting, "State", "snapshots that are public stay so")
