"""ECR: repositories."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.recipe import Job, Recipe, made_up_name
from stackproof.simulate.shapes import arguments


def _repository(job: Job) -> None:
    late = {name: job.take(name) for name in ("LifecyclePolicy", "RepositoryPolicyText", "EmptyOnDelete")}
    properties = {name: job.take(name) for name in list(job.left)}
    request, unread = arguments(job.client, "create_repository", properties)
    request.setdefault("repositoryName", made_up_name(job.wanted, 256, lower=True))
    job.left = dict.fromkeys(unread)
    job.answer = job.client.create_repository(**request)
    job.physical_id = request["repositoryName"]
    job.request = {"force": as_text(late["EmptyOnDelete"] or False).lower() == "true"}
    if late["LifecyclePolicy"]:
        job.call("put_lifecycle_policy", late["LifecyclePolicy"], repositoryName=job.physical_id)
    if late["RepositoryPolicyText"]:
        policy = {"policyText": late["RepositoryPolicyText"]}
        job.call("set_repository_policy", policy, repositoryName=job.physical_id)


def _policies(job: Job) -> Any:
    asked = {"LifecyclePolicy": "get_lifecycle_policy", "RepositoryPolicyText": "get_repository_policy"}
    return [
        getattr(job.client, operation)(repositoryName=job.physical_id)
        for name, operation in asked.items()
        if name in job.wanted.properties
    ]


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(resourceArn=job.answer["repository"]["repositoryArn"])["tags"]


def _delete(job: Job, _snapshot: bool) -> None:
    job.client.delete_repository(repositoryName=job.physical_id, **job.request)


RECIPES = (
    Recipe(
        "AWS::ECR::Repository",
        "ecr",
        make=_repository,
        attributes={"Arn": "repository.repositoryArn", "RepositoryUri": "repository.repositoryUri"},
        remove=_delete,
        show=("describe_repositories:repositoryNames", _policies, _tags),
        hidden=("EmptyOnDelete",),
    ),
)
