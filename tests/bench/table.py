"""The table of an archive: a row for every figure, a column for every engine, and ours against the best of the peers."""
import revue
import stages
from archives import KINDS, PARTS

LABEL, CELL = 46, 11
BEST_IS_MORE = ("MB/s", "%")
NO_CONTEST = frozenset(("segments it left", "segments they left", "segments searched", "free", "dead", "lengths", "columns",
                        "ids", "sources", "other"))


def at(figures, *path):
    for key in path:
        if not isinstance(figures, dict) or figures.get(key) is None:
            return None
        figures = figures[key]
    return figures


def scaled(factor, *path):
    def value(figures):
        found = at(figures, *path)
        return None if found is None else found * factor
    return value


def throughput(text_bytes, *path):
    def value(figures):
        seconds = at(figures, *path)
        return text_bytes / 1e6 / seconds if seconds else None
    return value


def build_rows(text, figures_of):
    builds = {"build_1": "build, 1 thread", "build_2": "build, 2 threads"}
    if not any(build in figures for figures in figures_of.values() for build in builds):
        builds = {"build": "build, with most threads"}
    for build, label in builds.items():
        yield label, "s", scaled(1, build, "seconds")
        yield "  of titles and bodies", "MB/s", throughput(text, build, "seconds")
        yield "  merge into one segment after it", "s", scaled(1, build, "merge_seconds")
        yield "  build and merge, of titles and bodies", "MB/s", throughput(text, build, "whole_seconds")
        yield "  its peak memory", "MB", scaled(1e-6, build, "peak_bytes")
        yield "  segments it left", "", scaled(1, build, "segments")
    for memory in stages.MEMORIES:
        yield "build, --memory %d" % memory, "s", scaled(1, "memory_%d" % memory, "seconds")
        yield "  its peak memory", "MB", scaled(1e-6, "memory_%d" % memory, "peak_bytes")
    yield "update, nothing new", "ms", scaled(1e3, "nothing_new_seconds")


def size_rows(archive, figures_of):
    text, reviews = archive["text_bytes"], archive["reviews"]
    yield "index", "MB", scaled(1e-6, "index_bytes")
    yield "index / text", "", scaled(1 / text, "index_bytes")
    yield "index / text, without positions", "", scaled(1 / text, "bytes_without_positions")
    yield "index, bytes a review", "", scaled(1 / reviews, "index_bytes")
    yield "ids, frequencies, positions and terms", "MB", scaled(1e-6, "list_bytes")
    for kind in dict.fromkeys(kind for figures in figures_of.values() for kind in figures.get("kinds", {})):
        yield "  " + kind, "MB", scaled(1e-6, "kinds", kind)
    yield "segments searched", "", scaled(1, "segments")


def search_rows(figures_of):
    for kind in KINDS + ("question",):
        for figure in ("median", "mean", "p99"):
            yield "top 10, %s, %s" % (kind, figure), "us", scaled(1, "top_10", kind, figure)
    for query in dict.fromkeys(query for figures in figures_of.values() for query in figures.get("alone", {})):
        yield "top 10, " + query, "us", scaled(1, "alone", query)
    for key, label in [("top_%d" % best, "top %d" % best) for best in stages.MANY] + [("count", "count only")]:
        for kind in KINDS:
            for figure in ("median", "mean"):
                yield "%s, %s, %s" % (label, kind, figure), "us", scaled(1, key, kind, figure)


def other_rows():
    yield "%d runs instead of one, all" % PARTS, "s", scaled(1, "runs", "seconds")
    yield "  segments they left", "", scaled(1, "runs", "segments")
    for kind in KINDS:
        yield "  top 10, %s, mean" % kind, "us", scaled(1, "runs", "top_10", kind, "mean")
    for kind in KINDS:
        yield "  top 10, %s, times that of one run" % kind, "", scaled(1, "runs", "slower", kind)
    yield "exec to printed answer, median", "ms", scaled(1e3, "exec", "median")
    yield "  of an index that is not in memory", "ms", scaled(1e3, "cold", "seconds", "median")
    yield "  of which it reads", "MB", scaled(1e-6, "cold", "bytes", "median")
    yield "queries with an answer", "%", scaled(100, "answered")
    yield "ids of the ten best that are among ours", "%", scaled(100, "shared_best")
    yield "counts differ from ours, mean", "%", scaled(100, "counts_apart")


def rows(archive, figures_of):
    """(label, unit, figures -> number) for every row of an archive."""
    yield from build_rows(archive["text_bytes"], figures_of)
    yield from size_rows(archive, figures_of)
    yield from search_rows(figures_of)
    yield from other_rows()


def number(value):
    if value is None:
        return "-"
    return "%.0f" % value if value >= 1000 else "%.1f" % value if value >= 10 else "%.3g" % value


def against_best(label, unit, values):
    """Ours divided by the best peer's, and who that is; nothing where less is not better."""
    ours = None if label.strip() in NO_CONTEST else values.get(revue.NAME)
    peers = {name: value for name, value in values.items() if name != revue.NAME and value}
    if ours is None or not peers:
        return "-", ""
    best = (max if unit in BEST_IS_MORE else min)(peers, key=peers.get)
    return "%.3g" % (ours / peers[best]), best


def print_archive(archive, figures_of, names):
    title = "%s: %d reviews, %.1f MB of text" % (archive["name"], archive["reviews"], archive["text_bytes"] / 1e6)
    heads = "".join("%*s" % (CELL, name) for name in names)
    print("\n%-*s%s%12s" % (LABEL + 5, title, heads, "ours/best") + "  best peer")
    for label, unit, value in rows(archive, figures_of):
        values = {name: value(figures) for name, figures in figures_of.items()}
        if all(one is None for one in values.values()):
            continue
        cells = "".join("%*s" % (CELL, number(values.get(name))) for name in names)
        print(("%-*s%5s%s%12s  %s" % (LABEL, label, unit, cells, *against_best(label, unit, values))).rstrip())


def print_growth(archives, names):
    """How figures grow from the first of some archives of one kind to the last."""
    if len(archives) < 2:
        return
    print("\n%-18s%-10s" % ("growth", "reviews") + "".join("%13s" % head for head in (
        "build s", "MB/s", "peak MB", "bytes/review", *("%s us" % kind for kind in KINDS + ("question",)))))
    for name in names:
        for archive in archives:
            figures = archive["engines"].get(name, {})
            values = [at(figures, "build", "seconds"), throughput(archive["text_bytes"], "build", "seconds")(figures),
                      scaled(1e-6, "build", "peak_bytes")(figures), scaled(1 / archive["reviews"], "index_bytes")(figures)]
            values += [at(figures, "top_10", kind, "mean") for kind in KINDS + ("question",)]
            print("%-18s%-10d" % (name, archive["reviews"]) + "".join("%13s" % number(value) for value in values))
