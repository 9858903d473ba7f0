#!/bin/bash
# What `revue-query batch` prints (ids, order, scores to six decimals) is what tests/support/bm25_judge.py computes from the
# tokens alone: over every JSON-lines file of the sample archive, and over a judged collection where one lies beside the
# project.
set -u
. "$(dirname "$0")/helpers"
root=$(dirname "$tests")
needs_python
needs bin/revue-indexer bin/revue-query tests/analyze
folder=$(mktemp -d) && trap 'rm -rf "$folder"' EXIT || exit 1
failures=0
fail() { echo "judge.sh: $*" >&2; failures=$((failures + 1)); }

# plain FILE.jsonl: the searched fields under their own names and an id for every record, so that neither the guessing of
# names nor the making of ids is judged here, nor languages: all is read as English. Records without any text stay.
plain() {
    python3 - "$1" <<'PYTHON'
import json, sys
names = {"id": ("id", "review_id"), "title": ("title", "summary"), "body": ("body", "text", "reviewText", "comments"),
         "product": ("product", "listing_name", "asin", "business_id"),
         "author": ("author", "reviewerName", "reviewer_name", "user_id")}
with open(sys.argv[1], encoding="utf-8") as file:
    for number, record in enumerate(map(json.loads, file)):
        plain = {"id": "record %03d%%" % number}
        for field, keys in names.items():
            value = next((record[key] for key in keys if isinstance(record.get(key), str)), None)
            if value is not None and "\0" not in value:
                plain[field] = value
        plain.setdefault("body", "")
        print(json.dumps(plain, ensure_ascii=False))
PYTHON
}

# topics FILE.jsonl: words of the reviews themselves: rare and frequent, some said several times, long questions, authors.
topics() {
    python3 - "$1" <<'PYTHON'
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    records = [json.loads(line) for line in file]
for number, record in enumerate(records):
    words = " ".join(record["body"].split()).split(" ")
    kinds = {"one": words[:1], "two": words[3:5], "five": words[1:6], "long": words[:60],
             "again": words[2:4] * 3 + words[4:6],
             "title": record.get("title", "").split(), "author": record.get("author", "").split() + words[5:6]}
    for kind in sorted(kinds) if number % 5 == 0 else ("two", "five"):
        if any(kinds[kind]):
            print("%03d-%s\t%s" % (number, kind, " ".join(kinds[kind])))
print("all\tthe the the a and of not")
print("none\tqqqzzzqqq")
PYTHON
}

# compare NAME ARCHIVE.jsonl TOPICS.tsv N
compare() {
    local index=$folder/$1.index run=$folder/$1.run judgment=$folder/$1.judge
    "$build/bin/revue-indexer" update "$index" "$2" --lang en --quiet || { fail "$1: update failed: $?"; return; }
    "$build/bin/revue-query" batch "$index" "$3" -n "$4" --run judge >"$run" || { fail "$1: batch failed: $?"; return; }
    python3 "$tests/support/bm25_judge.py" "$build/tests/analyze" "$2" "$3" "$4" >"$judgment" ||
        { fail "$1: no judgment"; return; }
    [ -s "$judgment" ] || fail "$1: nothing was found to compare"
    if ! cmp -s "$judgment" "$run"; then
        fail "$1: the run (>) is not what BM25F gives (<):"
        diff "$judgment" "$run" | head -n 20 >&2
    else
        echo "judge.sh: $1: $(wc -l <"$run") hits of $(wc -l <"$3") topics agree"
    fi
}

for file in "$root"/corpus/sample/*/*.jsonl; do
    name=$(basename "$file" .jsonl)
    archive=$folder/$name.jsonl questions=$folder/$name.tsv
    plain "$file" >"$archive" && topics "$archive" >"$questions" || { fail "$name: not read"; continue; }
    compare "$name" "$archive" "$questions" 1000
done
collection=$root/../shared/archive/judged/med
if [ -r "$collection/reviews.jsonl" ]; then
    compare med "$collection/reviews.jsonl" "$collection/topics.tsv" 1000
    compare med-ten "$collection/reviews.jsonl" "$collection/topics.tsv" 10
else
    echo "judge.sh: no judged collection beside the project: only the sample was compared"
fi
[ "$failures" = 0 ]
