"""What a policy file is made of.

A policy is one file, named after the state it demands, such as ``policies/rds/storage_encrypted.py``. The first line of
its docstring is its title; it holds a `Policy` named ``POLICY`` and a function ``check`` that yields a `Problem` for
everything to mend. ``check`` is written for concrete values: where it reads one that is known only after deployment,
the typed reads (`Resource.boolean`, `Block.text` …) raise `Undecidable`, and the verdict is unproven, never passed.
"""

from stackproof.compose.deployment import Deployment
from stackproof.findings import Severity
from stackproof.policy.choices import each
from stackproof.policy.form import TEMPLATE, Policy, Problem, problem
from stackproof.resolve.stack import Resource, Stack
from stackproof.resolve.values import Block, Undecidable, as_text, is_list
from stackproof.symbols import Deferred, Dynamic, Imported, Reference, SsmParameter, Symbol, Text, Unbound

__all__ = [
    "TEMPLATE",
    "Block",
    "Deferred",
    "Deployment",
    "Dynamic",
    "Imported",
    "Policy",
    "Problem",
    "Reference",
    "Resource",
    "Severity",
    "SsmParameter",
    "Stack",
    "Symbol",
    "Text",
    "Unbound",
    "Undecidable",
    "as_text",
    "each",
    "is_list",
    "problem",
]
