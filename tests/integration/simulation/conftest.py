"""Systems, each environment deployed once per module into a simulated account, for tests that ask plain boto3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import pytest

from stackproof import Deployment
from stackproof.deploy import Deployer
from stackproof.deploy.request import stack_name
from stackproof.simulate import SimulatedAccount, simulated_account
from stackproof.simulate.prerequisites import prerequisites, provide


@dataclass(frozen=True)
class Simulated:
    """A deployment that stands in a simulated account."""

    deployment: Deployment
    account: SimulatedAccount

    @property
    def system(self) -> str:
        """Name of the system."""
        return self.deployment.system

    @property
    def environment(self) -> str:
        """Name of the environment."""
        return self.deployment.environment.name

    @property
    def prefix(self) -> str:
        """What the names of this environment begin with, such as ``caja-dev``."""
        return f"{self.system}-{self.environment}"

    @property
    def zones(self) -> str:
        """The letters of the zones that the network has."""
        return "".join(zone for zone in "ABC" if f"PublicSubnet{zone}" in self.deployment["networking"].resources)

    def region_of(self, layer: str) -> str:
        """Return the region in which a layer stands."""
        return self.deployment[layer].context.region or self.account.region

    def client(self, service: str, region: str = "") -> Any:
        """Return a boto3 client, of the deployment's region unless another is named."""
        return self.account.client(service, region)

    def id_of(self, layer: str, logical_id: str) -> str:
        """Return the physical id of a resource, as CloudFormation gives it."""
        found = self.client("cloudformation", self.region_of(layer)).describe_stack_resource(
            StackName=stack_name(self.deployment[layer]), LogicalResourceId=logical_id
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def outputs(self, layer: str) -> dict[str, str]:
        """Return the outputs of a stack."""
        client = self.client("cloudformation", self.region_of(layer))
        stacks = client.describe_stacks(StackName=stack_name(self.deployment[layer]))["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}

    def key_arn(self, layer: str = "networking", logical_id: str = "EncryptionKey") -> str:
        """Return the ARN under which KMS knows a key; without arguments that of the environment's key."""
        key = self.id_of(layer, logical_id)
        return str(self.client("kms", self.region_of(layer)).describe_key(KeyId=key)["KeyMetadata"]["Arn"])

    def secret(self, name: str) -> str:
        """Return what a secret holds."""
        return str(self.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])

    def secrets_for(self, role: str) -> set[str]:
        """Return the names of those secrets of the account that the inline policies of a role let it read."""
        iam, patterns = self.client("iam"), []
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            for statement in iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]["Statement"]:
                if "secretsmanager:GetSecretValue" in _as_list(statement["Action"]):
                    patterns += _as_list(statement["Resource"])
        secrets = self.client("secretsmanager").list_secrets()["SecretList"]
        return {
            secret["Name"] for secret in secrets if any(fnmatchcase(secret["ARN"], pattern) for pattern in patterns)
        }

    def alarm(self, layer: str, logical_id: str) -> dict[str, Any]:
        """Return an alarm as CloudWatch shows it."""
        name = self.id_of(layer, logical_id)
        (found,) = self.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return dict(found)

    def topic(self, severity: str) -> str:
        """Return the ARN under which SNS knows the topic of a severity: critical, warning or information."""
        arn = self.id_of("monitoring", f"{severity.capitalize()}Topic")
        return str(self.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["TopicArn"])

    def hosted_zone(self) -> str:
        """Return the id of the hosted zone that stood in the account before."""
        name = f"/{self.system}/{self.environment}/hosted-zone-id"
        return str(self.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])

    def records(self) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the records of the hosted zone by name, without its last dot, and type."""
        found = self.client("route53").list_resource_record_sets(HostedZoneId=self.hosted_zone())
        return {(record["Name"].rstrip("."), record["Type"]): record for record in found["ResourceRecordSets"]}


@pytest.fixture(scope="module")
def simulated(deployment: Deployment) -> Iterator[Simulated]:
    """The deployment of one system and environment, standing in a simulated account."""
    place = deployment.environment
    with simulated_account(place.region, place.account) as account:
        for needed in prerequisites(deployment):
            provide(needed, partial(account.client, region=needed.region))
        for _ in Deployer(deployment, account.cloudformation, sleep=_never).create():
            pass
        yield Simulated(deployment, account)


@pytest.fixture(scope="session")
def by_environment() -> Callable[..., Any]:
    """Choose a value by environment: ``by_environment(simulated, dev=1, test=1, prod=2)``."""

    def choose(simulated: Simulated, **values: Any) -> Any:
        return values[simulated.environment]

    return choose


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _never(_seconds: float) -> None:
    raise AssertionError("nothing waits in a simulated account")
