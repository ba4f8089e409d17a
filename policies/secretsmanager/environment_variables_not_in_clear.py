"""Environment variables hold no credentials in clear."""

from collections.abc import Iterator
from typing import Any

from stackproof.policy import (
    Block,
    Deployment,
    Dynamic,
    Policy,
    Problem,
    Resource,
    Severity,
    Symbol,
    as_text,
    each,
    problem,
)
from stackproof.policy.alternatives import alternatives, elements, leaves, unknown
from stackproof.policy.containers import TASK
from stackproof.policy.credentials import exposure, is_pointer, names_credential, password_in_address

POLICY = Policy(
    id="SP412",
    severity=Severity.HIGH,
    types=(
        "AWS::Lambda::Function",
        "AWS::Serverless::Function",
        TASK,
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
    """Variables that are named like a credential, and addresses that hold one; what only points to one is none."""
    for block, key, name in _variables(resource):
        value = block.get(key)
        if resource.type == TASK and _is_resolved(value):
            # CloudFormation puts the secret into the task definition, where whoever may describe it reads it.
            message = f"the environment variable {as_text(name)} is in clear once CloudFormation has resolved it"
            yield problem(resource, block.path_of(key), message)
            continue
        if not isinstance(name, str) or not names_credential(name):
            if password_in_address(value):
                message = f"the environment variable {as_text(name)} is an address with a password in clear"
                yield problem(resource, block.path_of(key), message)
            continue
        found = "" if is_pointer(value) else exposure(value, deployment, unknown(block, key, value), within=True)
        if found:
            yield problem(resource, block.path_of(key), f"the environment variable {name} {found}")


def _is_resolved(value: Any) -> bool:
    return any(isinstance(leaf, Dynamic) and leaf.service == "secretsmanager" for leaf in leaves(value))


def _variables(resource: Resource) -> Iterator[tuple[Block, str, Any]]:
    """Iterate over the block and key of a value and the name of the variable; one per run."""
    if resource.type in ("AWS::Lambda::Function", "AWS::Serverless::Function"):
        for block in _blocks(resource.properties, ("Environment", "Variables")):
            yield from ((block, name, name) for name in each(block))
    elif resource.type == TASK:
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
