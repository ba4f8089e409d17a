"""EC2: instances, what they are launched from, their keys and volumes."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe
from stackproof.simulate.resources.ec2 import TAGS
from stackproof.simulate.updates import only, restored

_PLACEMENT = {
    "AvailabilityZone": "AvailabilityZone",
    "Tenancy": "Tenancy",
    "PlacementGroupName": "GroupName",
    "Affinity": "Affinity",
    "HostId": "HostId",
    "HostResourceGroupArn": "HostResourceGroupArn",
}


def _is_on(value: Any) -> bool:
    return as_text(value).lower() == "true"


def _decoded(text: str) -> str:
    """Return user data without the encoding that botocore adds again."""
    return base64.b64decode(text).decode()


def _launch(properties: dict[str, Any]) -> dict[str, Any]:
    """Return an instance's properties as the API takes them: placement, profile and monitoring are objects there."""
    found = {name: value for name, value in properties.items() if name not in _PLACEMENT}
    placement = {_PLACEMENT[name]: value for name, value in properties.items() if name in _PLACEMENT}
    if placement:
        found["Placement"] = placement
    if "IamInstanceProfile" in found:
        found["IamInstanceProfile"] = {"Name": found["IamInstanceProfile"]}
    if "Monitoring" in found:
        found["Monitoring"] = {"Enabled": found["Monitoring"]}
    if "UserData" in found:
        found["UserData"] = _decoded(found["UserData"])
    if "NetworkInterfaces" in found:
        found["NetworkInterfaces"] = [
            {"Groups" if key == "GroupSet" else key: value for key, value in interface.items()}
            for interface in found["NetworkInterfaces"]
        ]
    return found


_MODIFIED = ("DisableApiTermination", "SourceDestCheck", "InstanceInitiatedShutdownBehavior")
_STOPPED = ("InstanceType", "UserData", "EbsOptimized")
_DEFAULTS: dict[str, Any] = {
    "DisableApiTermination": False,
    "SourceDestCheck": True,
    "InstanceInitiatedShutdownBehavior": "stop",
    "EbsOptimized": False,
    "UserData": "",
}


def _set(job: Job, name: str) -> None:
    value = job.wanted.properties.get(name, _DEFAULTS.get(name))
    if isinstance(_DEFAULTS.get(name), bool):
        given: Any = {"Value": _is_on(value)}
    else:
        given = {"Value": _decoded(as_text(value)).encode() if name == "UserData" else as_text(value)}
    job.client.modify_instance_attribute(InstanceId=job.physical_id, **{name: given})


def _after_launch(job: Job) -> None:
    """Set what a launch cannot set: attributes with calls of their own, volumes, tags of volumes."""
    for name in ("SourceDestCheck",):
        if job.touched(name):
            _set(job, name)
    _volumes(job)
    tags = job.wanted.properties.get("Tags")
    if _is_on(job.take("PropagateTagsToVolumeOnCreation", False)) and tags:
        volumes = [volume["VolumeId"] for volume in _attached(job)]
        job.client.create_tags(Resources=volumes, Tags=tags)


def _attached(job: Job) -> list[dict[str, Any]]:
    filters = [{"Name": "attachment.instance-id", "Values": [job.physical_id]}]
    return list(job.client.describe_volumes(Filters=filters)["Volumes"])


def _volumes(job: Job) -> None:
    """Attach and detach volumes that a template makes by themselves."""
    if not job.touched("Volumes"):
        return
    before, now = (held.get("Volumes") or [] for held in (job.before, job.wanted.properties))
    for volume in (item for item in before if item not in now):
        job.client.detach_volume(InstanceId=job.physical_id, VolumeId=volume["VolumeId"], Device=volume["Device"])
    for volume in (item for item in now if item not in before):
        job.client.attach_volume(InstanceId=job.physical_id, VolumeId=volume["VolumeId"], Device=volume["Device"])


def _change_instance(job: Job) -> None:
    for name in _MODIFIED:
        if job.touched(name):
            _set(job, name)
    stopped = [name for name in _STOPPED if (name in job.left or name in _DEFAULTS) and job.touched(name)]
    if stopped:
        job.client.stop_instances(InstanceIds=[job.physical_id])
        for name in stopped:
            _set(job, name)
        job.client.start_instances(InstanceIds=[job.physical_id])
    now = job.wanted.properties
    if "SecurityGroupIds" in job.left and job.touched("SecurityGroupIds"):
        job.client.modify_instance_attribute(InstanceId=job.physical_id, Groups=now["SecurityGroupIds"])
    if job.touched("Monitoring"):
        monitored = "monitor_instances" if _is_on(now.get("Monitoring", False)) else "unmonitor_instances"
        getattr(job.client, monitored)(InstanceIds=[job.physical_id])
    if job.touched("CreditSpecification"):
        credits_ = (now.get("CreditSpecification") or {}).get("CPUCredits", "standard")
        job.client.modify_instance_credit_specification(
            InstanceCreditSpecifications=[{"InstanceId": job.physical_id, "CpuCredits": credits_}]
        )
    _change_metadata(job)
    _change_profile(job)
    _volumes(job)


_METADATA = {
    "HttpTokens": "optional",
    "HttpEndpoint": "enabled",
    "HttpPutResponseHopLimit": 1,
    "HttpProtocolIpv6": "disabled",
    "InstanceMetadataTags": "disabled",
}


def _change_metadata(job: Job) -> None:
    if job.touched("MetadataOptions"):
        wanted = _METADATA | (job.wanted.properties.get("MetadataOptions") or {})
        job.call("modify_instance_metadata_options", wanted, InstanceId=job.physical_id)


def _change_profile(job: Job) -> None:
    """Give an instance another role, or none."""
    if not job.touched("IamInstanceProfile"):
        return
    filters = [{"Name": "instance-id", "Values": [job.physical_id]}]
    answer = job.client.describe_iam_instance_profile_associations(Filters=filters)
    for association in answer["IamInstanceProfileAssociations"]:
        job.client.disassociate_iam_instance_profile(AssociationId=association["AssociationId"])
    wanted = job.wanted.properties.get("IamInstanceProfile")
    if wanted:
        job.client.associate_iam_instance_profile(InstanceId=job.physical_id, IamInstanceProfile={"Name": wanted})


def _instance(job: Job) -> dict[str, Any]:
    found = job.client.describe_instances(InstanceIds=[job.physical_id])["Reservations"][0]["Instances"][0]
    return dict(found)


_ASKED = {
    "UserData": "userData",
    "DisableApiTermination": "disableApiTermination",
    "InstanceInitiatedShutdownBehavior": "instanceInitiatedShutdownBehavior",
    "SourceDestCheck": "sourceDestCheck",
}


def _shown_instance(job: Job) -> Any:
    """Show an instance with the attributes that have to be asked for one by one, and with its volumes."""
    found = _instance(job)
    own = {"InstanceId": job.physical_id}
    answer = job.client.describe_instance_credit_specifications(InstanceIds=[job.physical_id])
    volumes = {volume["VolumeId"]: volume for volume in _attached(job)}
    tags = {tag["Key"]: tag["Value"] for tag in found.get("Tags", ())}
    shown: dict[str, Any] = found | {
        "Monitoring": found["Monitoring"]["State"] == "enabled",
        "IamInstanceProfile": found.get("IamInstanceProfile", {}).get("Arn", "").rpartition("/")[2],
        "SecurityGroupIds": [group["GroupId"] for group in found.get("SecurityGroups", ())],
        "SecurityGroups": [name for group in found.get("SecurityGroups", ()) for name in group.values()],
        "CreditSpecification": answer["InstanceCreditSpecifications"][0],
        "LaunchTemplate": {
            "LaunchTemplateId": tags.get("aws:ec2launchtemplate:id"),
            "Version": tags.get("aws:ec2launchtemplate:version"),
        },
        "BlockDeviceMappings": [
            {"DeviceName": one["DeviceName"], "Ebs": one["Ebs"] | _as_device(volumes[one["Ebs"]["VolumeId"]])}
            for one in found["BlockDeviceMappings"]
        ],
        "Volumes": [attached for volume in volumes.values() for attached in volume["Attachments"]],
        "NetworkInterfaces": [_as_interface(one) for one in found["NetworkInterfaces"]],
        "PropagateTagsToVolumeOnCreation": all(volume.get("Tags") for volume in volumes.values()),
        **found["Placement"],
        "PlacementGroupName": found["Placement"].get("GroupName"),
    }
    for name, attribute in _ASKED.items():
        told = job.client.describe_instance_attribute(**own, Attribute=attribute)
        shown[name] = told.get(name, {}).get("Value")
    return shown


def _as_device(volume: dict[str, Any]) -> dict[str, Any]:
    return only(volume, ("VolumeType", "Iops", "Throughput", "Encrypted", "KmsKeyId", "SnapshotId")) | {
        "VolumeSize": volume["Size"]
    }


def _as_interface(interface: dict[str, Any]) -> dict[str, Any]:
    return {
        **interface,
        **interface.get("Attachment", {}),
        "GroupSet": [group["GroupId"] for group in interface["Groups"]],
        "AssociatePublicIpAddress": "Association" in interface,
    }


_ATTRIBUTES = {
    "InstanceId": "InstanceId",
    "PrivateIp": "PrivateIpAddress",
    "PrivateDnsName": "PrivateDnsName",
    "PublicIp": "PublicIpAddress",
    "PublicDnsName": "PublicDnsName",
    "VpcId": "VpcId",
}


def _instance_attribute(job: Job, name: str) -> Any:
    found = _instance(job)
    if name == "AvailabilityZone":
        return found["Placement"][name]
    if name == "State":
        return found[name]
    if name.startswith("State."):
        return found["State"][name.removeprefix("State.")]
    return found.get(_ATTRIBUTES[name], "")


def _terminate(job: Job, _snapshot: bool) -> None:
    job.client.terminate_instances(InstanceIds=[job.physical_id])


_TAGGED = "TagSpecifications"


def _new_version(job: Job) -> None:
    """Make a new version of a launch template; the default one stays what it was."""
    if job.touched("LaunchTemplateData", "VersionDescription"):
        given = only(job.wanted.properties, ("LaunchTemplateData", "VersionDescription"))
        job.call("create_launch_template_version", given, LaunchTemplateId=job.physical_id)
    if job.touched(_TAGGED):
        before, now = (_tags_of_template(held) for held in (job.before, job.wanted.properties))
        gone = [{"Key": key} for key in before.keys() - now.keys()]
        if gone:
            job.client.delete_tags(Resources=[job.physical_id], Tags=gone)
        if now:
            tags = [{"Key": key, "Value": value} for key, value in now.items()]
            job.client.create_tags(Resources=[job.physical_id], Tags=tags)


def _tags_of_template(properties: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for given in properties.get(_TAGGED) or () for tag in given.get("Tags") or ()}


def _latest_version(job: Job) -> Any:
    answer = job.client.describe_launch_template_versions(LaunchTemplateId=job.physical_id, Versions=["$Latest"])
    return answer["LaunchTemplateVersions"]


def _shown_template(job: Job) -> Any:
    """Show a launch template with its tags in the form in which a template declares them."""
    found = job.client.describe_launch_templates(LaunchTemplateIds=[job.physical_id])["LaunchTemplates"][0]
    return found | {_TAGGED: [{"ResourceType": "launch-template", "Tags": found.get("Tags", [])}]}


def _template_attribute(job: Job, name: str) -> Any:
    if name not in ("LaunchTemplateId", "LatestVersionNumber", "DefaultVersionNumber"):
        raise KeyError(name)
    answer = job.client.describe_launch_templates(LaunchTemplateIds=[job.physical_id])
    return str(answer["LaunchTemplates"][0][name])


def _make_key_pair(job: Job) -> None:
    """Make or import a key; the private part of one that is made goes into Parameter Store."""
    properties = dict(job.left)
    tags = [{"ResourceType": "key-pair", "Tags": properties.pop("Tags")}] if properties.get("Tags") else []
    specified: dict[str, Any] = {"TagSpecifications": tags} if tags else {}
    if "PublicKeyMaterial" in properties:
        job.left = {}
        given = only(properties, ("KeyName", "PublicKeyMaterial"))
        job.answer = job.call("import_key_pair", given, **specified)
    else:
        job.left = {}
        job.answer = job.call("create_key_pair", {"KeyType": "rsa", "KeyFormat": "pem"} | properties, **specified)
        job.other("ssm").put_parameter(Name=_secret(job), Value=job.answer["KeyMaterial"], Type="SecureString")
    job.physical_id = job.answer["KeyName"]


def _secret(job: Job) -> str:
    return f"/ec2/keypair/{job.answer['KeyPairId']}"


def _delete_key_pair(job: Job, _snapshot: bool) -> None:
    job.client.delete_key_pair(KeyName=job.physical_id)
    ssm = job.other("ssm")
    with suppress(ssm.exceptions.ParameterNotFound):
        ssm.delete_parameter(Name=_secret(job))


def _key_pair(job: Job) -> Any:
    found = job.client.describe_key_pairs(KeyNames=[job.physical_id], IncludePublicKey=True)["KeyPairs"]
    return [{**pair, "PublicKeyMaterial": pair.get("PublicKey")} for pair in found]


def _auto_io(job: Job) -> None:
    if job.touched("AutoEnableIO"):
        switch = {"Value": _is_on(job.wanted.properties.get("AutoEnableIO", False))}
        job.client.modify_volume_attribute(VolumeId=job.physical_id, AutoEnableIO=switch)


def _change_volume(job: Job) -> None:
    """Change a volume in one call, because size, type and throughput depend on each other."""
    names = ("Size", "VolumeType", "Iops", "Throughput", "MultiAttachEnabled")
    if any(name in job.left for name in names):
        given = {name: job.take(name) for name in names if name in job.left}
        job.call("modify_volume", given, VolumeId=job.physical_id)
    restored("modify_volume", "VolumeId", {"VolumeType": "gp2"})(job)
    _auto_io(job)


def _delete_volume(job: Job, snapshot: bool) -> None:
    if snapshot:
        job.client.create_snapshot(VolumeId=job.physical_id)
    job.client.delete_volume(VolumeId=job.physical_id)


def _shown_volume(job: Job) -> Any:
    answer = job.client.describe_volume_attribute(VolumeId=job.physical_id, Attribute="autoEnableIO")
    return {"AutoEnableIO": answer.get("AutoEnableIO", {}).get("Value")}


def _attach_volume(job: Job) -> None:
    job.request = {name: job.take(name) for name in ("VolumeId", "InstanceId", "Device") if name in job.left}
    # A template may leave the name of the device to EC2; the API does not.
    job.request.setdefault("Device", "/dev/sdf")
    job.client.attach_volume(**job.request)
    job.physical_id = f"{job.request['VolumeId']}|{job.request['InstanceId']}"


def _detach_volume(job: Job, _snapshot: bool) -> None:
    job.client.detach_volume(**job.request)


def _volume_of(job: Job) -> Any:
    return job.client.describe_volumes(VolumeIds=[job.request["VolumeId"]])["Volumes"][0]["Attachments"]


RECIPES = (
    Recipe(
        "AWS::EC2::LaunchTemplate",
        "ec2",
        "create_launch_template",
        "LaunchTemplate.LaunchTemplateId",
        "delete_launch_template",
        "LaunchTemplateId",
        name="LaunchTemplateName",
        name_length=128,
        describe=_template_attribute,
        show=(_latest_version, _shown_template),
        change=_new_version,
    ),
    Recipe(
        "AWS::EC2::Instance",
        "ec2",
        "run_instances",
        "Instances.0.InstanceId",
        prepare=_launch,
        given={"MinCount": 1, "MaxCount": 1},
        tag_type="instance",
        late=("SourceDestCheck", "Volumes", "PropagateTagsToVolumeOnCreation"),
        after=_after_launch,
        describe=_instance_attribute,
        show=(_shown_instance,),
        remove=_terminate,
        tagging=TAGS,
        change=_change_instance,
    ),
    Recipe(
        "AWS::EC2::KeyPair",
        "ec2",
        make=_make_key_pair,
        attributes={"KeyPairId": "KeyPairId", "KeyFingerprint": "KeyFingerprint"},
        show=(_key_pair,),
        hidden=("KeyFormat",),
        remove=_delete_key_pair,
    ),
    Recipe(
        "AWS::EC2::Volume",
        "ec2",
        "create_volume",
        "VolumeId",
        tag_type="volume",
        late=("AutoEnableIO",),
        after=_auto_io,
        attributes={"VolumeId": "VolumeId"},
        show=("describe_volumes:VolumeIds", _shown_volume),
        remove=_delete_volume,
        tagging=TAGS,
        change=_change_volume,
    ),
    Recipe("AWS::EC2::VolumeAttachment", "ec2", make=_attach_volume, remove=_detach_volume, show=(_volume_of,)),
)
