#!/usr/bin/env bash
# Starts a simulated account, deploys an environment into it from another checkout, and leaves both to the next steps.
# simulate.sh CHECKOUT SYSTEM ENVIRONMENT
set -euo pipefail

checkout=$1 system=$2 environment=$3
log=$RUNNER_TEMP/simulated-account.log
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$(dirname "$(readlink -f "$(command -v stackproof)")")/python

: > "$log"
stackproof serve --port 0 >> "$log" 2>&1 &
for _ in {1..120}; do
  endpoint=$(sed -n 's/^Serving a simulated AWS account at //p' "$log")
  [ -z "$endpoint" ] || break
  sleep 0.5
done
[ -n "$endpoint" ] || { cat "$log"; exit 1; }

export AWS_ENDPOINT_URL=$endpoint AWS_ACCESS_KEY_ID=simulated AWS_SECRET_ACCESS_KEY=simulated
for name in AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; do
  echo "$name=${!name}" >> "$GITHUB_ENV"
done

"$python" "$scripts/prerequisites.py" "$system" "$environment" . "$checkout"
cd "$checkout"
# A system or an environment that the base branch does not have yet is created by the change.
if stackproof branches | awk '{ print $2, $3 }' | grep -Fx "$system $environment"; then
  stackproof deploy "$system" "$environment" --no-health-check
else
  echo "$system $environment is new"
fi
