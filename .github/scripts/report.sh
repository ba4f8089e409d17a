#!/usr/bin/env bash
# Reports a night: in the run's summary, and in one issue that is opened, or told once more, when a part went wrong, and
# closed when all went well.
set -euo pipefail

results=$(dirname "${BASH_SOURCE[0]}")/results.py
title='The nightly run goes wrong'
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
{
  printf '| part | result |\n|---|---|\n'
  python3 "$results" table
  printf '\n[The run](%s) has the reports of taskcat and of drift.\n' "$run"
} > report.md
cat report.md >> "$GITHUB_STEP_SUMMARY"

issues=$(gh issue list --repo "$GITHUB_REPOSITORY" --state open --author app/github-actions --limit 100 --json number,title \
  --jq ".[] | select(.title == \"$title\") | .number")
issue=${issues%%$'\n'*}
bad=$(python3 "$results" bad)
if [ -z "$bad" ]; then
  if [ -n "$issue" ]; then gh issue close "$issue" --repo "$GITHUB_REPOSITORY" --comment "All went well in [this run]($run)."; fi
elif [ -n "$issue" ]; then
  gh issue comment "$issue" --repo "$GITHUB_REPOSITORY" --body-file report.md
else
  gh issue create --repo "$GITHUB_REPOSITORY" --title "$title" --body-file report.md
fi
