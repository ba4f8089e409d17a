"""Systems, each environment deployed once into a simulated account, for tests that ask plain boto3."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pytest

from stackproof import Deployment, simulate
from stackproof.pytest_plugin import subject_of
from stackproof.simulate import standing


@dataclass(frozen=True)
class Simulated(simulate.Simulated):
    """A deployment that stands in a simulated account, with the questions that several modules ask."""

    @property
    def prefix(self) -> str:
        """What the names of this environment begin with, such as ``caja-dev``."""
        return f"{self.system}-{self.environment}"

    @property
    def zones(self) -> str:
        """The letters of the zones that the network has."""
        return "".join(zone for zone in "ABC" if f"PublicSubnet{zone}" in self.deployment["networking"].resources)

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


# The one deployment that stands now, and what takes it down. moto's state is the process's, so two cannot stand side by
# side; pytest's own scopes cannot say "until the next deployment".
_standing: dict[Deployment, tuple[Simulated, ExitStack]] = {}


@pytest.fixture
def simulated(deployment: Deployment) -> Simulated:
    """The deployment of one system and environment, standing in a simulated account for all tests that ask it."""
    if deployment not in _standing:
        _take_down()
        stack = ExitStack()
        found = stack.enter_context(standing(deployment))
        _standing[deployment] = (Simulated(found.deployment, found.account), stack)
    return _standing[deployment][0]


def _take_down() -> None:
    for _, stack in _standing.values():
        stack.close()
    _standing.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Ask a deployment all questions one after the other; tests/conftest.py lets one worker do it."""
    items.sort(key=lambda item: _asked(item) or ())


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Take a deployment down after the last test that asks it."""
    if nextitem is None or _asked(item) != _asked(nextitem):
        _take_down()


def _asked(item: pytest.Item) -> tuple[str, ...]:
    """Return the system and environment that a test asks; nothing where it asks none."""
    return subject_of(item) if "simulated" in getattr(item, "fixturenames", ()) else ()


@pytest.fixture(scope="session")
def by_environment() -> Callable[..., Any]:
    """Choose a value by environment: ``by_environment(simulated, dev=1, test=1, prod=2)``."""

    def choose(simulated: Simulated, **values: Any) -> Any:
        return values[simulated.environment]

    return choose


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
