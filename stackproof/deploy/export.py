"""Export: an environment's values as files for those who deploy by other means.

Two forms: parameters for the AWS CLI, and the deployment files of CloudFormation's Git sync.

Sources: "deploy" and "create-stack" in the AWS CLI command reference; "Stack deployment file" in the AWS CloudFormation
user guide.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stackproof.compose.deployment import Deployment
from stackproof.deploy.request import capabilities, create_request, stack_name
from stackproof.resolve.scope import Handed


class Form(StrEnum):
    """For whom the files are."""

    AWS_CLI = "aws-cli"
    GIT_SYNC = "git-sync"


@dataclass(frozen=True, slots=True)
class Open:
    """A value that is known only once another layer stands.

    Attributes:
        layer: whose parameter it is.
        source: the layer that puts it out.
        stack: the stack of that layer.
        region: where that stack is.
    """

    layer: str
    parameter: str
    source: str
    output: str
    stack: str
    region: str

    @property
    def placeholder(self) -> str:
        """What stands for it until somebody puts the value in: no ARN and no name, so that nothing accepts it."""
        return f"{{output: {self.source}.{self.output}}}"

    @property
    def command(self) -> str:
        """The AWS CLI's command that prints the value."""
        return (
            f"aws cloudformation describe-stacks --region {self.region} --stack-name {self.stack} "
            f"--query \"Stacks[0].Outputs[?OutputKey=='{self.output}'].OutputValue\" --output text"
        )


def open_values(deployment: Deployment) -> tuple[Open, ...]:
    """Return the values that cannot be written down before other layers stand, in deploy order."""
    return tuple(
        Open(
            layer,
            name,
            value.stack,
            value.output,
            stack_name(deployment.stack(value.stack)),
            deployment.stack(value.stack).context.region or "",
        )
        for layer, stack in deployment.stacks.items()
        for name, value in stack.values.items()
        if isinstance(value, Handed)
    )


def export(deployment: Deployment, form: Form) -> dict[str, str]:
    """Return the files of a form by name, in deploy order; the same for the same deployment.

    For the AWS CLI: ``<layer>.json``, a list of parameters as ``create-stack --parameters`` reads it, and ``deploy
    --parameter-overrides`` of the AWS CLI's second version; and ``deploy.sh``, which deploys the layers in their order
    with either version. For Git sync: ``<layer>.yaml`` with the path of the template, parameters and tags.

    A value that another layer puts out is a placeholder; see `open_values`.

    Raises:
        InputError: a template cannot be sent, or a parameter has no value.
    """
    if form is Form.AWS_CLI:
        files = {f"{layer}.json": _parameters(deployment, layer) for layer in deployment.stacks}
        return {**files, "deploy.sh": _script(deployment)}
    return {f"{layer}.yaml": _deployment_file(deployment, layer) for layer in deployment.stacks}


def _request(deployment: Deployment, layer: str) -> dict[str, Any]:
    return create_request(deployment, layer, lambda source, output: f"{{output: {source}.{output}}}")


def _parameters(deployment: Deployment, layer: str) -> str:
    return json.dumps(_request(deployment, layer)["Parameters"], indent=2, ensure_ascii=False) + "\n"


# --- Git sync. ---


def _deployment_file(deployment: Deployment, layer: str) -> str:
    """Return a stack deployment file; JSON's strings are YAML's."""
    request = _request(deployment, layer)
    stack = deployment.stack(layer)
    wanting = {found.parameter: found for found in open_values(deployment) if found.layer == layer}
    lines = [f"# Stack {request['StackName']} in {stack.context.region}, layer {layer} of {deployment.system}."]
    needs = sorted(deployment.needs()[layer], key=list(deployment.stacks).index)
    lines += [f"# After {', '.join(needs)}."] if needs else []
    lines += [f"template-file-path: {_quoted(stack.template.file)}", "parameters:"]
    for entry in request["Parameters"]:
        found = wanting.get(entry["ParameterKey"])
        if found is not None:
            lines.append(f"  # Put in the output {found.output} of the stack {found.stack} in {found.region}:")
            lines.append(f"  # {found.command}")
        lines.append(f"  {entry['ParameterKey']}: {_quoted(entry['ParameterValue'])}")
    lines.append("tags:")
    lines += [f"  {tag['Key']}: {_quoted(tag['Value'])}" for tag in request["Tags"]]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


# --- The AWS CLI. ---

# Values stand in the script itself: `deploy` of the AWS CLI's first version reads no file of this form.

_HEAD = """\
#!/bin/sh
# Deploys {system} {environment} with the AWS CLI, each layer after those that it needs.
# Run it where the paths of the templates lead to them: at the root of the repository.
set -eu
"""

_OUTPUT = """
# Prints an output of a stack that stands: REGION STACK OUTPUT.
output() {
    found=$(aws cloudformation describe-stacks --region "$1" --stack-name "$2" \\
        --query "Stacks[0].Outputs[?OutputKey=='$3'].OutputValue" --output text)
    [ -n "$found" ] || { echo "$2 has no output $3" >&2; exit 1; }
    printf '%s' "$found"
}
"""


def _script(deployment: Deployment) -> str:
    """Return a shell script that deploys the layers in their order."""
    head = _HEAD.format(system=deployment.system, environment=deployment.environment.name)
    return "".join([head, _OUTPUT if open_values(deployment) else "", *_commands(deployment)])


def _commands(deployment: Deployment) -> Iterator[str]:
    for layer in deployment.stacks:
        yield f"\n# {layer}\n"
        wanting = {found.parameter: found for found in open_values(deployment) if found.layer == layer}
        # In an assignment, and not in the command: only there does a failure end the script.
        for name, found in wanting.items():
            yield f"{_variable(name)}=$(output {found.region} {found.stack} {found.output})\n"
        yield " \\\n    ".join(_deploy(deployment, layer, set(wanting))) + "\n"


def _variable(parameter: str) -> str:
    return f"value_{parameter}"


def _deploy(deployment: Deployment, layer: str, wanting: set[str]) -> Iterator[str]:
    request, stack = _request(deployment, layer), deployment.stack(layer)
    yield f"aws cloudformation deploy --region {stack.context.region} --stack-name {request['StackName']}"
    yield f"--template-file {shlex.quote(stack.template.file)}"
    if request["Parameters"]:
        yield "--parameter-overrides"
    for entry in request["Parameters"]:
        name = entry["ParameterKey"]
        if name in wanting:
            yield f'  "{name}=${_variable(name)}"'
        else:
            yield "  " + shlex.quote(f"{name}={entry['ParameterValue']}")
    tags = (shlex.quote(f"{tag['Key']}={tag['Value']}") for tag in request["Tags"])
    yield f"--tags {' '.join(tags)}"
    needed = capabilities(stack.template)
    if needed:
        yield f"--capabilities {' '.join(needed)}"
    yield "--no-fail-on-empty-changeset"
