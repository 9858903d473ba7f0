"""Revue as an engine to be measured. peers/ holds the others, behind the same methods: README.md says what they are."""
import json
import os

import measure

NAME = "revue"
THREADS = (1, 2)                     # each is built once; the last build is the one that is searched
WITHOUT_POSITIONS = True


class Engine:
    def __init__(self, build_folder, cache_folder):
        self.indexer = os.path.join(build_folder, "bin", "revue-indexer")
        self.query_program = os.path.join(build_folder, "bin", "revue-query")
        for program in (self.indexer, self.query_program):
            if not os.access(program, os.X_OK):
                raise measure.Skipped("no program %s: build first, or name the build directory" % program)
        self.version = measure.run([self.query_program, "--version"], 60).output.decode().strip()

    def build(self, files, index, setting, limit):
        """Whole process over the JSON lines, from exec to exit. Returns what it cost and what the run said itself."""
        command = [self.indexer, "update", index, files["archive"], "--threads", setting.threads, "--json"]
        command += ["--memory", setting.memory] if setting.memory else []
        command += [] if setting.positions else ["--no-positions"]
        cost = measure.run(command, limit)
        report = json.loads(cost.output)
        return {"seconds": cost.seconds, "peak_bytes": cost.peak_bytes, "text_bytes_told": report["text_bytes"]}

    def merge(self, index, limit):
        """Nothing: it is measured as the build leaves it."""
        return None

    def stats(self, index, limit):
        return json.loads(measure.run([self.indexer, "stats", index, "--json"], limit).output)

    def segments(self, index, limit):
        return self.stats(index, limit)["segments"]

    def finish(self, files, index, limit):
        """What only Revue has: a run over an unchanged archive, its bytes by kind."""
        again = measure.run([self.indexer, "update", index, "--json"], limit)
        stats = self.stats(index, limit)
        kinds = {kind: size for kind, size in stats["bytes"].items() if kind not in ("file", "used")}
        lists = kinds["terms"] + kinds["postings"] + kinds["positions"]
        return {"nothing_new_seconds": again.seconds, "kinds": kinds, "list_bytes": lists}

    def answers(self, index, queries, repeat, best, limit):
        return measure.run([self.query_program, "bench", index, queries, "--repeat", repeat, "-n", best], limit).output

    def search_command(self, index, words):
        return [self.query_program, "search", index, *words]
