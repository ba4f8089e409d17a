"""Transforms: ``AWS::Include`` carried out, and what is said of macros that nobody has defined.

Sources: "AWS::Include transform" and "Template macros" in CloudFormation's user guide; where a snippet and its
neighbours name the same thing, the snippet's is taken (as recorded from AWS).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from stackproof.errors import InputError
from stackproof.load.nodes import Mapping, Node, Scalar, Sequence
from stackproof.load.reader import read_text
from stackproof.load.template import LANGUAGE_EXTENSIONS, TRANSFORM, Template, template_of
from stackproof.resolve.scope import Scope
from stackproof.symbols import Symbol

INCLUDE = "AWS::Include"
_FAILED = f"Transform {INCLUDE} failed with: "
_NOT_TEXT = f"{_FAILED}The specified S3 object's content should be valid Yaml/JSON"
_SECTION = "Transform"


class TransformError(Exception):
    """A transform that failed, with CloudFormation's reason: a change set becomes ``FAILED``, a stack rolls back."""


def transformed(template: Template, scope: Scope, client: Callable[[str], Any]) -> Template:
    """Return a template with its transforms carried out; itself where there are none but those of the resolver.

    Parameters:
        template: as it was loaded.
        scope: the same template with its parameter values, for locations that are parameters.
        client: gives boto3 clients of the stack's region.

    Raises:
        TransformError: a snippet cannot be had, or a macro does not exist.
        InputError: with the snippets it is no template.
    """
    calls = [*_calls(template.root), *_listed(template.root.get(_SECTION))]
    if all(_name(call) == LANGUAGE_EXTENSIONS for call in calls):
        return template
    expander = _Expander(scope, client)
    # What stands inside comes before what stands around it, and the whole template comes last.
    root = expander.expanded(template.root)
    if not isinstance(root, Mapping):
        raise TransformError(_NOT_TEXT)
    sections = Mapping(
        {name: node for name, node in root.items() if name != _SECTION},
        root.key_marks,
        root.mark,
    )
    left: list[Node] = []
    for call in _listed(root.get(_SECTION)):
        if _name(call) == LANGUAGE_EXTENSIONS:
            left.append(call)
        else:
            sections = _merged(sections, expander.result(call), deep=True)
    if left:
        transforms = Sequence(tuple(left), template.section_mark(_SECTION))
        sections = _merged(sections, Mapping({_SECTION: transforms}, {}, root.mark), deep=False)
    return replace(template_of(sections), size=template.size)


def s3_object(location: str) -> tuple[str, str] | None:
    """Return bucket and key of an address in S3, of whatever form; None where it is none.

    Besides ``s3://bucket/key`` these are the addresses with the bucket in the host or in the path, and those of a local
    endpoint, which has it in the path.
    """
    parts = urlsplit(location)
    host, path = parts.hostname or "", unquote(parts.path.lstrip("/"))
    if parts.scheme == "s3":
        bucket, key = parts.netloc, path
    elif parts.scheme not in ("http", "https"):
        return None
    elif ".s3." in f".{host}" and not host.startswith("s3."):
        bucket, key = f".{host}".partition(".s3.")[0][1:], path
    elif ".s3-" in host:
        bucket, key = host.partition(".s3-")[0], path
    else:
        bucket, _, key = path.partition("/")
    return (bucket, key) if bucket and key else None


class _Expander:
    """Carries out the calls of transforms inside of a template.

    Parameters:
        scope: the template with its values.
        client: gives boto3 clients.
    """

    def __init__(self, scope: Scope, client: Callable[[str], Any]) -> None:
        self._scope = scope
        self._client = client

    def expanded(self, node: Node) -> Node:
        """Return a node with the snippets that are included in it."""
        if isinstance(node, Scalar):
            return node
        if isinstance(node, Sequence):
            return Sequence(tuple(self.expanded(item) for item in node.items), node.mark)
        entries = {name: self.expanded(child) for name, child in node.items() if name != TRANSFORM}
        rest = Mapping(entries, node.key_marks, node.mark)
        if TRANSFORM not in node.entries:
            return rest
        for call in _listed(node.entries[TRANSFORM]):
            result = self.result(call)
            if not entries:
                return result
            rest = _merged(rest, result, deep=False)
        return rest

    def result(self, call: Node) -> Node:
        """Return what one call of a transform gives."""
        name = _name(call)
        if name != INCLUDE:
            raise TransformError(self._unknown(name))
        location = self._location(call)
        place = s3_object(location)
        if place is None:
            raise TransformError(f"{_FAILED}The location parameter is not a valid S3 uri.")
        return _snippet(self._read(*place), location)

    def _unknown(self, name: str) -> str:
        if name.startswith("AWS::"):
            return f"the simulation does not carry out the transform {name}"
        return f"No transform named {self._scope.context.account}::{name} found."

    def _location(self, call: Node) -> str:
        """Return the location of a snippet, its functions resolved."""
        parameters = call.get("Parameters") if isinstance(call, Mapping) else None
        node = parameters.get("Location") if isinstance(parameters, Mapping) else None
        value = None if node is None else self._scope.resolve(node, "Location")
        if isinstance(value, Symbol) or not isinstance(value, str | int | float):
            raise TransformError(
                "The value of parameter Location under transform Include must resolve to a string, number, boolean "
                "or a list of any of these."
            )
        return str(value)

    def _read(self, bucket: str, key: str) -> str:
        from botocore.exceptions import ClientError

        try:
            body = self._client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as refused:
            error = refused.response["Error"]
            missing = error["Code"] == "NoSuchBucket"
            reason = f"S3 bucket [{bucket}] does not exist." if missing else error["Message"]
            raise TransformError(_FAILED + reason) from None
        try:
            return str(body, "utf-8")
        except UnicodeDecodeError:
            raise TransformError(_NOT_TEXT) from None


def _snippet(text: str, location: str) -> Node:
    """Return what a snippet holds; the short forms of functions (``!Ref``) are not known in it."""
    try:
        if any(getattr(event, "tag", None) not in (None, "!") and _is_short(event) for event in yaml.parse(text)):
            raise TransformError(_NOT_TEXT)
        return read_text(text, location)
    except (yaml.YAMLError, InputError):
        raise TransformError(_NOT_TEXT) from None


def _is_short(event: Any) -> bool:
    return not event.tag.startswith("tag:yaml.org,2002:")


def _merged(node: Mapping, other: Node, *, deep: bool) -> Mapping:
    """Return a mapping with what another says; of both's sections all, where it goes deep."""
    if not isinstance(other, Mapping):
        raise TransformError(_NOT_TEXT)
    entries = dict(node.entries)
    for name, child in other.items():
        before = entries.get(name)
        both = deep and isinstance(before, Mapping) and isinstance(child, Mapping)
        entries[name] = _merged(before, child, deep=False) if both and isinstance(before, Mapping) else child
    return Mapping(entries, {**node.key_marks, **other.key_marks}, node.mark)


def _calls(node: Node) -> Iterator[Node]:
    """Iterate over the calls of transforms below a node."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _calls(item)
    elif isinstance(node, Mapping):
        for name, child in node.items():
            yield from _listed(child) if name == TRANSFORM else _calls(child)


def _listed(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.items if isinstance(node, Sequence) else (node,)


def _name(call: Node) -> str:
    """Return the name of a transform: of ``Name`` or ``{Name: …, Parameters: …}``."""
    name = call.get("Name") if isinstance(call, Mapping) else call
    return str(name.value) if isinstance(name, Scalar) else ""
