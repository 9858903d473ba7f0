"""The archives that are measured, and what is made from each: the peers' table, parts of both, files of queries."""
import datetime
import fnmatch
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile

import measure

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
HOTELS = "hotels-4-cities.tar.zst"
SEED = 7
PARTS = 20
KINDS = ("term", "and", "or", "phrase")
ALONE = (("term", "the"), ("and", "the who"), ("or", "the who"), ("phrase", "the who"), ("and", "to be or not to be"),
         ("or", "to be or not to be"), ("phrase", "to be or not to be"))


def generated(folder, reviews):
    path = os.path.join(folder, "generated-%d.jsonl" % reviews)
    with open(path, "wb") as file:
        generator = os.path.join(ROOT, "corpus", "generate.py")
        subprocess.run([sys.executable, generator, "--reviews", str(reviews), "--seed", str(SEED)], stdout=file, check=True)
    return path


def found(archive, names):
    """`archive` when it is a file, else what the patterns `names`, parted by commas, find in that folder."""
    if os.path.isfile(archive):
        return [archive]
    inside = sorted(os.listdir(archive)) if os.path.isdir(archive) else []
    return [os.path.join(archive, one) for name in names.split(",") for one in fnmatch.filter(inside, name)]


def hotel_reviews(path):
    """The records of the hotels: a file for each, `date TAB title TAB text` a line, mostly in Windows-1252."""
    with subprocess.Popen(["zstd", "-dc", path], stdout=subprocess.PIPE) as unpacked:
        with tarfile.open(fileobj=unpacked.stdout, mode="r|") as archive:
            for member in archive:
                if not member.isfile() or "/judgments/" in member.name or member.name.endswith(".csv"):
                    continue
                for number, line in enumerate(io.BytesIO(archive.extractfile(member).read())):
                    cells = line.decode("cp1252", "replace").rstrip("\r\n").split("\t")
                    if len(cells) < 3:
                        continue
                    record = {"id": "%s#%d" % (member.name, number), "title": cells[1], "text": cells[2],
                              "product": os.path.basename(member.name)}
                    try:
                        record["date"] = datetime.datetime.strptime(cells[0].strip(), "%b %d %Y").date().isoformat()
                    except ValueError:
                        pass
                    yield record


def plain(path, folder):
    """The archive as plain JSON lines, or None."""
    if path.endswith(".jsonl"):
        return path
    name = os.path.basename(path)
    if name != HOTELS and not name.endswith(".jsonl.zst"):
        print("bench: %s left out: neither .jsonl, .jsonl.zst nor %s" % (path, HOTELS), file=sys.stderr)
    elif not shutil.which("zstd"):
        print("bench: %s left out: the program zstd is not installed" % path, file=sys.stderr)
    elif name == HOTELS:
        unpacked = os.path.join(folder, "hotels-4-cities.jsonl")
        with open(unpacked, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(record) + "\n" for record in hotel_reviews(path))
        return unpacked
    else:
        unpacked = os.path.join(folder, name[:-len(".zst")])
        subprocess.run(["zstd", "-dqf", "-o", unpacked, path], check=True)
        return unpacked
    return None


def joined(paths, folder):
    """The lines of several plain archives as one archive."""
    names = [os.path.basename(path)[:-len(".jsonl")] for path in paths]
    path = os.path.join(folder, "+".join(names) + ".jsonl")
    with open(path, "wb") as file:
        for one in paths:
            with open(one, "rb") as lines:
                shutil.copyfileobj(lines, file)
    return path


def write_queries(path, queries):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines("%s\t%s\n" % query for query in queries)
    return path


def query_files(made, few, folder):
    """{set of queries: its file}. Questions are asked as `or`, since programs know no other kind."""
    made = [tuple(line.split("\t")) for line in made.decode("utf-8").split("\n") if line]
    short = [query for query in made if query[0] in KINDS]
    sets = {"short": short, "question": [("or", words) for kind, words in made if kind == "question"], "alone": ALONE,
            "few": [query for kind in KINDS for query in [one for one in short if one[0] == kind][:few]]}
    return {name: write_queries(os.path.join(folder, name + ".tsv"), queries) for name, queries in sets.items()}


def parts(path, reviews, folder, ending):
    """The lines of a file in PARTS files, as they come."""
    names = [os.path.join(folder, "part-%02d%s" % (part, ending)) for part in range(PARTS)]
    with open(path, "rb") as lines:
        for part, name in enumerate(names):
            with open(name, "wb") as file:
                for _ in range(reviews * part // PARTS, reviews * (part + 1) // PARTS):
                    file.write(lines.readline())
    return names


def prepared(archive, folder, options, in_parts):
    """What engines are given of an archive. Texts are read by processes of their own (see measure.run)."""
    table = os.path.join(folder, "table.tsv")
    make_table = [sys.executable, os.path.join(HERE, "to_tsv.py"), archive, table]
    make_queries = [sys.executable, os.path.join(HERE, "queries.py"), archive, options.queries, options.few, SEED]
    told = json.loads(measure.run(make_table, options.limit).output)
    queries = query_files(measure.run(make_queries, options.limit).output, options.few, folder)
    files = {"archive": archive, "table": table, "queries": queries, "name": os.path.basename(archive).split(".")[0], **told}
    if in_parts:
        both = zip(parts(archive, told["reviews"], folder, ".jsonl"), parts(table, told["reviews"], folder, ".tsv"))
        files["parts"] = [{"archive": part, "table": part_of_table} for part, part_of_table in both]
    return files
