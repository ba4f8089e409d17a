"""The tasks of Caja and Mattilda as a tester finds them in the console: cluster, service, scaling, secrets, images."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("caja", "mattilda")

# CPU units, MiB, fewest and most tasks, and on which capacity they run.
SIZES = {
    "caja-dev": ("256", "1024", 1, 2, "FARGATE_SPOT"),
    "caja-staging": ("512", "1024", 2, 4, "FARGATE"),
    "caja-prod": ("1024", "2048", 2, 10, "FARGATE"),
    "mattilda-staging": ("512", "1024", 2, 10, "FARGATE"),
    "mattilda-prod": ("1024", "2048", 2, 10, "FARGATE"),
}
IMAGES = {"caja": "caja/web", "mattilda": "mattilda-backend"}


def _service(simulated: Simulated) -> dict[str, Any]:
    found = simulated.client("ecs").describe_services(
        cluster=simulated.id_of("application", "Cluster"), services=[simulated.id_of("application", "Service")]
    )
    (service,) = found["services"]
    return dict(service)


def _task(simulated: Simulated) -> dict[str, Any]:
    """Return the task definition that the service runs."""
    name = _service(simulated)["taskDefinition"]
    return dict(simulated.client("ecs").describe_task_definition(taskDefinition=name)["taskDefinition"])


def _container(simulated: Simulated, name: str = "application") -> dict[str, Any]:
    (found,) = [container for container in _task(simulated)["containerDefinitions"] if container["name"] == name]
    return dict(found)


def _secrets(simulated: Simulated) -> dict[str, str]:
    """Return what the container is given: the values of its secrets by the names of its variables."""
    return {entry["name"]: simulated.secret(entry["valueFrom"]) for entry in _container(simulated)["secrets"]}


@pytest.mark.promise("MD-03")
def test_cluster_and_service_have_the_promised_names(simulated: Simulated) -> None:
    """Mattilda's are agreed; Caja's begin with system and environment."""
    (cluster,) = simulated.client("ecs").list_clusters()["clusterArns"]
    (service,) = simulated.client("ecs").list_services(cluster=cluster)["serviceArns"]
    names = (cluster.rpartition("/")[2], service.rpartition("/")[2])
    if simulated.system == "mattilda":
        assert names == (f"mattilda-cluster-{simulated.environment}", "mattilda-api-service")
    else:
        assert all(name.startswith(f"{simulated.stack('application')}-") for name in names)


@pytest.mark.promise("CJ-02", "MD-03")
def test_tasks_have_their_size(simulated: Simulated) -> None:
    """Each environment's tasks have the promised processor and memory, on Fargate."""
    task = _task(simulated)
    assert (task["cpu"], task["memory"]) == SIZES[simulated.prefix][:2]
    assert (task["requiresCompatibilities"], task["networkMode"]) == (["FARGATE"], "awsvpc")


@pytest.mark.promise("CJ-11", "MD-03")
def test_only_dev_runs_on_spot(simulated: Simulated) -> None:
    """The service asks for the one kind of capacity, which its cluster has."""
    cluster = simulated.id_of("application", "Cluster")
    (found,) = simulated.client("ecs").describe_clusters(clusters=[cluster])["clusters"]
    capacity = [entry["capacityProvider"] for entry in _service(simulated)["capacityProviderStrategy"]]
    assert capacity == [SIZES[simulated.prefix][4]]
    assert set(capacity) <= set(found["capacityProviders"])


@pytest.mark.promise("CJ-01", "MD-01")
def test_tasks_stand_in_private_subnets(simulated: Simulated) -> None:
    """Tasks are in the private subnets, in the application's security group, without a public address."""
    network = _service(simulated)["networkConfiguration"]["awsvpcConfiguration"]
    assert set(network["subnets"]) == {
        simulated.id_of("networking", f"PrivateSubnet{zone}") for zone in simulated.zones
    }
    assert network["securityGroups"] == [simulated.id_of("networking", "ApplicationSecurityGroup")]
    assert network["assignPublicIp"] == "DISABLED"


@pytest.mark.promise("CJ-02", "MD-02")
def test_load_balancer_forwards_to_the_tasks(simulated: Simulated) -> None:
    """The one rule of the HTTPS listener forwards to the target group in which ECS registers the tasks."""
    listener = simulated.id_of("application", "HttpsListener")
    rules = simulated.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
    (rule,) = [rule for rule in rules if not rule["IsDefault"]]
    (group,) = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    (registered,) = _service(simulated)["loadBalancers"]
    assert group == {"TargetGroupArn": registered["targetGroupArn"], "Weight": 100}
    assert (registered["containerName"], registered["containerPort"]) == ("application", 8000)
    assert _container(simulated)["portMappings"][0]["containerPort"] == 8000


@pytest.mark.promise("CJ-02", "MD-09")
def test_failed_update_is_rolled_back(simulated: Simulated) -> None:
    """Updates roll, stop and go back when tasks do not start or when one of two alarms that exist goes off."""
    update = _service(simulated)["deploymentConfiguration"]
    alarms = {
        simulated.alarm("application", name)["AlarmName"] for name in ("UnhealthyTargetsAlarm", "HighErrorRateAlarm")
    }
    assert (update["strategy"], update["minimumHealthyPercent"]) == ("ROLLING", 100)
    assert update["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (update["alarms"]["enable"], update["alarms"]["rollback"]) == (True, True)
    assert set(update["alarms"]["alarmNames"]) == alarms


def _resource(simulated: Simulated) -> str:
    service = _service(simulated)
    return f"service/{service['clusterArn'].rpartition('/')[2]}/{service['serviceName']}"


@pytest.mark.promise("CJ-02", "MD-03")
def test_service_scales_between_its_fewest_and_most_tasks(simulated: Simulated) -> None:
    """The one scalable target is the desired count of the service that exists."""
    targets = simulated.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    (found,) = targets["ScalableTargets"]
    assert (found["ResourceId"], found["ScalableDimension"]) == (_resource(simulated), "ecs:service:DesiredCount")
    assert (found["MinCapacity"], found["MaxCapacity"]) == SIZES[simulated.prefix][2:4]


@pytest.mark.promise("CJ-02", "MD-03")
def test_service_scales_by_cpu_and_by_memory(simulated: Simulated) -> None:
    """Two policies of the service aim at 70 % CPU and 75 % memory."""
    policies = simulated.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")
    found = {}
    for policy in policies["ScalingPolicies"]:
        aim = policy["TargetTrackingScalingPolicyConfiguration"]
        metric = aim["PredefinedMetricSpecification"]["PredefinedMetricType"]
        found[(policy["ResourceId"], metric)] = aim["TargetValue"]
    assert found == {
        (_resource(simulated), "ECSServiceAverageCPUUtilization"): 70.0,
        (_resource(simulated), "ECSServiceAverageMemoryUtilization"): 75.0,
    }


@pytest.mark.promise("CJ-09", "MD-07")
def test_container_is_given_secrets_by_arn(simulated: Simulated) -> None:
    """The variables of secrets name secrets that exist, by their ARNs."""
    secrets = simulated.client("secretsmanager")
    found = {
        entry["name"]: secrets.describe_secret(SecretId=entry["valueFrom"])
        for entry in _container(simulated)["secrets"]
    }
    assert {entry["valueFrom"] for entry in _container(simulated)["secrets"]} == {
        entry["ARN"] for entry in found.values()
    }
    names = {variable: entry["Name"] for variable, entry in found.items()}
    if simulated.system == "mattilda":
        assert names == {
            "DATABASE_URL": "mattilda/database-url",
            "REDIS_URL": "mattilda/redis-url",
            "SECRET_KEY": "mattilda/secret-key",
        }
    else:
        assert names.keys() == {"DATABASE_URL", "SECRET_KEY"}
        assert names["DATABASE_URL"] == "caja/database-url"


@pytest.mark.promise("CJ-09", "MD-07")
def test_database_url_opens_the_database(simulated: Simulated) -> None:
    """The URL has the database's address, name and user, and the password of its secret, and demands TLS."""
    url = urlsplit(_secrets(simulated)["DATABASE_URL"])
    name = simulated.id_of("database", "Database")
    (database,) = simulated.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    secret = json.loads(simulated.secret(f"{simulated.system}/{simulated.environment}/database"))
    assert (url.hostname, url.port) == (database["Endpoint"]["Address"], database["Endpoint"]["Port"])
    assert (url.username, url.password) == (database["MasterUsername"], secret["password"])
    assert (url.scheme, url.path.removeprefix("/")) == ("postgresql", database["DBName"])
    assert parse_qs(url.query) == {"sslmode": ["require"]}


@pytest.mark.promise("CJ-09", "MD-07")
def test_signing_key_is_made_up(simulated: Simulated) -> None:
    """The key that signs sessions is 64 letters and digits that nobody wrote down."""
    key = _secrets(simulated)["SECRET_KEY"]
    assert (len(key), key.isalnum()) == (64, True)


@pytest.mark.promise("CJ-09", "MD-07")
def test_no_secret_is_a_plain_variable(simulated: Simulated) -> None:
    """No value of a secret stands in the task definition, and no plain variable has a secret's name."""
    container, task = _container(simulated), json.dumps(_task(simulated), default=str)
    values = _secrets(simulated)
    assert [name for name, value in values.items() if value in task] == []
    assert {entry["name"] for entry in container["environment"]} & values.keys() == set()


@pytest.mark.promise("CJ-10", "MD-08")
def test_execution_role_reads_the_secrets_of_the_container_only(simulated: Simulated) -> None:
    """Of all secrets of the account ECS may read just those that it hands to the container."""
    role = simulated.client("iam").get_role(RoleName=simulated.id_of("application", "ExecutionRole"))["Role"]
    secrets = simulated.client("secretsmanager")
    given = {secrets.describe_secret(SecretId=entry["valueFrom"])["Name"] for entry in _container(simulated)["secrets"]}
    assert _task(simulated)["executionRoleArn"] == role["Arn"]
    assert simulated.secrets_for(role["RoleName"]) == given
    assert len(secrets.list_secrets()["SecretList"]) > len(given)


@pytest.mark.promise("CJ-10", "MD-08")
def test_container_itself_may_read_no_secret(simulated: Simulated) -> None:
    """The tasks' role is another one; Caja's uses its buckets and sends traces, Mattilda's may do nothing."""
    iam = simulated.client("iam")
    role = iam.get_role(RoleName=simulated.id_of("application", "TaskRole"))["Role"]
    inline = iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    expected: tuple[list[str], list[str]] = ([], [])
    if simulated.system == "caja":
        expected = (["SendTraces"], [simulated.outputs("storage")["AccessPolicyArn"]])
    assert _task(simulated)["taskRoleArn"] == role["Arn"]
    assert (inline, [entry["PolicyArn"] for entry in attached]) == expected
    assert simulated.secrets_for(role["RoleName"]) == set()


@pytest.mark.promise("CJ-08", "MD-03")
def test_logs_go_to_a_group_that_keeps_them_encrypted_for_a_year(simulated: Simulated) -> None:
    """Every container writes JSON to the one log group, which exists, is encrypted and keeps them a year."""
    groups = {
        container["logConfiguration"]["options"]["awslogs-group"]
        for container in _task(simulated)["containerDefinitions"]
    }
    (name,) = groups
    (found,) = simulated.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    assert (found["retentionInDays"], found["kmsKeyId"]) == (365, simulated.key_arn())
    assert {"name": "LOG_FORMAT", "value": "json"} in _container(simulated)["environment"]
    if simulated.system == "mattilda":
        assert name == "/ecs/mattilda-api"


@pytest.mark.promise("CJ-08")
def test_traces_go_to_a_collector_beside_the_container(simulated: Simulated) -> None:
    """Caja's container sends traces to the collector of its task; Mattilda's has none."""
    names = [container["name"] for container in _task(simulated)["containerDefinitions"]]
    environment = {entry["name"]: entry["value"] for entry in _container(simulated)["environment"]}
    traced = simulated.system == "caja"
    assert names == (["application", "tracing"] if traced else ["application"])
    assert environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") == ("http://localhost:4318" if traced else None)


@pytest.mark.promise("CJ-12")
def test_container_learns_which_buckets_there_are(simulated: Simulated) -> None:
    """Caja's container is told the names of the buckets that exist; Mattilda has none."""
    environment = {entry["name"]: entry["value"] for entry in _container(simulated)["environment"]}
    told = {name: value for name, value in environment.items() if name.endswith("_BUCKET")}
    expected = {}
    if simulated.system == "caja":
        expected = {
            f"{kind.upper()}_BUCKET": simulated.id_of("storage", f"{kind}Bucket") for kind in ("Media", "Static")
        }
    assert told == expected


_OTHER_REPOSITORY = "taskcat's stacks make another repository than their image comes from"


@pytest.mark.promise("MD-06")
@pytest.mark.own_stacks_only(_OTHER_REPOSITORY)
def test_image_comes_from_a_repository_that_exists(simulated: Simulated) -> None:
    """The container's image is in the account's one repository, which nobody can overwrite and which scans."""
    (repository,) = simulated.client("ecr").describe_repositories()["repositories"]
    assert _container(simulated)["image"] == f"{repository['repositoryUri']}:1.0.0"
    assert repository["repositoryName"] == IMAGES[simulated.system]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    assert repository["encryptionConfiguration"] == {
        "encryptionType": "KMS",
        "kmsKey": simulated.key_arn("delivery", "DeliveryKey"),
    }


@pytest.mark.promise("MD-06")
@pytest.mark.own_stacks_only(_OTHER_REPOSITORY)
def test_repository_throws_old_images_away(simulated: Simulated) -> None:
    """Untagged images go after a week, and of the others the newest fifty stay."""
    policy = simulated.client("ecr").get_lifecycle_policy(repositoryName=IMAGES[simulated.system])
    selections = [rule["selection"] for rule in json.loads(policy["lifecyclePolicyText"])["rules"]]
    assert selections == [
        {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7},
        {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50},
    ]


@pytest.mark.promise("MD-08", "CJ-10")
@pytest.mark.own_stacks_only(_OTHER_REPOSITORY)
def test_execution_role_may_pull_that_image(simulated: Simulated) -> None:
    """One of the names that the role may pull from is the repository's."""
    role = simulated.id_of("application", "ExecutionRole")
    policy = simulated.client("iam").get_role_policy(RoleName=role, PolicyName="PullImage")["PolicyDocument"]
    (repository,) = simulated.client("ecr").describe_repositories()["repositories"]
    (pull,) = [entry for entry in policy["Statement"] if "ecr:BatchGetImage" in entry["Action"]]
    stem, _, name = repository["repositoryArn"].partition("repository/")
    assert pull["Resource"] == [f"{stem}repository/{simulated.system}{rest}" for rest in ("", "/*", "-*")]
    assert name.startswith((f"{simulated.system}/", f"{simulated.system}-"))
