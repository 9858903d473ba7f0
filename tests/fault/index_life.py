"""index_life.py - an index whose life is known: archives, the commands that turn one state into the next, what each holds.

Every review has the word anchor, so that one search lists them all, and its title says which version of it this is. Steps
cover what writes: a first run, a run over changes that merges, one that rewrites the file, delete, compact, copy, and runs
that write the rows of many sources ahead of their commit.
"""

import json
import os
import random
import shutil
import subprocess

LIMIT = 120  # seconds any command may take


class Trouble(Exception):
    """Something that must hold does not."""


class Step:
    """A command on an index, and the only two states that may be found whenever it was cut off. A state of None: no index.

    again is what the next run of a user is, after which the state is after; None: the command itself."""

    def __init__(self, name, command, before, after, again=None, target="index"):
        self.name, self.command, self.before, self.after = name, command, before, after
        self.again = again or command
        self.target = target  # the index that the states are of
        self.start = None  # a copy of the disk before the step
        self.archive = None


class Life:
    """The folder of it all: disk/ has the indexes, archive/ what is indexed, saved/ the disk before each step."""

    def __init__(self, build, work):
        self.bin = os.path.join(build, "bin")
        self.work = os.path.realpath(work)
        self.disk = os.path.join(self.work, "disk")
        self.archive = os.path.join(self.work, "archive")
        self.index = os.path.join(self.disk, "index")
        self.saved = os.path.join(self.work, "saved")
        os.mkdir(self.disk)
        os.mkdir(self.archive)
        os.mkdir(self.saved)

    # ---- commands ----

    def run(self, program, arguments, environment=None):
        return subprocess.run(
            [os.path.join(self.bin, program), *arguments],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=LIMIT,
            check=False,
        )

    def indexer(self, arguments, environment=None):
        return self.run("revue-indexer", arguments, environment)

    def must(self, arguments, codes=(0,)):
        done = self.indexer(arguments)
        if done.returncode not in codes:
            raise Trouble(f"{' '.join(arguments)}: exit {done.returncode}: {done.stderr.decode()}")

    # ---- states ----

    def state(self, index):
        """{id: title} of an index; None when there is none, or none that a run ever finished."""
        arguments = ["search", index, "anchor", "-n", "100000", "--format", "jsonl", "--no-snippets", "--exhaustive"]
        done = self.run("revue-query", arguments)
        if done.returncode == 66:
            return None
        if done.returncode == 76 and not is_finished(done.stderr.decode()):
            return None
        if done.returncode not in (0, 1):
            raise Trouble(f"search: exit {done.returncode}: {done.stderr.decode()}")
        hits = [json.loads(line) for line in done.stdout.splitlines()]
        return {hit["id"]: hit["title"] for hit in hits}

    def check(self, index):
        done = self.indexer(["check", index])
        faults = [line for line in done.stdout.decode().splitlines() if not line.startswith("note: ")]
        if done.returncode != 0 or faults:
            raise Trouble(f"check: exit {done.returncode}: {faults[:3]} {done.stderr.decode()}")

    # ---- archives ----

    def write_archive(self, files):
        shutil.rmtree(self.archive)
        os.mkdir(self.archive)
        for name, reviews in files.items():
            path = os.path.join(self.archive, name)
            with open(path, "w", encoding="utf-8") as file:
                for id_, (title, text) in reviews.items():
                    record = {"id": id_, "title": title, "text": text, "rating": len(title) % 5 + 1, "product": id_[:2]}
                    file.write(json.dumps(record) + "\n")
            os.utime(path, (1577880000, 1577880000 + sum(map(len, reviews))))


def is_finished(message):
    """Whether an index that cannot be read was one before: only what a first run left may be refused."""
    return not ("CURRENT is missing" in message or "holds no finished run" in message)


def some_text(chance, words):
    return "anchor " + " ".join("".join(chance.choices("abcdefghij", k=7)) for _ in range(words))


def some_reviews(chance, prefix, count, words, version="first"):
    return {f"{prefix}{i}": (f"{version} {prefix}{i}", some_text(chance, words)) for i in range(count)}


def titles(*groups):
    return {id_: title for group in groups for id_, (title, _) in group.items()}


def make_steps(life):
    """Runs the whole life once, saving the disk before each step. Returns the steps."""
    chance = random.Random(7)
    update = ["update", life.index, life.archive, "--threads", "1", "--memory", "16", "--quiet", "--allow-shrink"]
    steps = []

    def save(step):
        step.start = os.path.join(life.saved, step.name)
        step.archive = step.start + ".archive"
        shutil.copytree(life.disk, step.start)
        shutil.copytree(life.archive, step.archive)
        life.must(step.command)
        if life.state(os.path.join(life.disk, step.target)) != step.after:
            raise Trouble(f"{step.name}: the state after the step is not what it should be")
        steps.append(step)

    files = {"first.jsonl": some_reviews(chance, "a", 60, 12), "rest.jsonl": some_reviews(chance, "b", 20, 12)}
    life.write_archive(files)
    state = titles(*files.values())
    save(Step("make", update, None, state))
    # Small runs, until the next one has segments to merge.
    for i in range(7):
        files[f"more{i}.jsonl"] = some_reviews(chance, f"c{i}-", 6, 12)
        life.write_archive(files)
        life.must(update)
    before = titles(*files.values())
    files["first.jsonl"].update(some_reviews(chance, "a", 25, 12, "second"))
    files["new.jsonl"] = some_reviews(chance, "d", 15, 12)
    del files["more3.jsonl"]
    life.write_archive(files)
    save(Step("change", update, before, titles(*files.values())))
    # A large source comes and goes: then most of the file is free, and is written anew.
    before = titles(*files.values())
    files["large.jsonl"] = some_reviews(chance, "e", 1500, 90)
    life.write_archive(files)
    life.must(update)
    large = titles(*files.values())
    del files["large.jsonl"]
    life.write_archive(files)
    save(Step("rewrite", update, large, before))
    state = dict(before)
    for id_ in ("b3", "d1"):
        del state[id_]
    save(Step("delete", ["delete", life.index, "--id", "b3", "--id", "d1"], before, state))
    compact = ["compact", life.index, "--quiet"]
    save(Step("compact", compact, state, state))
    copy = os.path.join(life.disk, "copy")
    save(Step("copy", ["copy", life.index, copy], None, state, target="copy"))
    # More sources than a transaction may change rows of within 16 MiB: they come, and most of them go again.
    many = {f"many{i}.jsonl": some_reviews(chance, f"m{i}-", 1, 3) for i in range(560)}
    life.write_archive({**files, **many})
    before, state = state, {**state, **titles(*many.values())}
    save(Step("many", update, before, state))
    kept = dict(list(many.items())[::20])
    life.write_archive({**files, **kept})
    save(Step("few", update, state, {**before, **titles(*kept.values())}))
    return steps
