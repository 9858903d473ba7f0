"""What is measured, one stage after the other. Every stage goes through all engines before the next begins: what is
compared runs as close together as it can on a machine that drifts. Each writes into subject.figures."""
import os
import shutil
import sys

import measure
import page_cache

MEMORIES = (64, 256, 1024)           # MiB
MANY = (100, 1000)                   # more than the ten best
COLD_RUNS = 10


class Subject:
    """An engine with an index of the archive at hand, and what was measured of it."""
    def __init__(self, module, engine, folder):
        self.name, self.threads, self.without_positions = module.NAME, module.THREADS, module.WITHOUT_POSITIONS
        self.engine, self.figures = engine, {}
        self.index = os.path.join(folder, "index-" + self.name)
        self.other = os.path.join(folder, "other-" + self.name)        # an index that only one stage needs

    def build(self, files, index, setting, limit):
        """A new index in one run, merged; the figures of the run, with those of the merge beside them."""
        shutil.rmtree(index, ignore_errors=True)
        figures = self.engine.build(files, index, setting, limit)
        figures["segments"] = self.engine.segments(index, limit)
        figures["merge_seconds"] = self.engine.merge(index, limit)
        figures["whole_seconds"] = figures["seconds"] + (figures["merge_seconds"] or 0)
        return figures

    def answers(self, files, queries, best, options, index=None):
        path = files["queries"][queries]
        output = self.engine.answers(index or self.index, path, options.repeat, best, options.limit)
        return measure.answers_of(output, path)

    def remove(self):
        for index in (self.index, self.other):
            shutil.rmtree(index, ignore_errors=True)


def build(subject, files, options):
    """The last index, made with the most threads, is the one that is searched."""
    if not options.growth:
        for threads in subject.threads[:-1]:
            figures = subject.build(files, subject.index, measure.Setting(threads), options.limit)
            subject.figures["build_%d" % threads] = figures
    most = subject.threads[-1]
    subject.figures["build"] = subject.build(files, subject.index, measure.Setting(most), options.limit)
    if not options.growth:
        subject.figures["build_%d" % most] = subject.figures["build"]
    subject.figures["index_bytes"] = measure.allocated_bytes(subject.index)
    subject.figures["segments"] = subject.engine.segments(subject.index, options.limit)
    subject.figures.update(subject.engine.finish(files, subject.index, options.limit))


def build_in_memory(subject, files, options):
    for memory in MEMORIES:
        setting = measure.Setting(subject.threads[-1], memory=memory)
        shutil.rmtree(subject.other, ignore_errors=True)
        subject.figures["memory_%d" % memory] = subject.engine.build(files, subject.other, setting, options.limit)
    shutil.rmtree(subject.other)


def build_without_positions(subject, files, options):
    if subject.without_positions:
        setting = measure.Setting(subject.threads[-1], positions=False)
        subject.build(files, subject.other, setting, options.limit)
        subject.figures["bytes_without_positions"] = measure.allocated_bytes(subject.other)
        shutil.rmtree(subject.other)


def search(subject, files, options):
    answers = subject.answers(files, "few" if options.growth else "short", 10, options)
    questions = subject.answers(files, "question", 10, options)
    for answer in questions:
        answer.kind = "question"
    subject.figures["top_10"] = measure.latencies(answers + questions)
    subject.figures["answered"] = sum(bool(answer.found) for answer in answers) / len(answers)
    subject.best = {(answer.kind, answer.words): answer.found for answer in answers}


def search_alone(subject, files, options):
    alone = subject.answers(files, "alone", 10, options)
    subject.figures["alone"] = {"%s, %s" % (answer.words, answer.kind): answer.microseconds for answer in alone}


def search_many(subject, files, options):
    for best in MANY:
        subject.figures["top_%d" % best] = measure.latencies(subject.answers(files, "few", best, options))


def count(subject, files, options):
    answers = subject.answers(files, "few", 0, options)
    subject.figures["count"] = measure.latencies(answers)
    subject.counts = [answer.found for answer in answers]


def search_runs(subject, files, options):
    """An index built in as many runs as there are parts, with merging as the engine does it, against the one of one run."""
    seconds = 0
    for part in files["parts"]:
        seconds += subject.engine.build(part, subject.other, measure.Setting(subject.threads[-1]), options.limit)["seconds"]
    one = measure.latencies(subject.answers(files, "few", 10, options))
    runs = measure.latencies(subject.answers(files, "few", 10, options, subject.other))
    slower = {kind: runs[kind]["mean"] / one[kind]["mean"] for kind in runs}
    segments = subject.engine.segments(subject.other, options.limit)
    subject.figures["runs"] = {"seconds": seconds, "segments": segments, "top_10": runs, "slower": slower}
    shutil.rmtree(subject.other)


def search_commands(subject, files, number):
    """Of as many processes, each with other words."""
    with open(files["queries"]["short"], encoding="utf-8") as queries:
        words = [line.rstrip("\n").split("\t")[1].split() for line in queries if line.startswith("and\t")]
    return [subject.engine.search_command(subject.index, words[i % len(words)]) for i in range(number)]


def whole_searches(subject, files, options):
    """Processes from exec to exit; the first two warm the page cache and are not counted."""
    commands = search_commands(subject, files, options.runs + 2)
    times = [measure.exec_seconds(command, options.limit) for command in commands]
    subject.figures["exec"] = measure.summary(times[2:])


def cold_searches(subject, files, options):
    """The same of an index that is not in memory, while the program and its libraries are."""
    page_cache.forget(subject.index)
    if page_cache.cached_bytes(subject.index) > measure.allocated_bytes(subject.index) / 2:
        print("bench: no cold searches of %s: its index stays in memory (is TMPDIR on a disk?)" % subject.name,
              file=sys.stderr)
        return
    times, read = [], []
    for command in search_commands(subject, files, COLD_RUNS):
        page_cache.forget(subject.index)
        before = page_cache.cached_bytes(subject.index)
        times.append(measure.exec_seconds(command, options.limit))
        read.append(page_cache.cached_bytes(subject.index) - before)
    subject.figures["cold"] = {"seconds": measure.summary(times), "bytes": measure.summary(read)}


GROWTH = (build, search, whole_searches, cold_searches)
ALL = (build, build_in_memory, build_without_positions, search, search_alone, search_many, count, search_runs,
       whole_searches, cold_searches)


def agreement(subject, ours):
    """How far a peer found what Revue did: the share of its ten best that are among ours, how much its counts differ."""
    pairs = [(found, ours.best.get(query, [])) for query, found in subject.best.items() if found]
    shared = sum(len(set(found) & set(expected)) for found, expected in pairs)
    subject.figures["shared_best"] = shared / max(1, sum(len(found) for found, _ in pairs))
    if hasattr(subject, "counts") and hasattr(ours, "counts"):
        pairs = [(int(count_of[0]), int(expected[0])) for count_of, expected in zip(subject.counts, ours.counts)]
        apart = sum(abs(count_of - expected) / max(1, expected) for count_of, expected in pairs)
        subject.figures["counts_apart"] = apart / len(pairs)
