"""Elastic Load Balancing: load balancers, target groups, listeners and their rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.handlers import CannotUpdateError
from stackproof.simulate.recipe import After, Job, Recipe, Tagging
from stackproof.simulate.updates import came_and_went, in_turn, only

_TAGS = Tagging("add_tags", "remove_tags", "ResourceArns")


def _attributes(word: str, key: str, name: str) -> After:
    """Return what sets the attributes that only a second call can set; one that is removed gets its first value back.

    Parameters:
        word: what the operations call the thing, such as ``listener``.
        key: the parameter that takes its ARN.
        name: the property that holds the attributes.
    """
    first = f"first {name}"

    def after(job: Job) -> None:
        own = {key: job.physical_id}
        if first not in job.request:
            job.request[first] = _as_map(getattr(job.client, f"describe_{word}_attributes")(**own)["Attributes"])
        before, now = (_as_map(held.get(name) or ()) for held in (job.before, job.wanted.properties))
        if not job.touched(name):
            return
        unknown = [f"{name}.{key}" for key in before.keys() - now.keys() - job.request[first].keys()]
        if unknown:
            raise CannotUpdateError(job.wanted.type, unknown)
        wanted = {key: job.request[first][key] for key in before.keys() - now.keys()} | now
        changed = {key: value for key, value in wanted.items() if before.get(key) != value}
        if changed:
            attributes = [{"Key": key, "Value": value} for key, value in changed.items()]
            getattr(job.client, f"modify_{word}_attributes")(**own, Attributes=attributes)

    return after


def _as_map(attributes: Any) -> dict[str, str]:
    return {item["Key"]: as_text(item["Value"]) for item in attributes}


_LOAD_BALANCER = {
    "CanonicalHostedZoneID": "CanonicalHostedZoneId",
    "DNSName": "DNSName",
    "LoadBalancerArn": "LoadBalancerArn",
    "LoadBalancerName": "LoadBalancerName",
    "SecurityGroups": "SecurityGroups",
}
_balancer_attributes = _attributes("load_balancer", "LoadBalancerArn", "LoadBalancerAttributes")
_ENFORCED = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"


def _found_balancer(job: Job) -> dict[str, Any]:
    return dict(job.client.describe_load_balancers(LoadBalancerArns=[job.physical_id])["LoadBalancers"][0])


def _load_balancer(job: Job, name: str) -> Any:
    if name == "LoadBalancerFullName":
        return job.physical_id.rpartition(":")[2].removeprefix("loadbalancer/")
    return _found_balancer(job)[_LOAD_BALANCER[name]]


def _shown_balancer(job: Job) -> Any:
    """Show a load balancer with its subnets in both of the forms that a template may write."""
    found = _found_balancer(job)
    subnets = [zone["SubnetId"] for zone in found["AvailabilityZones"]]
    return found | {"Subnets": subnets, "SubnetMappings": [{"SubnetId": subnet} for subnet in subnets]}


def _enforce(job: Job) -> None:
    """Say whether traffic through PrivateLink has to pass the groups, which is said with the groups."""
    if job.touched(_ENFORCED):
        groups = _found_balancer(job)["SecurityGroups"]
        value = job.wanted.properties.get(_ENFORCED, "on")
        job.client.set_security_groups(LoadBalancerArn=job.physical_id, SecurityGroups=groups, **{_ENFORCED: value})


def _change_balancer(job: Job) -> None:
    now, own = job.wanted.properties, {"LoadBalancerArn": job.physical_id}
    if job.touched("SecurityGroups"):
        job.client.set_security_groups(**own, SecurityGroups=now.get("SecurityGroups") or _default_groups(job))
    if job.touched("Subnets", "SubnetMappings"):
        job.call("set_subnets", only(now, ("Subnets", "SubnetMappings")), **own)
    if job.touched("IpAddressType"):
        job.client.set_ip_address_type(**own, IpAddressType=now.get("IpAddressType", "ipv4"))


def _default_groups(job: Job) -> list[str]:
    filters = [{"Name": "vpc-id", "Values": [_found_balancer(job)["VpcId"]]}]
    found = job.other("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return [group["GroupId"] for group in found if group["GroupName"] == "default"]


_group_attributes = _attributes("target_group", "TargetGroupArn", "TargetGroupAttributes")


def _found_group(job: Job) -> dict[str, Any]:
    return dict(job.client.describe_target_groups(TargetGroupArns=[job.physical_id])["TargetGroups"][0])


def _target_group(job: Job, name: str) -> Any:
    if name == "TargetGroupFullName":
        return job.physical_id.rpartition(":")[2]
    names = ("TargetGroupArn", "TargetGroupName", "LoadBalancerArns")
    return {key: value for key, value in _found_group(job).items() if key in names}[name]


def _register(job: Job) -> None:
    """Register and deregister the targets that a template names itself."""
    added, removed = came_and_went(job, "Targets")
    if not job.touched("Targets"):
        return
    for operation, targets in (("deregister_targets", removed), ("register_targets", added)):
        if targets:
            job.call(operation, {"Targets": targets}, TargetGroupArn=job.physical_id)


def _registered(job: Job) -> Any:
    answer = job.client.describe_target_health(TargetGroupArn=job.physical_id)
    return {"Targets": [found["Target"] for found in answer["TargetHealthDescriptions"]]}


_CHECKED = (
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckPath",
    "HealthCheckPort",
    "HealthCheckProtocol",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "UnhealthyThresholdCount",
    "Matcher",
)


def _health_check(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a target group checks its targets where a template does not say."""
    protocol = properties.get("HealthCheckProtocol", properties.get("Protocol"))
    by_http = protocol in ("HTTP", "HTTPS")
    common = {
        "HealthCheckEnabled": True,
        "HealthCheckPort": "traffic-port",
        "HealthCheckIntervalSeconds": 30,
        "HealthCheckTimeoutSeconds": 5 if by_http else 10,
        "HealthCheckProtocol": properties.get("Protocol"),
        "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2,
    }
    grpc = properties.get("ProtocolVersion") == "GRPC"
    http = {
        "HealthCheckPath": "/AWS.ALB/healthcheck" if grpc else "/",
        "Matcher": {"GrpcCode": "12"} if grpc else {"HttpCode": "200"},
    }
    return common | (http if by_http else {})


def _change_group(job: Job) -> None:
    """Change all of the check in one call, because its times depend on each other."""
    if job.touched(*_CHECKED):
        wanted = _health_check(job.wanted.properties) | only(job.wanted.properties, _CHECKED)
        job.call("modify_target_group", wanted, TargetGroupArn=job.physical_id)


_listener_attributes = _attributes("listener", "ListenerArn", "ListenerAttributes")
_LISTENER: dict[str, Any] = {"SslPolicy": "ELBSecurityPolicy-2016-08", "MutualAuthentication": {"Mode": "off"}}


def _change_listener(job: Job) -> None:
    names = ("Port", "Protocol", "SslPolicy", "Certificates", "DefaultActions", "AlpnPolicy", "MutualAuthentication")
    if not any(name in job.left or name in job.gone for name in names):
        return
    now = job.wanted.properties
    given = only(now, (name for name in names if name in job.left))
    secured = now.get("Protocol", "").upper() in ("HTTPS", "TLS")
    given |= {name: value for name, value in _LISTENER.items() if name in job.gone and secured}
    given |= {"AlpnPolicy": []} if "AlpnPolicy" in job.gone else {}
    job.touched(*names)
    job.call("modify_listener", given, ListenerArn=job.physical_id)


def _change_rule(job: Job) -> None:
    own, now = {"RuleArn": job.physical_id}, job.wanted.properties
    if job.touched("Priority"):
        priority = {"RuleArn": job.physical_id, "Priority": int(now["Priority"])}
        job.client.set_rule_priorities(RulePriorities=[priority])
    changed = [name for name in ("Conditions", "Actions", "Transforms") if name in job.left]
    reset = {"ResetTransforms": True} if "Transforms" in job.gone else {}
    if job.touched("Conditions", "Actions", "Transforms"):
        job.call("modify_rule", only(now, changed) | reset, **own)


def _add_certificates(job: Job) -> None:
    job.request = {"ListenerArn": job.take("ListenerArn")}
    job.client.add_listener_certificates(**job.request, Certificates=job.take("Certificates"))
    job.physical_id = job.wanted.name


def _remove_certificates(job: Job, _snapshot: bool) -> None:
    certificates = job.wanted.properties["Certificates"]
    job.client.remove_listener_certificates(**job.request, Certificates=certificates)


def _exchange_certificates(job: Job) -> None:
    added, removed = came_and_went(job, "Certificates")
    if job.touched("Certificates"):
        if removed:
            job.client.remove_listener_certificates(**job.request, Certificates=removed)
        if added:
            job.client.add_listener_certificates(**job.request, Certificates=added)


def _certificates(job: Job) -> Any:
    found = job.client.describe_listener_certificates(**job.request)["Certificates"]
    return {"Certificates": found, "ListenerArn": job.request["ListenerArn"]}


RECIPES = (
    Recipe(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "elbv2",
        "create_load_balancer",
        "LoadBalancers.0.LoadBalancerArn",
        "delete_load_balancer",
        "LoadBalancerArn",
        name="Name",
        name_length=32,
        late=("LoadBalancerAttributes", _ENFORCED),
        after=in_turn(_balancer_attributes, _enforce),
        describe=_load_balancer,
        show=(_shown_balancer, "describe_load_balancer_attributes:LoadBalancerArn", "describe_tags:ResourceArns"),
        tagging=_TAGS,
        change=in_turn(_balancer_attributes, _change_balancer, _enforce),
    ),
    Recipe(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "elbv2",
        "create_target_group",
        "TargetGroups.0.TargetGroupArn",
        "delete_target_group",
        "TargetGroupArn",
        name="Name",
        name_length=32,
        late=("TargetGroupAttributes", "Targets"),
        after=in_turn(_group_attributes, _register),
        describe=_target_group,
        show=(
            "describe_target_groups:TargetGroupArns",
            "describe_target_group_attributes:TargetGroupArn",
            "describe_tags:ResourceArns",
            _registered,
        ),
        tagging=_TAGS,
        change=in_turn(_group_attributes, _register, _change_group),
    ),
    Recipe(
        "AWS::ElasticLoadBalancingV2::Listener",
        "elbv2",
        "create_listener",
        "Listeners.0.ListenerArn",
        "delete_listener",
        "ListenerArn",
        attributes={"ListenerArn": "Listeners.0.ListenerArn"},
        late=("ListenerAttributes",),
        after=_listener_attributes,
        show=(
            "describe_listeners:ListenerArns",
            "describe_listener_attributes:ListenerArn",
            "describe_tags:ResourceArns",
        ),
        tagging=_TAGS,
        change=in_turn(_listener_attributes, _change_listener),
    ),
    Recipe(
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        "elbv2",
        "create_rule",
        "Rules.0.RuleArn",
        "delete_rule",
        "RuleArn",
        attributes={"RuleArn": "Rules.0.RuleArn", "IsDefault": "Rules.0.IsDefault"},
        show=("describe_rules:RuleArns", "describe_tags:ResourceArns"),
        hidden=("ListenerArn",),
        tagging=_TAGS,
        change=_change_rule,
    ),
    Recipe(
        "AWS::ElasticLoadBalancingV2::ListenerCertificate",
        "elbv2",
        make=_add_certificates,
        remove=_remove_certificates,
        show=(_certificates,),
        change=_exchange_certificates,
    ),
)
