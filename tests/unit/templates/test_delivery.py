"""The delivery layer of every system, asked in every environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from stackproof import Deployment, Resource
from stackproof.resolve.values import plain_value

REPOSITORIES = {
    "maticko": "maticko/web",
    "caja": "caja/web",
    "muejam": "muejam/web",
    "mattilda": "mattilda-backend",
}


def _policies(role: Resource) -> dict[str, list[dict[str, Any]]]:
    """Return the statements of a role's inline policies by the policy's name."""
    return {
        item.text("PolicyName"): plain_value(item.block("PolicyDocument").items_of("Statement"))
        for item in role.items_of("Policies")
    }


def _statements(deployment: Deployment) -> Iterator[dict[str, Any]]:
    """Iterate over what the role of the stacks may do."""
    for value in deployment["delivery"]["StackRole"].items_of("ManagedPolicyArns"):
        policy = deployment.follow(value)
        assert policy is not None
        yield from plain_value(policy.block("PolicyDocument").items_of("Statement"))


def _listed(value: Any) -> list[str]:
    return [str(item) for item in (value if isinstance(value, list) else [value])]


@pytest.mark.promise("MD-06")
def test_image_repository(deployment: Deployment) -> None:
    """Its name, scan on push, tags that never change, a key of its own."""
    stack = deployment["delivery"]
    repository = stack["ImageRepository"]
    encryption = repository.block("EncryptionConfiguration")
    assert repository.text("RepositoryName") == REPOSITORIES[deployment.system]
    assert repository.text("ImageTagMutability") == "IMMUTABLE"
    assert repository.block("ImageScanningConfiguration").boolean("ScanOnPush")
    assert (encryption.text("EncryptionType"), deployment.follow(encryption["KmsKey"])) == ("KMS", stack["DeliveryKey"])


@pytest.mark.promise("MD-06")
def test_images_that_go(deployment: Deployment) -> None:
    """Untagged ones after a week, and all but the newest fifty."""
    text = deployment["delivery"]["ImageRepository"].block("LifecyclePolicy").text("LifecyclePolicyText")
    rules = sorted(json.loads(text)["rules"], key=lambda rule: rule["rulePriority"])
    assert [(rule["selection"], rule["action"]) for rule in rules] == [
        (
            {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 7},
            {"type": "expire"},
        ),
        ({"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50}, {"type": "expire"}),
    ]


@pytest.mark.promise("CJ-09")
def test_key_rotates(deployment: Deployment) -> None:
    """Images and artifacts are encrypted with one key."""
    stack = deployment["delivery"]
    (rule,) = stack["ArtifactBucket"].block("BucketEncryption").items_of("ServerSideEncryptionConfiguration")
    default = rule.block("ServerSideEncryptionByDefault")
    assert (default.text("SSEAlgorithm"), deployment.follow(default["KMSMasterKeyID"])) == (
        "aws:kms",
        stack["DeliveryKey"],
    )
    assert stack["DeliveryKey"].boolean("EnableKeyRotation")


@pytest.mark.promise("MT-22")
@pytest.mark.promise("MT-23")
@pytest.mark.promise("CJ-14")
@pytest.mark.promise("CJ-15")
@pytest.mark.promise("MD-09")
def test_who_may_deploy(deployment: Deployment) -> None:
    """Jobs of the system's own repository that run for this environment, and nobody else."""
    stack = deployment["delivery"]
    (statement,) = stack["DeployRole"].block("AssumeRolePolicyDocument").items_of("Statement")
    assert deployment.follow(statement.block("Principal")["Federated"]) is stack["GitHubProvider"]
    assert statement.text("Action") == "sts:AssumeRoleWithWebIdentity"
    issuer = "token.actions.githubusercontent.com"
    assert plain_value(statement["Condition"]) == {
        "StringEquals": {
            f"{issuer}:aud": "sts.amazonaws.com",
            f"{issuer}:sub": f"repo:example/{deployment.system}:environment:{deployment.environment.name}",
        }
    }


@pytest.mark.promise("CJ-10")
def test_identity_provider(deployment: Deployment) -> None:
    """GitHub's, for tokens that are meant for AWS."""
    provider = deployment["delivery"]["GitHubProvider"]
    assert provider.text("Url") == "https://token.actions.githubusercontent.com"
    assert provider.items_of("ClientIdList") == ("sts.amazonaws.com",)


@pytest.mark.promise("MT-23")
@pytest.mark.promise("CJ-15")
@pytest.mark.promise("MD-09")
def test_images_are_pushed_to_the_one_repository(deployment: Deployment) -> None:
    """Besides the login, which knows no repository."""
    stack = deployment["delivery"]
    login, push = _policies(stack["DeployRole"])["push-images"]
    assert (login["Action"], login["Resource"]) == ("ecr:GetAuthorizationToken", "*")
    assert deployment.follow(push["Resource"]) is stack["ImageRepository"]
    assert "ecr:PutImage" in push["Action"]
    assert not [action for action in push["Action"] if "*" in action or "Delete" in action]


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("CJ-14")
def test_stacks_of_this_environment_only(deployment: Deployment) -> None:
    """The workflow drives stacks by their names, and hands CloudFormation the one role."""
    stack, name = deployment["delivery"], f"{deployment.system}-{deployment.environment.name}"
    drive, look, hand = _policies(stack["DeployRole"])["drive-stacks"]
    assert str(drive["Resource"]) == f"arn:aws:cloudformation:*:${{AWS::AccountId}}:stack/{name}-*/*"
    reading = ("Describe", "Get", "List", "Validate")
    assert look["Resource"] == "*"
    assert [action for action in look["Action"] if not action.partition(":")[2].startswith(reading)] == []
    assert (hand["Action"], deployment.follow(hand["Resource"])) == ("iam:PassRole", stack["StackRole"])
    assert hand["Condition"] == {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}


@pytest.mark.promise("CJ-10")
def test_the_workflow_changes_nothing_by_itself(deployment: Deployment) -> None:
    """What the deploy role may do beyond stacks is to push, to publish, to tell how it went and to look."""
    services = {
        action.partition(":")[0]
        for statements in _policies(deployment["delivery"]["DeployRole"]).values()
        for statement in statements
        for action in _listed(statement["Action"])
        if not action.partition(":")[2].startswith(("Describe", "Get", "List"))
    }
    assert services == {"ecr", "s3", "kms", "cloudfront", "cloudformation", "iam", "sns"}


@pytest.mark.promise("CJ-10")
def test_the_workflow_tells_the_topics_of_monitoring(deployment: Deployment) -> None:
    """Their names are made by CloudFormation after the stack; their keys may be used through SNS only."""
    tell, use = _policies(deployment["delivery"]["DeployRole"])["tell-topics"]
    topics = f"arn:aws:sns:*:${{AWS::AccountId}}:{deployment.system}-{deployment.environment.name}-monitoring-*"
    assert (tell["Action"], str(tell["Resource"])) == ("sns:Publish", topics)
    assert use["Condition"] == {"StringLike": {"kms:ViaService": "sns.*.amazonaws.com"}}


def test_a_review_executes_nothing(deployment: Deployment) -> None:
    """Its role makes and deletes change sets of this environment's stacks, looks, and is not the deploy role's."""
    stack, name = deployment["delivery"], f"{deployment.system}-{deployment.environment.name}"
    make, look, hand = _policies(stack["ReviewRole"])["review-stacks"]
    assert list(make["Action"]) == [
        "cloudformation:CreateChangeSet",
        "cloudformation:DeleteChangeSet",
        "cloudformation:Detect*",
        "cloudformation:TagResource",
    ]
    assert str(make["Resource"]) == f"arn:aws:cloudformation:*:${{AWS::AccountId}}:stack/{name}-*/*"
    assert [action for action in look["Action"] if not action.endswith("*")] == []
    assert deployment.follow(hand["Resource"]) == stack["StackRole"]


def test_a_review_is_known_by_an_environment_of_its_own(deployment: Deployment) -> None:
    """The token of a job that deploys does not open the role, nor the other way round."""
    trust = deployment["delivery"]["ReviewRole"].block("AssumeRolePolicyDocument")
    (statement,) = trust.items_of("Statement")
    subject = statement["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
    assert str(subject).endswith(f":environment:{deployment.environment.name}-review")


@pytest.mark.promise("CJ-10")
def test_the_workflow_publishes_to_the_bucket_of_the_site(deployment: Deployment) -> None:
    """Which CloudFormation names after stack and resource; the logs of the edge begin alike and stay out of reach."""
    look, write, _ = _policies(deployment["delivery"]["DeployRole"])["publish-site"]
    bucket = f"arn:aws:s3:::{deployment.system}-{deployment.environment.name}-edge-sitebucket-*"
    assert [str(look["Resource"]), str(write["Resource"])] == [bucket, f"{bucket}/*"]
    if "edge" in deployment.stacks:
        assert deployment["edge"]["SiteBucket"].type == "AWS::S3::Bucket"
        assert "BucketName" not in deployment["edge"]["SiteBucket"]


@pytest.mark.promise("CJ-02")
@pytest.mark.promise("MD-03")
def test_services_may_be_scaled(deployment: Deployment) -> None:
    """Application Auto Scaling first tries, with the stacks' role and on no alarm of ours, what it will do itself."""
    alarms = [
        str(statement["Resource"])
        for statement in _statements(deployment)
        if {"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms"} <= set(_listed(statement["Action"]))
    ]
    assert alarms == ["arn:aws:cloudwatch:*:${AWS::AccountId}:alarm:*"]


@pytest.mark.promise("CJ-10")
def test_the_stacks_have_a_role_of_their_own(deployment: Deployment) -> None:
    """Only CloudFormation takes it."""
    (statement,) = deployment["delivery"]["StackRole"].block("AssumeRolePolicyDocument").items_of("Statement")
    assert plain_value(statement["Principal"]) == {"Service": "cloudformation.amazonaws.com"}


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("CJ-14")
def test_stacks_make_no_foreign_roles(deployment: Deployment) -> None:
    """Rights go to what is named after this environment's stacks, and no policy of AWS makes it an administrator."""
    name = f"{deployment.system}-{deployment.environment.name}"
    writing = (
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:PassRole",
        "iam:UpdateAssumeRolePolicy",
    )
    found = [statement for statement in _statements(deployment) if set(_listed(statement["Action"])) & set(writing)]
    resources = {str(one).rpartition(":")[2] for statement in found for one in _listed(statement["Resource"])}
    assert resources == {f"role/{name}-*", f"instance-profile/{name}-*", f"policy/{name}-*"}
    (attaching,) = [statement for statement in found if statement["Action"] == ["iam:AttachRolePolicy"]]
    assert [str(one) for one in attaching["Condition"]["ArnNotEquals"]["iam:PolicyARN"]] == [
        f"arn:aws:iam::aws:policy/{policy}" for policy in ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")
    ]
    passing = [statement for statement in found if "iam:PassRole" in _listed(statement["Action"])]
    assert [list(statement["Condition"]["StringEquals"]) for statement in passing] == [["iam:PassedToService"]]


@pytest.mark.promise("CJ-09")
@pytest.mark.promise("CJ-14")
def test_stacks_read_no_foreign_secrets(deployment: Deployment) -> None:
    """Those of the system's name, and those that carry its tags."""
    tags = {"System": deployment.system, "Environment": deployment.environment.name}
    found = [
        (str(statement["Resource"]).rpartition(":")[2], statement.get("Condition"))
        for statement in _statements(deployment)
        if "secretsmanager:GetSecretValue" in _listed(statement["Action"])
    ]
    assert found == [
        (f"{deployment.system}/*", None),
        ("*", {"StringEquals": {f"aws:ResourceTag/{key}": value for key, value in tags.items()}}),
    ]


# What CloudFormation's handlers ask for on behalf of properties that no layer uses.
UNUSED = (
    "acm-pca:*",
    "autoloop:*",
    "autoscaling:AttachLoadBalancers",
    "autoscaling:DetachLoadBalancers",
    "autoscaling:*NotificationConfiguration",
    "billing:*",
    "cloudfront:*ConnectionGroup",
    "cloudfront:CreateDistributionWithTags",
    "cloudfront:GetVpcOrigin",
    "cloudfront:UpdateDistributionWithStagingConfig",
    "codewhisperer:*",
    "cognito-idp:*",
    "docdb-elastic:*",
    "ec2:AcceptAddressTransfer",
    "ec2:AssignPrivateNatGatewayAddress",
    "ec2:*NatGatewayAddress",
    "ec2:*VpnGateway",
    "ec2:*SubnetCidrBlock",
    "ec2:CreateVpcEncryptionControl",
    "ec2:Get[*]",
    "ec2:ModifyVpcTenancy",
    "ecs:PutAccountSetting*",
    "elasticache:*User",
    "elasticloadbalancing:ModifyCapacityReservation",
    "elasticloadbalancing:ModifyIpPools",
    "firehose:*",
    "iam:*GroupPolicy",
    "iam:*UserPolicy",
    "iam:*RolePermissionsBoundary",
    "iam:DescribeOrganization",
    "iam:ListRoles",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    "kms:ReplicateKey",
    "lambda:*",
    "logs:AllowVendedLogDeliveryForResource",
    "logs:CreateLogStream",
    "logs:PutBearerTokenAuthentication",
    "logs:PutLogEvents",
    "managed-fleets:*",
    "organizations:*",
    "payments:*",
    "rds:*RoleFromDBInstance",
    "rds:AddRoleToDBInstance",
    "redshift:*",
    "redshift-serverless:*",
    "s3:*BucketAbac",
    "s3:*Metadata*",
    "s3:*Object",
    "s3:PutObjectAcl",
    "s3:PutObjectLockConfiguration",
    "s3:REST.PUT.OBJECT",
    "s3tables:*",
    "ssm:Get[*]",
    "vpc-lattice:*",
    "vpce:*",
    "workmail:*",
)


@pytest.mark.promise("CJ-10")
@pytest.mark.promise("MT-23")
def test_the_stacks_lack_no_right(deployment: Deployment) -> None:
    """Each action that CloudFormation's own schemas name for a type of some layer is granted."""
    types = {resource.type for resource in deployment.resources}
    needed = {
        permission
        for kind in types
        for verb, handler in PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema["handlers"].items()
        for permission in handler["permissions"]
        if verb != "list"
    }
    granted = {action for statement in _statements(deployment) for action in _listed(statement["Action"])}
    lacking = sorted(
        one
        for one in needed
        if not any(fnmatchcase(one.lower(), action.lower()) for action in granted)
        and not any(fnmatchcase(one.lower(), pattern.lower()) for pattern in UNUSED)
    )
    assert lacking == []


def test_policies_are_short_enough(deployment: Deployment) -> None:
    """IAM takes 6,144 characters of a managed policy, white space not counted, and ten policies of a role."""
    policies = deployment["delivery"].of_type("AWS::IAM::ManagedPolicy")
    sizes = {
        policy.logical_id: len(json.dumps(plain_value(policy["PolicyDocument"]), default=str, separators=(",", ":")))
        for policy in policies
    }
    assert [name for name, size in sizes.items() if size > 5800] == []
    assert len(sizes) == 6


@pytest.mark.promise("CJ-13")
def test_names_and_tags(deployment: Deployment) -> None:
    """Every taggable resource carries the cost-allocation tags and a name of system and environment."""
    system, name = deployment.system, deployment.environment.name
    found = {
        resource.logical_id: {tag["Key"]: str(tag["Value"]) for tag in resource.items_of("Tags")}
        for resource in deployment["delivery"].resources.values()
        if "Tags" in resource
    }
    untagged = set(deployment["delivery"].resources) - set(found)
    assert {deployment["delivery"][one].type for one in untagged} == {
        "AWS::S3::BucketPolicy",
        "AWS::IAM::ManagedPolicy",
    }
    wrong = [
        logical_id
        for logical_id, tags in found.items()
        if (tags["System"], tags["Environment"], tags["Layer"]) != (system, name, "delivery")
        or not tags["Name"].startswith(f"{system}-{name}-")
    ]
    assert wrong == []


def test_needs_no_other_layer(deployment: Deployment) -> None:
    """It makes the role by which the others are deployed."""
    assert deployment.imports["delivery"] == ()


def test_outputs(deployment: Deployment) -> None:
    """What a workflow needs to know."""
    name = f"{deployment.system}-{deployment.environment.name}"
    found = {key: (str(output.value), output.export) for key, output in deployment["delivery"].outputs.items()}
    assert found == {
        "RepositoryUri": ("${ImageRepository.RepositoryUri}", f"{name}-DeliveryRepositoryUri"),
        "RepositoryArn": ("${ImageRepository.Arn}", f"{name}-DeliveryRepositoryArn"),
        "ArtifactBucketName": ("${ArtifactBucket}", f"{name}-DeliveryArtifactBucketName"),
        "DeployRoleArn": ("${DeployRole.Arn}", f"{name}-DeliveryDeployRoleArn"),
        "ReviewRoleArn": ("${ReviewRole.Arn}", f"{name}-DeliveryReviewRoleArn"),
        "StackRoleArn": ("${StackRole.Arn}", f"{name}-DeliveryStackRoleArn"),
    }
