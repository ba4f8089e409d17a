"""Signals: what is waited for, what a start script sends, and how waiting ends.

The words of the events are those that AWS's accounts of updates quote; the defaults are those of CreationPolicy,
UpdatePolicy and cfn-signal in CloudFormation's user guide.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from stackproof.simulate.cloudformation.signals import (
    GROUP,
    INSTANCE,
    WAIT_CONDITION,
    HandleSignal,
    Outcome,
    Policy,
    Receiver,
    RollingUpdate,
    Status,
    created,
    creation_policy,
    duration,
    handle_signals,
    plain_user_data,
    rolled,
    rolling_update_policy,
    signal_sent,
    user_data_of,
    waited_for,
)

STACK_ID = "arn:aws:cloudformation:eu-west-1:111111111111:stack/shop/1"
WEB = Receiver("Web", "shop", STACK_ID, "eu-west-1")
SIGNAL = "/opt/aws/bin/cfn-signal --stack shop --resource Web --region eu-west-1"
URL = "https://cloudformation-waitcondition-us-east-1.s3.amazonaws.com/arn%3Aaws?Signature=a%2Bb"
SUCCESS, FAILURE = Status.SUCCESS, Status.FAILURE


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT15M", 900), ("PT1H30M10S", 5410), ("P1DT1S", 86401), ("PT0S", 0), ("PT0.5S", 0.5), ("soon", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("kind", "attribute", "policy"),
    [
        (INSTANCE, None, None),
        (INSTANCE, {}, None),
        (INSTANCE, {"ResourceSignal": {}}, Policy(1, "PT5M")),
        (GROUP, {"ResourceSignal": {"Count": "3", "Timeout": "PT15M"}}, Policy(3, "PT15M")),
        (
            GROUP,
            {"ResourceSignal": {"Count": 3}, "AutoScalingCreationPolicy": {"MinSuccessfulInstancesPercent": 50}},
            Policy(3, "PT5M", 50),
        ),
        (WAIT_CONDITION, {"ResourceSignal": {"Timeout": "PT1M"}}, Policy(1, "PT1M")),
        ("AWS::S3::Bucket", {"ResourceSignal": {}}, None),
        ("AWS::AppStream::Fleet", {"StartFleet": {"Type": "x"}}, None),
    ],
)
def test_creation_policies(kind: str, attribute: dict[str, Any] | None, policy: Policy | None) -> None:
    assert creation_policy(kind, attribute) == policy


@pytest.mark.parametrize(
    ("attribute", "policy"),
    [
        (None, None),
        ({"AutoScalingReplacingUpdate": {"WillReplace": True}}, None),
        ({"AutoScalingRollingUpdate": {}}, RollingUpdate(1, 0, "PT0S", False, 100)),
        ({"AutoScalingRollingUpdate": {"WaitOnResourceSignals": "true"}}, RollingUpdate(1, 0, "PT5M", True, 100)),
        (
            {
                "AutoScalingRollingUpdate": {
                    "MaxBatchSize": 2,
                    "MinInstancesInService": "1",
                    "PauseTime": "PT10M",
                    "WaitOnResourceSignals": True,
                    "MinSuccessfulInstancesPercent": 80,
                }
            },
            RollingUpdate(2, 1, "PT10M", True, 80),
        ),
    ],
)
def test_rolling_update_policies(attribute: dict[str, Any] | None, policy: RollingUpdate | None) -> None:
    assert rolling_update_policy(attribute) == policy


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("echo hello", None),
        (SIGNAL, SUCCESS),
        (f"{SIGNAL} -e $?", SUCCESS),
        (f"{SIGNAL} --exit-code=0", SUCCESS),
        (f"{SIGNAL} -e 1", FAILURE),
        (f"{SIGNAL} -s true", SUCCESS),
        (f"{SIGNAL} --success false", FAILURE),
        # The exit code counts before the words.
        (f"{SIGNAL} --success false -e 0", SUCCESS),
        (f"cfn-init -v --stack shop; {SIGNAL} -e $?", SUCCESS),
        (f"cfn-init || {SIGNAL} -e 1\n{SIGNAL} -e 0", SUCCESS),
        (f"cfn-init && {SIGNAL} -s true || {SIGNAL} -s false", SUCCESS),
        (f"trap '{SIGNAL} -e $?' EXIT\nset -e\necho", SUCCESS),
        (f"exit 0\n{SIGNAL}", None),
        (f"# {SIGNAL}", None),
        (f"cat >f <<'END'\n{SIGNAL}\nEND", None),
        ("cfn-signal \\\n  --stack shop \\\n  --resource Web \\\n  --region eu-west-1", SUCCESS),
        (f"cfn-signal --stack {STACK_ID} --resource Web --region eu-west-1 >>/var/log/x 2>&1", SUCCESS),
        ("python3 /opt/aws/bin/cfn-signal -e 0 --stack shop --resource Web --region eu-west-1", SUCCESS),
        ("cfn-signal --stack other --resource Web --region eu-west-1", None),
        ("cfn-signal --stack shop --resource Database --region eu-west-1", None),
        ("cfn-signal --stack shop --region eu-west-1", None),
        # Without a region it goes to us-east-1, where no such stack stands.
        ("cfn-signal --stack shop --resource Web", None),
        ("R=$(curl http://169.254.169.254/x)\ncfn-signal --stack shop --resource Web --region $R", SUCCESS),
        ("R=eu-west-2\ncfn-signal --stack shop --resource Web --region $R", None),
        (
            "aws cloudformation signal-resource --stack-name shop --logical-resource-id Web --unique-id i "
            "--status FAILURE",
            FAILURE,
        ),
        (
            "<powershell>\ncfn-signal.exe -e $lastexitcode --stack shop `\n --resource Web --region eu-west-1\n"
            "</powershell>",
            SUCCESS,
        ),
        (
            "<script>\nC:\\aws\\cfn-signal.exe -e %ERRORLEVEL% --stack shop --resource Web --region eu-west-1\n"
            "</script>",
            SUCCESS,
        ),
        (f"#cloud-config\nruncmd:\n  - echo a\n  - {SIGNAL}", SUCCESS),
        ("#cloud-config\nruncmd:\n  - [cfn-signal, --stack, shop, --resource, Web, --region, eu-west-1]", SUCCESS),
        (
            'Content-Type: multipart/mixed; boundary="=="\nMIME-Version: 1.0\n\n--==\nContent-Type: text/cloud-config\n'
            "\n#cloud-config\npackages: [a]\n\n--==\nContent-Type: text/x-shellscript\n\n"
            f"#!/bin/bash\n{SIGNAL} -e $?\n--==--\n",
            SUCCESS,
        ),
    ],
)
def test_what_a_start_script_signals(script: str, status: Status | None) -> None:
    assert signal_sent(script, WEB) == status


@pytest.mark.parametrize(
    ("init", "status"),
    [
        ({"configSets": {"default": ["a"]}, "a": {"commands": {"01": {"command": f"{SIGNAL} -e 1"}}}}, FAILURE),
        ({"a": {"commands": {"02": {"command": SIGNAL.split()}, "01": {"command": "true"}}}}, SUCCESS),
        ({"a": {"packages": {}}}, None),
    ],
)
def test_what_cfn_init_signals(init: dict[str, Any], status: Status | None) -> None:
    metadata = {"Web": {"AWS::CloudFormation::Init": init}}
    assert signal_sent("cfn-init --stack shop --resource Web", WEB, metadata.get) == status


@pytest.mark.parametrize(
    ("script", "signals"),
    [
        ("echo", ()),
        (f"cfn-signal -e $? '{URL}'", (HandleSignal(SUCCESS),)),
        (f'cfn-signal -e 1 -r "no disk" "{URL}"', (HandleSignal(FAILURE, reason="no disk"),)),
        (f"cfn-signal -s true -i a -d b '{URL}'", (HandleSignal(SUCCESS, "a", "", "b"),)),
        (
            "curl -T - '" + URL + "' --data '"
            '{"Status" : "SUCCESS", "Reason" : "Done", "UniqueId" : "ID1", "Data" : "x"}'
            "'",
            (HandleSignal(SUCCESS, "ID1", "Done", "x"),),
        ),
        (
            f'curl -X PUT -H \'Content-Type:\' --data-binary "{{\\"Status\\": \\"FAILURE\\"}}" \'{URL}\'',
            (HandleSignal(FAILURE),),
        ),
        (
            f"cfn-signal -i a '{URL}'; cfn-signal -i a '{URL}'; cfn-signal -i b '{URL}'",
            (HandleSignal(SUCCESS, "a"), HandleSignal(SUCCESS, "b")),
        ),
        (f"echo '{URL}'", ()),
        ("cfn-signal -e 0 'https://example.com/other'", ()),
    ],
)
def test_what_a_start_script_sends_to_a_handle(script: str, signals: tuple[HandleSignal, ...]) -> None:
    assert handle_signals(script, URL) == signals


def test_user_data_is_text_or_base64() -> None:
    assert plain_user_data("#!/bin/bash\necho") == "#!/bin/bash\necho"
    assert plain_user_data(base64.b64encode(b"#!/bin/bash\necho").decode()) == "#!/bin/bash\necho"


class _Services:
    """Answers the two describe operations."""

    def describe_launch_template_versions(self, **request: Any) -> dict[str, Any]:
        assert request in (
            {"LaunchTemplateId": "lt-1", "Versions": ["2"]},
            {"LaunchTemplateName": "web", "Versions": ["$Default"]},
        )
        return {"LaunchTemplateVersions": [{"LaunchTemplateData": {"UserData": "ZWNobw=="}}]}

    def describe_launch_configurations(self, **request: Any) -> dict[str, Any]:
        assert request == {"LaunchConfigurationNames": ["web"]}
        return {"LaunchConfigurations": [{"UserData": "ZWNobw=="}]}


@pytest.mark.parametrize(
    ("kind", "properties", "text"),
    [
        (INSTANCE, {}, ""),
        (INSTANCE, {"UserData": "ZWNobw=="}, "echo"),
        (INSTANCE, {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "2"}}, "echo"),
        (GROUP, {"LaunchTemplate": {"LaunchTemplateName": "web"}}, "echo"),
        (
            GROUP,
            {
                "MixedInstancesPolicy": {
                    "LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": 2}}
                }
            },
            "echo",
        ),
        (GROUP, {"LaunchConfigurationName": "web"}, "echo"),
        (GROUP, {"InstanceId": "i-1"}, ""),
    ],
)
def test_where_user_data_stands(kind: str, properties: dict[str, Any], text: str) -> None:
    assert user_data_of(kind, properties, lambda _: _Services()) == text


def _got(*instances: str) -> tuple[str, ...]:
    return tuple(f"Received SUCCESS signal with UniqueId {instance}" for instance in instances)


@pytest.mark.parametrize(
    ("kind", "policy", "senders", "status", "outcome"),
    [
        (INSTANCE, Policy(1, "PT5M"), ["i-1"], SUCCESS, Outcome(_got("i-1"))),
        (
            INSTANCE,
            Policy(1, "PT5M"),
            ["i-1"],
            FAILURE,
            Outcome(failure="Received FAILURE signal with UniqueId i-1"),
        ),
        (
            INSTANCE,
            Policy(1, "PT5M"),
            ["i-1"],
            None,
            Outcome(
                failure="Failed to receive 1 resource signal(s) within the specified duration",
                waited=timedelta(minutes=5),
            ),
        ),
        (
            WAIT_CONDITION,
            Policy(2, "PT1M"),
            [],
            None,
            Outcome(
                failure="Failed to receive 2 resource signal(s) within the specified duration",
                waited=timedelta(minutes=1),
            ),
        ),
        (GROUP, Policy(2, "PT5M"), ["i-1", "i-2"], SUCCESS, Outcome(_got("i-1", "i-2"))),
        # Who starts more instances than it waits for, waits for the first.
        (GROUP, Policy(1, "PT5M"), ["i-1", "i-2"], SUCCESS, Outcome(_got("i-1"))),
        (
            GROUP,
            Policy(1, "PT15M"),
            ["i-1"],
            None,
            Outcome(
                (
                    "Failed to receive 1 resource signal(s) for the current batch.  "
                    "Each resource signal timeout is counted as a FAILURE.",
                ),
                "Received 0 SUCCESS signal(s) out of 1.  "
                "Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
                timedelta(minutes=15),
            ),
        ),
        (
            GROUP,
            Policy(1, "PT15M"),
            ["i-1"],
            FAILURE,
            Outcome(
                ("Received FAILURE signal with UniqueId i-1",),
                "Received 1 FAILURE signal(s) out of 1.  "
                "Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
            ),
        ),
        # Half of them is enough, and half of them is there.
        (GROUP, Policy(2, "PT5M", 50), ["i-1"], SUCCESS, Outcome(_got("i-1"))),
    ],
)
def test_how_a_creation_ends(
    kind: str, policy: Policy, senders: list[str], status: Status | None, outcome: Outcome
) -> None:
    assert created(kind, policy, senders, status) == outcome


@pytest.mark.parametrize(
    ("count", "signals", "outcome"),
    [
        (1, [HandleSignal(SUCCESS)], Outcome()),
        (2, [HandleSignal(SUCCESS, "a"), HandleSignal(SUCCESS, "b")], Outcome()),
        (
            2,
            [HandleSignal(SUCCESS, "a")],
            Outcome(
                failure="WaitCondition timed out. Received 1 conditions when expecting 2",
                waited=timedelta(minutes=5),
            ),
        ),
        (
            1,
            [HandleSignal(FAILURE, "i-1", "no disk")],
            Outcome(failure="WaitCondition received failed message: 'no disk' for uniqueId: i-1"),
        ),
    ],
)
def test_how_a_wait_condition_ends(count: int, signals: list[HandleSignal], outcome: Outcome) -> None:
    assert waited_for(count, timedelta(minutes=5), signals) == outcome


def test_a_rolling_update_that_waits_for_signals() -> None:
    policy = RollingUpdate(batch=1, in_service=2, pause="PT15M", waits=True, percent=100)
    assert rolled(policy, 2, ["i-1", "i-2"], ["i-3", "i-4"], SUCCESS) == Outcome(
        (
            "Temporarily setting autoscaling group MinSize and DesiredCapacity to 3.",
            "Rolling update initiated. Terminating 2 obsolete instance(s) in batches of 1, while keeping at least "
            "2 instance(s) in service. Waiting on resource signals with a timeout of PT15M when new instances are "
            "added to the autoscaling group.",
            "Terminating instance(s) [i-1]; replacing with 1 new instance(s).",
            "Successfully terminated instance(s) [i-1] (Progress 50%).",
            "New instance(s) added to autoscaling group - Waiting on 1 resource signal(s) with a timeout of PT15M.",
            "Received SUCCESS signal with UniqueId i-3",
            "Terminating instance(s) [i-2]; replacing with 1 new instance(s).",
            "Successfully terminated instance(s) [i-2] (Progress 100%).",
            "New instance(s) added to autoscaling group - Waiting on 1 resource signal(s) with a timeout of PT15M.",
            "Received SUCCESS signal with UniqueId i-4",
        )
    )


def test_a_rolling_update_whose_instances_keep_silent() -> None:
    policy = RollingUpdate(batch=2, in_service=0, pause="PT5M", waits=True, percent=100)
    assert rolled(policy, 3, ["i-1", "i-2", "i-3"], ["i-4", "i-5", "i-6"], None) == Outcome(
        (
            "Rolling update initiated. Terminating 3 obsolete instance(s) in batches of 2. Waiting on resource signals "
            "with a timeout of PT5M when new instances are added to the autoscaling group.",
            "Terminating instance(s) [i-1,i-2]; replacing with 2 new instance(s).",
            "Successfully terminated instance(s) [i-1,i-2] (Progress 66%).",
            "New instance(s) added to autoscaling group - Waiting on 2 resource signal(s) with a timeout of PT5M.",
            "Failed to receive 2 resource signal(s) for the current batch.  "
            "Each resource signal timeout is counted as a FAILURE.",
        ),
        "Received 0 SUCCESS signal(s) out of 3.  Unable to satisfy 100% MinSuccessfulInstancesPercent requirement",
        timedelta(minutes=5),
    )


@pytest.mark.parametrize(("percent", "failure"), [(0, ""), (100, "Received 1 FAILURE signal(s) out of 2.  Unable to")])
def test_failures_within_the_percentage_are_borne(percent: int, failure: str) -> None:
    policy = RollingUpdate(batch=1, in_service=0, pause="PT5M", waits=True, percent=percent)
    outcome = rolled(policy, 2, ["i-1", "i-2"], ["i-3", "i-4"], FAILURE)
    assert outcome.failure[: len(failure)] == failure
    assert bool(outcome.failure) == bool(failure)


def test_a_rolling_update_that_waits_for_time_only() -> None:
    policy = RollingUpdate(batch=1, in_service=1, pause="PT10M", waits=False, percent=100)
    outcome = rolled(policy, 2, ["i-1", "i-2"], ["i-3", "i-4"], None)
    assert (outcome.failure, outcome.waited) == ("", timedelta(minutes=20))


def test_nothing_to_replace() -> None:
    assert rolled(RollingUpdate(1, 0, "PT5M", True, 100), 0, [], [], None) == Outcome()
