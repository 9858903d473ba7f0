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


class Cost:
    def __init__(self, seconds, peak_bytes, output):
        self.seconds, self.peak_bytes, self.output = seconds, peak_bytes, output


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
        return Cost(seconds, usage.ru_maxrss * 1024, out.read())


run.scratch = None                   # a folder for what processes print; set by whoever measures


def exec_seconds(arguments, limit):
    """From exec to the end of a process that prints into a file. posix_spawn does not copy this interpreter's page tables,
    whose cost would otherwise be counted as the program's."""
    to_file = [(os.POSIX_SPAWN_OPEN, 1, run.scratch + "/answer", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
    start = time.perf_counter()
    process = os.posix_spawn(arguments[0], [str(argument) for argument in arguments], os.environ, file_actions=to_file)
    timer = threading.Timer(limit, os.kill, (process, 9))
    timer.start()
    try:
        _, status = os.waitpid(process, 0)
        seconds = time.perf_counter() - start
    finally:
        timer.cancel()
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


def latencies(answers):
    """Lines `KIND TAB WORDS TAB BEST_US TAB id id ...` to ({kind: summary in microseconds}, share of queries answered)."""
    times, answered, count = {}, 0, 0
    for line in answers.decode("utf-8").rstrip("\n").split("\n") if answers else ():
        kind, _, best, ids = (line + "\t").split("\t")[:4]
        times.setdefault(kind, []).append(float(best))
        answered += bool(ids)
        count += 1
    return {kind: summary(values) for kind, values in times.items()}, answered / count if count else 0.0
