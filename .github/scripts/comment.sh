#!/usr/bin/env bash
# Writes the Markdown files of a folder as one comment of a pull request; the next run replaces it.
# comment.sh NUMBER FOLDER
set -euo pipefail

number=$1 folder=$2
marker='<!-- stackproof preview -->'
limit=60000 # of the 65,536 characters that GitHub takes
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID

printf '%s\n## What a merge would deploy\n' "$marker" > comment.md
for file in "$folder"/*.md; do
  if [ $(($(wc -m < comment.md) + $(wc -m < "$file"))) -le $limit ]; then
    printf '\n' | cat - "$file" >> comment.md
  else
    printf '\n**%s**: too long for a comment, see [the run](%s)\n' "$(basename "$file" .md)" "$run" >> comment.md
  fi
done

comments=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments" \
  --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$marker\"))) | .id")
first=${comments%%$'\n'*}
if [ -n "$first" ]; then
  gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$first" --field body=@comment.md
else
  gh api --silent --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" --field body=@comment.md
fi
