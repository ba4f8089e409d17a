"""What a request asks for: its template, parameters and options become a `Target`, or are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.errors import InputError
from stackproof.load.template import Template
from stackproof.resolve.context import Context
from stackproof.resolve.scope import Scope
from stackproof.resolve.stack import Stack
from stackproof.simulate.cloudformation import refusals
from stackproof.simulate.cloudformation.include import TransformError, s3_object, transformed
from stackproof.simulate.cloudformation.place import Place
from stackproof.simulate.cloudformation.record import StackRecord, Target
from stackproof.simulate.cloudformation.refusals import Refusal, wording
from stackproof.simulate.cloudformation.schemas import schema
from stackproof.simulate.cloudformation.telling import as_stored

KEPT = ("NotificationARNs", "RoleARN", "RollbackConfiguration", "ResourceTypes")
"""Members of a request that a stack keeps until another request brings others."""


SNAPSHOTS = frozenset(
    {
        "AWS::DocDB::DBCluster",
        "AWS::EC2::Volume",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::Neptune::DBCluster",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Redshift::Cluster",
    }
)
"""Types whose resources can be deleted with a snapshot ("DeletionPolicy attribute")."""


def template_text(request: Mapping[str, Any], place: Place, previous: Target | None = None) -> str:
    """Return the template that a request brings, names by its address in S3, or leaves as it is.

    Raises:
        Refusal: there is none, or more than one.
    """
    refusals.check_source(request)
    if request.get("UsePreviousTemplate"):
        if previous is None:
            raise Refusal("UsePreviousTemplate is not allowed for a stack that has no template.")
        return previous.body
    body = request.get("TemplateBody")
    return str(body) if body else fetched(str(request["TemplateURL"]), place)


def fetched(url: str, place: Place) -> str:
    """Return a document that stands in S3.

    Parameters:
        url: an address in S3, of whatever form.

    Raises:
        Refusal: it is none, or nothing stands there.
    """
    found = s3_object(url)
    if found is None:
        raise Refusal("TemplateURL must be a supported URL.")
    try:
        answer = place.client("s3").get_object(Bucket=found[0], Key=found[1])
    except Exception as error:
        message = getattr(error, "response", {}).get("Error", {}).get("Message", str(error))
        raise Refusal(f"S3 error: {message}") from None
    body = answer["Body"].read()
    refusals.check_url_size(len(body))
    return str(body.decode())


def target_of(
    request: Mapping[str, Any],
    stack: StackRecord,
    place: Place,
    previous: Target | None,
    *,
    expands: bool = True,
) -> Target:
    """Return what a stack is to become by a request.

    Parameters:
        request: members of CreateStack, UpdateStack or CreateChangeSet.
        stack: the stack.
        place: where it stands.
        previous: what it is so far; None where it is new.
        expands: whether macros must be acknowledged.

    Raises:
        Refusal: CloudFormation refuses the request.
    """
    body = template_text(request, place, previous)
    written = refusals.read(body, stack.name)
    refusals.check_resource_types(written, request.get("ResourceTypes"))
    texts = refusals.parameter_texts(written, request.get("Parameters"), previous.given if previous else None)
    refusals.check_capabilities(written, request.get("Capabilities"), expands=expands)
    resolved = refusals.from_parameter_store(written, texts, place.client)
    values = refusals.parameter_values(written, texts) | resolved
    context = Context(stack=stack.name, stack_name=stack.name, region=place.region, account=place.account)
    try:
        template = _expanded(written, values, context, place)
        resolved_stack = Stack(template, values, context)
        resolved_stack.check()
    except InputError as error:
        raise Refusal(wording(error)) from None
    _check_types(resolved_stack, place)
    refusals.check_outputs(resolved_stack)
    return Target(
        body=body,
        template=template,
        stack=resolved_stack,
        given=texts,
        resolved={name: as_stored(value) for name, value in resolved.items()},
        capabilities=tuple(request.get("Capabilities") or ()),
        tags=_tags(request, previous),
        options=_options(request, previous),
        missing=refusals.nonexistent(written, values, place.client) or "",
    )


def _expanded(template: Template, values: Mapping[str, Any], context: Context, place: Place) -> Template:
    """Return a template with its transforms carried out."""
    if not refusals.uses_macros(template):
        return template
    try:
        return transformed(template, Scope(template, values, context), place.client)
    except TransformError as error:
        raise Refusal(str(error)) from None


def _check_types(stack: Stack, place: Place) -> None:
    """Refuse types that the region does not have, and snapshots of those that have none."""
    kinds = dict.fromkeys(resource.type for resource in stack.resources.values())
    unknown = [kind for kind in kinds if schema(kind, place.region) is None and not kind.startswith("Custom::")]
    if unknown:
        raise refusals.unrecognized(unknown)
    for resource in stack.resources.values():
        if resource.attributes.get("DeletionPolicy") == "Snapshot" and resource.type not in SNAPSHOTS:
            message = f"resource type {resource.type} does not support deletion policy Snapshot"
            raise Refusal(f"Template error: {message}")


def _options(request: Mapping[str, Any], previous: Target | None) -> dict[str, Any]:
    before = previous.options if previous is not None else {}
    wanted = {name: request.get(name, before.get(name)) for name in KEPT}
    return {name: value for name, value in wanted.items() if value is not None}


def _tags(request: Mapping[str, Any], previous: Target | None) -> dict[str, str]:
    if request.get("Tags") is None:
        return dict(previous.tags) if previous is not None else {}
    return {str(tag["Key"]): str(tag["Value"]) for tag in request["Tags"]}
