#!/bin/bash
# manuals.sh - the man pages, made of their texts and the programs' tables: every option that a help lists is there once, and
# the other way round; the pages are well-formed, and an option that is none is refused when they are made.
#
#     tests/cli/manuals.sh BUILD_DIR
set -u

bin=$(cd "$1" && pwd)/bin
source=$(cd "$(dirname "$0")/../.." && pwd)
failures=0

fail() {
    echo "FAILED: $1"
    failures=$((failures + 1))
}

# options_of_help PROGRAM COMMAND...
options_of_help() {
    local program=$1 command
    shift
    for command in "$@"; do
        "$bin/$program" "$command" --help | sed -n 's/^  --\([a-z0-9-]*\).*/\1/p'
    done | sort -u
}

options_of_page() {
    grep -o 'Fl -[a-z0-9][a-z0-9-]*' "$1" | sed 's/^Fl -//' | grep -v '^name$' | sort -u
}

# check_page PROGRAM PAGE COMMAND...
check_page() {
    local program=$1 page=$2 differences command
    shift 2
    if [ ! -x "$bin/$program" ]; then
        echo "$program is not built: skipped"
        exit 77
    fi
    differences=$(diff <(options_of_help "$program" "$@") <(options_of_page "$page")) ||
        fail "$program: < only in the help, > only in the page
$differences"
    for command in "$@"; do
        grep -q "^\.Ss $command\$" "$page" || fail "$page: no section about $command"
        "$bin/$program" --help | grep -q "^  $command " || fail "$program --help: no $command"
    done
    if command -v mandoc >/dev/null; then
        mandoc -T lint -W warning "$page" || fail "$page: mandoc finds fault with it"
    else
        echo "mandoc is not installed: $page is not linted"
    fi
    if command -v groff >/dev/null; then
        [ -z "$(groff -mdoc -Tutf8 -ww -z "$page" 2>&1)" ] || fail "$page: groff finds fault with it"
    fi
}

# An item twice within a section is one that the text names and the table, too.
no_item_twice() {
    awk '/^\.S[hs] / { delete seen } /^\.It Fl / && seen[$3]++ { print FILENAME ": " $0 ": twice"; twice = 1 } END { exit twice }' "$1" ||
        fail "$1"
}

no_item_twice "$1/indexer/revue-indexer.1"
no_item_twice "$1/query/revue-query.1"
if printf '@get --no-such@\n' | awk -v program="$bin/revue-query" -f "$source/indexer/cli/manual.awk" - >/dev/null 2>&1; then
    fail "manual.awk takes an option that no table has"
fi
check_page revue-indexer "$1/indexer/revue-indexer.1" update delete stats check compact synonyms copy
check_page revue-query "$1/query/revue-query.1" search parse get serve similar complete suggest watch batch bench
[ $failures -eq 0 ]
