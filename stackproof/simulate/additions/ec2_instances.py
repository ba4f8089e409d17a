"""What moto's EC2 forgets or lacks about instances and volumes, on its own models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore import xform_name
from moto.core.types import Base64EncodedString
from moto.ec2.models.instances import InstanceBackend, MetadataOptions
from moto.elbv2.models import elbv2_backends

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

VERSION = "aws:ec2launchtemplate:version"
"""The tag by which an Auto Scaling group says from which version of a launch template an instance is launched."""
_run_instances: Any = InstanceBackend.run_instances
_terminate_instances: Any = InstanceBackend.terminate_instances


def run_instances(self: Any, image_id: str, count: int, *given: Any, **parameters: Any) -> Any:
    """Launch instances with all that their launch template says, and with interfaces that end with them."""
    named, tags = parameters.get("launch_template"), parameters.get("tags", {}).get("instance", {})
    if named and VERSION in tags:
        named = parameters["launch_template"] = {**named, "Version": tags[VERSION]}
    reservation = _run_instances(self, image_id, count, *given, **parameters)
    data = self._get_template_from_args(named).data if named else {}
    existing = {nic.get("NetworkInterfaceId") for nic in parameters.get("nics") or ()}
    for instance in reservation.instances:
        for interface in instance.nics.values():
            interface.delete_on_termination = interface.id not in existing
        _from_template(self, instance, data, parameters)
    return reservation


def terminate_instances(self: Any, instance_ids: list[str]) -> Any:
    """End instances, which takes them out of target groups; moto leaves them there unless a request ends them."""
    ended = _terminate_instances(self, instance_ids)
    elbv2_backends[self.account_id][self.region_name].notify_terminate_instances(instance_ids)
    return ended


def _from_template(backend: Any, instance: Any, data: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Apply those parts of a launch template that moto passes over."""
    if data.get("MetadataOptions") and not parameters.get("metadata_options"):
        instance.metadata_options = MetadataOptions(data["MetadataOptions"])
    if data.get("Monitoring", {}).get("Enabled"):
        instance.monitoring_state = "enabled"
    if data.get("EbsOptimized"):
        instance.ebs_optimized = True
    if data.get("InstanceMarketOptions", {}).get("MarketType") == "spot":
        instance.lifecycle = "spot"
    profile = data.get("IamInstanceProfile") or {}
    if profile and not backend.iam_instance_profile_associations.get(instance.id):
        backend.associate_iam_instance_profile(instance.id, profile.get("Name"), profile.get("Arn"))
    volumes = [backend.get_volume(device.volume_id) for _, device in instance.get_block_device_mapping]
    for specified in data.get("TagSpecifications", ()):
        if specified.get("ResourceType") == "volume":
            for volume in volumes:
                volume.add_tags({tag["Key"]: tag["Value"] for tag in specified["Tags"]})
    _performance(backend, instance, data.get("BlockDeviceMappings", ()))


def _performance(backend: Any, instance: Any, mappings: Any) -> None:
    """Give the volumes of an instance the performance that was asked for; they end with it unless told not to."""
    devices = dict(instance.get_block_device_mapping)
    for mapping in mappings:
        if mapping.get("DeviceName") in devices:
            volume = backend.get_volume(devices[mapping["DeviceName"]].volume_id)
            asked = mapping.get("Ebs", {})
            volume.iops = asked.get("Iops", volume.iops)
            volume.throughput = asked.get("Throughput", volume.throughput)
            devices[mapping["DeviceName"]].delete_on_termination = asked.get("DeleteOnTermination", True)


_PLACEMENT = ("Tenancy", "GroupName", "Affinity", "HostResourceGroupArn")
_REMEMBERED = ("CpuOptions", "EnclaveOptions", "PrivateDnsNameOptions", "DisableApiTermination")


def _run(response: Response, request: Item) -> Any:
    """Keep what moto forgets, and refuse a key that is not there."""
    backend, key = response.ec2_backend, request.get("KeyName")
    if key and key not in backend.key_pairs:
        raise Refused("InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    answer = response.run_instances()
    for instance in list(backend.reservations.values())[-1].instances:
        for name in _PLACEMENT:
            if name in request.get("Placement", {}):
                setattr(instance.placement, xform_name(name), request["Placement"][name])
        for name in _REMEMBERED:
            if name in request:
                setattr(instance, xform_name(name), request[name])
        if "CreditSpecification" in request:
            instance.cpu_credits = request["CreditSpecification"]["CpuCredits"]
        instance.licenses = request.get("LicenseSpecifications", [])
        _performance(backend, instance, request.get("BlockDeviceMappings", ()))
    return answer


def _monitor(response: Response, request: Item) -> Any:
    return _monitored(response, request, "enabled")


def _unmonitor(response: Response, request: Item) -> Any:
    return _monitored(response, request, "disabled")


def _monitored(response: Response, request: Item, state: str) -> Any:
    found = response.ec2_backend.get_multi_instances_by_id(request["InstanceIds"])
    for instance in found:
        instance.monitoring_state = state
    return {"InstanceMonitorings": [{"InstanceId": one.id, "Monitoring": {"State": state}} for one in found]}


def _modify_instance_attribute(response: Response, request: Item) -> Any:
    """Change the groups of the interface with those of the instance, and what a shutdown does."""
    instance = response.ec2_backend.get_instance(request["InstanceId"])
    if "InstanceInitiatedShutdownBehavior" in request:
        instance.instance_initiated_shutdown_behavior = request["InstanceInitiatedShutdownBehavior"]["Value"]
        return {}
    if "UserData" in request:
        # botocore encodes it once more; moto looks for the encoding in what is decoded already.
        instance.user_data = Base64EncodedString.from_raw_string(request["UserData"].get("Value", b"").decode())
        return {}
    answer = response.modify_instance_attribute()
    if "Groups" in request:
        instance.nics[0]._group_set = list(instance.security_groups)
    return answer


def _credits(response: Response, request: Item) -> Any:
    found = response.ec2_backend.get_multi_instances_by_id(request.get("InstanceIds", []))
    shown = [{"InstanceId": one.id, "CpuCredits": getattr(one, "cpu_credits", "standard")} for one in found]
    return {"InstanceCreditSpecifications": shown}


def _modify_credits(response: Response, request: Item) -> Any:
    changed = request["InstanceCreditSpecifications"]
    for specification in changed:
        instance = response.ec2_backend.get_instance(specification["InstanceId"])
        instance.cpu_credits = specification["CpuCredits"]
    done = [{"InstanceId": specification["InstanceId"]} for specification in changed]
    return {"SuccessfulInstanceCreditSpecifications": done, "UnsuccessfulInstanceCreditSpecifications": []}


def _create_volume(response: Response, request: Item) -> Any:
    """Make volumes of the type that EC2 makes where none is named."""
    answer = response.create_volume()
    volume = list(response.ec2_backend.volumes.values())[-1]
    volume.volume_type = volume.volume_type or "gp2"
    volume.auto_enable_io = False
    return answer


def _modify_volume(response: Response, request: Item) -> Any:
    """Take a change to "no"; moto takes those to "yes" only, and refuses a request that makes none."""
    volume = response.ec2_backend.get_volume(request["VolumeId"])
    if "MultiAttachEnabled" in request and not request["MultiAttachEnabled"]:
        volume.multi_attach_enabled = False
    return response.modify_volume()


def _modify_volume_attribute(response: Response, request: Item) -> Any:
    volume = response.ec2_backend.get_volume(request["VolumeId"])
    if "AutoEnableIO" in request:
        volume.auto_enable_io = request["AutoEnableIO"]["Value"]
    return {}


def _describe_volume_attribute(response: Response, request: Item) -> Any:
    volume = response.ec2_backend.get_volume(request["VolumeId"])
    if request["Attribute"] == "autoEnableIO":
        return {"VolumeId": volume.id, "AutoEnableIO": {"Value": getattr(volume, "auto_enable_io", False)}}
    return {"VolumeId": volume.id, "ProductCodes": []}


METHODS: Mapping[tuple[str, str], Method] = {
    ("ec2", "CreateVolume"): _create_volume,
    ("ec2", "DescribeInstanceCreditSpecifications"): _credits,
    ("ec2", "DescribeVolumeAttribute"): _describe_volume_attribute,
    ("ec2", "ModifyInstanceAttribute"): _modify_instance_attribute,
    ("ec2", "ModifyInstanceCreditSpecification"): _modify_credits,
    ("ec2", "ModifyVolume"): _modify_volume,
    ("ec2", "ModifyVolumeAttribute"): _modify_volume_attribute,
    ("ec2", "MonitorInstances"): _monitor,
    ("ec2", "RunInstances"): _run,
    ("ec2", "UnmonitorInstances"): _unmonitor,
}
PATCHES = (
    (InstanceBackend, "run_instances", run_instances),
    (InstanceBackend, "terminate_instances", terminate_instances),
)
