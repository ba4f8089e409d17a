"""CodeDeploy: applications, deployment groups and deployment configurations."""

from __future__ import annotations

from typing import Any

from stackproof.simulate.modify import request
from stackproof.simulate.recipe import Job, Recipe, Tagging, made_up_name


def _arn(job: Job, kind: str, name: str) -> str:
    meta = job.client.meta
    account = job.other("sts").get_caller_identity()["Account"]
    return f"arn:{meta.partition}:codedeploy:{meta.region_name}:{account}:{kind}:{name}"


def _application_arn(job: Job) -> str:
    return _arn(job, "application", job.physical_id)


def _group_arn(job: Job) -> str:
    return _arn(job, "deploymentgroup", f"{job.request['applicationName']}/{job.physical_id}")


def _group(job: Job) -> None:
    """Make a group; of the deployment that a template may ask for, CloudFormation makes one at the end."""
    name = str(job.take("DeploymentGroupName") or made_up_name(job.wanted, 100))
    deployment = job.take("Deployment")
    application = str(job.take("ApplicationName"))
    job.request = {"applicationName": application}
    properties, job.left = dict(job.left), {}
    job.answer = job.call("create_deployment_group", properties, **job.request, deploymentGroupName=name)
    job.physical_id = name
    if deployment:
        job.answer |= job.call("create_deployment", deployment, **job.request, deploymentGroupName=name)


_DEFAULTS: dict[str, Any] = {
    "AlarmConfiguration": {},
    "AutoRollbackConfiguration": {},
    "AutoScalingGroups": [],
    "BlueGreenDeploymentConfiguration": {},
    "DeploymentConfigName": "CodeDeployDefault.OneAtATime",
    "DeploymentStyle": {},
    "ECSServices": [],
    "Ec2TagFilters": [],
    "Ec2TagSet": {},
    "LoadBalancerInfo": {},
    "OnPremisesInstanceTagFilters": [],
    "OnPremisesTagSet": {},
    "OutdatedInstancesStrategy": "UPDATE",
    "TerminationHookEnabled": False,
    "TriggerConfigurations": [],
}
"""What a property of a group goes back to."""


def _change_group(job: Job) -> None:
    now = job.wanted.properties
    deployed = job.touched("Deployment")
    given = {name: now.get(name, _DEFAULTS.get(name)) for name in (*_DEFAULTS, "ServiceRoleArn") if job.touched(name)}
    if given:
        arguments = request(job, "update_deployment_group", given)
        job.client.update_deployment_group(**job.request, currentDeploymentGroupName=job.physical_id, **arguments)
    if deployed and now.get("Deployment"):
        job.answer |= job.call(
            "create_deployment", now["Deployment"], **job.request, deploymentGroupName=job.physical_id
        )


def _shown_group(job: Job) -> Any:
    found = job.client.get_deployment_group(**job.request, deploymentGroupName=job.physical_id)
    shown = [found["deploymentGroupInfo"], job.client.list_tags_for_resource(ResourceArn=_group_arn(job))["Tags"]]
    if "deploymentId" in job.answer:
        shown.append(job.client.get_deployment(deploymentId=job.answer["deploymentId"])["deploymentInfo"])
    return shown


def _delete_group(job: Job, _snapshot: bool) -> None:
    job.client.delete_deployment_group(**job.request, deploymentGroupName=job.physical_id)


def _application_tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(ResourceArn=_application_arn(job))["Tags"]


RECIPES = (
    Recipe(
        "AWS::CodeDeploy::Application",
        "codedeploy",
        "create_application",
        "=applicationName",
        "delete_application",
        "applicationName",
        name="applicationName",
        name_length=100,
        given={"computePlatform": "Server"},
        tagging=Tagging("tag_resource", "untag_resource", "ResourceArn", id=_application_arn),
        show=("get_application:applicationName", _application_tags),
    ),
    Recipe(
        "AWS::CodeDeploy::DeploymentGroup",
        "codedeploy",
        make=_group,
        remove=_delete_group,
        change=_change_group,
        tagging=Tagging("tag_resource", "untag_resource", "ResourceArn", id=_group_arn),
        show=(_shown_group,),
    ),
    Recipe(
        "AWS::CodeDeploy::DeploymentConfig",
        "codedeploy",
        "create_deployment_config",
        "=deploymentConfigName",
        "delete_deployment_config",
        "deploymentConfigName",
        name="deploymentConfigName",
        name_length=100,
        show=("get_deployment_config:deploymentConfigName",),
    ),
)
