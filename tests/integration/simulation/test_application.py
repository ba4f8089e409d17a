"""The application layer as a tester finds it in the console."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("maticko")


def _load_balancer(simulated: Simulated) -> dict[str, Any]:
    arn = simulated.id_of("application", "LoadBalancer")
    (found,) = simulated.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    return dict(found)


def _attributes(found: dict[str, Any]) -> dict[str, str]:
    return {attribute["Key"]: attribute["Value"] for attribute in found["Attributes"]}


def _target_group(simulated: Simulated) -> dict[str, Any]:
    arn = simulated.id_of("application", "TargetGroup")
    (found,) = simulated.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    return dict(found)


def _instance_group(simulated: Simulated) -> dict[str, Any]:
    name = simulated.id_of("application", "InstanceGroup")
    groups = simulated.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    (found,) = groups["AutoScalingGroups"]
    return dict(found)


def _launch_data(simulated: Simulated) -> dict[str, Any]:
    template = simulated.id_of("application", "LaunchTemplate")
    versions = simulated.client("ec2").describe_launch_template_versions(LaunchTemplateId=template)
    (found,) = versions["LaunchTemplateVersions"]
    return dict(found["LaunchTemplateData"])


@pytest.mark.promise("MT-08")
def test_load_balancer_faces_the_internet_from_the_public_subnets(simulated: Simulated) -> None:
    """The load balancer is internet-facing, in both public subnets, with its own security group."""
    found = _load_balancer(simulated)
    assert (found["Scheme"], found["Type"]) == ("internet-facing", "application")
    assert {zone["SubnetId"] for zone in found["AvailabilityZones"]} == {
        simulated.id_of("networking", f"PublicSubnet{zone}") for zone in "AB"
    }
    assert found["SecurityGroups"] == [simulated.id_of("networking", "LoadBalancerSecurityGroup")]


@pytest.mark.promise("MT-08")
def test_load_balancer_listens_on_http_and_forwards(simulated: Simulated) -> None:
    """Without a certificate the one listener is HTTP on 80, and it forwards to the target group."""
    arn = simulated.id_of("application", "LoadBalancer")
    (listener,) = simulated.client("elbv2").describe_listeners(LoadBalancerArn=arn)["Listeners"]
    (action,) = listener["DefaultActions"]
    assert (listener["Port"], listener["Protocol"], action["Type"], action["TargetGroupArn"]) == (
        80,
        "HTTP",
        "forward",
        simulated.id_of("application", "TargetGroup"),
    )


def test_load_balancer_is_protected_in_prod(simulated: Simulated, by_environment: Callable[..., str]) -> None:
    """In prod the load balancer refuses to be deleted."""
    arn = simulated.id_of("application", "LoadBalancer")
    attributes = _attributes(simulated.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn))
    expected = by_environment(simulated, dev="false", test="false", prod="true")
    assert attributes["deletion_protection.enabled"] == expected


def test_load_balancer_writes_access_logs_and_drops_invalid_headers(simulated: Simulated) -> None:
    """Access logs go to the stack's bucket; requests with invalid header fields lose them."""
    arn = simulated.id_of("application", "LoadBalancer")
    attributes = _attributes(simulated.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn))
    assert attributes["access_logs.s3.enabled"] == "true"
    assert attributes["access_logs.s3.bucket"] == simulated.id_of("application", "AccessLogsBucket")
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"


def test_access_logs_bucket_is_closed_to_the_public(simulated: Simulated) -> None:
    """Nothing can make the bucket or an object in it public."""
    bucket = simulated.id_of("application", "AccessLogsBucket")
    block = simulated.client("s3").get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }


@pytest.mark.promise("MT-08")
def test_health_check_asks_for_200_every_30_seconds(simulated: Simulated) -> None:
    """The target group on port 8000 expects 200 from /health/ every 30 seconds."""
    found = _target_group(simulated)
    assert (found["Port"], found["Protocol"], found["TargetType"]) == (8000, "HTTP", "instance")
    assert (found["HealthCheckPath"], found["Matcher"]) == ("/health/", {"HttpCode": "200"})
    assert (found["HealthCheckIntervalSeconds"], found["HealthCheckEnabled"]) == (30, True)


@pytest.mark.promise("MT-08")
def test_target_group_balances_across_zones(simulated: Simulated) -> None:
    """Each zone's load balancer node reaches the instances of every zone."""
    arn = simulated.id_of("application", "TargetGroup")
    attributes = _attributes(simulated.client("elbv2").describe_target_group_attributes(TargetGroupArn=arn))
    assert attributes["load_balancing.cross_zone.enabled"] == "true"


@pytest.mark.promise("MT-09")
def test_group_has_its_sizes_and_instance_type(simulated: Simulated, by_environment: Callable[..., Any]) -> None:
    """Dev t3.micro 1-2, test t3.small 1-5, prod t3.medium 2-10."""
    group = _instance_group(simulated)
    found = (_launch_data(simulated)["InstanceType"], group["MinSize"], group["MaxSize"])
    assert found == by_environment(
        simulated, dev=("t3.micro", 1, 2), test=("t3.small", 1, 5), prod=("t3.medium", 2, 10)
    )


@pytest.mark.promise("MT-09")
def test_group_starts_its_fewest_instances_in_the_private_subnets(simulated: Simulated) -> None:
    """As many instances run as the group has at least, all in private subnets and without a public address."""
    group = _instance_group(simulated)
    private = {simulated.id_of("networking", f"PrivateSubnet{zone}") for zone in "AB"}
    ids = [instance["InstanceId"] for instance in group["Instances"]]
    reservations = simulated.client("ec2").describe_instances(InstanceIds=ids)["Reservations"]
    instances = [instance for reservation in reservations for instance in reservation["Instances"]]
    assert set(group["VPCZoneIdentifier"].split(",")) == private
    assert len(instances) == group["MinSize"]
    assert {instance["SubnetId"] for instance in instances} <= private
    assert all(not instance.get("PublicIpAddress") for instance in instances)


@pytest.mark.promise("MT-15")
def test_group_replaces_what_the_load_balancer_finds_unhealthy(simulated: Simulated) -> None:
    """The group is attached to the target group and judges by its health check."""
    group = _instance_group(simulated)
    assert group["HealthCheckType"] == "ELB"
    assert group["TargetGroupARNs"] == [simulated.id_of("application", "TargetGroup")]


@pytest.mark.promise("MT-10")
def test_launch_template_demands_metadata_tokens(simulated: Simulated) -> None:
    """Instances answer metadata requests with tokens only, one hop far."""
    assert _launch_data(simulated)["MetadataOptions"] == {
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
        "HttpEndpoint": "enabled",
    }


@pytest.mark.promise("MT-10")
def test_launch_template_encrypts_its_volume(simulated: Simulated) -> None:
    """The one volume of an instance is encrypted and goes with it."""
    (mapping,) = _launch_data(simulated)["BlockDeviceMappings"]
    assert (mapping["DeviceName"], mapping["Ebs"]["Encrypted"], mapping["Ebs"]["DeleteOnTermination"]) == (
        "/dev/xvda",
        True,
        True,
    )


@pytest.mark.promise("MT-11")
def test_launch_template_has_no_key_pair(simulated: Simulated) -> None:
    """Nobody logs in with a key."""
    assert "KeyName" not in _launch_data(simulated)


@pytest.mark.promise("MT-25")
def test_only_dev_runs_on_spot(simulated: Simulated, by_environment: Callable[..., Any]) -> None:
    """Instances of dev are Spot instances, those of test and prod are not."""
    options = _launch_data(simulated).get("InstanceMarketOptions")
    assert options == by_environment(simulated, dev={"MarketType": "spot"}, test=None, prod=None)


@pytest.mark.promise("MT-10", "MT-12")
def test_user_data_is_complete(simulated: Simulated) -> None:
    """The start script names this stack, the image and the secret; no placeholder of a template is left in it."""
    script = b64decode(_launch_data(simulated)["UserData"]).decode()
    signal = f"--stack {simulated.stack('application')} --resource InstanceGroup --region us-east-1"
    assert signal in script
    assert f"secret '{simulated.id_of('application', 'ApplicationSecret')}'" in script
    assert f"{simulated.account_id}.dkr.ecr.us-east-1.amazonaws.com/maticko/web:1.0.0" in script
    assert "${" not in script.replace("${aws:AutoScalingGroupName}", "")


@pytest.mark.promise("MT-10")
def test_instances_may_decrypt_with_the_environment_key_only(simulated: Simulated) -> None:
    """The instance role reads configuration through this environment's key."""
    role = simulated.id_of("application", "InstanceRole")
    policy = simulated.client("iam").get_role_policy(RoleName=role, PolicyName="ReadConfiguration")["PolicyDocument"]
    (decrypt,) = [statement for statement in policy["Statement"] if statement["Action"] == "kms:Decrypt"]
    key = simulated.client("kms").describe_key(KeyId=simulated.id_of("networking", "EncryptionKey"))["KeyMetadata"]
    assert decrypt["Resource"] == key["Arn"]


@pytest.mark.promise("MT-14")
@pytest.mark.parametrize(("policy", "change"), [("ScaleUpPolicy", 1), ("ScaleDownPolicy", -1)])
def test_scaling_policy_changes_by_one_and_pauses(simulated: Simulated, policy: str, change: int) -> None:
    """Scaling goes by one instance, with 300 seconds between two steps."""
    policies = simulated.client("autoscaling").describe_policies(
        AutoScalingGroupName=simulated.id_of("application", "InstanceGroup")
    )["ScalingPolicies"]
    (found,) = [entry for entry in policies if entry["PolicyARN"] == simulated.id_of("application", policy)]
    assert (found["PolicyType"], found["AdjustmentType"]) == ("SimpleScaling", "ChangeInCapacity")
    assert (found["ScalingAdjustment"], found["Cooldown"]) == (change, 300)


@pytest.mark.promise("MT-14")
def test_group_scales_by_requests(simulated: Simulated) -> None:
    """A target-tracking policy adds instances by requests per target."""
    policies = simulated.client("autoscaling").describe_policies(PolicyTypes=["TargetTrackingScaling"])
    (found,) = policies["ScalingPolicies"]
    metric = found["TargetTrackingConfiguration"]["PredefinedMetricSpecification"]
    balancer = simulated.id_of("application", "LoadBalancer").partition("loadbalancer/")[2]
    target_group = simulated.id_of("application", "TargetGroup").rpartition(":")[2]
    assert metric == {
        "PredefinedMetricType": "ALBRequestCountPerTarget",
        "ResourceLabel": f"{balancer}/{target_group}",
    }


@pytest.mark.promise("MT-14", "MT-18")
@pytest.mark.parametrize(
    ("alarm", "metric", "comparison", "threshold", "periods", "action", "told"),
    [
        ("HighCpuAlarm", "CPUUtilization", "GreaterThanThreshold", 70.0, (300, 2), "ScaleUpPolicy", True),
        ("LowCpuAlarm", "CPUUtilization", "LessThanThreshold", 30.0, (300, 5), "ScaleDownPolicy", False),
        ("HighMemoryAlarm", "mem_used_percent", "GreaterThanThreshold", 85.0, (300, 2), None, True),
    ],
)
def test_alarm_watches_the_group(
    simulated: Simulated,
    alarm: str,
    metric: str,
    comparison: str,
    threshold: float,
    periods: tuple[int, int],
    action: str | None,
    told: bool,
) -> None:
    """CPU over 70 % for 2 x 300 s adds, under 30 % for 5 x 300 s removes; memory is watched too. Two of them warn."""
    name = simulated.id_of("application", alarm)
    (found,) = simulated.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert (found["MetricName"], found["ComparisonOperator"], found["Threshold"]) == (metric, comparison, threshold)
    assert (found["Period"], found["EvaluationPeriods"]) == periods
    group = simulated.id_of("application", "InstanceGroup")
    assert found["Dimensions"] == [{"Name": "AutoScalingGroupName", "Value": group}]
    acts = [simulated.id_of("application", action)] if action else []
    warns = [simulated.id_of("monitoring", "WarningTopic")] if told else []
    assert (found["AlarmActions"], found["OKActions"]) == (acts + warns, warns)


@pytest.mark.promise("MT-18")
def test_application_logs_are_kept_encrypted_for_a_year(simulated: Simulated) -> None:
    """The application's log group is kept 365 days and encrypted with the environment's key."""
    name = simulated.id_of("application", "ApplicationLogGroup")
    (found,) = simulated.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    key = simulated.client("kms").describe_key(KeyId=simulated.id_of("networking", "EncryptionKey"))["KeyMetadata"]
    assert (found["retentionInDays"], found["kmsKeyId"]) == (365, key["Arn"])


@pytest.mark.promise("MT-19")
def test_outputs_give_the_address(simulated: Simulated) -> None:
    """The stack says where the application is, and that without a certificate nothing is encrypted."""
    outputs = simulated.outputs("application")
    dns_name = _load_balancer(simulated)["DNSName"]
    assert (outputs["LoadBalancerDnsName"], outputs["Url"]) == (dns_name, f"http://{dns_name}")
    assert outputs["TransportSecurity"].startswith("HTTP only")
