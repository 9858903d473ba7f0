#!/bin/bash
# Matches, totals, filters, orders, facets and groups as `revue-query search --format json` prints them are those that
# tests/support/results_judge.py works out from the archive itself, for hundreds of random queries.
set -u
build=$(cd "${1:?usage: results.sh BUILD_DIR}" && pwd) || exit 2
tests=$(cd "$(dirname "$0")/.." && pwd)
skip() { echo "results.sh: skipped: $*"; exit 77; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || skip "needs python3, version 3.8 or newer"
for program in revue-indexer revue-query; do
    [ -x "$build/bin/$program" ] || skip "$build/bin/$program is not built"
done
export PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 LC_ALL=C.UTF-8
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 1
python3 "$tests/support/results_judge.py" "$build/bin" "$folder" 400
