"""Instances are of a type that is not given up."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.instances import settings

POLICY = Policy(
    id="SP128",
    severity=Severity.LOW,
    types=("AWS::EC2::Instance", "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"),
    rationale="Types of the first generations run paravirtual images without the isolation of Nitro, are short in "
    "supply, and cost more than their successors.",
    remediation="Choose a type of the current generation, such as t3 or m7g.",
    controls=("FSBP EC2.24", "NIST SI-2", "NIST SA-22"),
)

# The families of the EC2 user guide's previous generations that run without Nitro and came before 2014.
_GIVEN_UP = frozenset(["c1", "c3", "cc1", "cc2", "cg1", "cr1", "g2", "hi1", "hs1", "i2", "m1", "m2", "m3", "r3", "t1"])


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A list of types that a template offers is judged by each."""
    block = settings(resource)
    family = block.text("InstanceType").lower().partition(".")[0]
    if family in _GIVEN_UP:
        yield problem(resource, block.path_of("InstanceType"), f"instances of the family {family} are given up")
