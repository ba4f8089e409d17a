"""Network ACLs filter the traffic of a subnet."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.reading import handed_on

POLICY = Policy(
    id="SP122",
    severity=Severity.LOW,
    types=("AWS::EC2::NetworkAcl",),
    rationale="A network ACL without a subnet filters nothing, while whoever reads its entries believes that it does.",
    remediation="Add an AWS::EC2::SubnetNetworkAclAssociation, or remove the network ACL.",
    controls=("FSBP EC2.16", "NIST CM-7"),
)


def check(acl: Resource, deployment: Deployment) -> Iterator[Problem]:
    """A subnet may also be joined by whoever is given the id."""
    users = deployment.users_of(acl)
    if all(user.type == "AWS::EC2::NetworkAclEntry" for user in users) and not handed_on(acl, deployment):
        yield problem(acl, "", "no subnet is associated with it")
