"""Ma-Ticko's application layer, asked in every environment."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stackproof import Block, Deployment, Items

pytestmark = pytest.mark.systems("maticko")

SIZES = {"dev": ("t3.micro", 1, 2), "test": ("t3.small", 1, 5), "prod": ("t3.medium", 2, 10)}


def _launched(deployment: Deployment) -> Block:
    return deployment["application"]["LaunchTemplate"].block("LaunchTemplateData")


def _user_data(deployment: Deployment) -> str:
    return str(_launched(deployment)["UserData"])


def _names(values: Any) -> list[str]:
    return [str(value).removeprefix("${").removesuffix("}") for value in values]


@pytest.mark.promise("MT-08")
def test_load_balancer(deployment: Deployment) -> None:
    """Internet-facing, in both public subnets, with the group that is open for the web."""
    balancer = deployment["application"]["LoadBalancer"]
    assert (balancer.text("Type"), balancer.text("Scheme")) == ("application", "internet-facing")
    assert _names(balancer.items_of("Subnets")) == ["PublicSubnetA", "PublicSubnetB"]
    assert _names(balancer.items_of("SecurityGroups")) == ["LoadBalancerSecurityGroup.GroupId"]


@pytest.mark.promise("MT-08")
def test_health_check(deployment: Deployment) -> None:
    """``/health/`` must answer 200 every 30 s; requests go across zones to the port of the instances."""
    group = deployment["application"]["TargetGroup"]
    assert (group.text("HealthCheckPath"), group.integer("HealthCheckIntervalSeconds")) == ("/health/", 30)
    assert group.block("Matcher").text("HttpCode") == "200"
    assert (group.text("Protocol"), group.integer("Port"), group.text("TargetType")) == ("HTTP", 8000, "instance")
    attributes = {item.text("Key"): item.text("Value") for item in group.items_of("TargetGroupAttributes")}
    assert attributes["load_balancing.cross_zone.enabled"] == "true"


@pytest.mark.promise("MT-09")
def test_sizes(deployment: Deployment) -> None:
    """Type and number of instances per environment, in the private subnets."""
    group = deployment["application"]["InstanceGroup"]
    size = (_launched(deployment).text("InstanceType"), group.integer("MinSize"), group.integer("MaxSize"))
    assert size == SIZES[deployment.environment.name]
    assert _names(group.items_of("VPCZoneIdentifier")) == ["PrivateSubnetA", "PrivateSubnetB"]
    assert "DesiredCapacity" not in group


@pytest.mark.promise("MT-10")
def test_launch_template(deployment: Deployment) -> None:
    """IMDSv2 only, an encrypted volume, the instances' role and group, the latest image by SSM."""
    launched = _launched(deployment)
    assert launched.block("MetadataOptions") == {
        "HttpEndpoint": "enabled",
        "HttpTokens": "required",
        "HttpPutResponseHopLimit": 1,
    }
    assert [device.block("Ebs").boolean("Encrypted") for device in launched.items_of("BlockDeviceMappings")] == [True]
    assert str(launched.block("IamInstanceProfile")["Arn"]) == "${InstanceProfile.Arn}"
    assert _names(deployment["application"]["InstanceProfile"].items_of("Roles")) == ["InstanceRole"]
    assert _names(launched.items_of("SecurityGroupIds")) == ["ApplicationSecurityGroup.GroupId"]
    assert str(launched["ImageId"]) == "${MachineImageId}"


@pytest.mark.promise("MT-11")
def test_no_key_pair(deployment: Deployment) -> None:
    """Nobody has a key; Session Manager is allowed instead."""
    assert "KeyName" not in _launched(deployment)
    statements = {
        policy.text("PolicyName"): policy.block("PolicyDocument").items_of("Statement")
        for policy in deployment["application"]["InstanceRole"].items_of("Policies")
    }
    session = [action for statement in statements["SessionManager"] for action in statement.items_of("Action")]
    assert session == [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]


# Actions that know no resources (the service authorization reference).
WITHOUT_RESOURCES = {
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "cloudwatch:PutMetricData",
    "ec2:DescribeTags",
    "elasticloadbalancing:DescribeTargetHealth",
    "ecr:GetAuthorizationToken",
}


def _reaches_everything(resource: Any) -> bool:
    return resource == "*" or (isinstance(resource, Items) and "*" in resource)


@pytest.mark.promise("MT-10")
def test_least_privilege(deployment: Deployment) -> None:
    """No wildcard action; every resource only where an action knows none; no managed policy; only EC2 assumes it."""
    role = deployment["application"]["InstanceRole"]
    statements = [s for p in role.items_of("Policies") for s in p.block("PolicyDocument").items_of("Statement")]
    actions = {action for statement in statements for action in statement.items_of("Action")}
    everywhere = {a for s in statements if _reaches_everything(s["Resource"]) for a in s.items_of("Action")}
    assert [action for action in actions if "*" in action] == []
    assert everywhere == WITHOUT_RESOURCES
    assert "ManagedPolicyArns" not in role
    trusted = [s.block("Principal") for s in role.block("AssumeRolePolicyDocument").items_of("Statement")]
    assert trusted == [{"Service": "ec2.amazonaws.com"}]


@pytest.mark.promise("MT-10")
def test_secrets_are_those_of_this_environment(deployment: Deployment) -> None:
    """The instances read the secrets of their own system and environment, and none else."""
    name = deployment.environment.name
    role = deployment["application"]["InstanceRole"]
    readable = [
        str(resource).replace("${AWS::AccountId}", "111111111111")
        for policy in role.items_of("Policies")
        for statement in policy.block("PolicyDocument").items_of("Statement")
        if "secretsmanager:GetSecretValue" in statement.items_of("Action")
        for resource in statement.items_of("Resource")
    ]
    secret = f"arn:aws:secretsmanager:us-east-1:111111111111:secret:maticko/{name}/database"
    assert readable == ["${ApplicationSecret}", secret, f"{secret}-??????"]


@pytest.mark.promise("MT-10")
def test_container(deployment: Deployment) -> None:
    """The image runs as an ordinary user without capabilities, on a read-only root, and is configured at start."""
    script = _user_data(deployment)
    started = script[script.index("docker run --detach") :].partition("\n              mv")[0]
    options = {"--user 10001:10001", "--read-only", "--cap-drop ALL", "--security-opt no-new-privileges"}
    assert {option for option in options if option not in started} == set()
    assert "--publish 8000:8000" in started
    assert "/maticko/web:1.0.0'" in started
    assert "aws secretsmanager get-secret-value" in script
    assert f"--path /maticko/{deployment.environment.name}/application" in script
    assert re.search(r"(?i)password=[a-z0-9]", script) is None


@pytest.mark.promise("MT-12")
def test_instances_signal(deployment: Deployment) -> None:
    """Success or failure of the start is signalled for the group that waits for it, whatever happens in between."""
    name = deployment.environment.name
    script = _user_data(deployment)
    trap = next(line for line in script.splitlines() if "cfn-signal" in line)
    assert trap.strip().startswith("trap '/opt/aws/bin/cfn-signal --exit-code $?")
    assert f"--stack maticko-{name}-application --resource InstanceGroup --region us-east-1' EXIT" in trap
    assert script.index("set -euo pipefail") < script.index("cfn-signal") < script.index("dnf install")


@pytest.mark.promise("MT-12")
@pytest.mark.promise("MT-24")
def test_rolling_update(deployment: Deployment) -> None:
    """One instance after another, each waited for; in production never fewer in service than its minimum."""
    attributes = deployment["application"]["InstanceGroup"].attributes
    rolling = attributes.block("UpdatePolicy").block("AutoScalingRollingUpdate")
    assert rolling.integer("MinInstancesInService") == {"dev": 1, "test": 1, "prod": 2}[deployment.environment.name]
    assert (rolling.integer("MaxBatchSize"), rolling.text("PauseTime")) == (1, "PT5M")
    assert rolling.boolean("WaitOnResourceSignals")
    assert {"HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"} == set(
        rolling.items_of("SuspendProcesses")
    )
    signal = attributes.block("CreationPolicy").block("ResourceSignal")
    assert signal.integer("Count") == SIZES[deployment.environment.name][1]


@pytest.mark.promise("MT-13")
@pytest.mark.environments("prod")
def test_blue_green(deployment: Deployment, maticko: Any) -> None:
    """One parameter makes every update replace the whole group."""
    other = maticko.deployment_with(deployment.environment.name, {"UpdateStrategy": "blue-green"})
    group = other["application"]["InstanceGroup"]
    assert group.attributes["UpdatePolicy"] == {"AutoScalingReplacingUpdate": {"WillReplace": True}}


SCALING = {
    "HighCpuAlarm": ("GreaterThanThreshold", 70, 2, 300, "ScaleUpPolicy", "WarningTopic"),
    "LowCpuAlarm": ("LessThanThreshold", 30, 5, 300, "ScaleDownPolicy"),
}


@pytest.mark.promise("MT-14")
@pytest.mark.parametrize("name", SCALING)
def test_scaling_by_cpu(deployment: Deployment, name: str) -> None:
    """Up above 70 % for 2 x 300 s, down below 30 % for 5 x 300 s, on the average of the group."""
    alarm = deployment["application"][name]
    found = (
        alarm.text("ComparisonOperator"),
        alarm.integer("Threshold"),
        alarm.integer("EvaluationPeriods"),
        alarm.integer("Period"),
        *_names(alarm.items_of("AlarmActions")),
    )
    assert found == SCALING[name]
    assert (alarm.text("Namespace"), alarm.text("MetricName"), alarm.text("Statistic")) == (
        "AWS/EC2",
        "CPUUtilization",
        "Average",
    )
    assert [_names([item["Value"]]) for item in alarm.items_of("Dimensions")] == [["InstanceGroup"]]


@pytest.mark.promise("MT-14")
@pytest.mark.parametrize(("name", "step"), [("ScaleUpPolicy", 1), ("ScaleDownPolicy", -1)])
def test_scaling_steps(deployment: Deployment, name: str, step: int) -> None:
    """One instance at a time, with 300 s to calm down."""
    policy = deployment["application"][name]
    assert (policy.integer("ScalingAdjustment"), policy.integer("Cooldown")) == (step, 300)
    assert _names([policy["AutoScalingGroupName"]]) == ["InstanceGroup"]


@pytest.mark.promise("MT-14")
def test_scaling_by_requests(deployment: Deployment) -> None:
    """Also by requests per target, upwards only, of this load balancer and its target group."""
    tracked = deployment["application"]["RequestScalingPolicy"].block("TargetTrackingConfiguration")
    metric = tracked.block("PredefinedMetricSpecification")
    assert (tracked.integer("TargetValue"), tracked.boolean("DisableScaleIn")) == (1000, True)
    assert metric.text("PredefinedMetricType") == "ALBRequestCountPerTarget"
    assert str(metric["ResourceLabel"]) == "${LoadBalancer.LoadBalancerFullName}/${TargetGroup.TargetGroupFullName}"


@pytest.mark.promise("MT-15")
def test_unhealthy_instances_are_replaced(deployment: Deployment) -> None:
    """The group believes the load balancer's health check."""
    group = deployment["application"]["InstanceGroup"]
    assert (group.text("HealthCheckType"), group.integer("HealthCheckGracePeriod")) == ("ELB", 300)
    assert _names(group.items_of("TargetGroupARNs")) == ["TargetGroup"]


# Critical is what users notice; what only may come to that warns.
SEVERITIES = {
    "HighCpuAlarm": "WarningTopic",
    "HighMemoryAlarm": "WarningTopic",
    "SlowResponseAlarm": "WarningTopic",
    "UnhealthyTargetsAlarm": "CriticalTopic",
}


@pytest.mark.promise("MT-18")
@pytest.mark.parametrize("name", SEVERITIES)
def test_alarms_are_heard(deployment: Deployment, name: str) -> None:
    """Each alarm tells the topic of its severity when it goes off and when all is well again."""
    alarm, topic = deployment["application"][name], deployment["monitoring"][SEVERITIES[name]]
    assert [deployment.follow(action) for action in alarm.items_of("AlarmActions")][-1] is topic
    assert [deployment.follow(action) for action in alarm.items_of("OKActions")] == [topic]


@pytest.mark.promise("MT-18")
def test_memory_and_logs(deployment: Deployment) -> None:
    """The agent reports memory in the namespace that the alarm reads; logs go to an encrypted group that expires."""
    stack, name = deployment["application"], deployment.environment.name
    alarm = stack["HighMemoryAlarm"]
    assert (alarm.text("Namespace"), alarm.text("MetricName")) == (f"maticko/{name}", "mem_used_percent")
    script = _user_data(deployment)
    assert f'"namespace": "maticko/{name}"' in script
    assert '"aggregation_dimensions": [["AutoScalingGroupName"]]' in script
    assert '{"AutoScalingGroupName": "${aws:AutoScalingGroupName}"}' in script
    assert "amazon-cloudwatch-agent-ctl -a fetch-config" in script
    assert "--log-opt awslogs-group='${ApplicationLogGroup}'" in script
    logs = stack["ApplicationLogGroup"]
    assert (logs.integer("RetentionInDays"), str(logs["KmsKeyId"])) == (365, "${EncryptionKey.Arn}")


@pytest.mark.promise("MT-19")
def test_outputs(deployment: Deployment) -> None:
    """The address of the application and of its load balancer; without a certificate the output says HTTP only."""
    outputs = deployment["application"].outputs
    assert str(outputs["Url"].value) == "http://${LoadBalancer.DNSName}"
    assert str(outputs["LoadBalancerDnsName"].value) == "${LoadBalancer.DNSName}"
    assert str(outputs["TransportSecurity"].value).startswith("HTTP only, nothing is encrypted")
    name = deployment.environment.name
    assert {key: output.export for key, output in outputs.items() if output.export} == {
        "Url": f"maticko-{name}-ApplicationUrl",
        "LoadBalancerDnsName": f"maticko-{name}-ApplicationLoadBalancerDnsName",
        "LoadBalancerZoneId": f"maticko-{name}-ApplicationLoadBalancerZoneId",
        "LoadBalancerArn": f"maticko-{name}-ApplicationLoadBalancerArn",
        "LoadBalancerFullName": f"maticko-{name}-ApplicationLoadBalancerFullName",
        "LogGroupName": f"maticko-{name}-ApplicationLogGroupName",
        "UnhealthyTargetsAlarmArn": f"maticko-{name}-ApplicationUnhealthyTargetsAlarmArn",
        "SlowResponseAlarmArn": f"maticko-{name}-ApplicationSlowResponseAlarmArn",
        "HighCpuAlarmArn": f"maticko-{name}-ApplicationHighCpuAlarmArn",
    }


@pytest.mark.promise("MT-25")
def test_spot(deployment: Deployment) -> None:
    """Only dev runs on Spot."""
    options = _launched(deployment).get("InstanceMarketOptions")
    assert options == {"dev": {"MarketType": "spot"}}.get(deployment.environment.name)


@pytest.mark.promise("MT-24")
def test_deletion_protection(deployment: Deployment) -> None:
    """The load balancer of production cannot be deleted by mistake."""
    items = deployment["application"]["LoadBalancer"].items_of("LoadBalancerAttributes")
    attributes = {item.text("Key"): item["Value"] for item in items}
    expected = {"dev": "false", "test": "false", "prod": "true"}
    assert attributes["deletion_protection.enabled"] == expected[deployment.environment.name]


@pytest.mark.promise("MT-20")
def test_a_failed_first_creation_can_be_rolled_back(deployment: Deployment) -> None:
    """The load balancer writes to the bucket at once, and CloudFormation cannot delete a bucket that holds anything."""
    for bucket in deployment["application"].of_type("AWS::S3::Bucket"):
        assert bucket.attributes.text("DeletionPolicy") == "Retain"


@pytest.mark.promise("MT-24")
@pytest.mark.systems("maticko")
def test_running_containers_restart_only_while_all_others_are_healthy(deployment: Deployment) -> None:
    """A changed secret must not take every instance out of service together."""
    script = str(deployment["application"]["LaunchTemplate"].block("LaunchTemplateData")["UserData"])
    restart = script.index("docker stop --time 30 application")
    assert "TargetHealth.State=='healthy'" in script[:restart]
    assert "RandomizedDelaySec=15min" in script


@pytest.mark.promise("MT-12")
@pytest.mark.systems("maticko")
def test_an_instance_gives_up_before_the_update_stops_waiting(deployment: Deployment) -> None:
    """PauseTime is 300 s from the launch; a failure that is signalled later is never heard."""
    script = str(deployment["application"]["LaunchTemplate"].block("LaunchTemplateData")["UserData"])
    update = deployment["application"]["InstanceGroup"].attributes.block("UpdatePolicy")
    assert update.block("AutoScalingRollingUpdate").text("PauseTime") == "PT5M"
    assert '/proc/uptime)" -lt 270' in script
