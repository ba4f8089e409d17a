"""What holds of the application layer for every value that it permits."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from stackproof import Stack, load_system
from stackproof.strategies import stacks

TEMPLATE = load_system("maticko").templates["application"]
EVERY = settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.promise("MT-10")
@pytest.mark.promise("MT-11")
@EVERY
@given(stacks(TEMPLATE))
def test_instances_are_hardened(stack: Stack) -> None:
    """Session tokens required, volumes encrypted, no key pair, no public address; credentials end at the instance."""
    launched = stack["LaunchTemplate"].block("LaunchTemplateData")
    assert launched.block("MetadataOptions").text("HttpTokens") == "required"
    hops = launched.block("MetadataOptions").integer("HttpPutResponseHopLimit")
    assert hops == (2 if stack.values["UseStorage"] == "true" else 1)
    assert [device.block("Ebs").boolean("Encrypted") for device in launched.items_of("BlockDeviceMappings")] == [True]
    assert {"KeyName", "NetworkInterfaces"} & set(launched) == set()


@pytest.mark.promise("MT-12")
@pytest.mark.promise("MT-13")
@EVERY
@given(stacks(TEMPLATE))
def test_updates_wait_for_signals(stack: Stack) -> None:
    """Rolling or blue-green, never both; and there is always room for one instance more."""
    group = stack["InstanceGroup"]
    updates = group.attributes.block("UpdatePolicy")
    if stack.values["UpdateStrategy"] == "blue-green":
        assert updates == {"AutoScalingReplacingUpdate": {"WillReplace": True}}
    else:
        assert set(updates) == {"AutoScalingRollingUpdate"}
        rolling = updates.block("AutoScalingRollingUpdate")
        assert rolling.boolean("WaitOnResourceSignals")
        assert 1 <= rolling.integer("MinInstancesInService") < group.integer("MaxSize")
    signal = group.attributes.block("CreationPolicy").block("ResourceSignal")
    assert signal.integer("Count") == group.integer("MinSize") < group.integer("MaxSize")


@pytest.mark.promise("MT-24")
@pytest.mark.promise("MT-25")
@EVERY
@given(stacks(TEMPLATE, Environment="prod"))
def test_production_is_never_weak(stack: Stack) -> None:
    """No value turns a protection of production off."""
    group = stack["InstanceGroup"]
    assert "InstanceMarketOptions" not in stack["LaunchTemplate"].block("LaunchTemplateData")
    assert group.integer("MinSize") >= 2
    attributes = {item.text("Key"): item["Value"] for item in stack["LoadBalancer"].items_of("LoadBalancerAttributes")}
    assert attributes["deletion_protection.enabled"] == "true"
    rolling = group.attributes.block("UpdatePolicy").block("AutoScalingRollingUpdate")
    assert rolling.integer("MinInstancesInService", group.integer("MinSize")) == group.integer("MinSize")


@pytest.mark.promise("MT-08")
@EVERY
@given(stacks(TEMPLATE))
def test_a_domain_name_means_https(stack: Stack) -> None:
    """With a domain name HTTP only redirects; without one the output says that it is HTTP only."""
    (action,) = stack["HttpListener"].items_of("DefaultActions")
    named = stack.values["DomainName"] != ""
    assert action.text("Type") == ("redirect" if named else "forward")
    assert ("HttpsListener" in stack) is named
    said = str(stack.outputs["TransportSecurity"].value)
    assert said.startswith("HTTPS; HTTP is redirected" if named else "HTTP only, nothing is encrypted")
    assert str(stack.outputs["Url"].value).startswith("https://" if named else "http://")


@pytest.mark.promise("MJ-02")
@EVERY
@given(stacks(TEMPLATE))
def test_a_certificate_is_given_or_made(stack: Stack) -> None:
    """A given one is taken and the domain left alone; otherwise the layer makes it, with the record that leads here."""
    given_one = stack.values["CertificateArn"]
    own = stack.values["DomainName"] != "" and given_one == ""
    assert {name for name in ("Certificate", "DomainRecord") if name in stack} == (
        {"Certificate", "DomainRecord"} if own else set()
    )
    if "HttpsListener" in stack:
        (certificate,) = stack["HttpsListener"].items_of("Certificates")
        assert certificate["CertificateArn"] == (stack["Certificate"].reference if own else given_one)


@pytest.mark.promise("MT-10")
@EVERY
@given(stacks(TEMPLATE))
def test_what_is_asked_for_and_nothing_else(stack: Stack) -> None:
    """Neighbours that are not used leave no trace: neither an import nor a right nor a line of the start script."""
    used = {name: stack.values[f"Use{name}"] == "true" for name in ("Cache", "Storage", "Monitoring")}
    script = str(stack["LaunchTemplate"].block("LaunchTemplateData")["UserData"])
    assert ("REDIS_URL" in script) is used["Cache"]
    assert ('echo "AWS_DEFAULT_REGION=' in script) is used["Storage"]
    assert ("ManagedPolicyArns" in stack["InstanceRole"]) is used["Storage"]
    assert ("AlarmActions" in stack["UnhealthyTargetsAlarm"]) is used["Monitoring"]
