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

# What is made is what is printed.
script=$(python3 .github/scripts/protections.py "$repository" "$reviewers" <<< "$matrix")
if $apply; then
  bash -euo pipefail -c "$script"
else
  printf '%s\n' "$script"
fi
