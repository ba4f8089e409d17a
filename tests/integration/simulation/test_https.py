"""HTTPS before the applications: certificate, listeners, record in the hosted zone."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("caja", "muejam", "mattilda")

DOMAINS = {
    "caja-dev": "api.dev.caja.example.com",
    "caja-staging": "api.staging.caja.example.com",
    "caja-prod": "api.caja.example.com",
    "muejam-dev": "dev.muejam.example.com",
    "muejam-staging": "staging.muejam.example.com",
    "muejam-prod": "muejam.example.com",
    "mattilda-staging": "api.staging.mattilda.example.com",
    "mattilda-prod": "api.mattilda.example.com",
}
HEALTH_CHECKS = {"caja": "/health/", "muejam": "/health", "mattilda": "/health"}


def _listeners(simulated: Simulated) -> dict[int, dict[str, Any]]:
    arn = simulated.id_of("application", "LoadBalancer")
    found = simulated.client("elbv2").describe_listeners(LoadBalancerArn=arn)["Listeners"]
    return {listener["Port"]: listener for listener in found}


def _load_balancer(simulated: Simulated) -> dict[str, Any]:
    arn = simulated.id_of("application", "LoadBalancer")
    (found,) = simulated.client("elbv2").describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    return dict(found)


@pytest.mark.promise("MJ-02", "MD-02", "CJ-01", "CJ-02")
def test_load_balancer_faces_the_internet_from_every_public_subnet(simulated: Simulated) -> None:
    """The load balancer is internet-facing, in the public subnets, with its own security group."""
    found = _load_balancer(simulated)
    assert (found["Scheme"], found["Type"]) == ("internet-facing", "application")
    assert {zone["SubnetId"] for zone in found["AvailabilityZones"]} == {
        simulated.id_of("networking", f"PublicSubnet{zone}") for zone in simulated.zones
    }
    assert found["SecurityGroups"] == [simulated.id_of("networking", "LoadBalancerSecurityGroup")]


@pytest.mark.promise("MJ-02", "MD-02", "CJ-04")
def test_http_sends_everybody_to_https(simulated: Simulated) -> None:
    """There are two listeners, and that on port 80 answers with a permanent redirect to 443."""
    listeners = _listeners(simulated)
    assert {port: listener["Protocol"] for port, listener in listeners.items()} == {80: "HTTP", 443: "HTTPS"}
    (action,) = listeners[80]["DefaultActions"]
    assert (action["Type"], action["RedirectConfig"]) == (
        "redirect",
        {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"},
    )


@pytest.mark.promise("MJ-02", "MD-02", "CJ-04")
def test_https_speaks_modern_tls(simulated: Simulated) -> None:
    """The policy of the listener knows TLS 1.2 and 1.3."""
    assert _listeners(simulated)[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"


@pytest.mark.promise("MJ-02", "MD-02", "CJ-04", "CJ-06")
def test_https_shows_the_certificate_of_the_domain(simulated: Simulated) -> None:
    """The listener's certificate is issued for the domain name and used by this load balancer."""
    (entry,) = _listeners(simulated)[443]["Certificates"]
    acm = simulated.client("acm")
    found = acm.describe_certificate(CertificateArn=entry["CertificateArn"])["Certificate"]
    assert entry["CertificateArn"] == simulated.id_of("application", "Certificate")
    assert (found["DomainName"], found["Status"]) == (DOMAINS[simulated.prefix], "ISSUED")
    assert {validation["ValidationMethod"] for validation in found["DomainValidationOptions"]} == {"DNS"}


@pytest.mark.promise("MJ-02", "MD-02", "CJ-06")
def test_domain_leads_to_the_load_balancer(simulated: Simulated) -> None:
    """The hosted zone, which stood before, has an alias record with the load balancer's name and zone."""
    alias = simulated.records()[(DOMAINS[simulated.prefix], "A")]["AliasTarget"]
    found = _load_balancer(simulated)
    assert (alias["DNSName"].rstrip("."), alias["HostedZoneId"]) == (found["DNSName"], found["CanonicalHostedZoneId"])


@pytest.mark.promise("MJ-02", "CJ-02")
def test_health_check_asks_for_200(simulated: Simulated) -> None:
    """The target group expects 200 from the health endpoint every 30 seconds."""
    arn = simulated.id_of("application", "TargetGroup")
    (found,) = simulated.client("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    assert (found["HealthCheckPath"], found["Matcher"]) == (HEALTH_CHECKS[simulated.system], {"HttpCode": "200"})
    assert (found["HealthCheckIntervalSeconds"], found["HealthCheckEnabled"]) == (30, True)
    assert (found["VpcId"], found["LoadBalancerArns"]) == (
        simulated.id_of("networking", "Vpc"),
        [simulated.id_of("application", "LoadBalancer")],
    )


@pytest.mark.promise("CJ-08")
def test_access_logs_go_to_a_bucket_that_exists(simulated: Simulated) -> None:
    """The load balancer writes access logs to the layer's own bucket."""
    arn = simulated.id_of("application", "LoadBalancer")
    found = simulated.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    attributes = {attribute["Key"]: attribute["Value"] for attribute in found}
    buckets = {bucket["Name"] for bucket in simulated.client("s3").list_buckets()["Buckets"]}
    assert attributes["access_logs.s3.enabled"] == "true"
    assert attributes["access_logs.s3.bucket"] == simulated.id_of("application", "AccessLogsBucket")
    assert attributes["access_logs.s3.bucket"] in buckets


@pytest.mark.promise("MJ-07")
@pytest.mark.parametrize(
    ("alarm", "metric", "threshold", "severity"),
    [
        ("UnhealthyTargetsAlarm", "UnHealthyHostCount", 0.0, "critical"),
        ("SlowResponseAlarm", "TargetResponseTime", 1.0, "warning"),
    ],
)
def test_alarm_watches_the_load_balancer(
    simulated: Simulated, alarm: str, metric: str, threshold: float, severity: str
) -> None:
    """Unhealthy targets are critical, an average answer of more than a second is a warning."""
    found = simulated.alarm("application", alarm)
    queries = [query["MetricStat"]["Metric"] for query in found["Metrics"] if "MetricStat" in query]
    watched = queries or [{"MetricName": found["MetricName"], "Dimensions": found["Dimensions"]}]
    balancer = simulated.id_of("application", "LoadBalancer").partition("loadbalancer/")[2]
    assert [entry["MetricName"] for entry in watched] == [metric]
    assert {"Name": "LoadBalancer", "Value": balancer} in watched[0]["Dimensions"]
    assert (found["ComparisonOperator"], found["Threshold"]) == ("GreaterThanThreshold", threshold)
    topic = [simulated.topic(severity)]
    assert (found["AlarmActions"], found["OKActions"]) == (topic, topic)


@pytest.mark.promise("MJ-08", "MD-02", "CJ-06")
def test_outputs_give_the_address(simulated: Simulated) -> None:
    """The stack says under which name the application answers, and what an alias record needs."""
    outputs, found = simulated.outputs("application"), _load_balancer(simulated)
    assert outputs["Url"] == f"https://{DOMAINS[simulated.prefix]}"
    assert (outputs["LoadBalancerDnsName"], outputs["LoadBalancerZoneId"], outputs["LoadBalancerArn"]) == (
        found["DNSName"],
        found["CanonicalHostedZoneId"],
        found["LoadBalancerArn"],
    )
