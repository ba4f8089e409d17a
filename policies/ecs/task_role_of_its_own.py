"""Tasks have another role than those who start them."""

from collections.abc import Iterator

from stackproof.policy import Deployment, Policy, Problem, Resource, Severity, problem
from stackproof.policy.alternatives import stated, unknown
from stackproof.policy.containers import TASK
from stackproof.policy.reading import same
from stackproof.symbols import Symbol

POLICY = Policy(
    id="SP644",
    severity=Severity.MEDIUM,
    types=(TASK,),
    rationale="ECS reads every secret of the task with the execution role; as the task's own role it gives them to "
    "whoever gets into the program.",
    remediation="Name a role in TaskRoleArn that allows only what the program itself does.",
    controls=("NIST AC-5", "NIST AC-6"),
)


def check(task: Resource, deployment: Deployment) -> Iterator[Problem]:
    """Without a task role the program has no rights at all."""
    if not stated(task, "TaskRoleArn") or not stated(task, "ExecutionRoleArn"):
        return
    own, starting = same(deployment, task["TaskRoleArn"]), same(deployment, task["ExecutionRoleArn"])
    if own == starting:
        yield problem(task, "TaskRoleArn", "its containers hold the role that pulls their image and reads secrets")
    elif not isinstance(own, Resource) and not isinstance(starting, Resource):
        for key, role in (("TaskRoleArn", own), ("ExecutionRoleArn", starting)):
            if isinstance(role, Symbol):
                raise unknown(task, key, role)
