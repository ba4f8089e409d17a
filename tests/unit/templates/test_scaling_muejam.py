"""MueJam scales by its parameters: a larger value is permitted wherever a size is, and changes no template."""

from __future__ import annotations

import pytest

from stackproof import Deployment, System, load_system

pytestmark = [pytest.mark.systems("muejam"), pytest.mark.promise("MJ-09")]

# By parameter, the next larger value in each environment: what the manifest says is the smaller one.
UP = {
    "InstanceType": {"dev": "t3.medium", "staging": "t3.large", "prod": "t3.xlarge"},
    "VolumeSizeGiB": {"dev": "40", "staging": "40", "prod": "100"},
    "MaxInstances": {"dev": "3", "staging": "6", "prod": "20"},
    "InstanceClass": {"dev": "db.t3.medium", "staging": "db.t3.large", "prod": "db.r6g.2xlarge"},
    "ReplicaInstanceClass": {"dev": "db.t3.medium", "staging": "db.t3.large", "prod": "db.r6g.xlarge"},
    "StorageGiB": {"dev": "200", "staging": "200", "prod": "400"},
    "MaxStorageGiB": {"dev": "1000", "staging": "1000", "prod": "2000"},
}
PLACES = {
    "InstanceType": ("application", "LaunchTemplate", "LaunchTemplateData.InstanceType"),
    "VolumeSizeGiB": ("application", "LaunchTemplate", "LaunchTemplateData.BlockDeviceMappings.0.Ebs.VolumeSize"),
    "MaxInstances": ("application", "InstanceGroup", "MaxSize"),
    "InstanceClass": ("database", "Database", "DBInstanceClass"),
    "ReplicaInstanceClass": ("database", "FirstReplica", "DBInstanceClass"),
    "StorageGiB": ("database", "Database", "AllocatedStorage"),
    "MaxStorageGiB": ("database", "Database", "MaxAllocatedStorage"),
}


@pytest.fixture(scope="module")
def muejam() -> System:
    """The system MueJam."""
    return load_system("muejam")


def _resources(deployment: Deployment) -> dict[str, list[str]]:
    return {layer: [*stack.resources] for layer, stack in deployment.stacks.items()}


def _read(deployment: Deployment, parameter: str) -> str | None:
    layer, logical_id, path = PLACES[parameter]
    if logical_id not in deployment[layer]:
        return None
    value: object = deployment[layer][logical_id].properties
    for key in path.split("."):
        value = value[int(key) if key.isdigit() else key]  # type: ignore[index]
    return str(value)


@pytest.mark.parametrize("parameter", UP)
def test_up(deployment: Deployment, muejam: System, parameter: str) -> None:
    """Larger instances, volumes and storage, with the same set of resources."""
    larger = UP[parameter][deployment.environment.name]
    scaled = muejam.deployment_with(deployment.environment.name, {parameter: larger})
    assert _resources(scaled) == _resources(deployment)
    before, after = _read(deployment, parameter), _read(scaled, parameter)
    assert (before, after) == (None, None) or (before != after == larger)


def test_out_by_instances(deployment: Deployment, muejam: System) -> None:
    """More instances at least; nothing else appears."""
    fewest = deployment["application"]["InstanceGroup"].integer("MinSize")
    values = {"MinInstances": str(fewest + 1), "MaxInstances": "20"}
    scaled = muejam.deployment_with(deployment.environment.name, values)
    assert _resources(scaled) == _resources(deployment)
    assert scaled["application"]["InstanceGroup"].integer("MinSize") == fewest + 1


REPLICAS = {
    "FirstReplica": {"FirstReplica", "FirstReplicaLagAlarm", "FirstReplicaHighCpuAlarm"},
    "SecondReplica": {"SecondReplica", "SecondReplicaLagAlarm", "SecondReplicaHighCpuAlarm"},
    "ThirdReplica": {"ThirdReplica", "ThirdReplicaLagAlarm", "ThirdReplicaHighCpuAlarm"},
}
REPLICATION = {f"Replication{way}{zone}" for way in ("In", "Out") for zone in "ABC"}


def test_out_by_replicas(deployment: Deployment, muejam: System) -> None:
    """One read replica more than there are, with its alarms and its way through the network ACL; nothing goes away."""
    count = len(deployment["database"].of_type("AWS::RDS::DBInstance")) - 1
    scaled = muejam.deployment_with(deployment.environment.name, {"ReadReplicas": str(count + 1)})
    added = set(scaled["database"].resources) - set(deployment["database"].resources)
    (replica,) = [name for name in REPLICAS if name in added]
    assert [*REPLICAS].index(replica) == count
    assert added == REPLICAS[replica] | (REPLICATION if count == 0 else set())
    assert set(deployment["database"].resources) <= set(scaled["database"].resources)
    assert _resources(scaled)["application"] == _resources(deployment)["application"]
