"""Environment variables hold no credentials in clear."""

from collections.abc import Iterator
from typing import Any

from stackproof.policy import Block, Deployment, Policy, Problem, Resource, Severity, Symbol, each, problem
from stackproof.policy.alternatives import alternatives, elements, unknown
from stackproof.policy.credentials import exposure, is_pointer, names_credential

POLICY = Policy(
    id="SP412",
    severity=Severity.HIGH,
    types=(
        "AWS::Lambda::Function",
        "AWS::Serverless::Function",
        "AWS::ECS::TaskDefinition",
        "AWS::Batch::JobDefinition",
        "AWS::CodeBuild::Project",
        "AWS::AppRunner::Service",
        "AWS::ElasticBeanstalk::Environment",
        "AWS::Amplify::App",
    ),
    rationale="Variables are shown in the console, written to logs and inherited by every process.",
    remediation="Give the name of a secret and read it at start: Secrets of a container, SECRETS_MANAGER of a build.",
    controls=("FSBP ECS.8", "FSBP CodeBuild.2", "NIST IA-5(7)"),
)

_LISTS = {
    "AWS::Batch::JobDefinition": ("ContainerProperties", "Environment"),
    "AWS::CodeBuild::Project": ("Environment", "EnvironmentVariables"),
    "AWS::AppRunner::Service": (
        "SourceConfiguration",
        "ImageRepository",
        "ImageConfiguration",
        "RuntimeEnvironmentVariables",
    ),
    "AWS::ElasticBeanstalk::Environment": ("OptionSettings",),
    "AWS::Amplify::App": ("EnvironmentVariables",),
}


def check(resource: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Variables whose name says that they hold a credential; what only points to one is none."""
    for block, key, name in _variables(resource):
        if not isinstance(name, str) or not names_credential(name):
            continue
        value = block.get(key)
        found = "" if is_pointer(value) else exposure(value, deployment, unknown(block, key, value), within=True)
        if found:
            yield problem(resource, block.path_of(key), f"the environment variable {name} {found}")


def _variables(resource: Resource) -> Iterator[tuple[Block, str, Any]]:
    """Iterate over the block and key of a value and the name of the variable; one per run."""
    if resource.type in ("AWS::Lambda::Function", "AWS::Serverless::Function"):
        for block in _blocks(resource.properties, ("Environment", "Variables")):
            yield from ((block, name, name) for name in each(block))
    elif resource.type == "AWS::ECS::TaskDefinition":
        for container in each(elements(resource, "ContainerDefinitions")):
            if isinstance(container, Block):
                yield from _named(container, ("Environment",))
    else:
        yield from _named(resource.properties, _LISTS[resource.type])


def _named(block: Block, path: tuple[str, ...]) -> Iterator[tuple[Block, str, Any]]:
    for owner in _blocks(block, path[:-1]):
        for variable in each(elements(owner, path[-1])):
            if isinstance(variable, Symbol):
                raise unknown(owner, path[-1], variable)
            if isinstance(variable, Block) and variable.get("Type", "PLAINTEXT") == "PLAINTEXT":
                yield variable, "Value", variable.get("Name", variable.get("OptionName"))


def _blocks(block: Block, path: tuple[str, ...]) -> Iterator[Block]:
    """Iterate over the blocks below a path: none where it is absent, several where a condition is not known."""
    if not path:
        yield block
        return
    for value in each(alternatives(block.get(path[0]))):
        if isinstance(value, Symbol):
            raise unknown(block, path[0], value)
        if isinstance(value, Block):
            yield from _blocks(value, path[1:])
