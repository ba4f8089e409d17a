"""Auto Scaling: groups and scaling policies."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.resources.ec2 import delete_interfaces


def _group(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a group with its subnets as the one text that the API takes."""
    subnets = properties.get("VPCZoneIdentifier")
    return properties | ({"VPCZoneIdentifier": ",".join(subnets)} if subnets else {})


def _metrics(job: Job) -> None:
    for collected in job.take("MetricsCollection", []):
        job.call("enable_metrics_collection", collected, AutoScalingGroupName=job.physical_id)


def _delete_group(job: Job, _snapshot: bool) -> None:
    ec2 = job.other("ec2")
    group = job.client.describe_auto_scaling_groups(AutoScalingGroupNames=[job.physical_id])["AutoScalingGroups"][0]
    ids = [instance["InstanceId"] for instance in group["Instances"]]
    found = ec2.describe_instances(InstanceIds=ids)["Reservations"] if ids else ()
    interfaces = [
        interface["NetworkInterfaceId"]
        for reservation in found
        for instance in reservation["Instances"]
        for interface in instance["NetworkInterfaces"]
    ]
    job.client.delete_auto_scaling_group(AutoScalingGroupName=job.physical_id, ForceDelete=True)
    delete_interfaces(ec2, interfaces)


def _policy_arn(job: Job) -> None:
    """Look the ARN up: moto 5.2.5 leaves it out of the answer of ``put_scaling_policy``."""
    job.physical_id = _policy(job)["PolicyARN"]


def _policy(job: Job) -> Any:
    return job.client.describe_policies(PolicyNames=[job.request["PolicyName"]])["ScalingPolicies"][0]


def _delete_policy(job: Job, _snapshot: bool) -> None:
    job.client.delete_policy(PolicyName=job.request["PolicyName"])


RECIPES = (
    Recipe(
        "AWS::AutoScaling::AutoScalingGroup",
        "autoscaling",
        "create_auto_scaling_group",
        "=AutoScalingGroupName",
        names={"Cooldown": "DefaultCooldown"},
        name="AutoScalingGroupName",
        prepare=_group,
        late=("MetricsCollection",),
        after=_metrics,
        remove=_delete_group,
        show=("describe_auto_scaling_groups:AutoScalingGroupNames",),
    ),
    Recipe(
        "AWS::AutoScaling::ScalingPolicy",
        "autoscaling",
        "put_scaling_policy",
        "=PolicyName",
        name="PolicyName",
        after=_policy_arn,
        remove=_delete_policy,
        show=(_policy,),
    ),
)
