"""MueJam's application layer, asked in every environment."""

from __future__ import annotations

import subprocess

import pytest

from stackproof import Block, Deployment

pytestmark = pytest.mark.systems("muejam")

SIZES = {"dev": ("t3.small", 1, 2), "staging": ("t3.medium", 2, 5), "prod": ("t3.large", 2, 10)}
DOMAINS = {"dev": "dev.muejam.example.com", "staging": "staging.muejam.example.com", "prod": "muejam.example.com"}


def _launched(deployment: Deployment) -> Block:
    return deployment["application"]["LaunchTemplate"].block("LaunchTemplateData")


def _domain(deployment: Deployment) -> str:
    return DOMAINS[deployment.environment.name]


@pytest.mark.promise("MJ-02")
def test_https_with_a_modern_tls_policy(deployment: Deployment) -> None:
    """443 speaks TLS 1.2 and 1.3 with the certificate of the environment's domain, and forwards to the instances."""
    stack = deployment["application"]
    listener = stack["HttpsListener"]
    assert (listener.integer("Port"), listener.text("Protocol")) == (443, "HTTPS")
    assert listener.text("SslPolicy") == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    (certificate,) = listener.items_of("Certificates")
    assert deployment.follow(certificate["CertificateArn"]) is stack["Certificate"]
    assert stack["Certificate"].text("DomainName") == _domain(deployment)
    (action,) = listener.items_of("DefaultActions")
    assert (action.text("Type"), deployment.follow(action["TargetGroupArn"])) == ("forward", stack["TargetGroup"])


@pytest.mark.promise("MJ-02")
def test_http_redirects(deployment: Deployment) -> None:
    """80 does nothing but send the client to 443, and is there no sooner than 443 is."""
    stack = deployment["application"]
    listeners = {listener.integer("Port") for listener in stack.of_type("AWS::ElasticLoadBalancingV2::Listener")}
    assert listeners == {80, 443}
    (action,) = stack["HttpListener"].items_of("DefaultActions")
    assert action.text("Type") == "redirect"
    assert action.block("RedirectConfig") == {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    assert "HttpsListener" in {reference.logical_id for reference in stack["HttpListener"].references()}


@pytest.mark.promise("MJ-02")
def test_certificate_and_record_stand_in_the_zone_of_the_account(deployment: Deployment) -> None:
    """The zone is named by the account's SSM parameter; the domain is proved there and leads to the load balancer."""
    stack = deployment["application"]
    zone = f"{{{{resolve:ssm:/muejam/{deployment.environment.name}/hosted-zone-id}}}}"
    (proof,) = stack["Certificate"].items_of("DomainValidationOptions")
    assert stack["Certificate"].text("ValidationMethod") == "DNS"
    assert (proof.text("DomainName"), str(proof["HostedZoneId"])) == (_domain(deployment), zone)
    record = stack["DomainRecord"]
    assert (record.text("Name"), record.text("Type"), str(record["HostedZoneId"])) == (_domain(deployment), "A", zone)
    target = record.block("AliasTarget")
    assert str(target["DNSName"]) == "${LoadBalancer.DNSName}"
    assert str(target["HostedZoneId"]) == "${LoadBalancer.CanonicalHostedZoneID}"


@pytest.mark.promise("MJ-02")
def test_health_check(deployment: Deployment) -> None:
    """``/health`` must answer 200."""
    group = deployment["application"]["TargetGroup"]
    assert (group.text("HealthCheckPath"), group.block("Matcher").text("HttpCode")) == ("/health", "200")


@pytest.mark.promise("MJ-02")
@pytest.mark.promise("MJ-01")
def test_load_balancer_stands_in_three_zones(deployment: Deployment) -> None:
    """In the public subnets, open for the web; the instances in the private ones."""
    stack, network = deployment["application"], deployment["networking"]
    balancer = stack["LoadBalancer"]
    assert balancer.text("Scheme") == "internet-facing"
    subnets = [deployment.follow(subnet) for subnet in balancer.items_of("Subnets")]
    assert subnets == [network[f"PublicSubnet{zone}"] for zone in "ABC"]
    places = [deployment.follow(subnet) for subnet in stack["InstanceGroup"].items_of("VPCZoneIdentifier")]
    assert places == [network[f"PrivateSubnet{zone}"] for zone in "ABC"]


@pytest.mark.promise("MJ-03")
def test_sizes(deployment: Deployment) -> None:
    """Type and number of instances per environment."""
    group = deployment["application"]["InstanceGroup"]
    size = (_launched(deployment).text("InstanceType"), group.integer("MinSize"), group.integer("MaxSize"))
    assert size == SIZES[deployment.environment.name]


SCALING = {
    "HighCpuAlarm": ("GreaterThanThreshold", 70, "ScaleUpPolicy", 1),
    "LowCpuAlarm": ("LessThanThreshold", 30, "ScaleDownPolicy", -1),
}


@pytest.mark.promise("MJ-03")
@pytest.mark.promise("MJ-07")
@pytest.mark.parametrize("name", SCALING)
def test_scaling_by_cpu(deployment: Deployment, name: str) -> None:
    """The group's average CPU adds an instance above 70 % and removes one below 30 %."""
    stack = deployment["application"]
    alarm = stack[name]
    comparison, threshold, policy, step = SCALING[name]
    assert (alarm.text("Namespace"), alarm.text("MetricName")) == ("AWS/EC2", "CPUUtilization")
    assert (alarm.text("ComparisonOperator"), alarm.integer("Threshold")) == (comparison, threshold)
    assert [deployment.follow(item["Value"]) for item in alarm.items_of("Dimensions")] == [stack["InstanceGroup"]]
    assert deployment.follow(alarm.items_of("AlarmActions")[0]) is stack[policy]
    assert stack[policy].integer("ScalingAdjustment") == step


ALARMS = {
    "UnhealthyTargetsAlarm": ("UnHealthyHostCount", 0, "CriticalTopic"),
    "SlowResponseAlarm": ("TargetResponseTime", 1, "WarningTopic"),
}


@pytest.mark.promise("MJ-07")
@pytest.mark.parametrize("name", ALARMS)
def test_load_balancer_alarms(deployment: Deployment, name: str) -> None:
    """Unhealthy targets are critical, slow answers warn."""
    metric, threshold, topic = ALARMS[name]
    stack = deployment["application"]
    alarm = stack[name]
    assert (alarm.text("Namespace"), alarm.text("MetricName")) == ("AWS/ApplicationELB", metric)
    assert (alarm.text("ComparisonOperator"), alarm.integer("Threshold")) == ("GreaterThanThreshold", threshold)
    dimensions = {item.text("Name"): deployment.follow(item["Value"]) for item in alarm.items_of("Dimensions")}
    assert dimensions["LoadBalancer"] is stack["LoadBalancer"]
    for actions in ("AlarmActions", "OKActions"):
        told = [deployment.follow(action) for action in alarm.items_of(actions)]
        assert told == [deployment["monitoring"][topic]]


@pytest.mark.promise("MJ-08")
def test_outputs(deployment: Deployment) -> None:
    """Domain, load balancer with its zone, and the name of the group, which a blue-green update may change."""
    name = deployment.environment.name
    outputs = deployment["application"].outputs
    assert outputs["Url"].value == f"https://{_domain(deployment)}"
    assert outputs["TransportSecurity"].value == "HTTPS; HTTP is redirected to it."
    assert str(outputs["LoadBalancerDnsName"].value) == "${LoadBalancer.DNSName}"
    assert str(outputs["LoadBalancerZoneId"].value) == "${LoadBalancer.CanonicalHostedZoneID}"
    assert (str(outputs["InstanceGroupName"].value), outputs["InstanceGroupName"].export) == ("${InstanceGroup}", None)
    assert outputs["DomainName"].export == f"muejam-{name}-ApplicationDomainName"


@pytest.mark.promise("MJ-10")
def test_secrets_are_those_of_this_environment(deployment: Deployment) -> None:
    """The instances read secrets of their own system and environment, through its key, and none else."""
    role = deployment["application"]["InstanceRole"]
    statements = [s for p in role.items_of("Policies") for s in p.block("PolicyDocument").items_of("Statement")]
    readable = [
        str(resource)
        for statement in statements
        if "secretsmanager:GetSecretValue" in statement.items_of("Action")
        for resource in statement.items_of("Resource")
    ]
    own = f":secret:muejam/{deployment.environment.name}/"
    assert [name for name in readable if not (name.startswith("${") or own in name)] == []
    (decrypt,) = [s for s in statements if "kms:Decrypt" in s.items_of("Action")]
    assert deployment.follow(decrypt["Resource"]) is deployment["networking"]["EncryptionKey"]


@pytest.mark.promise("MJ-03")
def test_updates_roll(deployment: Deployment) -> None:
    """Instance after instance; prod never falls below its minimum."""
    policy = deployment["application"]["InstanceGroup"].attributes.block("UpdatePolicy")
    rolling = policy.block("AutoScalingRollingUpdate")
    assert rolling.integer("MinInstancesInService") == {"dev": 1, "staging": 1, "prod": 2}[deployment.environment.name]
    assert (rolling.integer("MaxBatchSize"), rolling.boolean("WaitOnResourceSignals")) == (1, True)


def _script(deployment: Deployment) -> str:
    return str(_launched(deployment)["UserData"])


@pytest.mark.promise("MJ-06")
def test_the_container_is_given_the_cache(deployment: Deployment) -> None:
    """Its URL comes from the cache layer's secret, which the instances may read; without it no container starts."""
    stack, secret = deployment["application"], deployment["cache"].outputs["UrlSecretArn"].value
    assert f"redis=$(secret '{secret}')\n  echo \"REDIS_URL=$redis\"" in _script(deployment)
    readable = [
        resource
        for policy in stack["InstanceRole"].items_of("Policies")
        for statement in policy.block("PolicyDocument").items_of("Statement")
        if "secretsmanager:GetSecretValue" in statement.items_of("Action")
        for resource in statement.items_of("Resource")
    ]
    assert secret in readable


@pytest.mark.promise("MJ-05")
def test_the_container_may_use_the_buckets(deployment: Deployment) -> None:
    """Through the storage layer's policy and no other, and with metadata one hop further; names come from SSM."""
    stack = deployment["application"]
    policies = [deployment.follow(policy) for policy in stack["InstanceRole"].items_of("ManagedPolicyArns")]
    assert policies == [deployment["storage"]["AccessPolicy"]]
    assert _launched(deployment).block("MetadataOptions").integer("HttpPutResponseHopLimit") == 2
    assert 'echo "AWS_DEFAULT_REGION=us-east-1"' in _script(deployment)
    path = f"/muejam/{deployment.environment.name}/application"
    assert f"get-parameters-by-path --path {path} --recursive" in _script(deployment)
    names = {parameter.text("Name") for parameter in deployment.of_type("AWS::SSM::Parameter")}
    assert {f"{path}/media_bucket", f"{path}/static_bucket"} <= names


def test_the_start_script_is_well_formed(deployment: Deployment) -> None:
    """The shell can read it with what the cache and the storage add to it."""
    script = _script(deployment).removeprefix("${Fn::Base64 ").removesuffix("}")
    done = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
