#!/usr/bin/env bash
# What the delivery layer trusts GitHub for: that nothing reaches a branch that deploys but through a reviewed pull
# request that has passed the gate, and that only this branch may use the environment whose role deploys.
#
# Prints the calls that set this up, for every branch of the manifests (`stackproof branches`); with --apply it makes
# them, with the rights of whoever is logged in to gh. It can be repeated.
#
#   cloudformation/protect-branches.sh OWNER/REPOSITORY [--reviewers TEAM] [--apply]
#
# TEAM is the slug of the team that approves deployments to protected environments.
set -euo pipefail

usage() { sed -n 's/^#   \(cloudformation.*\)/usage: \1/p' "${BASH_SOURCE[0]}" >&2; exit 2; }

repository='' reviewers='' apply=false
while [ $# -gt 0 ]; do
  case $1 in
    --apply) apply=true ;;
    --reviewers) [ $# -gt 1 ] || usage; reviewers=$2; shift ;;
    -*) usage ;;
    *) [ -z "$repository" ] || usage; repository=$1 ;;
  esac
  shift
done
# They become part of the calls, so they must be names and nothing else.
[[ $repository =~ ^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$ ]] || usage
[[ $reviewers =~ ^[A-Za-z0-9_-]*$ ]] || usage

cd "$(dirname "${BASH_SOURCE[0]}")/.."
matrix=$(stackproof branches --format json)

calls() {
  echo "# branches"
  jq -r --arg repository "$repository" '
    [.include | group_by(.branch)[] | {branch: .[0].branch, protected: any(.protected), what: map("\(.system) \(.environment)") | join(", ")}][]
    | "\n# \(.branch) deploys \(.what)",
      "gh api --silent --method PUT repos/\($repository)/branches/\(.branch | @uri)/protection --input - <<'"'JSON'"'",
      ({
        required_status_checks: {strict: true, contexts: ["gate"]},
        enforce_admins: true,
        required_pull_request_reviews: {
          required_approving_review_count: 1,
          require_code_owner_reviews: true,
          dismiss_stale_reviews: true,
          require_last_push_approval: .protected
        },
        restrictions: null,
        required_conversation_resolution: true,
        allow_force_pushes: false,
        allow_deletions: false
      } | tojson),
      "JSON"' <<< "$matrix"

  printf '\n# environments; those for reviews have no approvals, for their roles change nothing\n'
  team='# no team of reviewers is given'
  if [ -n "$reviewers" ]; then
    team="reviewers=\$(gh api 'orgs/${repository%/*}/teams/$reviewers' --jq '[{type: \"Team\", id: .id}]')"
  fi
  printf '%s\n' "$team" "allow() {  # ENVIRONMENT PATTERN: only these branches may use it" \
    "  gh api \"repos/$repository/environments/\$1/deployment-branch-policies\" --jq '.branch_policies[].name' | grep -Fqx \"\$2\" ||" \
    "    gh api --silent --method POST \"repos/$repository/environments/\$1/deployment-branch-policies\" --field name=\"\$2\"" "}"
  jq -r --arg repository "$repository" --arg reviewers "$reviewers" '
    def environment($name; $approved):
      "gh api --silent --method PUT repos/\($repository)/environments/\($name) --input - <<"
      + (if $approved then "JSON" else "'"'JSON'"'" end),
      ({deployment_branch_policy: {protected_branches: false, custom_branch_policies: true}}
        + if $approved then {prevent_self_review: true, reviewers: "REVIEWERS"} else {} end
        | tojson | sub("\"REVIEWERS\""; "$reviewers")),
      "JSON";
    [.include | group_by(.environment)[]
      | {name: .[0].environment, protected: any(.protected), branches: (map(.branch) | unique), systems: map(.system)}][]
    | "\n# \(.name): variable AWS_ROLES, a JSON object with DeployRoleArn of the stack <system>-\(.name)-delivery for \(.systems | join(", "))",
      environment(.name; .protected and $reviewers != ""),
      (.name as $name | .branches[] | "allow \($name) \(@sh)"),
      environment(.name + "-review"; false),
      (.name as $name | (.branches[], "refs/pull/*/merge") | "allow \($name)-review \(@sh)")' <<< "$matrix"
}

# What is made is what is printed.
script=$(calls)
if $apply; then
  bash -euo pipefail -c "$script"
else
  printf '%s\n' "$script"
fi
