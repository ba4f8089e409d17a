"""What holds of the application layer on Fargate for every value that it permits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Stack, load_system
from stackproof.strategies import stacks

# A drawn combination that cannot be repaired is rejected, and hypothesis then writes down the whole template.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

TEMPLATE = load_system("caja").templates["application"]
EVERY = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

# What Fargate offers per CPU: MiB of memory, from, to and in steps of.
FARGATE = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4097, 1024)),
    1024: tuple(range(2048, 8193, 1024)),
    2048: tuple(range(4096, 16385, 1024)),
    4096: tuple(range(8192, 30721, 1024)),
}


@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-03")
@EVERY
@given(stacks(TEMPLATE))
def test_containers_are_confined(stack: Stack) -> None:
    """No container is root, writes to its root file system, keeps a capability or logs nowhere."""
    containers = stack["TaskDefinition"].items_of("ContainerDefinitions")
    assert containers
    for container in containers:
        assert container.text("User") == "10001:10001"
        assert container.boolean("ReadonlyRootFilesystem")
        assert container.block("LinuxParameters").block("Capabilities") == {"Drop": ["ALL"]}
        assert container.block("LogConfiguration").text("LogDriver") == "awslogs"
        assert "Privileged" not in container


@EVERY
@given(stacks(TEMPLATE))
def test_sizes_are_those_of_fargate(stack: Stack) -> None:
    """CPU and memory are a pair that Fargate offers, with more room than the collector takes."""
    task = stack["TaskDefinition"]
    assert task.integer("Memory") in FARGATE[task.integer("Cpu")]
    taken = sum(c.integer("Memory") for c in task.items_of("ContainerDefinitions") if c.text("Name") != "application")
    assert taken * 2 < task.integer("Memory")


@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-03")
@EVERY
@given(stacks(TEMPLATE))
def test_there_is_something_to_scale(stack: Stack) -> None:
    """The most tasks are more than the fewest, alarms wait above what scaling aims at, and no count is written down."""
    target = stack["ScalableTarget"]
    assert 1 <= target.integer("MinCapacity") < target.integer("MaxCapacity")
    assert "DesiredCount" not in stack["Service"]
    for policy, alarm in (("CpuScalingPolicy", "HighCpuAlarm"), ("MemoryScalingPolicy", "HighMemoryAlarm")):
        aim = stack[policy].block("TargetTrackingScalingPolicyConfiguration").integer("TargetValue")
        assert aim < stack[alarm].integer("Threshold")


@pytest.mark.promise("CJ-11")
@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-03")
@EVERY
@given(stacks(TEMPLATE, Environment="prod"))
def test_production_is_never_weak(stack: Stack) -> None:
    """No value turns a protection of production off."""
    (capacity,) = stack["Service"].items_of("CapacityProviderStrategy")
    assert capacity.text("CapacityProvider") == "FARGATE"
    assert stack["ScalableTarget"].integer("MinCapacity") >= 2
    attributes = {item.text("Key"): item["Value"] for item in stack["LoadBalancer"].items_of("LoadBalancerAttributes")}
    assert attributes["deletion_protection.enabled"] == "true"


@pytest.mark.promise("CJ-02")
@EVERY
@given(stacks(TEMPLATE))
def test_every_update_can_be_rolled_back(stack: Stack) -> None:
    """Rolling or blue-green, circuit breaker and alarms return to what ran before; the second group is there or not."""
    update = stack["Service"].block("DeploymentConfiguration")
    assert update.block("DeploymentCircuitBreaker") == {"Enable": True, "Rollback": True}
    assert update.block("Alarms").boolean("Rollback")
    assert update.integer("MinimumHealthyPercent") == 100
    blue_green = stack.values["UpdateStrategy"] == "blue-green"
    assert update.text("Strategy") == ("BLUE_GREEN" if blue_green else "ROLLING")
    assert ("BakeTimeInMinutes" in update) is blue_green
    (balancer,) = stack["Service"].items_of("LoadBalancers")
    assert ("AdvancedConfiguration" in balancer) is blue_green
    assert {name for name in ("AlternateTargetGroup", "UpdateRole") if name in stack} == (
        {"AlternateTargetGroup", "UpdateRole"} if blue_green else set()
    )


@pytest.mark.promise("MD-02")
@EVERY
@given(stacks(TEMPLATE))
def test_a_domain_name_means_https(stack: Stack) -> None:
    """With a domain name HTTP only redirects, and the rule that leads to the tasks is the encrypted listener's."""
    assert len(stack.values["DomainName"]) <= 64, "ACM takes no longer name as a certificate's first"
    (action,) = stack["HttpListener"].items_of("DefaultActions")
    named = stack.values["DomainName"] != ""
    assert action.text("Type") == ("redirect" if named else "fixed-response")
    listener = "HttpsListener" if named else "HttpListener"
    assert stack["ProductionRule"]["ListenerArn"] == stack[listener].reference
    assert ("HttpsListener" in stack) is named
    assert str(stack.outputs["Url"].value).startswith("https://" if named else "http://")
    own = named and stack.values["CertificateArn"] == ""
    assert ("Certificate" in stack, "DomainRecord" in stack) == (own, own)


@pytest.mark.promise("CJ-02")
@EVERY
@given(stacks(TEMPLATE, BehindEdge="true", DomainName="api.example.com"))
def test_behind_the_edge_nothing_else_gets_in(stack: Stack) -> None:
    """The header is asked for on the only way to the tasks, which is encrypted."""
    (default,) = stack["HttpsListener"].items_of("DefaultActions")
    assert default.text("Type") == "fixed-response"
    (condition,) = stack["ProductionRule"].items_of("Conditions")
    assert condition.text("Field") == "http-header"
    assert len(stack.of_type("AWS::ElasticLoadBalancingV2::ListenerRule")) == 1
    assert stack["OriginSecret"].block("GenerateSecretString").integer("PasswordLength") <= 128


@pytest.mark.promise("MD-07")
@pytest.mark.promise("MD-08")
@EVERY
@given(stacks(TEMPLATE))
def test_what_is_asked_for_and_nothing_else(stack: Stack) -> None:
    """Neighbours that are not used leave no trace: neither a variable nor a right nor a container."""
    used = {
        name: stack.values[name] == "true"
        for name in ("UseDatabase", "UseCache", "UseStorage", "UseMonitoring", "UseTracing", "BehindEdge")
    }
    application, *others = stack["TaskDefinition"].items_of("ContainerDefinitions")
    secrets = {secret.text("Name") for secret in application.items_of("Secrets")}
    assert secrets == {
        "SECRET_KEY",
        *(["DATABASE_URL"] if used["UseDatabase"] else []),
        *(["REDIS_URL"] if used["UseCache"] else []),
    }
    policies = stack["ExecutionRole"].items_of("Policies")
    statements = [s for policy in policies for s in policy.block("PolicyDocument").items_of("Statement")]
    (reads,) = (s for s in statements if "secretsmanager:GetSecretValue" in s.items_of("Action"))
    assert len(reads.items_of("Resource")) == len(secrets)
    assert [container.text("Name") for container in others] == (["tracing"] if used["UseTracing"] else [])
    assert bool(stack["TaskRole"].items_of("Policies")) is used["UseTracing"]
    assert ("OriginSecret" in stack) is used["BehindEdge"]
    assert len(stack["TaskRole"].items_of("ManagedPolicyArns")) == used["UseStorage"]
    variables = {variable.text("Name") for variable in application.items_of("Environment")}
    assert ({"MEDIA_BUCKET", "STATIC_BUCKET"} & variables != set()) is used["UseStorage"]
    for alarm in stack.of_type("AWS::CloudWatch::Alarm"):
        assert ("AlarmActions" in alarm, "OKActions" in alarm) == (used["UseMonitoring"], used["UseMonitoring"])
