"""SQLite FTS5 through peers/fts5.c."""
import json
import os
import shutil
import subprocess

import measure

NAME = "fts5"
THREADS = (1,)
WITHOUT_POSITIONS = False            # it keeps frequencies only together with positions
PAGE_CACHE_MIB = 1000                # where no bound is asked for


class Engine:
    def __init__(self, build_folder, cache_folder):
        self.program = os.path.join(cache_folder, "fts5")
        source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "fts5.c")
        compiler = os.environ.get("CC") or shutil.which("cc")
        if not compiler:
            raise measure.Skipped("no C compiler")
        command = compiler.split() + ["-O2", "-D_GNU_SOURCE", "-o", self.program, source, "-lsqlite3"]
        built = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        if built.returncode != 0:
            raise measure.Skipped("fts5.c does not compile: is libsqlite3-dev installed?")
        self.version, self.kinds = None, {}

    @staticmethod
    def database(index):
        return os.path.join(index, "db")

    def build(self, files, index, setting, limit):
        os.makedirs(index, exist_ok=True)
        memory = setting.memory or PAGE_CACHE_MIB
        cost = measure.run([self.program, "index", files["table"], self.database(index), memory], limit)
        self.version = "SQLite " + json.loads(cost.output)["version"]
        return {"seconds": cost.seconds, "peak_bytes": cost.peak_bytes}

    def merge(self, index, limit):
        cost = measure.run([self.program, "merge", self.database(index)], limit)
        self.kinds = json.loads(cost.output)
        return cost.seconds

    def finish(self, files, index, limit):
        lists = self.kinds["terms, ids, frequencies, positions"]
        return {"kinds": {"free": self.kinds["free"]}, "list_bytes": lists}

    def segments(self, index, limit):
        return None                  # a matter of its tables that it does not tell

    def answers(self, index, queries, repeat, best, limit):
        return measure.run([self.program, "query", self.database(index), queries, repeat, best], limit).output

    def search_command(self, index, words):
        return [self.program, "search", self.database(index), *words]
