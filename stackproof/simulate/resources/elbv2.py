"""Elastic Load Balancing: load balancers, target groups, listeners and their rules."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.recipe import Job, Recipe


def _attributes(operation: str, key: str, name: str) -> Any:
    """Return what sets the attributes that only a second call can set."""

    def after(job: Job) -> None:
        wanted = job.take(name)
        if wanted:
            attributes = [{"Key": item["Key"], "Value": str(item["Value"])} for item in wanted]
            getattr(job.client, operation)(**{key: job.physical_id, "Attributes": attributes})

    return after


def _after_colon_part(arn: str) -> str:
    return arn.rpartition(":")[2]


def _load_balancer(job: Job, name: str) -> Any:
    arn = job.physical_id
    if name == "LoadBalancerFullName":
        return _after_colon_part(arn).removeprefix("loadbalancer/")
    found = job.client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    return found[{"CanonicalHostedZoneID": "CanonicalHostedZoneId"}.get(name, name)]


def _target_group(job: Job, name: str) -> Any:
    if name == "TargetGroupFullName":
        return _after_colon_part(job.physical_id)
    return job.client.describe_target_groups(TargetGroupArns=[job.physical_id])["TargetGroups"][0][name]


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
        late=("LoadBalancerAttributes",),
        describe=_load_balancer,
        after=_attributes("modify_load_balancer_attributes", "LoadBalancerArn", "LoadBalancerAttributes"),
        show=(
            "describe_load_balancers:LoadBalancerArns",
            "describe_load_balancer_attributes:LoadBalancerArn",
            "describe_tags:ResourceArns",
        ),
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
        late=("TargetGroupAttributes",),
        describe=_target_group,
        after=_attributes("modify_target_group_attributes", "TargetGroupArn", "TargetGroupAttributes"),
        show=(
            "describe_target_groups:TargetGroupArns",
            "describe_target_group_attributes:TargetGroupArn",
            "describe_tags:ResourceArns",
        ),
    ),
    Recipe(
        "AWS::ElasticLoadBalancingV2::Listener",
        "elbv2",
        "create_listener",
        "Listeners.0.ListenerArn",
        "delete_listener",
        "ListenerArn",
        attributes={"ListenerArn": "Listeners.0.ListenerArn"},
        show=("describe_listeners:ListenerArns", "describe_tags:ResourceArns"),
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
    ),
)
