#!/usr/bin/env bash
# Starts a simulated account, deploys an environment into it from another checkout, and leaves both to the next steps.
# simulate.sh CHECKOUT SYSTEM ENVIRONMENT
set -euo pipefail

checkout=$1 system=$2 environment=$3
log=${RUNNER_TEMP:-/tmp}/simulated-account.log

stackproof serve --port 0 > "$log" 2>&1 &
for _ in {1..60}; do
  endpoint=$(sed -n 's/^Serving a simulated AWS account at //p' "$log")
  [ -z "$endpoint" ] || break
  sleep 0.5
done
[ -n "$endpoint" ] || { cat "$log"; exit 1; }

export AWS_ENDPOINT_URL=$endpoint AWS_ACCESS_KEY_ID=simulated AWS_SECRET_ACCESS_KEY=simulated
for name in AWS_ENDPOINT_URL AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; do
  echo "$name=${!name}" >> "$GITHUB_ENV"
done

# A system or an environment that the base branch does not have yet is created by the change.
if (cd "$checkout" && stackproof list environments) | awk '{ print $1, $2 }' | grep -Fxq "$system $environment"; then
  (cd "$checkout" && stackproof deploy "$system" "$environment" --no-health-check)
else
  echo "$system $environment is new"
fi
