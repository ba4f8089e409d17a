"""Systems, each environment deployed once into a simulated account, for tests that ask plain boto3.

With ``--live`` the same tests ask what stands in a real account: see live.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import pytest

from stackproof import Deployment, simulate
from stackproof.deploy.request import stack_name
from stackproof.pytest_plugin import subject_of
from stackproof.simulate import standing

from .live import LiveAccount, Standing


@dataclass(frozen=True)
class Simulated(simulate.Simulated):
    """A deployment that stands in a simulated account, with the questions that several modules ask.

    Attributes:
        names: names of stacks by layer, where they differ from those that the deployer gives.
    """

    names: Mapping[str, str] = field(default_factory=dict)

    def stack(self, layer: str) -> str:
        """Return the name of a layer's stack."""
        return self.names.get(layer) or stack_name(self.deployment[layer])

    def id_of(self, layer: str, logical_id: str) -> str:
        """Return the physical id of a resource, as CloudFormation gives it."""
        client = self.client("cloudformation", self.region_of(layer))
        found = client.describe_stack_resource(StackName=self.stack(layer), LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def outputs(self, layer: str) -> dict[str, str]:
        """Return the outputs of a stack."""
        client = self.client("cloudformation", self.region_of(layer))
        (stack,) = client.describe_stacks(StackName=self.stack(layer))["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}

    @property
    def account_id(self) -> str:
        """The account's number."""
        return str(self.client("sts").get_caller_identity()["Account"])

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


_LIVE = pytest.StashKey[Standing]()


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    for line in (
        "simulation_only(reason): a real account cannot, or must not, be asked this",
        "own_stacks_only(reason): asked live only where each layer is a stack of its own",
    ):
        config.addinivalue_line("markers", line)


@pytest.fixture
def simulated(deployment: Deployment, pytestconfig: pytest.Config) -> Simulated:
    """The deployment of one system and environment, standing in a simulated account for all tests that ask it.

    With ``--live`` it stands in a real one.
    """
    if _LIVE in pytestconfig.stash:
        account: Any = LiveAccount(deployment.environment.region)
        return Simulated(deployment, account, pytestconfig.stash[_LIVE].stacks(deployment))
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
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Ask a deployment all questions one after the other; tests/conftest.py lets one worker do it."""
    items.sort(key=lambda item: _asked(item) or ())
    if config.getoption("live"):
        _keep_live(config, items)


def _keep_live(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot be asked of a real account, and remember why."""
    live = Standing(name for name in config.getoption("live_systems").split(",") if name)
    config.stash[_LIVE] = live
    why = {item: live.why_not(item) for item in items}
    config.stash[_LEFT_OUT] = Counter(reason for reason in why.values() if reason)
    config.hook.pytest_deselected(items=[item for item, reason in why.items() if reason])
    items[:] = [item for item, reason in why.items() if not reason]


_LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why tests were left out."""
    for reason, number in terminalreporter.config.stash.get(_LEFT_OUT, Counter()).most_common():
        terminalreporter.write_line(f"not asked live: {number} ({reason})")


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
