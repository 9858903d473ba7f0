"""Lucene through the program in peers/lucene, which Maven compiles into the cache folder once, with the newest JDK here."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

import measure

NAME = "lucene"
THREADS = (1, 2)
WITHOUT_POSITIONS = True
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lucene")
SOURCE = os.path.join(HERE, "src", "main", "java", "LucenePeer.java")
OLDEST_JDK = 17
BUFFER_MIB, HEAP_MIB = 512, 4096     # where no bound is asked for; else the heap is the bound, the buffer half of it
COMPILE_LIMIT = 600
ENDINGS = {"terms": ("tim", "tip", "tmd"), "postings": ("doc", "psm"), "positions": ("pos",), "lengths": ("nvd", "nvm"),
           "columns": ("dvd", "dvm"), "text": ("fdt", "fdx", "fdm")}


def jdk_version(home):
    """The major version of the JDK at a path, 0 where there is none."""
    try:
        with open(os.path.join(home, "release"), encoding="utf-8") as release:
            version = re.search(r'JAVA_VERSION="(\d+)', release.read())
    except OSError:
        return 0
    has_compiler = os.access(os.path.join(home, "bin", "javac"), os.X_OK)
    return int(version.group(1)) if version and has_compiler else 0


def newest_jdk():
    homes = glob.glob("/usr/lib/jvm/*") + [os.environ.get("JAVA_HOME", "")]
    if shutil.which("javac"):
        homes.append(os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("javac")))))
    home = max(homes, key=jdk_version)
    if jdk_version(home) < OLDEST_JDK:
        raise measure.Skipped("no JDK of %d or newer (openjdk-17-jdk-headless)" % OLDEST_JDK)
    return home, jdk_version(home)


def compiled(home, version, cache_folder):
    """The folder of the program and its libraries."""
    folder = os.path.join(cache_folder, "lucene-jdk%d" % version)
    jar = os.path.join(folder, "lucene-peer.jar")
    sources = (SOURCE, os.path.join(HERE, "pom.xml"))
    if os.path.exists(jar) and os.path.getmtime(jar) > max(map(os.path.getmtime, sources)):
        return folder
    maven = shutil.which("mvn")
    if not maven:
        raise measure.Skipped("no Maven (Debian's maven)")
    print("bench: lucene is compiled, once", file=sys.stderr)
    command = [maven, "-q", "-B", "-f", os.path.join(HERE, "pom.xml"), "-Dbuilt.into=" + folder, "package"]
    try:
        built = subprocess.run(command, env={**os.environ, "JAVA_HOME": home}, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, timeout=COMPILE_LIMIT)
    except subprocess.TimeoutExpired as late:
        raise measure.Skipped("Maven took over %d s" % COMPILE_LIMIT) from late
    if built.returncode != 0:
        said = [line for line in built.stdout.decode("utf-8", "replace").split("\n") if line.startswith("[ERROR]")]
        raise measure.Skipped("Maven failed (is its registry reachable?): " + (said or ["it says nothing"])[0])
    return folder


class Engine:
    def __init__(self, build_folder, cache_folder):
        home, self.jdk = newest_jdk()
        folder = compiled(home, self.jdk, cache_folder)
        self.java = os.path.join(home, "bin", "java")
        self.classes = ["-cp", os.path.join(folder, "lucene-peer.jar") + ":" + os.path.join(folder, "lib", "*"), "LucenePeer"]
        newer = self.jdk >= 21       # then Lucene 10 reads its lists with vector instructions and maps files natively
        self.native = ["--enable-native-access=ALL-UNNAMED"] if newer else []
        self.vectors = ["--add-modules", "jdk.incubator.vector"] if newer else []
        self.version, self.told_segments = None, None

    def command(self, heap_mib, *arguments):
        return [self.java, "-Xmx%dm" % heap_mib, *self.native, *self.vectors, *self.classes, *arguments]

    def tell(self, cost):
        told = json.loads(cost.output)
        self.version, self.told_segments = "Lucene %s on JDK %d" % (told["version"], self.jdk), told["segments"]

    def build(self, files, index, setting, limit):
        detail = "positions" if setting.positions else "frequencies"
        buffer, heap = (setting.memory // 2, setting.memory) if setting.memory else (BUFFER_MIB, HEAP_MIB)
        cost = measure.run(self.command(heap, "index", files["table"], index, setting.threads, buffer, detail), limit)
        self.tell(cost)
        return {"seconds": cost.seconds, "peak_bytes": cost.peak_bytes}

    def merge(self, index, limit):
        cost = measure.run(self.command(HEAP_MIB, "merge", index), limit)
        self.tell(cost)
        return cost.seconds

    def segments(self, index, limit):
        return self.told_segments

    def finish(self, files, index, limit):
        sizes = measure.bytes_by_ending(index)
        kinds = {kind: sum(sizes.get("." + ending, 0) for ending in endings) for kind, endings in ENDINGS.items()}
        return {"kinds": kinds, "list_bytes": kinds["terms"] + kinds["postings"] + kinds["positions"]}

    def answers(self, index, queries, repeat, best, limit):
        return measure.run(self.command(HEAP_MIB, "query", index, queries, repeat, best), limit).output

    def search_command(self, index, words):
        """For a single search the quick compiler and the smallest collector start fastest."""
        return [self.java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", *self.native, *self.classes,
                "search", index, *words]
