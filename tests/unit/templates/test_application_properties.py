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
    """Session tokens required, volumes encrypted, no key pair, no public address."""
    launched = stack["LaunchTemplate"].block("LaunchTemplateData")
    assert launched.block("MetadataOptions").text("HttpTokens") == "required"
    assert launched.block("MetadataOptions").integer("HttpPutResponseHopLimit") == 1
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
def test_a_certificate_means_https(stack: Stack) -> None:
    """With a certificate HTTP only redirects; without one the output says that it is HTTP only."""
    (action,) = stack["HttpListener"].items_of("DefaultActions")
    certified = stack.values["CertificateArn"] != ""
    assert action.text("Type") == ("redirect" if certified else "forward")
    assert ("HttpsListener" in stack) is certified
    said = str(stack.outputs["TransportSecurity"].value)
    assert said.startswith("HTTPS; HTTP is redirected" if certified else "HTTP only, nothing is encrypted")
