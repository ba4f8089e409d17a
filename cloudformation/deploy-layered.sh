#!/usr/bin/env bash
# Deploys all layers of an environment in their order, or deletes them in the reverse order; the work is done by
# `stackproof`, with the AWS credentials that are set up.
#
#   cloudformation/deploy-layered.sh ENVIRONMENT [delete] [OPTION...]
#
# The system is maticko; SYSTEM=caja before the command chooses another. Options, such as --no-health-check, are passed
# on to `stackproof deploy` or `stackproof delete`. A protected environment is not deleted.
set -euo pipefail

usage() {
  printf 'usage: [SYSTEM=maticko] %s ENVIRONMENT [delete] [OPTION...]\n' "$0" >&2
  exit 2
}

[[ $# -ge 1 && $1 =~ ^[a-z][a-z0-9-]*$ ]] || usage
environment=$1
shift
command=(deploy)
if [[ ${1-} == delete ]]; then
  command=(delete --yes)
  shift
fi
[[ $# -eq 0 || $1 == -* ]] || usage

command -v stackproof > /dev/null || {
  printf '%s: stackproof is not installed\n' "$0" >&2
  exit 2
}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec stackproof "${command[@]}" "${SYSTEM:-maticko}" "$environment" "$@"
