"""Revue as an engine to be measured. peers/ holds the others, behind the same methods: README.md says what they are."""
import json
import os

import measure

NAME = "revue"
THREADS = (1, 2)                     # each is built once; the last build is the one that is searched


class Engine:
    def __init__(self, build_folder):
        self.indexer = os.path.join(build_folder, "bin", "revue-indexer")
        self.query_program = os.path.join(build_folder, "bin", "revue-query")
        for program in (self.indexer, self.query_program):
            if not os.access(program, os.X_OK):
                raise measure.Skipped("no program %s: build first, or name the build directory" % program)
        self.version = measure.run([self.query_program, "--version"], 60).output.decode().strip()

    def build(self, archive, table, index, threads, limit):
        """Whole process over the JSON lines, from exec to exit. Returns what it cost and what the run said itself."""
        cost = measure.run([self.indexer, "update", index, archive, "--threads", threads, "--json"], limit)
        report = json.loads(cost.output)
        return {"seconds": cost.seconds, "peak_bytes": cost.peak_bytes, "seconds_told": report["seconds"],
                "text_bytes_told": report["text_bytes"], "reviews_told": report["reviews"]["total"]}

    def finish(self, archive, index, limit):
        """What only Revue has: a run over an unchanged archive, its bytes by kind."""
        again = measure.run([self.indexer, "update", index, "--json"], limit)
        stats = json.loads(measure.run([self.indexer, "stats", index, "--json"], limit).output)
        kinds = {kind: size for kind, size in stats["bytes"].items() if kind not in ("file", "used")}
        counts = {key: stats[key] for key in ("segments", "terms", "tokens")}
        return {"nothing_new_seconds": again.seconds, "kinds": kinds, **counts}

    def answers(self, index, queries, repeat, limit):
        return measure.run([self.query_program, "bench", index, queries, "--repeat", repeat, "-n", 10], limit).output

    def search_command(self, index, words):
        return [self.query_program, "search", index, *words]
