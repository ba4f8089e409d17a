"""Resources that may have to be replaced have no name of their own."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated

_NAMES = {
    "AWS::EC2::SecurityGroup": "GroupName",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "Name",
    "AWS::ElasticLoadBalancing::LoadBalancer": "LoadBalancerName",
    "AWS::AutoScaling::LaunchConfiguration": "LaunchConfigurationName",
    "AWS::ElastiCache::CacheCluster": "ClusterName",
    "AWS::ElastiCache::ReplicationGroup": "ReplicationGroupId",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::RDS::DBCluster": "DBClusterIdentifier",
    "AWS::RDS::DBInstance": "DBInstanceIdentifier",
}


POLICY = Policy(
    id="SP911",
    severity=Severity.LOW,
    types=tuple(_NAMES),
    rationale="A resource with a name of its own cannot be replaced, because the name is taken; nor can the template "
    "be deployed twice.",
    remediation="Remove the name and let CloudFormation choose one; others refer to the resource.",
    controls=("NIST CM-2",),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Names that stay whatever is replaced, such as those of secrets and log groups, are left alone."""
    key = _NAMES[resource.type]
    if stated(resource, key):
        yield problem(resource, key, "it has a name of its own, and so cannot be replaced")
