#!/usr/bin/env python3
"""BM25F computed a second time, from tokens and nothing else: what `revue-query batch` has to print, to the last digit.

    bm25_judge.py ANALYZE ARCHIVE.jsonl TOPICS.tsv [N] > RUN         N hits a topic, 1000 unless given

ANALYZE is the program made of tests/support/analyze_main.c: only the analysis is shared with what is judged. The formula is
that of indexer/format/scoring.h, one review at a time, in the same order of operations; Python's floats are C's doubles.
The archive has the keys id, title, body, product, author; of two records with one id the first counts."""
import collections
import json
import math
import subprocess
import sys

WEIGHTS = {"body": 1.0, "title": 2.0, "product": 1.5}        # in the order of the sum; author has weight 0
K1, B, UNIT = 1.2, 0.75, 2.0 ** -20


def analyzed(program, texts):
    """The stems of each text, without those of repeated paragraphs."""
    data = "\0".join(texts).encode("utf-8", "surrogatepass")
    if data.count(b"\0") != len(texts) - 1:
        sys.exit("bm25_judge.py: a text with a zero byte in it cannot be judged")
    answer = subprocess.run([program, "--records", "--json"], input=data, stdout=subprocess.PIPE, check=True)
    lines = answer.stdout.splitlines()
    if len(lines) != len(texts):
        sys.exit("bm25_judge.py: %d texts, %d answers" % (len(texts), len(lines)))
    return [[token["stem"] for token in json.loads(line)["tokens"] if not token["repeated"]] for line in lines]


class Archive:
    def __init__(self, program, path):
        records = {}
        with open(path, encoding="utf-8") as file:
            for record in map(json.loads, file):
                records.setdefault(record["id"], record)
        self.ids, self.lengths, self.averages = list(records), {}, {}
        self.found = collections.defaultdict(dict)           # stem -> review -> field -> frequency
        for field in WEIGHTS:
            stems = analyzed(program, [record.get(field) or "" for record in records.values()])
            self.lengths[field] = [len(one) for one in stems]
            having = sum(length > 0 for length in self.lengths[field])
            self.averages[field] = sum(self.lengths[field]) / having if having else 1.0
            for review, one in enumerate(stems):
                for stem, frequency in collections.Counter(one).items():
                    self.found[stem].setdefault(review, {})[field] = frequency

    def frequency(self, review, fields):
        """Weighted and normalised by length: a sum over fields in the order of WEIGHTS."""
        total = 0.0
        for field, weight in WEIGHTS.items():
            if field in fields:
                norm = 1.0 - B + B * self.lengths[field][review] / self.averages[field]
                total += weight * fields[field] / norm
        return total

    def search(self, stems):
        """(id, score) of every review with any of the stems, best first; equal ones by the bytes of their ids."""
        boosts = {stem: count for stem, count in collections.Counter(stems).items() if stem in self.found}
        df = {stem: len(self.found[stem]) for stem in boosts}
        idf = {stem: math.log(1.0 + (len(self.ids) - df[stem] + 0.5) / (df[stem] + 0.5)) for stem in boosts}
        unit, scores = UNIT, collections.Counter()
        while sum(boost * idf[stem] for stem, boost in boosts.items()) / unit >= 2.0 ** 31 - 1:
            unit *= 2.0
        for stem, boost in boosts.items():
            scale = boost * idf[stem] / unit
            for review, fields in self.found[stem].items():
                x = self.frequency(review, fields)
                scores[review] += int(scale * (x / (K1 + x)) + 0.5)
        best = sorted(scores.items(), key=lambda hit: (-hit[1], self.ids[hit[0]].encode()))
        return [(self.ids[review], score * unit) for review, score in best]


def printed(identity):
    """As ids stand in runs: bytes up to 0x20, `%` and DEL percent-encoded."""
    return "".join("%%%02X" % ord(one) if one <= " " or one in "%\x7f" else one for one in identity)


def main():
    if len(sys.argv) not in (4, 5):
        sys.exit("usage: bm25_judge.py ANALYZE ARCHIVE.jsonl TOPICS.tsv [N]")
    program, depth = sys.argv[1], int(sys.argv[4]) if len(sys.argv) == 5 else 1000
    archive = Archive(program, sys.argv[2])
    with open(sys.argv[3], encoding="utf-8") as file:
        topics = [line.rstrip("\n").split("\t", 1) for line in file if line.strip()]
    for (topic, _), stems in zip(topics, analyzed(program, [text for _, text in topics])):
        for rank, (identity, score) in enumerate(archive.search(stems)[:depth], 1):
            print("%s Q0 %s %d %.6f judge" % (topic, printed(identity), rank, score))


if __name__ == "__main__":
    main()
