"""The instances of MueJam as a tester finds them in the console."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("muejam")


def _instance_group(simulated: Simulated) -> dict[str, Any]:
    name = simulated.id_of("application", "InstanceGroup")
    groups = simulated.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    (found,) = groups["AutoScalingGroups"]
    return dict(found)


def _launch_data(simulated: Simulated) -> dict[str, Any]:
    template = _instance_group(simulated)["LaunchTemplate"]
    versions = simulated.client("ec2").describe_launch_template_versions(
        LaunchTemplateId=template["LaunchTemplateId"], Versions=[template["Version"]]
    )
    (found,) = versions["LaunchTemplateVersions"]
    return dict(found["LaunchTemplateData"])


@pytest.mark.promise("MJ-03")
def test_group_has_its_sizes_and_instance_type(simulated: Simulated) -> None:
    """t3.small 1-2, t3.medium 2-5, t3.large 2-10."""
    group = _instance_group(simulated)
    expected = {"dev": ("t3.small", 1, 2), "staging": ("t3.medium", 2, 5), "prod": ("t3.large", 2, 10)}
    assert (_launch_data(simulated)["InstanceType"], group["MinSize"], group["MaxSize"]) == expected[
        simulated.environment
    ]


@pytest.mark.promise("MJ-01", "MJ-03")
def test_group_starts_its_instances_in_the_private_subnets_of_three_zones(simulated: Simulated) -> None:
    """The group spans three private subnets, and what runs is in them and has no public address."""
    group = _instance_group(simulated)
    private = {simulated.id_of("networking", f"PrivateSubnet{zone}") for zone in "ABC"}
    ids = [instance["InstanceId"] for instance in group["Instances"]]
    reservations = simulated.client("ec2").describe_instances(InstanceIds=ids)["Reservations"]
    instances = [instance for reservation in reservations for instance in reservation["Instances"]]
    assert set(group["VPCZoneIdentifier"].split(",")) == private
    assert len(instances) == group["MinSize"]
    assert {instance["SubnetId"] for instance in instances} <= private
    assert all(not instance.get("PublicIpAddress") for instance in instances)


@pytest.mark.promise("MJ-02", "MJ-03")
def test_https_forwards_to_the_instances(simulated: Simulated) -> None:
    """The HTTPS listener sends requests to the target group in which the group registers its instances."""
    arn = simulated.id_of("application", "LoadBalancer")
    listeners = simulated.client("elbv2").describe_listeners(LoadBalancerArn=arn)["Listeners"]
    (action,) = [listener["DefaultActions"][0] for listener in listeners if listener["Port"] == 443]
    assert (action["Type"], [action["TargetGroupArn"]]) == ("forward", _instance_group(simulated)["TargetGroupARNs"])


@pytest.mark.promise("MJ-03", "MJ-07")
@pytest.mark.parametrize(
    ("alarm", "comparison", "threshold", "policy", "change", "told"),
    [
        ("HighCpuAlarm", "GreaterThanThreshold", 70.0, "ScaleUpPolicy", 1, True),
        ("LowCpuAlarm", "LessThanThreshold", 30.0, "ScaleDownPolicy", -1, False),
    ],
)
def test_cpu_scales_the_group(
    simulated: Simulated, alarm: str, comparison: str, threshold: float, policy: str, change: int, told: bool
) -> None:
    """CPU over 70 % adds an instance and warns, under 30 % removes one, by policies that exist."""
    found = simulated.alarm("application", alarm)
    group = simulated.id_of("application", "InstanceGroup")
    policies = simulated.client("autoscaling").describe_policies(AutoScalingGroupName=group)["ScalingPolicies"]
    changes = {entry["PolicyARN"]: entry.get("ScalingAdjustment") for entry in policies}
    acts = simulated.id_of("application", policy)
    assert found["Dimensions"] == [{"Name": "AutoScalingGroupName", "Value": group}]
    assert (found["MetricName"], found["ComparisonOperator"], found["Threshold"]) == (
        "CPUUtilization",
        comparison,
        threshold,
    )
    assert found["AlarmActions"] == [acts, *([simulated.topic("warning")] if told else [])]
    assert changes[acts] == change


@pytest.mark.promise("MJ-05")
def test_instances_may_use_the_buckets(simulated: Simulated) -> None:
    """The instances' role carries the policy that the storage layer exports."""
    role = simulated.id_of("application", "InstanceRole")
    attached = simulated.client("iam").list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert simulated.outputs("storage")["AccessPolicyArn"] in {entry["PolicyArn"] for entry in attached}


@pytest.mark.promise("MJ-10")
def test_instances_may_read_their_secrets_only(simulated: Simulated) -> None:
    """Of all secrets of the account the instances' role may read those of application, database and cache."""
    secrets = simulated.client("secretsmanager")
    application = secrets.describe_secret(SecretId=simulated.id_of("application", "ApplicationSecret"))["Name"]
    assert simulated.secrets_for(simulated.id_of("application", "InstanceRole")) == {
        application,
        f"muejam/{simulated.environment}/database",
        f"muejam/{simulated.environment}/cache-url",
    }


@pytest.mark.promise("MJ-10")
def test_start_script_asks_for_secrets_by_name(simulated: Simulated) -> None:
    """The script names the cache's secret and holds neither its value nor that of another."""
    script = b64decode(_launch_data(simulated)["UserData"]).decode()
    url = simulated.outputs("cache")["UrlSecretArn"]
    assert f"redis=$(secret '{url}')" in script
    secrets = simulated.client("secretsmanager").list_secrets()["SecretList"]
    assert [entry["Name"] for entry in secrets if simulated.secret(entry["ARN"]) in script] == []


@pytest.mark.promise("MJ-08")
def test_outputs_name_network_and_group(simulated: Simulated) -> None:
    """The stacks say which VPC and which Auto Scaling group there are."""
    vpc = simulated.outputs("networking")["VpcId"]
    group = simulated.outputs("application")["InstanceGroupName"]
    (found,) = simulated.client("ec2").describe_vpcs(VpcIds=[vpc])["Vpcs"]
    groups = simulated.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert found["CidrBlock"] == "10.0.0.0/16"
    assert [entry["AutoScalingGroupName"] for entry in groups] == [group]
