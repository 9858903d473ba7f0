#!/bin/bash
# An index of every format there has been: it opens, it is whole, it answers as it did when it was made, and a run brings it up
# to date. tests/compat/format-N holds CURRENT, data.mdb (gzip) and the answers, some tens of kilobytes.
#
#   compat.sh BUILD_DIR           the test
#   compat.sh BUILD_DIR --make    makes the index of the format this build writes, and its answers, anew from corpus/
set -u
build=$(cd "${1:?usage: compat.sh BUILD_DIR [--make]}" && pwd) || exit 2
tests=$(cd "$(dirname "$0")/.." && pwd)
sample=$tests/../corpus/sample
indexer=$build/bin/revue-indexer query=$build/bin/revue-query
for program in "$indexer" "$query"; do
    [ -x "$program" ] || { echo "compat.sh: skipped: $program is not built"; exit 77; }
done
export LC_ALL=C.UTF-8
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 1
failures=0
fail() { echo "compat.sh: $*" >&2; failures=$((failures + 1)); }

# answers INDEX: every way of reading an index, one after the other, in shapes that do not grow.
answers() {
    local words
    printf '%s\n' '1	a film with a view of the sea' '2	battery sound quality' '3	great story great actors' >"$folder/topics"
    "$query" batch "$1" "$folder/topics" -n 20 --run compat
    for words in 'film -great' '"the film"' '"film the"~4' '=rooms' 'title:battery' 'author:back' 'story +film'; do
        printf -- '-- %s\n' "$words"
        "$query" search "$1" -n 5 --op any --format tsv "$words"
    done
    "$query" batch "$1" "$folder/topics" -n 1 --run compat | while read -r _ _ id _; do
        printf -- '-- %s\n' "$id"
        "$query" get "$1" "$id"
    done
    "$indexer" stats "$1" --json | grep -oE '"(format|reviews|deleted|blocked|terms|tokens|segments|sources)":[0-9]+' | head -n 8
}

# An archive of many shapes, a second run that adds, changes and deletes, and a review deleted by hand; without free pages.
make() {
    mkdir "$folder/archive"
    cp -R "$sample"/{apps,films} "$folder/archive"
    find "$folder/archive" -exec touch -d 2020-01-01 {} +
    "$indexer" update "$folder/made" "$folder/archive" --quiet >/dev/null || exit 1
    cp -R "$sample/web" "$folder/archive"
    find "$folder/archive/web" -exec touch -d 2020-01-02 {} +
    rm -r "$folder/archive/films/blogs"
    "$indexer" update "$folder/made" --quiet >/dev/null || exit 1
    "$indexer" delete "$folder/made" --id "$("$query" search "$folder/made" -n 1 --format tsv --op any room film | cut -f 3)" || exit 1
    "$indexer" copy "$folder/made" "$folder/copy" || exit 1
    "$indexer" check "$folder/copy" || exit 1
    local format
    format=$tests/compat/format-$("$indexer" stats "$folder/copy" --json | grep -oE '"format":[0-9]+' | cut -d: -f2)
    mkdir -p "$format"
    gzip -9nc "$folder/copy/$(cat "$folder/copy/CURRENT")/data.mdb" >"$format/data.mdb.gz" || exit 1
    cp "$folder/copy/CURRENT" "$format/CURRENT"
    answers "$folder/copy" >"$format/answers" 2>&1
    du -b "$format"/*
}

# unpack FORMAT_FOLDER INDEX
unpack() {
    local store
    store=$2/$(cat "$1/CURRENT")
    mkdir -p "$store" && cp "$1/CURRENT" "$2" && gzip -dc "$1/data.mdb.gz" >"$store/data.mdb"
}

if [ "${2:-}" = --make ]; then
    make
    exit 0
fi
for format in "$tests"/compat/format-*/; do
    name=$(basename "$format")
    unpack "$format" "$folder/$name" || fail "$name cannot be unpacked"
    "$indexer" check "$folder/$name" || fail "$name: the check found faults"
    answers "$folder/$name" >"$folder/answers" 2>&1
    diff "$format/answers" "$folder/answers" || fail "$name answers in another way than it did"
    echo '{"id":"compat-new","title":"Newest","text":"Entirely quibblesome."}' >"$folder/new.jsonl"
    "$indexer" update "$folder/$name" "$folder/new.jsonl" --quiet >/dev/null || fail "$name cannot be updated"
    [ "$("$query" search "$folder/$name" --format tsv quibblesome | cut -f 3)" = compat-new ] ||
        fail "$name: what was added is not found"
    "$indexer" check "$folder/$name" || fail "$name: the check found faults after an update"
done
[ "$failures" = 0 ]
