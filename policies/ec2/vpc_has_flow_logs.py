"""VPCs keep flow logs."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, Symbol, problem
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP113",
    severity=Severity.MEDIUM,
    types=("AWS::EC2::VPC",),
    rationale="After an intrusion the flow logs are what tells who spoke to whom.",
    remediation="Add an AWS::EC2::FlowLog of the VPC whose TrafficType is ALL.",
    controls=("FSBP EC2.6", "CIS 3.7", "NIST AU-12", "NIST SI-4"),
)


def check(vpc: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Rejected traffic at least, as the controls demand."""
    logs = [log for log in deployment.of_type("AWS::EC2::FlowLog") if log.get("ResourceType") == "VPC"]
    own = [log for log in logs if deployment.follow(log.get("ResourceId")) is vpc]
    for log in logs:
        if not own and isinstance(log.get("ResourceId"), Symbol) and deployment.follow(log["ResourceId"]) is None:
            raise undecidable(log.properties, "ResourceId", "is not known, so it may or may not be this VPC")
    if not any(log.text("TrafficType", "ALL").upper() in ("ALL", "REJECT") for log in own):
        yield problem(vpc, "", "it keeps no flow logs" if not own else "its flow logs leave out rejected traffic")
