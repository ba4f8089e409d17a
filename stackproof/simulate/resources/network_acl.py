"""EC2: network ACLs, their entries and the subnets they stand before."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.resources.ec2 import TAGS


def _entry(properties: dict[str, Any]) -> dict[str, Any]:
    """Return an entry as the API takes it; templates leave ``Egress`` out where it does not."""
    return {"Egress": False} | {"IcmpTypeCode" if name == "Icmp" else name: of for name, of in properties.items()}


def _create_entry(job: Job) -> None:
    job.request = _entry(job.wanted.properties)
    job.left = {}
    job.call("create_network_acl_entry", job.request)
    job.physical_id = job.wanted.name


def _replace_entry(job: Job) -> None:
    """Put another entry in its place, under the same number."""
    if job.left or job.gone:
        job.request = _entry(job.wanted.properties)
        job.left, job.gone = {}, set()
        job.call("replace_network_acl_entry", job.request)


def _found_entry(job: Job) -> Any:
    acl = job.client.describe_network_acls(NetworkAclIds=[job.request["NetworkAclId"]])["NetworkAcls"][0]
    egress = as_text(job.request["Egress"]).lower() == "true"
    own = (int(job.request["RuleNumber"]), egress)
    found = [entry for entry in acl["Entries"] if (entry["RuleNumber"], entry["Egress"]) == own]
    return [entry | {"NetworkAclId": acl["NetworkAclId"], "Icmp": entry.get("IcmpTypeCode")} for entry in found]


def _entry_id(job: Job, name: str) -> Any:
    return {"Id": job.physical_id}[name]


def _delete_entry(job: Job, _snapshot: bool) -> None:
    egress = as_text(job.request["Egress"]).lower() == "true"
    job.client.delete_network_acl_entry(
        NetworkAclId=job.request["NetworkAclId"], RuleNumber=int(job.request["RuleNumber"]), Egress=egress
    )


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


def _association_id(job: Job, name: str) -> Any:
    return {"AssociationId": job.physical_id}[name]


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
        tagging=TAGS,
    ),
    Recipe(
        "AWS::EC2::NetworkAclEntry",
        "ec2",
        make=_create_entry,
        remove=_delete_entry,
        describe=_entry_id,
        show=(_found_entry,),
        change=_replace_entry,
    ),
    Recipe(
        "AWS::EC2::SubnetNetworkAclAssociation",
        "ec2",
        make=_associate,
        remove=_dissociate,
        describe=_association_id,
        show=(_associated,),
    ),
)
