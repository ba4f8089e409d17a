"""Facts about ECS: the containers of a task, the network of a service, and what scales it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stackproof.compose.deployment import Deployment
from stackproof.policy.alternatives import elements, leaves, unknown
from stackproof.policy.balancing import is_web
from stackproof.policy.reading import each_block, members
from stackproof.resolve.stack import Resource
from stackproof.resolve.values import Block, Undecidable
from stackproof.symbols import Imported, SsmParameter, Symbol, Unbound, parts_of

TASK = "AWS::ECS::TaskDefinition"
SERVICE = "AWS::ECS::Service"
TASK_SET = "AWS::ECS::TaskSet"
CLUSTER = "AWS::ECS::Cluster"


def containers(task: Resource) -> Iterator[Block]:
    """Iterate over the containers of a task definition; one per run.

    Raises:
        Undecidable: a container is known only after deployment.
    """
    return each_block(task.properties, "ContainerDefinitions")


def volumes(task: Resource) -> Iterator[Block]:
    """Iterate over the volumes of a task definition; one per run.

    Raises:
        Undecidable: a volume is known only after deployment.
    """
    return each_block(task.properties, "Volumes")


def called(container: Block) -> str:
    """Return what to call a container in a message, without asking for what is not known."""
    name = container.get("Name")
    return f"the container {name}" if name is not None else "a container"


def is_windows(task: Resource) -> bool:
    """Return whether a task definition says that its containers are Windows ones.

    Raises:
        Undecidable: it is known only after deployment.
    """
    return task.block("RuntimePlatform").text("OperatingSystemFamily").upper().startswith("WINDOWS")


def network_of(block: Block) -> Block:
    """Return the network of a service, a task set or a scheduled task; an empty block where it has none of its own.

    Raises:
        Undecidable: it is known only after deployment.
    """
    configuration = block.block("NetworkConfiguration")
    # Types differ in how they write it.
    return configuration.block(next((key for key in configuration if key.lower() == "awsvpcconfiguration"), ""))


def follows_deployments(service: Resource) -> bool:
    """Return whether ECS itself deploys a service, and no other service does.

    Raises:
        Undecidable: it is known only after deployment.
    """
    return service.block("DeploymentController").text("Type", "ECS").upper() == "ECS"


def scalable_target_of(service: Resource, deployment: Deployment) -> Resource | None:
    """Return what scales a service, of whichever stack; None where nothing does.

    Raises:
        Undecidable: something is scaled of which no template shows whether it is this service.
    """
    unsure: Undecidable | None = None
    for target in deployment.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
        if target.get("ServiceNamespace", "ecs") != "ecs":
            continue
        value = target.get("ResourceId")
        found = leaves(value)
        owners = [owner for leaf in found if (owner := deployment.follow(leaf)) is not None]
        if service in owners or _is_named(service, value):
            return target
        another = any(owner.type == SERVICE for owner in owners) or _is_named_otherwise(service, value)
        if not another and any(isinstance(leaf, Imported | Unbound | SsmParameter) for leaf in found):
            unsure = unknown(target, "ResourceId", value)
    if unsure is not None:
        raise unsure
    return None


def _is_named(service: Resource, value: object) -> bool:
    """Return whether the last part of ``service/cluster/name`` is the name that a service is given."""
    name = service.get("ServiceName")
    if name is None or not isinstance(value, str | Symbol):
        return False
    last = parts_of(value)[-1]
    if isinstance(last, Symbol):
        return bool(last == name)
    return isinstance(name, str) and last.rpartition("/")[2] == name


def _is_named_otherwise(service: Resource, value: object) -> bool:
    """Return whether the last part is known, and not a name that a service may turn out to have."""
    last = parts_of(value)[-1] if isinstance(value, str | Symbol) else ""
    known = isinstance(last, str) and "/" in last and not last.endswith("/")
    return known and not isinstance(service.get("ServiceName"), Symbol)


def web_services(deployment: Deployment) -> set[Resource]:
    """Return the services that application load balancers send requests to; unknown ones are left out."""
    return {
        service
        for service in deployment.of_type(SERVICE)
        for balancer in elements(service, "LoadBalancers")
        if isinstance(balancer, Block) and _is_web(deployment.follow(balancer.get("TargetGroupArn")))
    }


def _is_web(target_group: Resource | None) -> bool:
    try:
        return target_group is not None and is_web(target_group)
    except Undecidable:
        return False  # Who judges the target group itself reports that.


def groups_of_service(service: Resource, deployment: Deployment) -> list[tuple[str, Resource]]:
    """Return the security groups of a service's tasks, each with its path; unknown ones are left out.

    Raises:
        Undecidable: the network, or which groups there are, is known only after deployment.
    """
    network = network_of(service.properties)
    return [
        (network.path_of("SecurityGroups"), group)
        for value in members(network, "SecurityGroups")
        if (group := deployment.follow(value)) is not None
    ]


def groups_of_services(services: Iterable[Resource], deployment: Deployment) -> set[Resource]:
    """Return the security groups of services' tasks; unknown ones are left out."""
    found: set[Resource] = set()
    for service in services:
        try:
            found |= {group for _, group in groups_of_service(service, deployment)}
        except Undecidable:
            continue  # Who judges the service itself reports that.
    return found
