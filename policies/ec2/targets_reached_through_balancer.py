"""Targets of a load balancer are reached through it only."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, each, problem
from stackproof.policy.balancing import groups_of_balancers
from stackproof.policy.containers import SERVICE, groups_of_service, groups_of_services, web_services
from stackproof.policy.instances import STARTED_FROM, groups_of_instances, security_groups, web_targets
from stackproof.policy.network import beyond_web, ingress_rules

POLICY = Policy(
    id="SP119",
    severity=Severity.HIGH,
    types=("AWS::EC2::SecurityGroup", "AWS::EC2::SecurityGroupIngress", *STARTED_FROM, SERVICE),
    rationale="Who reaches an instance or a task past its load balancer is past its encryption, filters and logs too.",
    remediation="Give instances and tasks a security group that admits the load balancer's group only.",
    controls=("NIST AC-4", "NIST SC-7"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """More than the web's ports open to the world is for SP101 to SP103 to name."""
    targets, services = web_targets(deployment), web_services(deployment)
    balancers = groups_of_balancers(deployment)
    if resource.type in STARTED_FROM:
        for path, group in each(security_groups(resource, deployment) if resource in targets else ()):
            if group in balancers:
                yield problem(resource, path, f"it puts instances into {group.logical_id}, the load balancer's group")
        return
    if resource.type == SERVICE:
        for path, group in each(groups_of_service(resource, deployment) if resource in services else ()):
            if group in balancers:
                yield problem(resource, path, f"it puts tasks into {group.logical_id}, the load balancer's group")
        return
    owner = deployment.follow(resource.get("GroupId")) if resource.type.endswith("Ingress") else resource
    groups = groups_of_instances(targets, deployment) | groups_of_services(services, deployment)
    if owner not in groups - balancers:
        return
    for rule in each(ingress_rules(resource)):
        if rule.ports and not beyond_web(rule):
            key = rule.world(deployment)
            if key:
                path = rule.block.path_of(key)
                yield problem(resource, path, f"it opens {rule.described} of a load balancer's targets to the world")
