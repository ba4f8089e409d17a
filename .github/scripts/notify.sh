#!/usr/bin/env bash
# Tells how a deployment ended: in the run's summary, in the pull request that was merged, and in Slack where a webhook
# is configured. Fails when any of them was not told.
# notify.sh FOLDER, which holds what each `stackproof deploy` said
set -euo pipefail

folder=$1
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
bad=$(python3 "$(dirname "${BASH_SOURCE[0]}")/results.py" bad)
if [ -z "$bad" ]; then
  title="Deployed \`$BRANCH\`"
else
  title="Deployment of \`$BRANCH\` went wrong ($bad)"
fi

{
  printf '**%s**, commit %s, [run](%s)\n' "$title" "$COMMIT" "$run"
  for file in "$folder"/*.md; do
    [ -f "$file" ] || continue
    printf '\n' | cat - "$file"
  done
} > notice.md
cat notice.md >> "$GITHUB_STEP_SUMMARY"

failed=0
if [ -n "$NUMBER" ]; then
  gh pr comment "$NUMBER" --repo "$GITHUB_REPOSITORY" --body-file notice.md || failed=1
fi
if [ -n "$SLACK_WEBHOOK_URL" ]; then
  python3 -c 'import json, sys; print(json.dumps({"text": sys.argv[1]}))' "$title: $run" > slack.json
  # From standard input, so that the address is no argument that others on the machine could read.
  printf 'url = "%s"\n' "$SLACK_WEBHOOK_URL" |
    curl --silent --show-error --fail --max-time 30 --config - --json @slack.json > /dev/null || failed=1
fi
exit "$failed"
