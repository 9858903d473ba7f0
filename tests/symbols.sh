#!/bin/bash
# symbols.sh - the library gives away what include/revue.h declares REVUE_API: every one of these functions and not one
# symbol more. The shared library is linked here from the objects of the static one, which are the same (position-independent,
# hidden visibility), so that no second build is needed. And the header stands alone, in C11 and in C++.
#
#     tests/symbols.sh BUILD_DIR
set -u
build=$(cd "${1:?usage: symbols.sh BUILD_DIR}" && pwd) || exit 2
root=$(cd "$(dirname "$0")/.." && pwd)
header=$root/include/revue.h
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 1
failures=0
fail() { echo "symbols.sh: $*" >&2; failures=$((failures + 1)); }
compiler=$(command -v "${CC:-cc}" || command -v gcc || command -v clang) || { echo "symbols.sh: skipped: no C compiler"; exit 77; }

# ---- what is declared: the name before the parenthesis of each REVUE_API declaration, comments taken out ----

"$compiler" -E -P -fpreprocessed -dD "$header" >"$folder/bare.h" 2>/dev/null || cp "$header" "$folder/bare.h"
grep -v '^ *#' "$folder/bare.h" | tr '\n' ' ' | grep -oE 'REVUE_API [^#;(]*\(' | grep -oE '[a-z0-9_]+\($' | tr -d '(' | sort >"$folder/declared"
[ -s "$folder/declared" ] || fail "no REVUE_API function was found in $header"
uniq -d "$folder/declared" | grep . && fail "declared twice"

# ---- what is exported ----

if [ -e "$build/indexer/librevue.so" ]; then
    library=$build/indexer/librevue.so
elif [ -e "$build/indexer/librevue.a" ]; then
    library=$folder/librevue.so
    "$compiler" -shared -o "$library" -Wl,--whole-archive "$build/indexer/librevue.a" -Wl,--no-whole-archive \
        "$build/indexer/librevue_base.a" 2>"$folder/log" || { fail "the shared library does not link"; cat "$folder/log" >&2; }
else
    echo "symbols.sh: skipped: no library in $build/indexer"
    exit 77
fi
if [ -e "$library" ]; then
    # Sanitizers and gcov add symbols of their own.
    nm -D --defined-only "$library" | awk '{ print $3 }' | sed 's/@.*//' |
        grep -vE '^(_init|_fini|_edata|_end|__bss_start|__(asan|ubsan|lsan|tsan|sanitizer|odr_asan|start|stop)_.*|_*gcov.*|__gcov_.*)$' |
        sort >"$folder/exported"
    differences=$(diff "$folder/declared" "$folder/exported") ||
        fail "< declared and not exported, > exported and not declared:
$differences"
fi

# ---- the header alone ----

try_header() { # COMPILER LANGUAGE STANDARD
    printf '#include "revue.h"\n#include "revue.h"\nint main(void) { return REVUE_OK; }\n' >"$folder/alone.$2"
    "$1" -std="$3" -Wall -Wextra -Wpedantic -Werror -I"$root/include" -fsyntax-only "$folder/alone.$2" 2>"$folder/log" ||
        { fail "revue.h does not compile alone with $1 -std=$3"; cat "$folder/log" >&2; }
}
for one in gcc clang; do
    command -v "$one" >/dev/null && try_header "$one" c c11
done
seen=no
for one in g++ clang++; do
    command -v "$one" >/dev/null && { try_header "$one" cc c++11; seen=yes; }
done
[ "$seen" = yes ] || echo "symbols.sh: no C++ compiler: that part is skipped"

# ---- the version is said once ----

header_version=$(sed -n 's/^#define REVUE_VERSION "\(.*\)"/\1/p' "$header")
cmake_version=$(sed -n 's/^project(revue VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
parts=$(sed -n 's/^#define REVUE_VERSION_\(MAJOR\|MINOR\|PATCH\) //p' "$header" | paste -sd.)
[ "$header_version" = "$cmake_version" ] && [ "$header_version" = "$parts" ] ||
    fail "versions differ: revue.h $header_version, its parts $parts, CMakeLists.txt $cmake_version"

[ "$failures" = 0 ] && echo "$(wc -l <"$folder/declared") functions are declared and exported"
[ "$failures" = 0 ]
