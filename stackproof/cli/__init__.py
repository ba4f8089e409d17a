"""The command line: ``stackproof``. Each command lives in a module of its own that is imported when it is called."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from io import TextIOWrapper
from typing import Any

import click

from stackproof import __version__
from stackproof.errors import InputError

_COMMANDS = {
    "adapters": "print the folder that lets cfn-lint or checkov ask the policies",
    "branches": "list which branch deploys which environments, for people or as a matrix",
    "check": "judge templates and systems by the policies",
    "checkov": "run checkov's built-in checks on the templates rendered for each environment",
    "cost": "estimate what an environment costs in a month",
    "delete": "delete the stacks of an environment",
    "deploy": "bring the stacks of an environment to what the templates say",
    "docs": "write a page per template: parameters, rules, resources, outputs",
    "explain": "say what a policy demands, why, and how to get there",
    "export": "write the values of an environment for other tools: AWS CLI, Git sync",
    "lint": "run cfn-lint under the values of each environment",
    "list": "list systems, environments, policies or promises",
    "preview": "show what a deployment would change, as change sets that are not executed",
    "render": "write the templates of a system with an environment's values put in",
    "serve": "serve a simulated AWS account to any AWS client",
    "simulate": "deploy a system's environment in simulation, look at it, and delete it",
    "status": "say how the stacks of an environment stand",
    "summary": "print the gate's one table from the records of its stages",
    "taskcat": "write what taskcat needs to deploy every system in real accounts",
}

EXIT_INPUT = 2


class _Lazy(click.Group):
    """A group that imports a command when it is called, so that ``--help`` and a cached run answer at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = import_module(f"stackproof.cli.{'listing' if cmd_name == 'list' else cmd_name}")
        command: click.Command = module.command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        from stackproof.errors import suggestion

        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            raise InputError(f"no command '{args[0]}'{suggestion(args[0], _COMMANDS)}; see stackproof --help")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Lazy,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit code: 0 clean, 1 findings, 2 wrong usage or input.",
)
@click.version_option(__version__, prog_name="stackproof")
def cli() -> None:
    """Prove infrastructure templates before they are deployed."""


def main() -> None:
    """Run the command line; whatever is wrong with the input is one line on stderr and exit code 2."""
    # A run is short and keeps most of what it makes: looking for garbage as often as usual costs a twentieth of it.
    gc.set_threshold(50_000)
    # A name that the terminal cannot show must not break the report.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except InputError as error:
        _say(str(error))
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        _say(error.format_message())
    except BrokenPipeError:
        _drop_output()  # the reader has gone, and wants to hear nothing of it
    except OSError as error:
        _drop_output()
        _say(f"cannot write: {error.strerror or error}")
    except RecursionError:
        _say("the input is nested too deeply")
    sys.exit(EXIT_INPUT)


def _drop_output() -> None:
    """Let what is still buffered go nowhere, or Python tries to write it once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str) -> None:
    click.echo(f"stackproof: {message}", err=True)
