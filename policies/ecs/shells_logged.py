"""Shells in containers are logged."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated
from stackproof.policy.containers import CLUSTER, SERVICE
from stackproof.policy.reading import undecidable

POLICY = Policy(
    id="SP641",
    severity=Severity.MEDIUM,
    types=(SERVICE,),
    rationale="Who opens a shell in a container holds its role and secrets; only a log tells what was done with them.",
    remediation="Set EnableExecuteCommand to false, or let ExecuteCommandConfiguration of the cluster write to an "
    "encrypted log.",
    controls=("NIST AC-17", "NIST AU-12"),
)


def check(service: Resource, deployment: Deployment) -> Iterator[Problem]:
    """The cluster says where the sessions go; to the logs of the containers where it says nothing."""
    if not service.boolean("EnableExecuteCommand"):
        return
    name = service.get("Cluster", "default")
    named = (found for found in deployment.of_type(CLUSTER) if found.get("ClusterName") == name)
    cluster = deployment.follow(name) or next(named, None)
    if cluster is None or cluster.type != CLUSTER:
        raise undecidable(
            service.properties, "Cluster", f"is {name}, a cluster that no template of the deployment holds"
        )
    configuration = cluster.block("Configuration").block("ExecuteCommandConfiguration")
    logging = configuration.text("Logging", "DEFAULT").upper()
    log = configuration.block("LogConfiguration")
    if logging == "NONE":
        yield problem(service, "EnableExecuteCommand", f"{cluster.logical_id} logs no shells in containers")
    elif logging == "OVERRIDE":
        group, bucket = stated(log, "CloudWatchLogGroupName"), stated(log, "S3BucketName")
        if not group and not bucket:
            yield problem(service, "EnableExecuteCommand", f"{cluster.logical_id} names no log for shells")
        elif (group and not log.boolean("CloudWatchEncryptionEnabled")) or (
            bucket and not log.boolean("S3EncryptionEnabled")
        ):
            message = f"{cluster.logical_id} does not demand that the log of shells in containers is encrypted"
            yield problem(service, "EnableExecuteCommand", message)
