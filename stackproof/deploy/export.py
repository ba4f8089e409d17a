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

    For the AWS CLI: ``<layer>.json``, a list of parameters as ``create-stack --parameters`` and ``deploy
    --parameter-overrides`` read it, and ``deploy.sh``, which deploys the layers in their order with it. For Git sync:
    ``<layer>.yaml`` with the path of the template, parameters and tags.

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


_HEAD = """\
#!/bin/sh
# Deploys {system} {environment} with the AWS CLI, each layer after those that it needs.
# Run it at the root of the repository, where the templates are found.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"""

_OUTPUT = r"""
# Puts the output of a stack that stands into the parameters of another: FILE PLACEHOLDER REGION STACK OUTPUT.
put() {
    value=$(aws cloudformation describe-stacks --region "$3" --stack-name "$4" \
        --query "Stacks[0].Outputs[?OutputKey=='$5'].OutputValue" --output text)
    [ -n "$value" ] || { echo "$4 has no output $5" >&2; exit 1; }
    value=$(printf '%s' "$value" | sed 's/[&|\\]/\\&/g')
    sed "s|$2|$value|" "$1" > "$filled.next" && mv "$filled.next" "$filled"
}
filled=$(mktemp)
trap 'rm -f "$filled"' EXIT
"""


def _script(deployment: Deployment) -> str:
    """Return a shell script that deploys the layers in their order."""
    wanting = open_values(deployment)
    head = _HEAD.format(system=deployment.system, environment=deployment.environment.name)
    return "".join([head, _OUTPUT if wanting else "", *_commands(deployment, wanting)])


def _commands(deployment: Deployment, wanting: tuple[Open, ...]) -> Iterator[str]:
    for layer in deployment.stacks:
        yield f"\n# {layer}\n"
        file = f'"$here/{layer}.json"'
        for found in (found for found in wanting if found.layer == layer):
            place = shlex.join((found.placeholder, found.region, found.stack, found.output))
            yield f"put {file} {place}\n"
            file = '"$filled"'
        yield " \\\n    ".join(_deploy(deployment, layer, file.strip('"'))) + "\n"


def _deploy(deployment: Deployment, layer: str, file: str) -> Iterator[str]:
    request, stack = _request(deployment, layer), deployment.stack(layer)
    yield f"aws cloudformation deploy --region {stack.context.region} --stack-name {request['StackName']}"
    yield f"--template-file {shlex.quote(stack.template.file)}"
    yield f'--parameter-overrides "file://{file}"'
    tags = (shlex.quote(f"{tag['Key']}={tag['Value']}") for tag in request["Tags"])
    yield f"--tags {' '.join(tags)}"
    needed = capabilities(stack.template)
    if needed:
        yield f"--capabilities {' '.join(needed)}"
    yield "--no-fail-on-empty-changeset"
