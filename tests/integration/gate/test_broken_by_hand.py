"""Templates and manifests broken by hand, one way at a time: each is reported with line, environments and fix.

What is broken, and what must be said of it, stands in ``breaks.yaml`` and ``mistakes.yaml``.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from stackproof import InputError
from stackproof.cache import Cache
from stackproof.compose.system import load_system
from stackproof.findings import Finding
from stackproof.judge.run import Question, run
from stackproof.judge.targets import collect
from stackproof.paths import own_policies

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SYSTEMS = sorted(path.stem for path in (ROOT / "cloudformation" / "systems").glob("*.yaml"))
BREAKS = yaml.safe_load((HERE / "breaks.yaml").read_text())
MISTAKES = yaml.safe_load((HERE / "mistakes.yaml").read_text())

CONDITION = "Conditions:\n  IsProductionHere: !Equals [!Ref Environment, prod]\n"
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


def judged(*systems: str) -> tuple[Finding, ...]:
    manifests = [Path("cloudformation", "systems", f"{system}.yaml") for system in systems]
    return run(collect(manifests, Cache(None), _refuse), Question((own_policies(),)), Cache(None), _refuse).findings


def with_break(text: str, resource: str, old: str, new: str) -> str:
    """Return a template with a change inside of one resource, and the condition that it may need."""
    found = re.search(rf"(?m)^  {resource}:\n(?:(?:    .*)?\n)*", text)
    assert found is not None
    assert found[0].count(old) == 1, "the template has changed: mend the table"
    changed = text[: found.start()] + found[0].replace(old, new) + text[found.end() :]
    return changed.replace("\nConditions:\n", f"\n{CONDITION}", 1) if "IsProductionHere" in changed else changed


def found(policy: str, resource: str, path: str, seen: dict[str, list[str]]) -> Finding:
    """Return the one finding that says this, of the systems that are named."""
    expected = (policy, resource, path, {system: tuple(environments) for system, environments in seen.items()})
    said = [((f.rule.id, f.resource, f.path, {f.system: f.environments}), f) for f in judged(*seen)]
    matching = [finding for summary, finding in said if summary == expected]
    assert len(matching) == 1, [summary for summary, _ in said]
    return matching[0]


@pytest.mark.parametrize("broken", BREAKS.values(), ids=BREAKS)
def test_what_is_broken_by_hand_is_reported_where_it_stands(copy: Path, broken: dict[str, Any]) -> None:
    file, resource = broken["in"].split()
    changed = with_break((copy / file).read_text(), resource, broken["old"], broken["new"])
    (copy / file).write_text(changed)
    policy, _, path = broken["finding"].partition(" ")
    finding = found(policy, broken.get("of", resource), path, broken["seen"])
    assert finding.mark.file == f"cloudformation/{file}"
    line = broken.get("line", broken["new"].strip().partition("\n")[0])
    assert line in changed.splitlines()[finding.mark.line - 1]
    assert finding.fix.endswith(".")


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_manifest_that_cannot_be_deployed_is_refused_at_its_line(copy: Path, mistake: dict[str, str]) -> None:
    manifest = f"systems/{mistake['system']}.yaml"
    text = (copy / manifest).read_text()
    assert mistake["old"] in text, "the manifest has changed: mend the table"
    (copy / manifest).write_text(text.replace(mistake["old"], mistake["new"], 1))
    with pytest.raises(InputError) as refused:
        judged(mistake["system"])
    assert mistake["said"] in refused.value.message
    mark, file = refused.value.mark, mistake.get("file", manifest)
    assert mark is not None
    assert mark.file == f"cloudformation/{file}"
    assert mistake["line"] in (copy / file).read_text().splitlines()[mark.line - 1]


def test_a_way_out_of_the_database_subnets_is_reported_at_the_route(copy: Path) -> None:
    path = copy / "01-networking.yaml"
    changed = path.read_text().replace("\nOutputs:\n", f"\n{WAY_OUT}\nOutputs:\n", 1)
    path.write_text(changed)
    finding = found("SP110", "DatabaseOutboundRoute", "NatGatewayId", {"maticko": ["dev", "test", "prod"]})
    assert changed.splitlines()[finding.mark.line - 1] == "      NatGatewayId: !Ref NatGatewayA"


def test_two_systems_of_one_name_are_refused(copy: Path) -> None:
    path = copy / "systems" / "mattilda.yaml"
    path.write_text(path.read_text().replace("system: mattilda", "system: muejam", 1))
    with pytest.raises(InputError, match=r"the system .muejam. is described by .*mattilda.* already"):
        collect([Path("cloudformation")], Cache(None), _refuse)


def test_the_templates_as_they_are_have_no_finding(copy: Path) -> None:
    assert judged(*SYSTEMS) == ()


@pytest.mark.parametrize("name", SYSTEMS)
def test_production_is_protected(name: str) -> None:
    """Without that word no policy for protected environments is asked."""
    environments = load_system(ROOT / "cloudformation" / "systems" / f"{name}.yaml").manifest.environments
    assert [environment.name for environment in environments.values() if environment.protected] == ["prod"]
