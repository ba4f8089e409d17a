"""The templates broken by hand, one way at a time: each is reported with its line, environments and fix."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from stackproof import InputError
from stackproof.cache import Cache
from stackproof.findings import Finding
from stackproof.judge.run import Question, run
from stackproof.judge.targets import collect
from stackproof.paths import own_policies

ALL = ("dev", "test", "prod")
ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Break:
    """A change to one template.

    Attributes:
        old: a text that stands in the file once.
        new: what it becomes.
        line: a text of the line that must be pointed at.
        expected: policy, logical id, property path, environments.
    """

    file: str
    old: str
    new: str
    line: str
    expected: tuple[str, str, str, tuple[str, ...]]


BREAKS = {
    "a public database": Break(
        "03-database.yaml",
        "      PubliclyAccessible: false\n      Port: '5432'\n      MultiAZ",
        "      PubliclyAccessible: true\n      Port: '5432'\n      MultiAZ",
        "PubliclyAccessible: true",
        ("SP302", "Database", "PubliclyAccessible", ALL),
    ),
    "storage unencrypted in dev only": Break(
        "03-database.yaml",
        "      StorageEncrypted: true",
        "      StorageEncrypted: !If [IsProtectedHere, true, false]",
        "StorageEncrypted: !If",
        ("SP301", "Database", "StorageEncrypted", ("dev",)),
    ),
    "TLS not forced": Break(
        "03-database.yaml",
        "rds.force_ssl: '1'",
        "rds.force_ssl: '0'",
        "rds.force_ssl",
        ("SP303", "Database", "DBParameterGroupName", ALL),
    ),
    "the password as a plain parameter": Break(
        "03-database.yaml",
        "MasterUserPassword: !Sub '{{resolve:secretsmanager:${DatabaseSecret}:SecretString:password}}'",
        "MasterUserPassword: !Ref MasterUsername",
        "MasterUserPassword: !Ref",
        ("SP308", "Database", "MasterUserPassword", ALL),
    ),
    "one day of backups": Break(
        "03-database.yaml",
        "BackupRetentionPeriod: !Ref BackupRetentionDays",
        "BackupRetentionPeriod: 1",
        "BackupRetentionPeriod: 1",
        ("SP304", "Database", "BackupRetentionPeriod", ALL),
    ),
    "one zone in production": Break(
        "03-database.yaml",
        "      MultiAZ: !Ref MultiAz",
        "      MultiAZ: false",
        "MultiAZ: false",
        ("SP305", "Database", "MultiAZ", ("prod",)),
    ),
    "the application port open to the world": Break(
        "01-networking.yaml",
        "      SourceSecurityGroupId: !GetAtt LoadBalancerSecurityGroup.GroupId",
        "      CidrIp: 0.0.0.0/0",
        "CidrIp: 0.0.0.0/0",
        ("SP101", "ApplicationIngressFromLoadBalancer", "CidrIp", ALL),
    ),
    "the database port open to the world": Break(
        "01-networking.yaml",
        "          SourceSecurityGroupId: !GetAtt ApplicationSecurityGroup.GroupId",
        "          CidrIpv6: '::/0'",
        "CidrIpv6: '::/0'",
        ("SP103", "DatabaseSecurityGroup", "SecurityGroupIngress.0.CidrIpv6", ALL),
    ),
    "the old metadata service": Break(
        "02-application.yaml",
        "          HttpTokens: required",
        "          HttpTokens: optional",
        "HttpTokens: optional",
        ("SP106", "LaunchTemplate", "LaunchTemplateData.MetadataOptions.HttpTokens", ALL),
    ),
    "a volume in clear": Break(
        "02-application.yaml",
        "Encrypted: true, DeleteOnTermination",
        "Encrypted: false, DeleteOnTermination",
        "Encrypted: false",
        ("SP107", "LaunchTemplate", "LaunchTemplateData.BlockDeviceMappings.0.Ebs.Encrypted", ALL),
    ),
    "instances that never signal": Break(
        "02-application.yaml",
        "/opt/aws/bin/cfn-signal --exit-code",
        "/bin/true --exit-code",
        "        UserData:",
        ("SP212", "InstanceGroup", "", ALL),
    ),
    "a key pair": Break(
        "02-application.yaml",
        "        ImageId: !Ref MachineImageId",
        "        KeyName: operators\n        ImageId: !Ref MachineImageId",
        "KeyName: operators",
        ("SP105", "LaunchTemplate", "LaunchTemplateData.KeyName", ALL),
    ),
    "an updater that does not wait": Break(
        "02-application.yaml",
        "        WaitOnResourceSignals: true",
        "        WaitOnResourceSignals: false",
        "WaitOnResourceSignals: false",
        ("SP210", "InstanceGroup", "UpdatePolicy.AutoScalingRollingUpdate.WaitOnResourceSignals", ALL),
    ),
    "the database in the load balancer's group": Break(
        "03-database.yaml",
        "        - Fn::ImportValue: !Sub ${System}-${Environment}-NetworkingDatabaseSecurityGroupId\n"
        "      PubliclyAccessible: false\n      Port: '5432'\n      MultiAZ",
        "        - Fn::ImportValue: !Sub ${System}-${Environment}-NetworkingLoadBalancerSecurityGroupId\n"
        "      PubliclyAccessible: false\n      Port: '5432'\n      MultiAZ",
        "VPCSecurityGroups:",
        ("SP314", "Database", "VPCSecurityGroups", ALL),
    ),
    "the network ACL of the public subnets around a database subnet": Break(
        "01-networking.yaml",
        "      SubnetId: !Ref DatabaseSubnetA\n      NetworkAclId: !Ref DatabaseNetworkAcl",
        "      SubnetId: !Ref DatabaseSubnetA\n      NetworkAclId: !Ref PublicNetworkAcl",
        "NetworkAclId: !Ref PublicNetworkAcl",
        ("SP117", "DatabaseSubnetANetworkAclAssociation", "NetworkAclId", ALL),
    ),
    "instances in public subnets": Break(
        "02-application.yaml",
        "        - Fn::ImportValue: !Sub ${System}-${Environment}-NetworkingPrivateSubnetAId",
        "        - Fn::ImportValue: !Sub ${System}-${Environment}-NetworkingPublicSubnetAId",
        "VPCZoneIdentifier:",
        ("SP218", "InstanceGroup", "VPCZoneIdentifier", ALL),
    ),
    "logs that are never deleted": Break(
        "02-application.yaml",
        "      RetentionInDays: !Ref LogRetentionDays\n",
        "",
        "ApplicationLogGroup:",
        ("SP503", "ApplicationLogGroup", "RetentionInDays", ALL),
    ),
}
WAY_OUT = """\
  DatabaseOutboundRoute:
    Type: AWS::EC2::Route
    Properties:
      RouteTableId: !Ref DatabaseRouteTable
      DestinationCidrBlock: 0.0.0.0/0
      NatGatewayId: !Ref NatGatewayA
"""


def _refuse(error: InputError) -> None:
    raise error


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the canonical templates to break."""
    shutil.copytree(ROOT / "cloudformation", tmp_path / "cloudformation")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "cloudformation"


def judged() -> tuple[Finding, ...]:
    targets = collect([Path("cloudformation")], Cache(None), _refuse)
    return run(targets, Question((own_policies(),)), Cache(None), _refuse).findings


def found(expected: tuple[str, str, str, tuple[str, ...]]) -> Finding:
    policy, resource, path, environments = expected
    matching = [
        finding
        for finding in judged()
        if (finding.rule.id, finding.resource, finding.environments) == (policy, resource, environments)
        and (not path or finding.path == path)
    ]
    assert len(matching) == 1, [(f.rule.id, f.resource, f.path, f.environments, f.message) for f in judged()]
    return matching[0]


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
def test_what_is_broken_by_hand_is_reported_where_it_stands(copy: Path, broken: Break) -> None:
    text = (copy / broken.file).read_text()
    assert text.count(broken.old) == 1, "the template has changed: mend the test"
    condition = "Conditions:\n  IsProtectedHere: !Not [!Equals [!Ref Environment, dev]]\n"
    changed = text.replace(broken.old, broken.new)
    if "IsProtectedHere" in changed:
        changed = changed.replace("Conditions:\n", condition, 1)
    (copy / broken.file).write_text(changed)
    finding = found(broken.expected)
    assert finding.mark.file == f"cloudformation/{broken.file}"
    assert broken.line in changed.splitlines()[finding.mark.line - 1]
    assert finding.fix.endswith(".")


def test_a_way_out_of_the_database_subnets_is_reported_at_the_route(copy: Path) -> None:
    path = copy / "01-networking.yaml"
    changed = path.read_text().replace("\nOutputs:\n", f"\n{WAY_OUT}\nOutputs:\n", 1)
    path.write_text(changed)
    finding = found(("SP110", "DatabaseOutboundRoute", "NatGatewayId", ALL))
    assert changed.splitlines()[finding.mark.line - 1] == "      NatGatewayId: !Ref NatGatewayA"


def test_the_templates_as_they_are_have_no_finding(copy: Path) -> None:
    assert judged() == ()
