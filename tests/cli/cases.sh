#!/bin/bash
# cases.sh - what the programs print, case by case.
#
#     tests/cli/cases.sh BUILD_DIR [--set-exact] [NAME...]
#
# A case is a folder of tests/cli/cases/:
#     cmd             a bash script, run in a fresh temporary directory with the programs on PATH
#     stdout.exact    what it prints, byte for byte; absent: nothing
#     stdout.glob     instead: a pattern of bash (* ? [...]) for all it prints, where parts of it change
#     stderr.glob     a pattern for all of standard error; absent: nothing
#     exit            the exit status; absent: 0
# The script finds the root of the tree in $REVUE_SOURCE, and the programs also in $REVUE_BIN; what the cases share is in
# cases/helpers. A case that cannot be run on this machine exits with 77 after saying why. --set-exact writes
# stdout.exact, stderr.glob and exit from what came out, where they differ: read the change before you keep it.
set -u

if [ $# -lt 1 ]; then
    echo "usage: $0 BUILD_DIR [--set-exact] [NAME...]" >&2
    exit 2
fi
REVUE_BIN=$(cd "$1" && pwd)/bin
REVUE_SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
shift
set_exact=no
if [ "${1-}" = --set-exact ]; then
    set_exact=yes
    shift
fi
if [ ! -x "$REVUE_BIN/revue-indexer" ] || [ ! -x "$REVUE_BIN/revue-query" ]; then
    echo "the programs are not built: skipped"
    exit 77
fi
export REVUE_BIN REVUE_SOURCE LC_ALL=C.UTF-8 TZ=UTC TERM=dumb PATH="$REVUE_BIN:$PATH"
unset NO_COLOR COLUMNS

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
SECONDS_AT_MOST=120 # a case that takes longer hangs

# expected FILE DEFAULT: what stands in the file of the case, exactly, with a mark so that line ends at its end are kept.
expected() {
    if [ -e "$1" ]; then cat "$1"; else printf '%s' "$2"; fi
    printf .
}

quote_glob() {
    sed 's/[][*?\\]/\\&/g' "$1"
}

fail() {
    echo "FAILED $name: $1"
    failures=$((failures + 1))
}

check_stdout() {
    local actual wanted
    if [ -e "$case/stdout.glob" ]; then
        wanted=$(cat "$case/stdout.glob")
        actual=$(cat "$work/stdout")
        # shellcheck disable=SC2053 # a pattern on purpose
        [[ $actual == $wanted ]] || { fail "standard output is not like stdout.glob"; cat "$work/stdout"; }
        return
    fi
    expected "$case/stdout.exact" '' >"$work/wanted"
    { cat "$work/stdout"; printf .; } >"$work/actual"
    cmp -s "$work/wanted" "$work/actual" && return
    if [ $set_exact = yes ]; then
        cp "$work/stdout" "$case/stdout.exact"
        [ -s "$case/stdout.exact" ] || rm -f "$case/stdout.exact"
    else
        fail "standard output differs"
        diff -u "$work/wanted" "$work/actual"
    fi
}

check_stderr() {
    local actual wanted
    wanted=$(expected "$case/stderr.glob" '')
    actual=$(cat "$work/stderr"; printf .)
    # shellcheck disable=SC2053 # a pattern on purpose
    [[ $actual == $wanted ]] && return
    if [ $set_exact = yes ]; then
        quote_glob "$work/stderr" >"$case/stderr.glob"
        [ -s "$case/stderr.glob" ] || rm -f "$case/stderr.glob"
    else
        fail "standard error is not like stderr.glob"
        echo "wanted: ${wanted%.}"
        echo "actual: ${actual%.}"
    fi
}

check_exit() {
    local wanted
    wanted=$(cat "$case/exit" 2>/dev/null || echo 0)
    [ "$status" = "$wanted" ] && return
    if [ $set_exact = yes ]; then
        echo "$status" >"$case/exit"
        [ "$status" != 0 ] || rm -f "$case/exit"
    else
        fail "exit $status instead of $wanted"
    fi
}

run_case() {
    rm -rf "$work/here"
    mkdir "$work/here"
    (cd "$work/here" && exec timeout $SECONDS_AT_MOST bash "$case/cmd") >"$work/stdout" 2>"$work/stderr" </dev/null
    status=$?
    if [ $status = 77 ] && [ "$(cat "$case/exit" 2>/dev/null)" != 77 ]; then
        echo "skipped $name: $(tail -n 1 "$work/stdout")"
        skipped=$((skipped + 1))
        return
    fi
    check_stdout
    check_stderr
    check_exit
}

count=0
skipped=0
for case in "$REVUE_SOURCE"/tests/cli/cases/*/; do
    case=${case%/}
    name=${case##*/}
    [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
    run_case
    count=$((count + 1))
done
echo "$count cases, $skipped skipped, $failures failures"
[ $failures -eq 0 ] && [ $count -gt 0 ]
