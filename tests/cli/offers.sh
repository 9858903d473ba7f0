#!/bin/bash
# Completions as `revue-query complete` prints them are those that tests/support/offers_judge.py works out from the archive.
set -u
. "$(dirname "$0")/helpers"
needs_python
needs bin/revue-indexer bin/revue-query
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 1
python3 "$tests/support/offers_judge.py" "$build/bin" "$folder" 60
