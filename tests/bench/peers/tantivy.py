"""tantivy through the program in peers/tantivy, which cargo compiles into the cache folder, or CARGO_TARGET_DIR, once."""
import json
import os
import shutil
import subprocess
import sys

import measure

NAME = "tantivy"
THREADS = (1, 2)
WITHOUT_POSITIONS = True
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tantivy")
WRITERS_MIB = 1000                   # where no bound is asked for
COMPILE_LIMIT = 1800
LISTS = (".term", ".idx", ".pos")    # terms, ids with frequencies, positions


def compiled(cache_folder):
    """The path of the program, made anew where its source or the compiler changed."""
    cargo = shutil.which("cargo")
    if not cargo:
        raise measure.Skipped("no cargo (Debian's cargo-web, or rustup)")
    target = os.environ.get("CARGO_TARGET_DIR") or os.path.join(cache_folder, "tantivy")
    program = os.path.join(target, "release", "tantivy-peer")
    if not os.path.exists(program):
        print("bench: tantivy is compiled, once: some minutes", file=sys.stderr)
    source = os.path.join(target, "source")              # cargo writes a lock file beside the manifest: not into the tree
    shutil.copytree(HERE, source, dirs_exist_ok=True)
    command = [cargo, "build", "--release", "--manifest-path", os.path.join(source, "Cargo.toml")]
    environment = {**os.environ, "CARGO_TARGET_DIR": target, "RUSTFLAGS": "-Ctarget-cpu=native"}
    try:
        built = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               timeout=COMPILE_LIMIT)
    except subprocess.TimeoutExpired as late:
        raise measure.Skipped("cargo took over %d s" % COMPILE_LIMIT) from late
    if built.returncode != 0:
        said = [line.strip() for line in built.stdout.decode("utf-8", "replace").split("\n") if line.strip()]
        raise measure.Skipped("cargo build failed (is the registry reachable, rustc new enough?): " + " ".join(said[-3:]))
    return program


def pinned_version():
    with open(os.path.join(HERE, "Cargo.toml"), encoding="utf-8") as manifest:
        return next(line.split('"')[1].lstrip("=") for line in manifest if line.startswith("tantivy"))


class Engine:
    def __init__(self, build_folder, cache_folder):
        self.program = compiled(cache_folder)
        self.version = "tantivy " + pinned_version()
        self.told_segments = None

    def build(self, files, index, setting, limit):
        detail = "positions" if setting.positions else "frequencies"
        memory = setting.memory or WRITERS_MIB
        cost = measure.run([self.program, "index", files["table"], index, setting.threads, memory, detail], limit)
        self.told_segments = json.loads(cost.output)["segments"]
        return {"seconds": cost.seconds, "peak_bytes": cost.peak_bytes}

    def merge(self, index, limit):
        seconds = measure.run([self.program, "merge", index], limit).seconds
        self.told_segments = 1
        return seconds

    def segments(self, index, limit):
        return self.told_segments

    def finish(self, files, index, limit):
        sizes = measure.bytes_by_ending(index)
        kinds = {"terms": sizes.get(".term"), "postings": sizes.get(".idx"), "positions": sizes.get(".pos"),
                 "lengths": sizes.get(".fieldnorm"), "columns": sizes.get(".fast"), "text": sizes.get(".store")}
        return {"kinds": kinds, "list_bytes": sum(sizes.get(ending, 0) for ending in LISTS)}

    def answers(self, index, queries, repeat, best, limit):
        return measure.run([self.program, "query", index, queries, repeat, best], limit).output

    def search_command(self, index, words):
        return [self.program, "search", index, *words]
