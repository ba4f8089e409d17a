"""Change sets: what a new template or new parameters would do to a stack, as DescribeChangeSet tells it.

`leaves` reads the values of a template and what they are made of, `values` compares and writes them down, `details`
says why a property changes, `compare` puts it together.

Source: "Update CloudFormation stacks using change sets" in the AWS CloudFormation user guide, the types
``ResourceChange``, ``ResourceChangeDetail`` and ``ResourceTargetDefinition`` of its API reference, and change sets
that AWS made.
"""

from __future__ import annotations

from stackproof.simulate.cloudformation.changes.compare import Change, changes, described, nothing_to_do

__all__ = ["Change", "changes", "described", "nothing_to_do"]
