"""Tasks have no public address."""

from collections.abc import Iterator

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.containers import SERVICE, TASK_SET, network_of
from stackproof.policy.reading import each_block

POLICY = Policy(
    id="SP637",
    severity=Severity.HIGH,
    types=(SERVICE, TASK_SET, "AWS::Events::Rule", "AWS::Scheduler::Schedule"),
    rationale="A task with a public address is one security group rule away from the whole internet.",
    remediation="Set AssignPublicIp to DISABLED, and give its subnets a NAT gateway or VPC endpoints.",
    controls=("FSBP ECS.2", "FSBP ECS.16", "NIST AC-4", "NIST SC-7"),
)


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Services, sets of tasks, and tasks that a rule or a schedule starts; it is off where nothing is said."""
    for block in _runs(resource):
        network = network_of(block)
        if network.text("AssignPublicIp").upper() == "ENABLED":
            yield problem(resource, network.path_of("AssignPublicIp"), "its tasks have a public address")


def _runs(resource: Resource) -> Iterator[Block]:
    if resource.type == "AWS::Events::Rule":
        for target in each_block(resource.properties, "Targets"):
            yield target.block("EcsParameters")
    elif resource.type == "AWS::Scheduler::Schedule":
        yield resource.block("Target").block("EcsParameters")
    else:
        yield resource.properties
