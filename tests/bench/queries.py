#!/usr/bin/env python3
"""Makes queries from an archive: runs of 2 to 4 words that stand in some review one after the other.

    queries.py ARCHIVE.jsonl COUNT SEED > QUERIES.tsv

search-benchmark-game has its queries from people; here they come from the text, so that phrases exist and frequencies are
those of the archive. A run neither begins nor ends with a function word (nobody searches `the battery of`), but may hold
some ("out of the box"). Each run is asked as and, or and phrase; its longest word as term. Lines are `KIND TAB WORDS`.

Runs stay within a clause, between blanks, and hold ASCII letters only: about such words all tokenizers agree."""
import json
import random
import re
import sys

FUNCTION_WORDS = frozenset("""a about after all also am an and any are as at be because been but by can could did do does
for from had has have he her him his how i if in into is it its just me more my no not of on one only or our out she should
so some than that the their them then there these they this to too up us very was we were what when where which who will
with would you your""".split())
TEXT_KEYS = ("body", "text", "review", "reviewText", "comments", "content")
CLAUSE = re.compile(r"<[^>]*>|[.,;:!?()\[\]\"\n\r\t/]+")
WORD = re.compile(r"[a-z]+")
ATTEMPTS = 400                       # for each run wanted, before an archive is found too small or in another script


def random_run(line, random_source):
    """A run of words from one record, or None when the clause drawn has none."""
    record = json.loads(line)
    text = next((record[key] for key in TEXT_KEYS if isinstance(record.get(key), str)), "")
    words = random_source.choice(CLAUSE.split(text.lower())).split()
    length = random_source.choice((2, 2, 2, 2, 2, 3, 3, 3, 4, 4))
    if len(words) < length:
        return None
    start = random_source.randrange(len(words) - length + 1)
    run = words[start:start + length]
    if run[0] in FUNCTION_WORDS or run[-1] in FUNCTION_WORDS or not all(WORD.fullmatch(word) for word in run):
        return None
    if any(len(word) < 3 and word not in FUNCTION_WORDS for word in run) or len(set(run)) < length:
        return None
    return " ".join(run)


def draw(lines, count, random_source):
    runs = {}                        # a dict keeps the order in which they were drawn
    for _ in range(count * ATTEMPTS):
        run = random_run(random_source.choice(lines), random_source)
        if run:
            runs[run] = True
        if len(runs) == count:
            return list(runs)
    sys.exit("queries.py: only %d runs of English words found, %d wanted" % (len(runs), count))


def main():
    if len(sys.argv) != 4:
        sys.exit("usage: queries.py ARCHIVE.jsonl COUNT SEED")
    with open(sys.argv[1], "rb") as archive:
        lines = [line for line in archive if line.strip()]
    if not lines:
        sys.exit("queries.py: %s is empty" % sys.argv[1])
    runs = draw(lines, int(sys.argv[2]), random.Random(int(sys.argv[3])))
    for word in dict.fromkeys(max(run.split(), key=len) for run in runs):
        print("term\t" + word)
    for kind in ("and", "or", "phrase"):
        for run in runs:
            print(kind + "\t" + run)


if __name__ == "__main__":
    main()
