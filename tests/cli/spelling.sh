#!/bin/bash
# Misspelled words get the right spelling offered first, and right ones none, at least as often as
# tests/relevance/spelling/measure asks.
set -u
. "$(dirname "$0")/helpers"
needs_python
needs bin/revue-indexer bin/revue-query
python3 "$tests/relevance/spelling/measure" "$build"
