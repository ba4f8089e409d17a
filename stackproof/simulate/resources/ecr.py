"""ECR: repositories."""

from __future__ import annotations

from typing import Any

from stackproof.resolve.values import as_text
from stackproof.simulate.modify import modify, request
from stackproof.simulate.recipe import Job, Recipe, Tagging, made_up_name
from stackproof.simulate.shapes import arguments


def _repository(job: Job) -> None:
    late = {name: job.take(name) for name in ("LifecyclePolicy", "RepositoryPolicyText", "EmptyOnDelete")}
    properties = {name: job.take(name) for name in list(job.left)}
    given, unread = arguments(job.client, "create_repository", properties)
    given.setdefault("repositoryName", made_up_name(job.wanted, 256, lower=True))
    job.left = dict.fromkeys(unread)
    job.answer = job.client.create_repository(**given)
    job.physical_id = given["repositoryName"]
    if late["LifecyclePolicy"]:
        job.call("put_lifecycle_policy", late["LifecyclePolicy"], repositoryName=job.physical_id)
    if late["RepositoryPolicyText"]:
        policy = {"policyText": late["RepositoryPolicyText"]}
        job.call("set_repository_policy", policy, repositoryName=job.physical_id)


def _change(job: Job) -> None:
    """Change what a repository does with images; policies that are no longer stated are deleted."""
    own: dict[str, Any] = {"repositoryName": job.physical_id}
    now = job.wanted.properties
    mutability = ("ImageTagMutability", "ImageTagMutabilityExclusionFilters")
    if job.touched(*mutability):
        given = {"ImageTagMutability": "MUTABLE"} | {name: now[name] for name in mutability if name in now}
        job.client.put_image_tag_mutability(**request(job, "put_image_tag_mutability", given), **own)
    modify(job, "put_image_scanning_configuration", {"ImageScanningConfiguration": {"ScanOnPush": False}}, **own)
    if job.touched("LifecyclePolicy"):
        _state(job, "lifecycle_policy", "put_lifecycle_policy", now.get("LifecyclePolicy"))
    if job.touched("RepositoryPolicyText"):
        policy = now.get("RepositoryPolicyText")
        _state(job, "repository_policy", "set_repository_policy", {"policyText": policy} if policy else None)


def _state(job: Job, word: str, operation: str, given: dict[str, Any] | None) -> None:
    if given:
        getattr(job.client, operation)(repositoryName=job.physical_id, **request(job, operation, given))
    else:
        getattr(job.client, f"delete_{word}")(repositoryName=job.physical_id)


def _policies(job: Job) -> Any:
    asked = {"LifecyclePolicy": "get_lifecycle_policy", "RepositoryPolicyText": "get_repository_policy"}
    return [
        getattr(job.client, operation)(repositoryName=job.physical_id)
        for name, operation in asked.items()
        if name in job.wanted.properties
    ]


def _arn(job: Job) -> str:
    return str(job.answer["repository"]["repositoryArn"])


def _tags(job: Job) -> Any:
    return job.client.list_tags_for_resource(resourceArn=_arn(job))["tags"]


def _delete(job: Job, _snapshot: bool) -> None:
    force = as_text(job.wanted.properties.get("EmptyOnDelete", False)).lower() == "true"
    job.client.delete_repository(repositoryName=job.physical_id, force=force)


RECIPES = (
    Recipe(
        "AWS::ECR::Repository",
        "ecr",
        make=_repository,
        attributes={"Arn": "repository.repositoryArn", "RepositoryUri": "repository.repositoryUri"},
        remove=_delete,
        show=("describe_repositories:repositoryNames", _policies, _tags),
        hidden=("EmptyOnDelete",),
        change=_change,
        ignored=("EmptyOnDelete",),
        tagging=Tagging("tag_resource", "untag_resource", "resourceArn", tags="tags", keys="tagKeys", id=_arn),
    ),
)
