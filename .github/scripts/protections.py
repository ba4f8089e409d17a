"""Prints the calls of gh that protect the branches that deploy, and that make GitHub's environments.

protections.py OWNER/REPOSITORY TEAM, with the matrix of `stackproof branches` at standard input; TEAM may be empty

Called by `cloudformation/protect-branches.sh`.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

Target = dict[str, Any]

ALLOW = """\
allow() {  # ENVIRONMENT PATTERN: only these branches may use it
  local policies="repos/REPOSITORY/environments/$1/deployment-branch-policies"
  gh api "$policies" --jq '.branch_policies[].name' | grep -Fqx "$2" ||
    gh api --silent --method POST "$policies" --field name="$2"
}"""
REVIEWERS = """reviewers=$(gh api 'orgs/OWNER/teams/TEAM' --jq '[{type: "Team", id: .id}]')"""


def branches(repository: str, targets: list[Target]) -> Iterator[str]:
    """Iterate over the lines that protect the branches."""
    for branch, deployed in grouped(targets, "branch"):
        what = ", ".join(f"{each['system']} {each['environment']}" for each in deployed)
        protection = {
            "required_status_checks": {"strict": True, "contexts": ["gate"]},
            "enforce_admins": True,
            "required_pull_request_reviews": {
                "required_approving_review_count": 1,
                "require_code_owner_reviews": True,
                "dismiss_stale_reviews": True,
                "require_last_push_approval": protected(deployed),
            },
            "restrictions": None,
            "required_conversation_resolution": True,
            "allow_force_pushes": False,
            "allow_deletions": False,
        }
        yield f"\n# {branch} deploys {what}"
        yield from put(f"repos/{repository}/branches/{quote(branch, safe='')}/protection", protection)


def environments(repository: str, team: str, targets: list[Target]) -> Iterator[str]:
    """Iterate over the lines that make the environments."""
    if team:
        yield REVIEWERS.replace("OWNER", repository.partition("/")[0]).replace("TEAM", team)
    else:
        yield "# no team of reviewers is given"
    yield ALLOW.replace("REPOSITORY", repository)
    for name, deployed in grouped(targets, "environment"):
        own = sorted({each["branch"] for each in deployed})
        systems = ", ".join(each["system"] for each in deployed)
        yield (
            f"\n# {name}: variable AWS_ROLES, a JSON object with DeployRoleArn of the stack <system>-{name}-delivery "
            f"for {systems}"
        )
        yield from environment(repository, name, own, approved=bool(team) and protected(deployed))
        yield from environment(repository, f"{name}-review", [*own, "refs/pull/*/merge"], approved=False)


def environment(repository: str, name: str, patterns: list[str], *, approved: bool) -> Iterator[str]:
    """Iterate over the lines that make an environment and say which branches may use it."""
    rules: dict[str, Any] = {"deployment_branch_policy": {"protected_branches": False, "custom_branch_policies": True}}
    if approved:
        rules |= {"prevent_self_review": True, "reviewers": "$reviewers"}
    yield from put(f"repos/{repository}/environments/{name}", rules)
    for pattern in patterns:
        yield f"allow {name} {shlex.quote(pattern)}"


def put(place: str, body: Target) -> Iterator[str]:
    """Iterate over the lines of a call; the shell fills the reviewers in, which only GitHub knows."""
    asked = "reviewers" in body
    end = "JSON" if asked else "'JSON'"
    yield f"gh api --silent --method PUT {place} --input - <<{end}"
    yield json.dumps(body).replace('"$reviewers"', "$reviewers")
    yield "JSON"


def grouped(targets: list[Target], key: str) -> list[tuple[str, list[Target]]]:
    """Return the targets by a key, in its order."""
    return [
        (value, [each for each in targets if each[key] == value]) for value in sorted({each[key] for each in targets})
    ]


def protected(targets: list[Target]) -> bool:
    """Return whether any of them is protected."""
    return any(each["protected"] for each in targets)


def main(repository: str, team: str) -> None:
    """Print all calls."""
    targets = json.load(sys.stdin)["include"]
    for line in (
        "# branches",
        *branches(repository, targets),
        "\n# environments; those for reviews have no approvals, for their roles change nothing",
        *environments(repository, team, targets),
    ):
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
