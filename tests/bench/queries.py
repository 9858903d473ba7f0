#!/usr/bin/env python3
"""Makes queries from an archive: runs of 2 to 4 words that stand in some review one after the other, and long questions.

    queries.py ARCHIVE.jsonl COUNT QUESTIONS SEED > QUERIES.tsv

search-benchmark-game has its queries from people; here they come from the text, so that phrases exist and frequencies are
those of the archive. A run neither begins nor ends with a function word (nobody searches `the battery of`), but may hold
some ("out of the box"). Each run is asked as and, or and phrase; its longest word as term. A question is a run of 8 to 20
words as they come, function words with them: somebody who types a sentence. Lines are `KIND TAB WORDS`, KIND being term,
and, or, phrase or question.

Runs stay within a clause, questions within a sentence, between blanks, and hold ASCII letters only: about such words all
tokenizers agree."""
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
SENTENCE = re.compile(r"<[^>]*>|[.?!\n\r]+")
WORD = re.compile(r"[a-z]+")
ATTEMPTS = 400                       # for each run wanted, before an archive is found too small or in another script


def random_words(line, apart, random_source):
    """The words of a clause, or of a sentence, of one record."""
    record = json.loads(line)
    text = next((record[key] for key in TEXT_KEYS if isinstance(record.get(key), str)), "")
    return random_source.choice(apart.split(text.lower())).split()


def part(words, length, random_source):
    """So many of the words, one after the other; None when there are fewer, or not all are of ASCII letters."""
    if len(words) < length:
        return None
    start = random_source.randrange(len(words) - length + 1)
    run = words[start:start + length]
    return run if all(WORD.fullmatch(word) for word in run) else None


def random_run(line, random_source):
    """A run of words from one record, or None when the clause drawn has none."""
    length = random_source.choice((2, 2, 2, 2, 2, 3, 3, 3, 4, 4))
    run = part(random_words(line, CLAUSE, random_source), length, random_source)
    if not run or run[0] in FUNCTION_WORDS or run[-1] in FUNCTION_WORDS:
        return None
    if any(len(word) < 3 and word not in FUNCTION_WORDS for word in run) or len(set(run)) < length:
        return None
    return " ".join(run)


def random_question(line, random_source):
    words = [word.strip(",;:") for word in random_words(line, SENTENCE, random_source)]
    run = part(words, random_source.randint(8, 20), random_source)
    return " ".join(run) if run else None


def draw(lines, count, random_one, random_source):
    drawn = {}                       # a dict keeps the order in which they were drawn
    for _ in range(count * ATTEMPTS):
        one = random_one(random_source.choice(lines), random_source)
        if one:
            drawn[one] = True
        if len(drawn) == count:
            return list(drawn)
    sys.exit("queries.py: only %d runs of English words found, %d wanted" % (len(drawn), count))


def main():
    if len(sys.argv) != 5:
        sys.exit("usage: queries.py ARCHIVE.jsonl COUNT QUESTIONS SEED")
    with open(sys.argv[1], "rb") as archive:
        lines = [line for line in archive if line.strip()]
    if not lines:
        sys.exit("queries.py: %s is empty" % sys.argv[1])
    random_source = random.Random(int(sys.argv[4]))
    runs = draw(lines, int(sys.argv[2]), random_run, random_source)
    for word in dict.fromkeys(max(run.split(), key=len) for run in runs):
        print("term\t" + word)
    for kind in ("and", "or", "phrase"):
        for run in runs:
            print(kind + "\t" + run)
    for question in draw(lines, int(sys.argv[3]), random_question, random_source):
        print("question\t" + question)


if __name__ == "__main__":
    main()
