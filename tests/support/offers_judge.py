"""Judges `revue-query complete` against the archive itself: which words it offers for a beginning, with what counts, how they
are written, and what a search for them finds.

    offers_judge.py PROGRAMS FOLDER ROUNDS

Archives are random words with capitals, in one segment or several, with reviews deleted."""
import collections
import json
import os
import random
import subprocess
import sys

PROGRAMS, FOLDER, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
SEED = 20261123
SYLLABLES = ["ba", "ri", "to", "ne", "ska", "mu", "ol", "ent"]


def run(program, *words, expected=(0,)):
    done = subprocess.run([os.path.join(PROGRAMS, program)] + list(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode not in expected:
        raise SystemExit("%s %s: exit %d: %s" % (program, words, done.returncode, done.stderr.decode()))
    return done.stdout.decode("utf-8")


# ---- the archive -------------------------------------------------------------------------------------------------------

def make_words(chance):
    words = {"".join(chance.choice(SYLLABLES) for _ in range(chance.randint(1, 3))) for _ in range(300)}
    return sorted(words)


def write_as(chance, word):
    """Most words are written in one way four times of five."""
    other = word.capitalize() if hash_of(word) % 2 else word
    usual = word if hash_of(word) % 2 else word.capitalize()
    return usual if chance.random() < 0.8 else other


def hash_of(word):
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(word))


def make_review(chance, words, number):
    text = [write_as(chance, words[min(int(chance.expovariate(0.03)), len(words) - 1)]) for _ in range(chance.randint(1, 60))]
    review = {"id": "r%d" % number, "text": " ".join(text)}
    if chance.random() < 0.3:
        review["title"] = write_as(chance, chance.choice(words))
    if chance.random() < 0.3:
        review["author"] = chance.choice(words) + "x"      # a word that only authors have
    return review


def index(chance, name, segments):
    words, reviews, path = make_words(chance), [], os.path.join(FOLDER, name)
    chance.shuffle(words)
    os.makedirs(path + ".archive")
    for segment in range(segments):
        batch = [make_review(chance, words, len(reviews) + i) for i in range(chance.randint(40, 150))]
        with open(os.path.join(path + ".archive", "%d.jsonl" % segment), "w") as file:
            file.writelines(json.dumps(review) + "\n" for review in batch)
        run("revue-indexer", "update", path, path + ".archive", "--quiet")
        reviews += batch
    return path, words, reviews


# ---- what is right -----------------------------------------------------------------------------------------------------

class Archive:
    def __init__(self, reviews, deleted):
        self.most, self.least, self.written = collections.Counter(), collections.Counter(), {}
        for review in reviews:
            texts = (review["text"] + " " + review.get("title", "")).split()
            for word in {text.lower() for text in texts}:
                self.most[word] += 1
                self.least[word] += review["id"] not in deleted
            for text in texts:
                self.written.setdefault(text.lower(), collections.Counter())[text] += 1

    def check(self, prefix, offered, wanted):
        found = [(text.lower(), count) for text, count in offered]
        assert all(word.startswith(prefix) for word, _ in found), (prefix, found)
        assert len({word for word, _ in found}) == len(found), (prefix, found)
        for word, count in found:
            assert self.least[word] <= count <= self.most[word], (prefix, word, count, self.least[word], self.most[word])
        counts = [count for _, count in found]
        assert counts == sorted(counts, reverse=True), (prefix, found)
        live = [word for word in self.least if word.startswith(prefix) and self.least[word] > 0]
        assert len(found) >= min(wanted, len(live)), (prefix, wanted, found, live)
        if found and len(found) == wanted:          # what was left out is in no more reviews
            left_out = [self.least[word] for word in live if word not in dict(found)]
            assert max(left_out, default=0) <= counts[-1], (prefix, found)
        for text, _ in offered:
            ways = self.written[text.lower()].most_common()
            clear = len(ways) == 1 or (ways[0][1] >= 8 and ways[0][1] > 2 * ways[1][1])
            assert not clear or ways[0][0] == text, (prefix, text, ways)


def ask(path, text, wanted):
    lines = run("revue-query", "complete", path, "-n", str(wanted), text, expected=(0, 1)).splitlines()
    return [(line.split("\t")[0], int(line.split("\t")[1])) for line in lines]


def check_together(chance, path, words, archive):
    """With a word before, every count is that of a search for both."""
    before, prefix = chance.choice(words[:60]), chance.choice(words)[:chance.randint(1, 3)]
    offered = ask(path, before + " " + prefix, 10)
    for text, count in offered:
        assert text.lower().startswith(before + " " + prefix), (before, prefix, text)
        answer = json.loads(run("revue-query", "search", path, "--op", "all", "-n", "0", "--count", "--format", "json",
                                "--no-suggest", text, expected=(0, 1)))
        last = text.split()[-1].lower()
        alone = answer["total"] == 0 and archive.least[last] <= count <= archive.most[last]
        assert answer["total"] == count or alone, (text, count, answer["total"])
    return len(offered)


def main():
    chance, asked, together = random.Random(SEED), 0, 0
    for number, segments in enumerate((1, 1, 4)):
        path, words, reviews = index(chance, "index%d" % number, segments)
        deleted = {review["id"] for review in chance.sample(reviews, len(reviews) // 10)} if number else set()
        if deleted:
            run("revue-indexer", "delete", path, *[word for one in sorted(deleted) for word in ("--id", one)])
        archive = Archive(reviews, deleted)
        for _ in range(ROUNDS):
            word = chance.choice(words)
            prefix, wanted = word[:chance.randint(1, len(word))], chance.choice((1, 3, 10, 100))
            shown = prefix.upper() if chance.random() < 0.2 else prefix
            archive.check(prefix, ask(path, shown, wanted), wanted)
            asked += 1
        together += sum(check_together(chance, path, words, archive) for _ in range(ROUNDS // 4))
    assert together > ROUNDS
    print("%d beginnings completed as the archive has it, %d completions beside another word" % (asked, together))


main()
