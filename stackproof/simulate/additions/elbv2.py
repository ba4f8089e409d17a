"""What moto's Elastic Load Balancing forgets or lacks, on its own models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from botocore import xform_name
from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random

from stackproof.simulate.additions.keeping import Item, Method, Refused, Response

_COMMON = {
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "ipv6.deny_all_igw_traffic": "false",
    "zonal_shift.config.enabled": "false",
}
_ATTRIBUTES = {
    "application": _COMMON
    | {
        "client_keep_alive.seconds": "3600",
        "connection_logs.s3.bucket": "",
        "connection_logs.s3.enabled": "false",
        "connection_logs.s3.prefix": "",
        "idle_timeout.timeout_seconds": "60",
        "load_balancing.cross_zone.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.drop_invalid_header_fields.enabled": "false",
        "routing.http.preserve_host_header.enabled": "false",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
        "routing.http.xff_client_port.enabled": "false",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
        "waf.fail_open.enabled": "false",
    },
    "network": _COMMON
    | {
        "dns_record.client_routing_policy": "any_availability_zone",
        "load_balancing.cross_zone.enabled": "false",
        "secondary_ips.auto_assigned.per_subnet": "0",
    },
    "gateway": {"deletion_protection.enabled": "false", "load_balancing.cross_zone.enabled": "false"},
}
"""The attributes that a load balancer has from the start, by its type."""
_TARGETS = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.enabled": "false",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.type": "lb_cookie",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
"""The attributes that a target group of an Application Load Balancer has from the start."""
_HEADERS = (
    "access_control_allow_credentials",
    "access_control_allow_headers",
    "access_control_allow_methods",
    "access_control_allow_origin",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
    "strict_transport_security",
    "x_content_type_options",
    "x_frame_options",
)
_LISTENER = {
    "routing.http.response.server.enabled": "true",
    **{f"routing.http.response.{name}.header_value": "" for name in _HEADERS},
}
"""The attributes that a listener for HTTP has from the start."""
_ZONES = {
    "application": {
        "us-east-1": "Z35SXDOTRQ7X7K",
        "us-east-2": "Z3AADJGX6KTTL2",
        "us-west-1": "Z368ELLRRE2KJ0",
        "us-west-2": "Z1H1FL5HABSF5",
        "eu-west-1": "Z32O12XQLNTSW2",
        "eu-central-1": "Z215JYRZR1TBD5",
    },
    "network": {"us-east-1": "Z26RNL4JYFTOTI"},
}
"""The hosted zones that load balancers of a region are in, by their type."""


def _remember(thing: Any, request: Mapping[str, Any], names: Iterable[str]) -> None:
    for name in names:
        if name in request:
            setattr(thing, xform_name(name), request[name])


def _create_load_balancer(response: Response, request: Item) -> Any:
    """Give a load balancer the attributes, the address and, where none are named, the group that it starts with."""
    answer = response.create_load_balancer()
    backend = response.elbv2_backend
    balancer = list(backend.load_balancers.values())[-1]
    balancer.scheme = balancer.scheme or "internet-facing"
    balancer.attrs = dict(_ATTRIBUTES[balancer.type])
    balancer.canonical_hosted_zone_id = _ZONES.get(balancer.type, {}).get(response.region, "Z2P70J7EXAMPLE")
    internal = "internal-" if balancer.scheme == "internal" else ""
    if balancer.type == "application":
        number = mock_random.randint(100000000, 2147483647)
        balancer.dns_name = f"{internal}{balancer.name}-{number}.{response.region}.elb.amazonaws.com"
    else:
        number = balancer.arn.rpartition("/")[2]
        balancer.dns_name = f"{balancer.name}-{number}.elb.{response.region}.amazonaws.com"
    if balancer.type == "application" and not balancer.security_groups:
        groups = backend.ec2_backend.groups[balancer.vpc_id].values()
        balancer.security_groups = [group.id for group in groups if group.name == "default"]
    return answer


def _delete_load_balancer(response: Response, request: Item) -> Any:
    """Keep a load balancer that is protected."""
    arn = request["LoadBalancerArn"]
    balancer = response.elbv2_backend.load_balancers.get(arn)
    if balancer and str(balancer.attrs.get("deletion_protection.enabled")) == "true":
        reason = f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        raise Refused("OperationNotPermitted", reason)
    return response.delete_load_balancer()


def _create_target_group(response: Response, request: Item) -> Any:
    """Give a target group the attributes that it starts with, and believe that its targets need no check."""
    answer = response.create_target_group()
    group = list(response.elbv2_backend.target_groups.values())[-1]
    if group.protocol in ("HTTP", "HTTPS"):
        group.attributes = dict(_TARGETS)
    if "HealthCheckEnabled" in request:
        group.health_check_enabled = request["HealthCheckEnabled"]
    group.protocol_version = group.protocol_version or ("HTTP1" if group.protocol in ("HTTP", "HTTPS") else None)
    _remember(group, request, ("TargetControlPort",))
    return answer


def _modify_target_group(response: Response, request: Item) -> Any:
    """Change what counts as healthy in a group of gRPC, too."""
    answer = response.modify_target_group()
    group = response.elbv2_backend.target_groups[request["TargetGroupArn"]]
    if "GrpcCode" in request.get("Matcher", {}):
        group.matcher = request["Matcher"]
    _remember(group, request, ("TargetControlPort",))
    return answer


def _describe_target_groups(response: Response, _request: Item) -> Any:
    """Show the load balancers that lead to a group now; moto shows those that once did."""
    backend = response.elbv2_backend
    leading: dict[str, list[str]] = {}
    for balancer in backend.load_balancers.values():
        actions = [
            action
            for listener in balancer.listeners.values()
            for rule in listener.rules.values()
            for action in rule.actions
        ]
        for action in actions:
            for group in backend._get_target_group_arns_from(action_data=action.data):
                arns = leading.setdefault(group, [])
                arns += [balancer.arn] if balancer.arn not in arns else []
    for group in backend.target_groups.values():
        group.load_balancer_arns = leading.get(group.arn, [])
    return response.describe_target_groups()


def _create_listener(response: Response, request: Item) -> Any:
    answer = response.create_listener()
    balancer = response.elbv2_backend.load_balancers[request["LoadBalancerArn"]]
    listener = list(balancer.listeners.values())[-1]
    if listener.protocol not in ("HTTPS", "TLS"):
        listener.ssl_policy = None
    if listener.protocol in ("HTTP", "HTTPS"):
        listener.attributes = dict(_LISTENER)
    _secure(listener, request)
    return answer


def _modify_listener(response: Response, request: Item) -> Any:
    """Change what moto cannot change, too, and let go of the certificates with the protocol that has them."""
    answer = response.modify_listener()
    (listener,) = response.elbv2_backend.describe_listeners(None, [request["ListenerArn"]])
    if listener.protocol not in ("HTTPS", "TLS"):
        listener.ssl_policy, listener.certificate, listener.certificates = None, None, []
    _secure(listener, request)
    return answer


def _secure(listener: Any, request: Mapping[str, Any]) -> None:
    _remember(listener, request, ("AlpnPolicy",))
    if "MutualAuthentication" in request:
        mutual = dict(request["MutualAuthentication"])
        if mutual.get("Mode") == "verify":
            mutual.setdefault("IgnoreClientCertificateExpiry", False)
        listener.mutual_authentication = mutual


def _create_rule(response: Response, request: Item) -> Any:
    answer = response.create_rule()
    (listener,) = response.elbv2_backend.describe_listeners(None, [request["ListenerArn"]])
    _remember(list(listener._non_default_rules.values())[-1], request, ("Transforms",))
    return answer


def _modify_rule(response: Response, request: Item) -> Any:
    """Change the transforms of a rule, too; moto refuses a request that changes nothing else."""
    backend = response.elbv2_backend
    (rule,) = backend.describe_rules(None, [request["RuleArn"]])
    _remember(rule, request, ("Transforms",))
    if request.get("ResetTransforms"):
        rule.transforms = []
    if not request.get("Conditions") and not request.get("Actions"):
        return ActionResult({"Rules": [rule]})
    return response.modify_rule()


def _set_security_groups(response: Response, request: Item) -> Any:
    answer = response.set_security_groups()
    balancer = response.elbv2_backend.load_balancers[request["LoadBalancerArn"]]
    _remember(balancer, request, ("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",))
    return answer


METHODS: Mapping[tuple[str, str], Method] = {
    ("elbv2", "CreateListener"): _create_listener,
    ("elbv2", "CreateLoadBalancer"): _create_load_balancer,
    ("elbv2", "CreateRule"): _create_rule,
    ("elbv2", "CreateTargetGroup"): _create_target_group,
    ("elbv2", "DeleteLoadBalancer"): _delete_load_balancer,
    ("elbv2", "DescribeTargetGroups"): _describe_target_groups,
    ("elbv2", "ModifyListener"): _modify_listener,
    ("elbv2", "ModifyRule"): _modify_rule,
    ("elbv2", "ModifyTargetGroup"): _modify_target_group,
    ("elbv2", "SetSecurityGroups"): _set_security_groups,
}
