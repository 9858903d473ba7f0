#!/bin/bash
# Misspelled words get the right spelling offered first, and right ones none, at least as often as
# tests/relevance/spelling/measure asks.
set -u
build=$(cd "${1:?usage: spelling.sh BUILD_DIR}" && pwd) || exit 2
tests=$(cd "$(dirname "$0")/.." && pwd)
skip() { echo "spelling.sh: skipped: $*"; exit 77; }
python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null || skip "needs python3, version 3.8 or newer"
for program in revue-indexer revue-query; do
    [ -x "$build/bin/$program" ] || skip "$build/bin/$program is not built"
done
export PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 LC_ALL=C.UTF-8
python3 "$tests/relevance/spelling/measure" "$build"
