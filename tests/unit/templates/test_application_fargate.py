"""The application layer on Fargate, asked in every environment of Caja and Mattilda."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from stackproof import Block, Deployment, Items, Resource, load_system

BOTH = pytest.mark.systems("caja", "mattilda")

TASKS = {
    ("caja", "dev"): (1, 2),
    ("caja", "staging"): (2, 4),
    ("caja", "prod"): (2, 10),
    ("mattilda", "staging"): (2, 10),
    ("mattilda", "prod"): (2, 10),
}
DOMAINS = {
    ("caja", "dev"): "api.dev.caja.example.com",
    ("caja", "staging"): "api.staging.caja.example.com",
    ("caja", "prod"): "api.caja.example.com",
    ("mattilda", "staging"): "api.staging.mattilda.example.com",
    ("mattilda", "prod"): "api.mattilda.example.com",
}


def _pair(deployment: Deployment) -> tuple[str, str]:
    return deployment.system, deployment.environment.name


def _containers(deployment: Deployment) -> dict[str, Block]:
    containers = deployment["application"]["TaskDefinition"].items_of("ContainerDefinitions")
    return {container.text("Name"): container for container in containers}


def _variables(deployment: Deployment) -> dict[str, str]:
    return {v.text("Name"): str(v["Value"]) for v in _containers(deployment)["application"].items_of("Environment")}


def _secrets(deployment: Deployment) -> dict[str, Resource | None]:
    container = _containers(deployment)["application"]
    return {s.text("Name"): deployment.follow(s["ValueFrom"]) for s in container.items_of("Secrets")}


def _statements(role: Resource) -> list[Block]:
    return [s for p in role.items_of("Policies") for s in p.block("PolicyDocument").items_of("Statement")]


def _resources(statement: Block) -> list[Any]:
    value = statement["Resource"]
    return list(value) if isinstance(value, Items) else [value]


# --- Load balancer. ---


@BOTH
@pytest.mark.promise("MD-02")
@pytest.mark.promise("CJ-02")
def test_https_ends_at_the_load_balancer(deployment: Deployment) -> None:
    """443 speaks TLS 1.2 and 1.3 with the certificate of the environment's name; 80 only sends the client there."""
    stack = deployment["application"]
    listener = stack["HttpsListener"]
    assert (listener.integer("Port"), listener.text("Protocol")) == (443, "HTTPS")
    assert listener.text("SslPolicy") == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    (certificate,) = listener.items_of("Certificates")
    assert deployment.follow(certificate["CertificateArn"]) is stack["Certificate"]
    assert stack["Certificate"].text("DomainName") == DOMAINS[_pair(deployment)]
    (action,) = stack["HttpListener"].items_of("DefaultActions")
    assert action.block("RedirectConfig") == {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    assert "HttpsListener" in {reference.logical_id for reference in stack["HttpListener"].references()}


@BOTH
@pytest.mark.promise("MD-02")
@pytest.mark.promise("CJ-02")
def test_load_balancer_faces_the_internet_from_the_public_subnets(deployment: Deployment) -> None:
    """In both public subnets, with the group that is open for the web and nothing else."""
    balancer, network = deployment["application"]["LoadBalancer"], deployment["networking"]
    assert (balancer.text("Type"), balancer.text("Scheme")) == ("application", "internet-facing")
    subnets = [deployment.follow(subnet) for subnet in balancer.items_of("Subnets")]
    assert subnets == [network["PublicSubnetA"], network["PublicSubnetB"]]
    groups = [deployment.follow(group) for group in balancer.items_of("SecurityGroups")]
    assert groups == [network["LoadBalancerSecurityGroup"]]


@BOTH
@pytest.mark.promise("MD-02")
@pytest.mark.promise("CJ-02")
def test_record_leads_the_name_to_the_load_balancer(deployment: Deployment) -> None:
    """In the hosted zone that the account's SSM parameter names, where the certificate is proved too."""
    stack, (system, environment) = deployment["application"], _pair(deployment)
    zone = f"{{{{resolve:ssm:/{system}/{environment}/hosted-zone-id}}}}"
    (proof,) = stack["Certificate"].items_of("DomainValidationOptions")
    record = stack["DomainRecord"]
    assert [str(proof["HostedZoneId"]), str(record["HostedZoneId"])] == [zone, zone]
    assert (record.text("Name"), record.text("Type")) == (DOMAINS[_pair(deployment)], "A")
    assert str(record.block("AliasTarget")["DNSName"]) == "${LoadBalancer.DNSName}"


@BOTH
@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-02")
def test_health_check(deployment: Deployment) -> None:
    """The tasks' own addresses are asked, must answer 200, and are what the rule forwards to."""
    stack = deployment["application"]
    group = stack["TargetGroup"]
    path = {"caja": "/health/", "mattilda": "/health"}[deployment.system]
    assert (group.text("TargetType"), group.integer("Port"), group.text("HealthCheckPath")) == ("ip", 8000, path)
    assert group.block("Matcher").text("HttpCode") == "200"
    (action,) = stack["ProductionRule"].items_of("Actions")
    (target,) = action.block("ForwardConfig").items_of("TargetGroups")
    assert deployment.follow(target["TargetGroupArn"]) is group
    assert deployment.follow(stack["ProductionRule"]["ListenerArn"]) is stack["HttpsListener"]


@pytest.mark.systems("caja")
@pytest.mark.promise("CJ-02")
@pytest.mark.promise("CJ-09")
def test_load_balancer_admits_the_edge_only(deployment: Deployment) -> None:
    """Who does not send the secret header is refused; its value is generated and encrypted, and has the agreed name."""
    stack, name = deployment["application"], deployment.environment.name
    (default,) = stack["HttpsListener"].items_of("DefaultActions")
    assert (default.text("Type"), default.block("FixedResponseConfig").text("StatusCode")) == ("fixed-response", "403")
    (condition,) = stack["ProductionRule"].items_of("Conditions")
    header = condition.block("HttpHeaderConfig")
    assert (condition.text("Field"), header.text("HttpHeaderName")) == ("http-header", "X-Origin-Verify")
    assert [str(value) for value in header.items_of("Values")] == [
        "{{resolve:secretsmanager:${OriginSecret}:SecretString}}"
    ]
    secret = stack["OriginSecret"]
    assert secret.text("Name") == f"caja/{name}/origin"
    assert secret.block("GenerateSecretString") == {"PasswordLength": 64, "ExcludePunctuation": True}
    assert deployment.follow(secret["KmsKeyId"]) is deployment["networking"]["EncryptionKey"]


# --- Tasks. ---


@BOTH
@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-03")
def test_tasks_run_on_fargate_in_the_private_subnets(deployment: Deployment) -> None:
    """Without a public address, with the group that admits the load balancer only; nobody opens a shell in them."""
    stack, network = deployment["application"], deployment["networking"]
    service, task = stack["Service"], stack["TaskDefinition"]
    assert (task.items_of("RequiresCompatibilities"), task.text("NetworkMode")) == (("FARGATE",), "awsvpc")
    place = service.block("NetworkConfiguration").block("AwsvpcConfiguration")
    assert place.text("AssignPublicIp") == "DISABLED"
    subnets = [deployment.follow(subnet) for subnet in place.items_of("Subnets")]
    assert subnets == [network["PrivateSubnetA"], network["PrivateSubnetB"]]
    groups = [deployment.follow(group) for group in place.items_of("SecurityGroups")]
    assert groups == [network["ApplicationSecurityGroup"]]
    assert not service.boolean("EnableExecuteCommand", default=True)


@BOTH
@pytest.mark.promise("MD-01")
def test_load_balancer_and_tasks_have_a_security_group_each(deployment: Deployment) -> None:
    """The tasks' port is the one that the load balancer's group may reach."""
    network = deployment["networking"]
    rule = network["ApplicationIngressFromLoadBalancer"]
    assert deployment.follow(rule["GroupId"]) is network["ApplicationSecurityGroup"]
    assert deployment.follow(rule["SourceSecurityGroupId"]) is network["LoadBalancerSecurityGroup"]
    (port,) = _containers(deployment)["application"].items_of("PortMappings")
    assert (rule.integer("FromPort"), rule.integer("ToPort")) == (8000, 8000)
    assert port.integer("ContainerPort") == 8000


@BOTH
@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-03")
def test_container(deployment: Deployment) -> None:
    """No root, no capability, a read-only root with a /tmp in memory, in the size that the environment was given."""
    container = _containers(deployment)["application"]
    assert (container.text("User"), container.boolean("ReadonlyRootFilesystem")) == ("10001:10001", True)
    linux = container.block("LinuxParameters")
    assert linux.boolean("InitProcessEnabled")
    assert linux.block("Capabilities") == {"Drop": ["ALL"]}
    (scratch,) = linux.items_of("Tmpfs")
    assert (scratch.text("ContainerPath"), scratch.integer("Size")) == ("/tmp", 128)  # noqa: S108
    task = deployment["application"]["TaskDefinition"]
    cpu = {"dev": ("256", "1024"), "staging": ("512", "1024"), "prod": ("1024", "2048")}
    assert (task.text("Cpu"), task.text("Memory")) == cpu[deployment.environment.name]
    image = {"caja": "/caja/web:1.0.0", "mattilda": "/mattilda-backend:1.0.0"}[deployment.system]
    assert str(container["Image"]) == "${AWS::AccountId}.dkr.ecr.us-east-1.amazonaws.com" + image


@BOTH
@pytest.mark.promise("CJ-11")
@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-03")
def test_only_dev_runs_on_spot(deployment: Deployment) -> None:
    """The service names its capacity; the cluster has both kinds before the service asks."""
    stack = deployment["application"]
    (capacity,) = stack["Service"].items_of("CapacityProviderStrategy")
    expected = "FARGATE_SPOT" if deployment.environment.name == "dev" else "FARGATE"
    assert (capacity.text("CapacityProvider"), capacity.integer("Weight")) == (expected, 1)
    assert stack["CapacityProviders"].items_of("CapacityProviders") == ("FARGATE", "FARGATE_SPOT")
    assert "LaunchType" not in stack["Service"]
    assert stack["Service"].attributes.items_of("DependsOn") == ("CapacityProviders",)


@pytest.mark.systems("mattilda")
@pytest.mark.promise("MD-07")
def test_secrets_have_the_promised_names_and_reach_the_task_as_secrets(deployment: Deployment) -> None:
    """The three secrets of the document."""
    names = {name: secret.text("Name") for name, secret in _secrets(deployment).items() if secret}
    assert names == {
        "SECRET_KEY": "mattilda/secret-key",
        "DATABASE_URL": "mattilda/database-url",
        "REDIS_URL": "mattilda/redis-url",
    }


@BOTH
@pytest.mark.promise("CJ-09")
@pytest.mark.promise("MD-07")
def test_nothing_secret_in_the_environment(deployment: Deployment) -> None:
    """The plain variables are these, with these values; whatever is secret comes from Secrets Manager, encrypted."""
    pair = _pair(deployment)
    expected = {"PORT": "8000", "ALLOWED_HOSTS": f"{DOMAINS[pair]},localhost", "LOG_FORMAT": "json"}
    if deployment.system == "caja":
        expected |= {
            "OTEL_SERVICE_NAME": "-".join(pair),
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318",
            "MEDIA_BUCKET": "${MediaBucket}",
            "STATIC_BUCKET": "${StaticBucket}",
        }
    assert _variables(deployment) == expected
    secrets = _secrets(deployment)
    key = deployment["networking"]["EncryptionKey"]
    assert set(secrets) == {"SECRET_KEY", "DATABASE_URL"} | (
        {"REDIS_URL"} if deployment.system == "mattilda" else set()
    )
    for secret in secrets.values():
        assert secret is not None
        assert (secret.type, deployment.follow(secret["KmsKeyId"])) == ("AWS::SecretsManager::Secret", key)
    assert secrets["SECRET_KEY"] is deployment["application"]["ApplicationSecret"]
    assert deployment["application"]["ApplicationSecret"].block("GenerateSecretString") == {
        "PasswordLength": 64,
        "ExcludePunctuation": True,
    }


# Actions that know no resources (the service authorization reference).
WITHOUT_RESOURCES = {"ecr:GetAuthorizationToken", "xray:PutTraceSegments", "xray:PutTelemetryRecords"}


@BOTH
@pytest.mark.promise("MD-08")
@pytest.mark.promise("CJ-10")
@pytest.mark.parametrize("name", ["ExecutionRole", "TaskRole"])
def test_least_privilege(deployment: Deployment, name: str) -> None:
    """No wildcard action, no policy of AWS, * only where an action knows no resource; only tasks assume it."""
    role = deployment["application"][name]
    for statement in _statements(role):
        actions = set(statement.items_of("Action"))
        assert [action for action in actions if "*" in action] == []
        if "*" in _resources(statement):
            assert actions <= WITHOUT_RESOURCES
    attached = [deployment.follow(policy) for policy in role.items_of("ManagedPolicyArns")]
    uses_storage = (deployment.system, name) == ("caja", "TaskRole")
    assert attached == ([deployment["storage"]["AccessPolicy"]] if uses_storage else [])
    (trust,) = role.block("AssumeRolePolicyDocument").items_of("Statement")
    assert trust.block("Principal") == {"Service": "ecs-tasks.amazonaws.com"}
    assert "aws:SourceAccount" in trust.block("Condition").block("StringEquals")


@BOTH
@pytest.mark.promise("MD-08")
@pytest.mark.promise("CJ-10")
def test_execution_role_reads_what_it_injects_and_pulls_its_own_images(deployment: Deployment) -> None:
    """Its secrets, the environment's key through Secrets Manager, its log group, the system's repositories."""
    stack = deployment["application"]
    granted: dict[str, list[Any]] = {}
    for statement in _statements(stack["ExecutionRole"]):
        for action in statement.items_of("Action"):
            granted[action] = _resources(statement)
    read = [deployment.follow(resource) for resource in granted["secretsmanager:GetSecretValue"]]
    assert read == [secret for secret in _secrets(deployment).values() if secret]
    assert [deployment.follow(key) for key in granted["kms:Decrypt"]] == [deployment["networking"]["EncryptionKey"]]
    (decrypt,) = (s for s in _statements(stack["ExecutionRole"]) if "kms:Decrypt" in s.items_of("Action"))
    assert decrypt.block("Condition").block("StringEquals") == {
        "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"
    }
    assert [deployment.follow(group) for group in granted["logs:PutLogEvents"]] == [stack["ApplicationLogGroup"]]
    repository = f"arn:aws:ecr:us-east-1:${{AWS::AccountId}}:repository/{deployment.system}"
    assert [str(arn) for arn in granted["ecr:BatchGetImage"]] == [repository, f"{repository}/*", f"{repository}-*"]


@BOTH
@pytest.mark.promise("MD-08")
@pytest.mark.promise("CJ-10")
def test_the_container_may_send_traces_at_most(deployment: Deployment) -> None:
    """The task role is not the execution role, and reads no secret; what storage gives comes from there."""
    stack = deployment["application"]
    task = stack["TaskDefinition"]
    assert deployment.follow(task["TaskRoleArn"]) is stack["TaskRole"]
    assert deployment.follow(task["ExecutionRoleArn"]) is stack["ExecutionRole"]
    actions = [action for statement in _statements(stack["TaskRole"]) for action in statement.items_of("Action")]
    traces = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    assert actions == {"caja": traces, "mattilda": []}[deployment.system]


@pytest.mark.systems("caja")
@pytest.mark.promise("CJ-10")
def test_the_container_uses_the_storage_layer(deployment: Deployment) -> None:
    """Its variables name the two buckets that the attached policy admits it to."""
    storage = deployment["storage"]
    variables = {v.text("Name"): v["Value"] for v in _containers(deployment)["application"].items_of("Environment")}
    buckets = [deployment.follow(variables[name]) for name in ("MEDIA_BUCKET", "STATIC_BUCKET")]
    assert buckets == [storage["MediaBucket"], storage["StaticBucket"]]
    objects = storage["AccessPolicy"].block("PolicyDocument").items_of("Statement")[1]
    assert [str(arn) for arn in _resources(objects)] == ["${MediaBucket.Arn}/*", "${StaticBucket.Arn}/*"]


@pytest.mark.systems("caja")
@pytest.mark.promise("CJ-08")
def test_traces_go_to_xray(deployment: Deployment) -> None:
    """A collector beside the container takes its traces; it is as confined, and the application lives without it."""
    containers = _containers(deployment)
    assert list(containers) == ["application", "tracing"]
    collector = containers["tracing"]
    assert collector.text("Image").startswith("public.ecr.aws/aws-observability/aws-otel-collector:v")
    assert collector.items_of("Command") == ("--config=/etc/ecs/ecs-xray.yaml",)
    assert not collector.boolean("Essential", default=True)
    assert (collector.text("User"), collector.boolean("ReadonlyRootFilesystem")) == ("10001:10001", True)
    assert collector.block("LinuxParameters").block("Capabilities") == {"Drop": ["ALL"]}


@BOTH
@pytest.mark.promise("CJ-08")
@pytest.mark.promise("MD-03")
def test_logs(deployment: Deployment) -> None:
    """JSON lines, in an encrypted group that expires and has the promised name; a slow log stops no request."""
    stack = deployment["application"]
    group = stack["ApplicationLogGroup"]
    assert group.integer("RetentionInDays") == 365
    assert deployment.follow(group["KmsKeyId"]) is deployment["networking"]["EncryptionKey"]
    assert group.text("LogGroupName") == {"caja": "", "mattilda": "/ecs/mattilda-api"}[deployment.system]
    for container in _containers(deployment).values():
        configuration = container.block("LogConfiguration")
        options = configuration.block("Options")
        assert (configuration.text("LogDriver"), options.text("mode")) == ("awslogs", "non-blocking")
        assert deployment.follow(options["awslogs-group"]) is group
    assert _variables(deployment)["LOG_FORMAT"] == "json"


# --- Service. ---


@BOTH
@pytest.mark.promise("MD-03")
def test_promised_names(deployment: Deployment) -> None:
    """Cluster and service have the names of the document; where none is promised CloudFormation makes them."""
    stack, name = deployment["application"], deployment.environment.name
    names = (stack["Cluster"].text("ClusterName"), stack["Service"].text("ServiceName"))
    promised = {"caja": ("", ""), "mattilda": (f"mattilda-cluster-{name}", "mattilda-api-service")}
    assert names == promised[deployment.system]


@BOTH
@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-03")
def test_scaling_by_cpu_and_by_memory(deployment: Deployment) -> None:
    """Between the promised numbers, on both averages; an update does not set the number of tasks back."""
    stack = deployment["application"]
    target = stack["ScalableTarget"]
    assert (target.integer("MinCapacity"), target.integer("MaxCapacity")) == TASKS[_pair(deployment)]
    assert target.text("ScalableDimension") == "ecs:service:DesiredCount"
    assert str(target["ResourceId"]).startswith("service/${Cluster}/${Service.Name}")
    tracked = {}
    for policy in stack.of_type("AWS::ApplicationAutoScaling::ScalingPolicy"):
        assert deployment.follow(policy["ScalingTargetId"]) is target
        configuration = policy.block("TargetTrackingScalingPolicyConfiguration")
        metric = configuration.block("PredefinedMetricSpecification").text("PredefinedMetricType")
        tracked[metric] = configuration.integer("TargetValue")
    assert tracked == {"ECSServiceAverageCPUUtilization": 70, "ECSServiceAverageMemoryUtilization": 75}
    assert "DesiredCount" not in stack["Service"]


@BOTH
@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-09")
def test_a_bad_update_is_rolled_back(deployment: Deployment) -> None:
    """New tasks come before old ones go; when they do not start, or alarms go off, ECS returns to what ran before."""
    stack = deployment["application"]
    update = stack["Service"].block("DeploymentConfiguration")
    assert update.text("Strategy") == "ROLLING"
    assert (update.integer("MinimumHealthyPercent"), update.integer("MaximumPercent")) == (100, 200)
    assert update.block("DeploymentCircuitBreaker") == {"Enable": True, "Rollback": True}
    alarms = update.block("Alarms")
    assert (alarms.boolean("Enable"), alarms.boolean("Rollback")) == (True, True)
    watched = [deployment.follow(name) for name in alarms.items_of("AlarmNames")]
    assert watched == [stack["UnhealthyTargetsAlarm"], stack["HighErrorRateAlarm"]]
    for alarm in watched:
        assert alarm is not None
        assert "Service" not in {reference.logical_id for reference in alarm.references()}


@BOTH
@pytest.mark.promise("CJ-02")
@pytest.mark.environments("prod")
def test_blue_green(deployment: Deployment) -> None:
    """One parameter gives the service a second target group and the rule and role to move the traffic with."""
    system = load_system(deployment.system)
    other = system.deployment_with(deployment.environment.name, {"UpdateStrategy": "blue-green"})
    stack = other["application"]
    update = stack["Service"].block("DeploymentConfiguration")
    assert (update.text("Strategy"), update.integer("BakeTimeInMinutes")) == ("BLUE_GREEN", 15)
    (balancer,) = stack["Service"].items_of("LoadBalancers")
    advanced = balancer.block("AdvancedConfiguration")
    assert other.follow(balancer["TargetGroupArn"]) is stack["TargetGroup"]
    assert other.follow(advanced["AlternateTargetGroupArn"]) is stack["AlternateTargetGroup"]
    assert other.follow(advanced["ProductionListenerRule"]) is stack["ProductionRule"]
    assert other.follow(advanced["RoleArn"]) is stack["UpdateRole"]
    (action,) = stack["ProductionRule"].items_of("Actions")
    groups = [other.follow(g["TargetGroupArn"]) for g in action.block("ForwardConfig").items_of("TargetGroups")]
    assert groups == [stack["TargetGroup"], stack["AlternateTargetGroup"]]
    (trust,) = stack["UpdateRole"].block("AssumeRolePolicyDocument").items_of("Statement")
    assert trust.block("Principal") == {"Service": "ecs.amazonaws.com"}


@BOTH
@pytest.mark.promise("CJ-02")
@pytest.mark.environments("prod")
def test_both_target_groups_are_the_same_and_watched(deployment: Deployment) -> None:
    """Whichever of the two has the tasks, its health is checked alike and both alarms see it."""
    system = load_system(deployment.system)
    other = system.deployment_with(deployment.environment.name, {"UpdateStrategy": "blue-green"})
    stack = other["application"]
    first, alternate = stack["TargetGroup"], stack["AlternateTargetGroup"]
    for key in set(first.properties) | set(alternate.properties):
        assert key == "Tags" or first[key] == alternate[key]
    for alarm in (stack["UnhealthyTargetsAlarm"], stack["NoHealthyTaskAlarm"]):
        assert {"TargetGroup", "AlternateTargetGroup"} <= {reference.logical_id for reference in alarm.references()}


@BOTH
@pytest.mark.promise("CJ-02")
def test_deletion_protection(deployment: Deployment) -> None:
    """The load balancer of production cannot be deleted by mistake."""
    items = deployment["application"]["LoadBalancer"].items_of("LoadBalancerAttributes")
    attributes = {item.text("Key"): item["Value"] for item in items}
    expected = _pair(deployment) in {("caja", "staging"), ("caja", "prod"), ("mattilda", "prod")}
    assert attributes["deletion_protection.enabled"] == str(expected).lower()
    assert attributes["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert attributes["access_logs.s3.enabled"] == "true"


# --- Alarms. ---

ALARMS = {
    "UnhealthyTargetsAlarm": ("CriticalTopic", "UnHealthyHostCount", "GreaterThanThreshold", 0),
    "NoHealthyTaskAlarm": ("CriticalTopic", "HealthyHostCount", "LessThanThreshold", 1),
    "HighErrorRateAlarm": ("WarningTopic", "HTTPCode_Target_5XX_Count", "GreaterThanThreshold", 10),
    "SlowResponseAlarm": ("WarningTopic", "TargetResponseTime", "GreaterThanThreshold", 1),
    "HighCpuAlarm": ("WarningTopic", "CPUUtilization", "GreaterThanThreshold", 90),
    "HighMemoryAlarm": ("WarningTopic", "MemoryUtilization", "GreaterThanThreshold", 90),
}


def _metric(alarm: Resource) -> str:
    if "MetricName" in alarm:
        return alarm.text("MetricName")
    (metric,) = (m for m in alarm.items_of("Metrics") if "MetricStat" in m)
    return str(metric.block("MetricStat").block("Metric").text("MetricName"))


@BOTH
@pytest.mark.promise("CJ-07")
@pytest.mark.parametrize("name", ALARMS)
def test_alarms_tell_the_topic_of_their_severity(deployment: Deployment, name: str) -> None:
    """What is down is critical, what is slow, busy or faulty a warning; the end of it is told too."""
    alarm = deployment["application"][name]
    topic, metric, comparison, threshold = ALARMS[name]
    found = (_metric(alarm), alarm.text("ComparisonOperator"), alarm.integer("Threshold"))
    assert found == (metric, comparison, threshold)
    for actions in ("AlarmActions", "OKActions"):
        told = [deployment.follow(action) for action in alarm.items_of(actions)]
        assert told == [deployment["monitoring"][topic]]


@BOTH
@pytest.mark.promise("CJ-07")
def test_silence_of_the_targets_is_an_alarm(deployment: Deployment) -> None:
    """Without tasks the load balancer counts nothing, which must not look like health."""
    stack = deployment["application"]
    assert stack["NoHealthyTaskAlarm"].text("TreatMissingData") == "breaching"
    assert stack["UnhealthyTargetsAlarm"].text("TreatMissingData") == "notBreaching"


# --- Names, tags, outputs. ---


@BOTH
@pytest.mark.promise("CJ-13")
@pytest.mark.promise("MD-03")
def test_tags(deployment: Deployment) -> None:
    """Whatever can be tagged carries system, environment, layer and a name that begins with both; so do the tasks."""
    system, environment = _pair(deployment)
    stack = deployment["application"]
    untaggable = {
        "AccessLogsBucketPolicy",
        "DomainRecord",
        "CapacityProviders",
        "CpuScalingPolicy",
        "MemoryScalingPolicy",
    }
    assert {resource.logical_id for resource in stack.resources.values() if "Tags" not in resource} == untaggable
    for resource in stack.resources.values():
        if "Tags" in resource:
            tags = {tag.text("Key"): str(tag["Value"]) for tag in resource.items_of("Tags")}
            assert (tags["System"], tags["Environment"], tags["Layer"]) == (system, environment, "application")
            assert tags["Name"].startswith(f"{system}-{environment}")
    service = stack["Service"]
    assert (service.text("PropagateTags"), service.boolean("EnableECSManagedTags")) == ("SERVICE", True)


@BOTH
@pytest.mark.promise("CJ-13")
@pytest.mark.promise("MD-03")
def test_outputs(deployment: Deployment) -> None:
    """The exports that other layers rely on, each named after system, environment and layer."""
    outputs = deployment["application"].outputs
    prefix = f"{deployment.system}-{deployment.environment.name}-Application"
    names = {
        "Url",
        "DomainName",
        "LoadBalancerDnsName",
        "LoadBalancerZoneId",
        "LoadBalancerArn",
        "LoadBalancerFullName",
        "ClusterName",
        "ServiceName",
        "LogGroupName",
        "UnhealthyTargetsAlarmArn",
        "SlowResponseAlarmArn",
        "HighCpuAlarmArn",
    }
    assert {key: output.export for key, output in outputs.items()} == {name: prefix + name for name in names}
    assert str(outputs["Url"].value) == f"https://{DOMAINS[_pair(deployment)]}"


SHARED = ("AccessLogsBucket", "AccessLogsBucketPolicy", "LoadBalancer", "Certificate", "DomainRecord")


@pytest.mark.parametrize("name", SHARED)
def test_what_both_application_layers_repeat_stays_the_same(name: str) -> None:
    """What 02-application and 02-application-fargate share is word for word the same."""
    here, there = (_written(system, name) for system in ("caja", "muejam"))
    assert here == there


def _written(system: str, name: str) -> str:
    text = Path(load_system(system).templates["application"].file).read_text(encoding="utf-8")
    return text[text.index(f"\n  {name}:\n") :].partition("\n\n")[0]
