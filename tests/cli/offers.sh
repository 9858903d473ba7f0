#!/bin/bash
# Completions as `revue-query complete` prints them are those that tests/support/offers_judge.py works out from the archive.
set -u
build=$(cd "${1:?usage: offers.sh BUILD_DIR}" && pwd) || exit 2
tests=$(cd "$(dirname "$0")/.." && pwd)
skip() { echo "offers.sh: skipped: $*"; exit 77; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || skip "needs python3, version 3.8 or newer"
for program in revue-indexer revue-query; do
    [ -x "$build/bin/$program" ] || skip "$build/bin/$program is not built"
done
export PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 LC_ALL=C.UTF-8
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 1
python3 "$tests/support/offers_judge.py" "$build/bin" "$folder" 60
