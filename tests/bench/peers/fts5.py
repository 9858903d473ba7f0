"""SQLite FTS5 through peers/fts5.c, which is compiled into the working folder of the run."""
import json
import os
import shutil
import subprocess

import measure

NAME = "fts5"
THREADS = (1,)


class Engine:
    def __init__(self, working_folder):
        self.program = os.path.join(working_folder, "fts5")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fts5.c")
        compiler = os.environ.get("CC") or shutil.which("cc")
        if not compiler:
            raise measure.Skipped("no C compiler")
        command = compiler.split() + ["-O2", "-D_GNU_SOURCE", "-o", self.program, source, "-lsqlite3"]
        built = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        if built.returncode != 0:
            raise measure.Skipped("fts5.c does not compile: is libsqlite3-dev installed?")
        self.version, self.free = None, 0

    def build(self, archive, table, index, threads, limit):
        """The time to insert and commit; merging into one piece comes after it and is told apart, since Revue does not
        either. It reads a table, which is less work than JSON."""
        os.mkdir(index)
        cost = measure.run([self.program, "index", table, os.path.join(index, "db")], limit)
        told = json.loads(cost.output)
        self.version, self.free = "SQLite " + told["version"], told["free"]
        merge = told["optimize_s"]
        return {"seconds": cost.seconds - merge, "peak_bytes": cost.peak_bytes, "merge_seconds": merge}

    def finish(self, archive, index, limit):
        return {"kinds": {"free": self.free}}

    def answers(self, index, queries, repeat, limit):
        return measure.run([self.program, "query", os.path.join(index, "db"), queries, repeat], limit).output

    def search_command(self, index, words):
        return [self.program, "search", os.path.join(index, "db"), *words]
