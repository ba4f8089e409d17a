"""The audit layer as a tester finds it in the console: trail, its bucket and log group, administrators."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Simulated

pytestmark = pytest.mark.systems("caja", "muejam")


def _trail(simulated: Simulated) -> dict[str, Any]:
    """Return the one trail of this region."""
    (found,) = simulated.client("cloudtrail").describe_trails(includeShadowTrails=False)["trailList"]
    return dict(found)


@pytest.mark.promise("CJ-10", "MJ-10")
def test_trail_is_logging(simulated: Simulated) -> None:
    """The one trail has been started."""
    status = simulated.client("cloudtrail").get_trail_status(Name=_trail(simulated)["TrailARN"])
    assert status["IsLogging"] is True


@pytest.mark.promise("CJ-10", "MJ-10")
def test_trail_records_all_calls_everywhere(simulated: Simulated) -> None:
    """Calls in every region and to global services are recorded, and files show whether they were changed."""
    found = _trail(simulated)
    selectors = simulated.client("cloudtrail").get_event_selectors(TrailName=found["Name"])["AdvancedEventSelectors"]
    assert (found["Name"], found["HomeRegion"]) == (simulated.prefix, "us-east-1")
    assert (
        found["IsMultiRegionTrail"] is found["IncludeGlobalServiceEvents"] is found["LogFileValidationEnabled"] is True
    )
    assert [selector["FieldSelectors"] for selector in selectors] == [
        [{"Field": "eventCategory", "Equals": ["Management"]}]
    ]


@pytest.mark.promise("CJ-10", "MJ-10")
def test_trail_goes_to_a_bucket_and_a_log_group_that_exist(simulated: Simulated) -> None:
    """Files go to the layer's bucket, events to its log group, by a role that exists; all with the layer's key."""
    found, key = _trail(simulated), simulated.key_arn("audit", "TrailKey")
    name = simulated.id_of("audit", "TrailLogGroup")
    (group,) = simulated.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    role = simulated.client("iam").get_role(RoleName=simulated.id_of("audit", "TrailLogRole"))["Role"]
    assert (found["S3BucketName"], found["KmsKeyId"]) == (simulated.id_of("audit", "TrailBucket"), key)
    assert (found["CloudWatchLogsLogGroupArn"], found["CloudWatchLogsRoleArn"]) == (group["arn"], role["Arn"])
    assert (group["retentionInDays"], group["kmsKeyId"]) == (90, key)


@pytest.mark.promise("CJ-10", "MJ-10")
def test_this_trail_writes_and_nobody_deletes(simulated: Simulated) -> None:
    """The bucket's policy lets in CloudTrail for the trail that exists, and refuses everybody's deletions."""
    bucket, trail = simulated.id_of("audit", "TrailBucket"), _trail(simulated)["TrailARN"]
    policy = json.loads(simulated.client("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    allowed = [statement for statement in policy["Statement"] if statement["Effect"] == "Allow"]
    denied = {
        action
        for statement in policy["Statement"]
        if statement["Effect"] == "Deny" and "Condition" not in statement
        for action in statement["Action"]
    }
    assert {statement["Principal"]["Service"] for statement in allowed} == {"cloudtrail.amazonaws.com"}
    assert {statement["Condition"]["StringEquals"]["aws:SourceArn"] for statement in allowed} == {trail}
    assert denied == {"s3:DeleteObject", "s3:DeleteObjectVersion"}


@pytest.mark.promise("CJ-09", "CJ-10", "MJ-10")
@pytest.mark.parametrize("bucket", ["TrailBucket", "AccessLogsBucket"])
def test_bucket_is_closed_to_the_public_and_keeps_versions(simulated: Simulated, bucket: str) -> None:
    """Nothing can make a bucket public, and what is overwritten stays."""
    s3, name = simulated.client("s3"), simulated.id_of("audit", bucket)
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert set(block.values()) == {True}
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"


@pytest.mark.promise("CJ-07", "CJ-10")
@pytest.mark.parametrize(
    ("name", "metric", "threshold", "severity"),
    [
        ("RootUse", "RootUse", 1.0, "critical"),
        ("SignInWithoutMfa", "SignInsWithoutMfa", 1.0, "critical"),
        ("TrailChange", "TrailChanges", 1.0, "critical"),
        ("UnauthorizedCalls", "UnauthorizedCalls", 10.0, "warning"),
    ],
)
def test_alarm_counts_what_its_filter_finds(
    simulated: Simulated, name: str, metric: str, threshold: float, severity: str
) -> None:
    """A filter of the trail's log group makes the metric that the alarm watches."""
    group = simulated.id_of("audit", "TrailLogGroup")
    filters = simulated.client("logs").describe_metric_filters(logGroupName=group)["metricFilters"]
    (transformation,) = [
        made
        for entry in filters
        if entry["filterName"] == simulated.id_of("audit", f"{name}Filter")
        for made in entry["metricTransformations"]
    ]
    alarm = simulated.alarm("audit", f"{name}Alarm")
    assert (alarm["MetricName"], alarm["Threshold"], alarm["Statistic"]) == (metric, threshold, "Sum")
    assert (transformation["metricNamespace"], transformation["metricName"]) == (alarm["Namespace"], metric)
    assert alarm["AlarmActions"] == [simulated.topic(severity)]


@pytest.mark.promise("CJ-10")
def test_administrators_need_a_second_factor(simulated: Simulated) -> None:
    """The role is taken by people of this account, with a second factor of the last hour."""
    arn = simulated.outputs("audit")["AdministratorRoleArn"]
    role = simulated.client("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{simulated.account_id}:root"}
    assert statement["Condition"]["Bool"] == {"aws:MultiFactorAuthPresent": "true"}
    assert int(statement["Condition"]["NumericLessThan"]["aws:MultiFactorAuthAge"]) == 3600


@pytest.mark.promise("CJ-10")
@pytest.mark.simulation_only("a real account has roles that are not of the system")
def test_no_role_of_the_account_is_an_administrator(simulated: Simulated) -> None:
    """No role carries AWS's policies for administrators, and none but the administrators' is open to people."""
    iam = simulated.client("iam")
    roles = iam.list_roles()["Roles"]
    attached = {
        entry["PolicyName"]
        for role in roles
        for entry in iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    }
    people = {
        role["RoleName"]
        for role in roles
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
        if "AWS" in statement["Principal"]
    }
    assert attached & {"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"} == set()
    assert people == {simulated.id_of("audit", "AdministratorRole")}
