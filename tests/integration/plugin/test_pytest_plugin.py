"""The pytest plugin in repositories of other people: what it runs, what it refuses, and that it leaves others alone."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

TOPIC = """\
Parameters:
  System: {Type: String, Default: shop}
  Environment: {Type: String, Default: dev}
  Days: {Type: Number, Default: 4, MaxValue: 14}
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties: {DisplayName: !Sub "${System} ${Environment} ${Days}"}
Outputs:
  Arn: {Value: !Ref Topic}
"""
KEY = """\
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: false
      KeyPolicy: {Version: "2012-10-17", Statement: []}
"""
SHOP = """\
system: shop
region: eu-west-1
environments:
  dev: {branch: dev}
  prod: {branch: main, protected: true}
layers:
  news: {template: topic.yaml}
  keys: {template: key.yaml, environments: [prod]}
"""
BLOG = """\
system: blog
region: eu-west-1
environments: {prod: {branch: main}}
layers: {news: {template: topic.yaml}}
"""
SYSTEMS = {
    "cloudformation/topic.yaml": TOPIC,
    "cloudformation/key.yaml": KEY,
    "cloudformation/systems/shop.yaml": SHOP,
    "cloudformation/systems/blog.yaml": BLOG,
}
ONE_OF_EACH = """\
def test_system(system): assert system.name in ("shop", "blog")
def test_deployment(deployment): assert deployment.environment.name in ("dev", "prod")
def test_stack(stack): assert stack.resources
def test_together(system, deployment, stack):
    assert deployment.system == system.name
    assert deployment.stack(stack.name) is stack
def test_other(): pass
"""


def _of(test: str, *places: str, file: str = "test_it.py", outcome: str = "passed") -> dict[str, str]:
    return {f"{file}::{test}[{place}]": outcome for place in places}


@pytest.mark.parametrize("arguments", [[], ["-n", "2"]], ids=["one process", "several processes"])
def test_a_test_runs_once_for_each_of_what_it_asks_for(repository: Any, arguments: list[str]) -> None:
    repository.write(SYSTEMS | {"test_it.py": ONE_OF_EACH})
    ran = repository.pytest("--strict-markers", "-W", "error", *arguments)
    stacks = ("shop-dev-news", "shop-prod-news", "shop-prod-keys", "blog-prod-news")
    assert ran.outcomes == {
        **_of("test_system", "shop", "blog"),
        **_of("test_deployment", "shop-dev", "shop-prod", "blog-prod"),
        **_of("test_stack", *stacks),
        **_of("test_together", *stacks),
        "test_it.py::test_other": "passed",
    }
    assert ran.code == 0


def test_markers_choose_and_the_nearest_counts(repository: Any) -> None:
    tests = """\
import pytest
pytestmark = [pytest.mark.systems("shop"), pytest.mark.promise("AB-01")]
def test_module(deployment): pass
@pytest.mark.systems("blog")
def test_own(deployment): pass
@pytest.mark.environments("prod")
@pytest.mark.layers("keys")
def test_layer(stack): pass
@pytest.mark.layers("keys")
def test_where_the_layer_is(deployment): pass
@pytest.mark.environments("dev")
def test_system_with_the_environment(system): pass
"""
    repository.write(SYSTEMS | {"test_it.py": tests})
    ran = repository.pytest("--strict-markers", "-W", "error")
    assert ran.outcomes == {
        **_of("test_module", "shop-dev", "shop-prod"),
        **_of("test_own", "blog-prod"),
        **_of("test_layer", "shop-prod-keys"),
        **_of("test_where_the_layer_is", "shop-prod"),
        **_of("test_system_with_the_environment", "shop"),
    }


def test_markers_that_choose_nothing_fail(repository: Any) -> None:
    """A misspelt name must not make a test pass by running for nothing."""
    tests = """\
import pytest
@pytest.mark.systems("shopp")
def test_system(deployment): pass
@pytest.mark.systems("blog")
@pytest.mark.environments("prod", "dev")
def test_environment(deployment): pass
@pytest.mark.environments("dev")
@pytest.mark.layers("keys")
def test_layer(stack): pass
"""
    repository.write(SYSTEMS | {"test_it.py": tests})
    ran = repository.pytest()
    assert ran.outcomes == {
        **_of("test_system", "shopp", outcome="error"),
        **_of("test_environment", "dev", outcome="error"),
        **_of("test_layer", "keys", outcome="error"),
    }
    for line in ("no system 'shopp'; did you mean 'shop'?", "no environment 'dev'", "no layer 'keys'"):
        assert f"\n{line}\n" in ran.out
    assert ran.code == 1


def test_a_wrong_manifest_fails_its_own_tests_with_one_line(repository: Any) -> None:
    repository.write(SYSTEMS | {"test_it.py": ONE_OF_EACH})
    repository.write({"cloudformation/systems/blog.yaml": BLOG.replace("layers", "layrs")})
    ran = repository.pytest()
    assert ran.outcomes == {
        **_of("test_system", "shop"),
        **_of("test_deployment", "shop-dev", "shop-prod"),
        **_of("test_stack", "shop-dev-news", "shop-prod-news", "shop-prod-keys"),
        **_of("test_together", "shop-dev-news", "shop-prod-news", "shop-prod-keys"),
        "test_it.py::test_other": "passed",
        **{
            name: "error"
            for test in ("test_system", "test_deployment", "test_stack", "test_together")
            for name in _of(test, "blog")
        },
    }
    assert "\ncloudformation/systems/blog.yaml:4: unknown key 'layrs'; did you mean 'layers'?\n" in ran.out
    assert "Traceback" not in ran.out
    assert "INTERNALERROR" not in ran.out + ran.err
    assert (ran.code, ran.err) == (1, "")


def test_a_wrong_value_fails_the_tests_of_its_environment_with_one_line(repository: Any) -> None:
    wrong = SHOP.replace("topic.yaml}", "topic.yaml, parameters: {Days: {prod: 15}}}")
    tests = "import pytest\n@pytest.mark.systems('shop')\ndef test_deployment(deployment, policy_findings): pass\n"
    repository.write(SYSTEMS | {"cloudformation/systems/shop.yaml": wrong, "test_it.py": tests})
    ran = repository.pytest()
    assert ran.outcomes == _of("test_deployment", "shop-dev") | _of("test_deployment", "shop-prod", outcome="error")
    (line,) = (line for line in ran.out.splitlines() if line.startswith("cloudformation/systems/shop.yaml:7: "))
    assert line.endswith(" (in shop prod)")
    assert "During handling" not in ran.out


def test_fixtures_of_the_same_names_are_left_alone(repository: Any) -> None:
    """Whoever merely has stackproof installed must not notice, whether there are systems or none."""
    own = """\
import pytest
@pytest.fixture
def system(): return "mine"
@pytest.fixture(params=["blue", "green"])
def deployment(request): return request.param
@pytest.fixture(scope="module")
def simulated(): return 1
"""
    tests = """\
import pytest
@pytest.fixture
def stack(): return []
@pytest.fixture
def policy_findings(): return [1]
def test_system(system): assert system == "mine"
def test_deployment(deployment, simulated): assert deployment in ("blue", "green")
def test_stack(stack): assert stack == []
@pytest.mark.parametrize("stack", [1, 2])
def test_parametrised(stack): assert stack
@pytest.mark.xfail(raises=AssertionError, strict=True)
def test_compared(policy_findings): assert policy_findings == []
"""
    expected = {
        "test_it.py::test_system": "passed",
        **_of("test_deployment", "blue", "green"),
        "test_it.py::test_stack": "passed",
        **_of("test_parametrised", "1", "2"),
    }
    repository.write({"conftest.py": own, "test_it.py": tests})
    assert repository.pytest("-W", "error").outcomes == expected
    repository.write({"cloudformation/systems/broken.yaml": "layers: ["})
    assert repository.pytest("-W", "error").outcomes == expected


def test_a_fixture_may_build_on_the_one_whose_place_it_takes(repository: Any) -> None:
    own = """\
import pytest
@pytest.fixture(scope="session")
def deployment(deployment): return deployment.stack("news")
"""
    tests = "def test_it(deployment): assert deployment['Topic']\n"
    repository.write(SYSTEMS | {"conftest.py": own, "test_it.py": tests})
    assert repository.pytest().outcomes == _of("test_it", "shop-dev", "shop-prod", "blog-prod")


def test_asking_where_no_system_is_or_at_run_time_fails_with_one_line(repository: Any) -> None:
    tests = """\
def test_nothing(deployment): pass
def test_late(request): request.getfixturevalue("deployment")
"""
    repository.write({"test_it.py": tests})
    ran = repository.pytest()
    assert ran.outcomes == _of("test_nothing", "nothing", outcome="error") | {"test_it.py::test_late": "failed"}
    assert "\nno system in cloudformation/systems, here or above; name its folder as stackproof_systems\n" in ran.out
    assert "\na test takes stackproof's fixtures as arguments: it runs once for each of them\n" in ran.out


def test_manifests_and_policies_may_stand_elsewhere(repository: Any) -> None:
    policy = '''"""Topics are named."""
from stackproof.policy import Policy, Severity, problem
POLICY = Policy(id="OWN100", severity=Severity.LOW, types=("AWS::SNS::Topic",), rationale="a", remediation="Name it.")
def check(topic, deployment):
    if "TopicName" not in topic:
        yield problem(topic, "TopicName", "it has no name")
'''
    tests = (
        "def test_it(policy_findings): assert [f.mark.line for f in policy_findings if f.rule.id == 'OWN100'] == [6]\n"
    )
    repository.write(
        {
            "pytest.ini": "[pytest]\nstackproof_systems = infra/systems\nstackproof_policies = rules\n",
            "infra/topic.yaml": TOPIC,
            "infra/systems/blog.yaml": BLOG,
            "infra/other.yaml": BLOG.replace("blog", "other"),
            "rules/own/named.py": policy,
            "tests/test_it.py": tests,
        }
    )
    assert repository.pytest().outcomes == _of("test_it", "blog-prod")
    assert repository.pytest("--stackproof-systems", "infra/other.yaml").outcomes == _of("test_it", "other-prod")


def test_a_simulated_account_is_shared_by_the_tests_of_a_module(repository: Any) -> None:
    tests = """\
import pytest
pytestmark = pytest.mark.systems("shop")
def _topics(simulated): return {t["TopicArn"] for t in simulated.client("sns").list_topics()["Topics"]}
def test_deployed(simulated):
    assert _topics(simulated) == {simulated.outputs("news")["Arn"]} == {simulated.id_of("news", "Topic")}
    simulated.client("sns").create_topic(Name="second")
def test_shared(simulated): assert len(_topics(simulated)) == 2
"""
    repository.write(SYSTEMS | {"test_it.py": tests, "test_other.py": tests})
    assert repository.pytest().outcomes == {
        name: outcome
        for file in ("test_it.py", "test_other.py")
        for test in ("test_deployed", "test_shared")
        for name, outcome in _of(test, "shop-dev", "shop-prod", file=file).items()
    }


def test_what_cannot_be_deployed_fails_with_one_line(repository: Any) -> None:
    bad = TOPIC.replace("Properties: {", "Properties: {FifoTopic: false, TopicName: 'no such name.fifo', ")
    tests = "import pytest\n@pytest.mark.systems('blog')\ndef test_it(simulated): pass\n"
    repository.write(SYSTEMS | {"cloudformation/topic.yaml": bad, "test_it.py": tests})
    ran = repository.pytest()
    assert ran.outcomes == _of("test_it", "blog-prod", outcome="error")
    assert "\ncloudformation/topic.yaml:6: cannot be deployed in simulation: blog-prod-news: Topic: " in ran.out
    assert "Traceback" not in ran.out


def test_findings_are_shown_with_place_and_fix(repository: Any) -> None:
    tests = """\
import pytest
@pytest.mark.systems("shop")
def test_it(policy_findings):
    for finding in list(policy_findings):
        if finding.rule.id != "SP501":
            policy_findings.remove(finding)
    assert policy_findings == []
"""
    repository.write(SYSTEMS | {"test_it.py": tests})
    ran = repository.pytest()
    assert ran.outcomes == _of("test_it", "shop-dev") | _of("test_it", "shop-prod", outcome="failed")
    assert (
        "E       assert <1 finding in shop (prod)> == []\n"
        "E         cloudformation/key.yaml:5 SP501 Key.EnableKeyRotation: it is never rotated; "
        "fix: Set EnableKeyRotation to true.\n"
    ) in ran.out
    assert (
        "      FAIL medium SP501 cloudformation/key.yaml:5 EnableKeyRotation\n"
        "        it is never rotated\n"
        "        in: shop prod\n"
        "        fix: Set EnableKeyRotation to true.\n"
    ) in ran.out


def test_what_is_waived_is_no_finding(repository: Any) -> None:
    waiver = """\
waivers:
  - {policy: SP501, system: shop, layer: keys, resource: Key, reason: A key of a test., owner: me, expiry: 2999-12-31}
"""
    tests = """\
import pytest
@pytest.mark.systems("shop")
def test_it(policy_findings): assert "SP501" not in [finding.rule.id for finding in policy_findings]
"""
    repository.write(SYSTEMS | {"test_it.py": tests})
    assert repository.pytest().outcomes == _of("test_it", "shop-dev") | _of("test_it", "shop-prod", outcome="failed")
    repository.write({"cloudformation/waivers.yaml": waiver})
    assert repository.pytest().outcomes == _of("test_it", "shop-dev", "shop-prod")


def test_importing_the_plugin_imports_nothing_of_weight() -> None:
    heavy = {"yaml", "boto3", "botocore", "moto", "msgspec", "click", "rich", "hypothesis", "stackproof.compose"}
    code = f"import sys, stackproof.pytest_plugin; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
