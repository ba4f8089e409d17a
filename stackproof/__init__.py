"""stackproof proves infrastructure templates before they are deployed.

The public interface for tests of one's own templates::

    from stackproof import load_system

    database = load_system("maticko").deployment("prod").stack("database")["Database"]
    assert database.boolean("StorageEncrypted")

Everything is imported on first use, so that the command line answers at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stackproof.compose.deployment import Deployment
    from stackproof.compose.system import System, load_deployment, load_system
    from stackproof.errors import InputError
    from stackproof.findings import Finding, Report, Severity, Verdict
    from stackproof.load.template import Template, load_template, parse_template
    from stackproof.resolve.stack import Output, Resource, Stack
    from stackproof.resolve.values import Block, Items, Undecidable

_HOMES = {
    "Block": "resolve.values",
    "Deployment": "compose.deployment",
    "Finding": "findings",
    "InputError": "errors",
    "Items": "resolve.values",
    "Output": "resolve.stack",
    "Report": "findings",
    "Resource": "resolve.stack",
    "Severity": "findings",
    "Stack": "resolve.stack",
    "System": "compose.system",
    "Template": "load.template",
    "Undecidable": "resolve.values",
    "Verdict": "findings",
    "load_deployment": "compose.system",
    "load_system": "compose.system",
    "load_template": "load.template",
    "parse_template": "load.template",
}

__version__ = "0.1.0"
__all__ = [
    "Block",
    "Deployment",
    "Finding",
    "InputError",
    "Items",
    "Output",
    "Report",
    "Resource",
    "Severity",
    "Stack",
    "System",
    "Template",
    "Undecidable",
    "Verdict",
    "load_deployment",
    "load_system",
    "load_template",
    "parse_template",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'stackproof' has no attribute '{name}'")
    return getattr(import_module(f"stackproof.{_HOMES[name]}"), name)
