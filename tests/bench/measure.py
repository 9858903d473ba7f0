"""What every engine's measurement needs: run a process and see what it cost, sizes on disk, figures of a list of times."""
import math
import os
import statistics
import subprocess
import threading
import time


class Skipped(Exception):
    """An engine cannot be measured here; the text says why and what would help."""


class Failed(Exception):
    """A process ended otherwise than it should have."""


class Setting:
    """How an index is to be built; memory in MiB, None for what the engine is fastest with."""
    def __init__(self, threads, memory=None, positions=True):
        self.threads, self.memory, self.positions = threads, memory, positions


class Cost:
    def __init__(self, seconds, peak_bytes, output, processor_seconds):
        self.seconds, self.peak_bytes, self.output = seconds, peak_bytes, output
        self.processor_seconds = processor_seconds     # of all its threads, user and system


def run(arguments, limit, wanted=(0,)):
    """Runs a process to its end and returns its Cost; Failed when it takes over `limit` seconds or exits otherwise than
    wanted. Its output goes through a file, so that reading it costs the process nothing.

    Linux counts the memory of the caller at the moment of exec as the child's own, so peak_bytes is never below what this
    interpreter holds: measuring programs read archives in processes of their own and stay small."""
    with open(run.scratch + "/stdout", "w+b") as out, open(run.scratch + "/stderr", "w+b") as errors:
        start = time.perf_counter()
        process = subprocess.Popen([str(argument) for argument in arguments], stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=errors)
        timer = threading.Timer(limit, process.kill)
        timer.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            timer.cancel()
            if process.returncode is None:
                process.kill()
                process.wait()
        out.seek(0)
        errors.seek(0)
        if process.returncode not in wanted:
            reason = "over the limit of %g s" % limit if seconds >= limit else "exit status %d" % process.returncode
            said = errors.read().decode("utf-8", "replace").strip().split("\n")[-1]
            raise Failed("%s: %s: %s" % (" ".join(map(str, arguments[:3])), reason, said))
        return Cost(seconds, usage.ru_maxrss * 1024, out.read(), usage.ru_utime + usage.ru_stime)


run.scratch = None                   # a folder for what processes print; set by whoever measures


def exec_seconds(arguments, limit):
    """From exec to the end of a process that prints into memory. posix_spawn does not copy this interpreter's page tables,
    whose cost would otherwise be counted as the program's; nor do files on a disk stand behind its output: ext4 writes a
    file that was cut to nothing and filled again when it is closed, for which the program would wait."""
    outputs = [os.memfd_create(name) for name in ("answer", "errors")]
    to_memory = [(os.POSIX_SPAWN_DUP2, output, number) for number, output in enumerate(outputs, 1)]
    try:
        start = time.perf_counter()
        process = os.posix_spawn(arguments[0], [str(argument) for argument in arguments], os.environ, file_actions=to_memory)
        timer = threading.Timer(limit, os.kill, (process, 9))
        timer.start()
        _, status = os.waitpid(process, 0)
        seconds = time.perf_counter() - start
        timer.cancel()
    finally:
        for output in outputs:
            os.close(output)
    if status != 0:
        raise Failed("%s: exit status %d" % (" ".join(map(str, arguments)), os.waitstatus_to_exitcode(status)))
    return seconds


def allocated_bytes(path):
    """What a file or folder takes on the disk; sparse parts take nothing."""
    if os.path.isfile(path):
        return os.stat(path).st_blocks * 512
    return sum(os.stat(os.path.join(folder, name)).st_blocks * 512 for folder, _, names in os.walk(path) for name in names)


def summary(times):
    """median, mean and p99 (the smallest value that 99 % do not exceed) of a list, or None of an empty one."""
    if not times:
        return None
    ordered = sorted(times)
    return {"median": statistics.median(ordered), "mean": statistics.fmean(ordered),
            "p99": ordered[math.ceil(0.99 * len(ordered)) - 1], "count": len(ordered)}


def bytes_by_ending(folder):
    """{".doc": bytes, ...} of the files of a folder; a name without a point counts under ""."""
    sizes = {}
    for name in os.listdir(folder):
        ending = os.path.splitext(name)[1]
        sizes[ending] = sizes.get(ending, 0) + os.path.getsize(os.path.join(folder, name))
    return sizes


class Answer:
    """A line `KIND TAB WORDS TAB BEST_US TAB id id ...`, or a number instead of the ids."""
    def __init__(self, line):
        self.kind, self.words, best, found = (line + "\t").split("\t")[:4]
        self.microseconds, self.found = float(best), found.split(" ") if found else []


def answers_of(output, queries):
    """The answers of a program to the file `queries`; Failed unless every query has one, in order."""
    answers = [Answer(line) for line in output.decode("utf-8").split("\n") if line]
    with open(queries, encoding="utf-8") as lines:
        asked = [line.rstrip("\n") for line in lines]
    if asked != ["%s\t%s" % (answer.kind, answer.words) for answer in answers]:
        raise Failed("%d queries were asked, and %d other answers came" % (len(asked), len(answers)))
    return answers


def latencies(answers):
    """{kind: summary in microseconds, with the times themselves} of a list of answers."""
    times = {}
    for answer in answers:
        times.setdefault(answer.kind, []).append(answer.microseconds)
    return {kind: {**summary(values), "times": sorted(values)} for kind, values in times.items()}
