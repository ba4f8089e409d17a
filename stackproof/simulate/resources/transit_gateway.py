"""EC2: transit gateways and the networks that they join."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.resources.ec2 import TAGS
from stackproof.simulate.updates import came_and_went, described, only, same

_DEFAULTS = {
    "AutoAcceptSharedAttachments": "disable",
    "DefaultRouteTableAssociation": "enable",
    "DefaultRouteTablePropagation": "enable",
    "DnsSupport": "enable",
    "SecurityGroupReferencingSupport": "disable",
    "VpnEcmpSupport": "enable",
}
_OPTIONS = (*_DEFAULTS, "AmazonSideAsn", "MulticastSupport", "TransitGatewayCidrBlocks")


def _gateway(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties with the options as the one object that the API takes."""
    rest = {name: value for name, value in properties.items() if name not in _OPTIONS}
    return rest | {"Options": only(properties, _OPTIONS)}


def _change_gateway(job: Job) -> None:
    """Change the options and the description in one call."""
    options = only(job.left, _DEFAULTS) | only(_DEFAULTS, job.gone)
    request: dict[str, Any] = {"Options": options} if options else {}
    if "Description" in job.left:
        request["Description"] = job.left["Description"]
    job.touched(*options, *(("Description",) if "Description" in request else ()))
    if request:
        job.call("modify_transit_gateway", request, TransitGatewayId=job.physical_id)


def _change_attachment(job: Job) -> None:
    """Put the gateway into other subnets."""
    added, removed = came_and_went(job, "SubnetIds")
    if job.touched("SubnetIds"):
        given = {"AddSubnetIds": added, "RemoveSubnetIds": removed}
        request = {name: subnets for name, subnets in given.items() if subnets}
        job.call("modify_transit_gateway_vpc_attachment", request, TransitGatewayAttachmentId=job.physical_id)


RECIPES = (
    Recipe(
        "AWS::EC2::TransitGateway",
        "ec2",
        "create_transit_gateway",
        "TransitGateway.TransitGatewayId",
        "delete_transit_gateway",
        "TransitGatewayId",
        prepare=_gateway,
        tag_type="transit-gateway",
        describe=described(
            "describe_transit_gateways",
            "TransitGatewayIds",
            "TransitGateways",
            {"Id": "TransitGatewayId"} | same("TransitGatewayArn"),
        ),
        show=("describe_transit_gateways:TransitGatewayIds",),
        tagging=TAGS,
        change=_change_gateway,
    ),
    Recipe(
        "AWS::EC2::TransitGatewayAttachment",
        "ec2",
        "create_transit_gateway_vpc_attachment",
        "TransitGatewayVpcAttachment.TransitGatewayAttachmentId",
        "delete_transit_gateway_vpc_attachment",
        "TransitGatewayAttachmentId",
        tag_type="transit-gateway-attachment",
        attributes={"Id": "TransitGatewayVpcAttachment.TransitGatewayAttachmentId"},
        show=("describe_transit_gateway_vpc_attachments:TransitGatewayAttachmentIds",),
        tagging=TAGS,
        change=_change_attachment,
    ),
)
