#!/usr/bin/env python3
"""Draws what a run measured: how latencies are distributed, and how figures grow with the archive.

    plot.py RESULT.json FOLDER            latency-NAME.png for each archive, growth.png where there are several

Exit status 77: matplotlib is not installed (Debian's python3-matplotlib)."""
import json
import os
import sys

try:
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot
except ImportError:
    sys.exit(77)

KINDS = ("term", "and", "or", "phrase", "question")
GROWTH = (("build, seconds", lambda archive, figures: figures["build"]["seconds"]),
          ("peak memory of the build, MB", lambda archive, figures: figures["build"]["peak_bytes"] / 1e6),
          ("bytes of the index a review", lambda archive, figures: figures["index_bytes"] / archive["reviews"]))


def save(figure, folder, name):
    path = os.path.join(folder, name)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
    print(path)


def plot_latencies(archive, folder):
    """For each kind the share of the queries that take no longer than so much."""
    figure, places = pyplot.subplots(1, len(KINDS), figsize=(4 * len(KINDS), 3.6), sharey=True)
    for kind, place in zip(KINDS, places):
        for name, figures in archive["engines"].items():
            times = figures.get("top_10", {}).get(kind, {}).get("times", [])
            place.step(times, [(i + 1) / len(times) for i in range(len(times))], where="post", label=name)
        place.set(title=kind, xscale="log", xlabel="microseconds, top 10")
        place.grid(alpha=0.3)
    places[0].set_ylabel("share of the queries")
    places[0].legend()
    save(figure, folder, "latency-%s.png" % archive["name"])


def plot_growth(archives, folder):
    """Each figure over the number of reviews, both in powers of ten: a straight line of slope one is proportion."""
    latencies = [("%s, mean microseconds" % kind, lambda archive, figures, kind=kind: figures["top_10"][kind]["mean"])
                 for kind in KINDS]
    drawn = list(GROWTH) + latencies
    figure, places = pyplot.subplots(2, (len(drawn) + 1) // 2, figsize=(2 * len(drawn), 7))
    for (title, value), place in zip(drawn, places.flat):
        for name in archives[-1]["engines"]:
            have = [archive for archive in archives if "top_10" in archive["engines"].get(name, {})]
            place.plot([archive["reviews"] for archive in have],
                       [value(archive, archive["engines"][name]) for archive in have], marker="o", label=name)
        place.set(title=title, xscale="log", yscale="log", xlabel="reviews")
        place.grid(alpha=0.3)
    places.flat[0].legend()
    save(figure, folder, "growth.png")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: plot.py RESULT.json FOLDER")
    with open(sys.argv[1], encoding="utf-8") as file:
        archives = json.load(file)["archives"]
    for archive in archives:
        plot_latencies(archive, sys.argv[2])
    if len(archives) > 1:
        plot_growth(archives, sys.argv[2])


if __name__ == "__main__":
    main()
