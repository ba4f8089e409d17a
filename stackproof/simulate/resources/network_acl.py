"""EC2: network ACLs, their entries and the subnets they stand before."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _delete_entry(job: Job, _snapshot: bool) -> None:
    job.client.delete_network_acl_entry(**{key: job.request[key] for key in ("NetworkAclId", "RuleNumber", "Egress")})


def _acls(job: Job, name: str, value: str) -> list[dict[str, Any]]:
    answer = job.client.describe_network_acls(Filters=[{"Name": name, "Values": [value]}])
    return list(answer["NetworkAcls"])


def _associate(job: Job) -> None:
    """Move a subnet from the ACL that it has, at first the VPC's default one, to another."""
    subnet, acl = job.take("SubnetId"), job.take("NetworkAclId")
    job.request = {"SubnetId": subnet}
    job.physical_id = _move(job, subnet, acl)


def _move(job: Job, subnet: str, acl: str) -> str:
    for current in _acls(job, "association.subnet-id", subnet):
        for association in current["Associations"]:
            if association["SubnetId"] == subnet:
                moved = job.client.replace_network_acl_association(
                    AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
                )
                return str(moved["NewAssociationId"])
    raise LookupError(f"subnet {subnet} has no network ACL")


def _associated(job: Job) -> Any:
    return _acls(job, "association.subnet-id", job.request["SubnetId"])


def _dissociate(job: Job, _snapshot: bool) -> None:
    subnet = job.client.describe_subnets(SubnetIds=[job.request["SubnetId"]])["Subnets"][0]
    default = next(acl for acl in _acls(job, "vpc-id", subnet["VpcId"]) if acl["IsDefault"])
    _move(job, subnet["SubnetId"], default["NetworkAclId"])


RECIPES = (
    Recipe(
        "AWS::EC2::NetworkAcl",
        "ec2",
        "create_network_acl",
        "NetworkAcl.NetworkAclId",
        "delete_network_acl",
        "NetworkAclId",
        tag_type="network-acl",
        attributes={"Id": "NetworkAcl.NetworkAclId"},
        show=("describe_network_acls:NetworkAclIds",),
    ),
    Recipe(
        "AWS::EC2::NetworkAclEntry",
        "ec2",
        "create_network_acl_entry",
        "=NetworkAclId",
        given={"Egress": False},
        remove=_delete_entry,
        show=("describe_network_acls:NetworkAclIds",),
    ),
    Recipe("AWS::EC2::SubnetNetworkAclAssociation", "ec2", make=_associate, remove=_dissociate, show=(_associated,)),
)
