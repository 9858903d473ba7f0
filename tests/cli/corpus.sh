#!/bin/bash
# The sample archive is what corpus/README.md says, the judgments speak of reviews that exist, the containers hold what their
# sources say, and the generator gives the same bytes for the same seed. Nothing of Revue runs here: counts are made by
# Python's own readers, so that this page can judge the indexer's.
set -u
if ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 8))' 2>/dev/null; then
    echo "corpus.sh: skipped: needs python3, version 3.8 or newer"
    exit 77
fi
export PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1
corpus=$(cd "$(dirname "$0")/../../corpus" && pwd) || exit 1
failures=0
fail() { echo "corpus.sh: $*" >&2; failures=$((failures + 1)); }

python3 - "$corpus" <<'PYTHON' || fail "the sample or the judgments are not as corpus/README.md says"
import bz2, csv, gzip, html.parser, io, json, lzma, os, re, shutil, subprocess, sys, tarfile, zipfile

corpus, wrong = sys.argv[1], 0
sample = os.path.join(corpus, "sample")
own_ids = set()


def complain(text):
    global wrong
    wrong += 1
    print("corpus.sh: " + text, file=sys.stderr)


class Reviews(html.parser.HTMLParser):
    """Counts schema.org reviews of a page."""
    def __init__(self):
        super().__init__()
        self.count, self.in_json = 0, False

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.in_json = tag == "script" and attributes.get("type") == "application/ld+json"
        self.count += (attributes.get("itemtype") or "").endswith("schema.org/Review")

    def handle_data(self, data):
        if self.in_json:
            self.count += json.dumps(json.loads(data)).count('"@type": "Review"')
            self.in_json = False


def table(text, delimiter):
    quoting = csv.QUOTE_NONE if delimiter == "\t" else csv.QUOTE_MINIMAL
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True))
    for row in rows:
        if len(row) != len(rows[0]):
            complain("a row of %d cells under a header of %d: %s" % (len(row), len(rows[0]), row[0]))
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def beside(name):
    name = os.path.basename(name)
    return name.startswith(("README", "LICENSE")) or name.endswith((".md", ".png"))


def count_records(records):
    own_ids.update(record[key] for record in records for key in ("id", "review_id", "reviewId") if key in record)
    return len(records)


def count(name, data):
    """How many reviews the bytes of a file hold, going by the file's name; None when that cannot be said here."""
    base, suffix = os.path.splitext(name)
    if beside(name):
        return 0
    if suffix == ".gz":
        return count(base, gzip.decompress(data))
    if suffix == ".bz2":
        return count(base, bz2.decompress(data))
    if suffix == ".xz":
        return count(base, lzma.decompress(data))
    if suffix == ".zst":
        if not shutil.which("zstd"):
            print("corpus.sh: zstd is not installed: not counted: " + name)
            return None
        return count(base, subprocess.run(["zstd", "-dqc"], input=data, stdout=subprocess.PIPE, check=True).stdout)
    if suffix == ".tar":
        with tarfile.open(fileobj=io.BytesIO(data)) as box:
            return sum(count(member.name, box.extractfile(member).read()) for member in box if member.isfile())
    if suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(data)) as box:
            return sum(count(member, box.read(member)) for member in box.namelist())
    if data[:2] == b"\xff\xfe":
        text = data.decode("utf-16")
    elif "alps/" in name or suffix == ".htm":
        text = data.decode("cp1252")
    else:
        text = data.decode("utf-8")
    if suffix == ".txt":
        return 1
    if suffix in (".lines", ".pos", ".neg"):
        return sum(1 for line in text.split("\n") if line.strip())
    if suffix == ".jsonl":
        return count_records([json.loads(line) for line in text.split("\n") if line])
    if suffix == ".json":
        return count_records(json.loads(text))
    if suffix in (".csv", ".tsv"):
        return count_records(table(text, "," if suffix == ".csv" else "\t"))
    if suffix in (".html", ".htm"):
        page = Reviews()
        page.feed(text)
        return page.count or 1
    return sum(1 for line in text.split("\n") if re.match(r"[A-Z][a-z][a-z] \d+ \d{4} ?\t[^\t]*\t[^\t]*\t$", line))


def files_of(path):
    if not os.path.isdir(path):
        return [path]
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names)


with open(os.path.join(corpus, "README.md"), encoding="utf-8") as file:
    page = file.read()
rows = re.findall(r"^\| `([a-z]+/[^`]+)` \| (\d+) \|", page, re.M)
stated_total = int(re.search(r"^\| \*\*all\*\* \| \*\*(\d+)\*\*", page, re.M).group(1))
listed = set()
for path, stated in rows:
    found = 0
    for full in files_of(os.path.join(sample, path)):
        listed.add(full)
        with open(full, "rb") as file:
            one = count(os.path.relpath(full, sample), file.read())
        found = None if one is None or found is None else found + one
    if found is not None and found != int(stated):
        complain("%s: README.md says %s reviews, there are %d" % (path, stated, found))
if sum(int(stated) for _, stated in rows) != stated_total:
    complain("the counts of README.md do not add up to %d" % stated_total)
for full in files_of(sample):
    if full not in listed and not beside(full):
        complain("not in README.md: " + os.path.relpath(full, sample))

with open(os.path.join(corpus, "judged", "topics.tsv"), encoding="utf-8") as file:
    topics = [line.rstrip("\n").split("\t") for line in file]
if len({topic[0] for topic in topics}) != len(topics) or any(len(topic) != 2 or not topic[1] for topic in topics):
    complain("topics.tsv: not QID TAB TEXT with every QID once")
judged, best = set(), {}
with open(os.path.join(corpus, "judged", "qrels.txt"), encoding="utf-8") as file:
    for line in file:
        query, zero, review, grade = line.split()
        if (query, review) in judged or zero != "0" or grade not in "123":
            complain("qrels.txt: " + line.strip())
        judged.add((query, review))
        best[query] = max(best.get(query, 0), int(grade))
        if review not in own_ids and not (review.startswith("toy-") and not shutil.which("zstd")):
            complain("qrels.txt: no review has the id " + review)
if set(best) != {topic[0] for topic in topics} or min(best.values()) < 3:
    complain("qrels.txt: a topic without an answer of grade 3, or a judgment without a topic")
with open(os.path.join(corpus, "judged", "roots.txt"), encoding="utf-8") as file:
    for root in file.read().split():
        if not os.path.exists(os.path.join(sample, root)):
            complain("roots.txt: no such root: " + root)
sys.exit(1 if wrong else 0)
PYTHON

python3 "$corpus/make_containers.py" --check || fail "run corpus/make_containers.py"

generate() { python3 "$corpus/generate.py" "$@"; }
hash_of() { sha256sum | cut -c 1-64; }
wanted=c9ce57826108e658600708ee1e9917dac595807cdfc7ce051a27392c58e959d1
small=$(generate --reviews 300 --seed 7 | hash_of)
[ "$small" = "$wanted" ] || fail "generate.py --reviews 300 --seed 7 has changed: $small"
prefix=$(generate --reviews 500 --seed 7 | head -n 300 | hash_of)
[ "$prefix" = "$small" ] || fail "generate.py: a larger archive does not begin with the smaller one"
other=$(generate --reviews 300 --seed 8 | hash_of)
[ "$other" != "$small" ] || fail "generate.py: another seed gives the same archive"
lines=$(generate --reviews 37 --sites 2 --products 3 |
    python3 -c 'import json, sys; print(len({json.loads(line)["id"] for line in sys.stdin}))')
[ "$lines" = 37 ] || fail "generate.py --reviews 37 made $lines reviews"
generate --reviews -1 >/dev/null 2>&1 && fail "generate.py takes a negative number of reviews"
generate --reviews 100000000 | head -n 1 >/dev/null   # must end when nobody reads on

[ "$failures" = 0 ]
