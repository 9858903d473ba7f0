#!/bin/bash
# Matches, totals, filters, orders, facets and groups as `revue-query search --format json` prints them are those that
# tests/support/results_judge.py works out from the archive itself, for hundreds of random queries.
set -u
. "$(dirname "$0")/helpers"
needs_python
needs bin/revue-indexer bin/revue-query
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 1
python3 "$tests/support/results_judge.py" "$build/bin" "$folder" 400
