#!/usr/bin/env python3
"""Draws what many small runs did to an index: the time of each, and bytes, segments and latency as they went.

    plot_updates.py RESULT.json FOLDER            updates.png

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


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: plot_updates.py RESULT.json FOLDER")
    with open(sys.argv[1], encoding="utf-8") as file:
        engines = json.load(file)
    figure, places = pyplot.subplots(2, 2, figsize=(11, 7))
    curves = ((places[0][1], "bytes", "MB on disk", 1e6), (places[1][0], "latency", "mean of 80 queries, top 10, µs", 1),
              (places[1][1], "segments", "segments", 1))
    for name, figures in engines.items():
        runs = [seconds * 1e3 for seconds in figures["runs"]]
        places[0][0].plot(range(1, len(runs) + 1), runs, ".", markersize=2, label=name)
        for place, key, _, unit in curves:
            looks = [look for look in figures["looks"] if key in look]
            if looks:
                place.plot([look["run"] for look in looks], [look[key] / unit for look in looks], label=name)
    places[0][0].set(ylabel="milliseconds of a run", yscale="log")
    for place, _, label, _ in curves:
        place.set(ylabel=label)
        if place is places[1][0]:
            place.set_yscale("log")
        else:
            place.set_ylim(bottom=0)
    for place in places.flat:
        place.set_xlabel("runs")
        place.grid(alpha=0.3)
        place.legend()
    path = os.path.join(sys.argv[2], "updates.png")
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    print(path)


if __name__ == "__main__":
    main()
