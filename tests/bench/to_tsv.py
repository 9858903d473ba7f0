#!/usr/bin/env python3
"""JSON lines to the table that peers index: `id TAB title TAB product TAB body` (tabs and line ends become blanks).

    to_tsv.py ARCHIVE.jsonl FILE.tsv

Prints {"reviews": N, "text_bytes": bytes of titles and bodies}, counted before anything is replaced."""
import json
import re
import sys

KEYS = (("id", "review_id"), ("title", "summary"), ("product", "movie", "business_id", "listing_id"),
        ("body", "text", "review", "reviewText", "comments", "content"))
BREAKS = re.compile(r"[\t\r\n\0]+")


def field(record, keys):
    return next((str(record[key]) for key in keys if record.get(key) is not None), "")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: to_tsv.py ARCHIVE.jsonl FILE.tsv")
    reviews = text_bytes = 0
    with open(sys.argv[1], encoding="utf-8") as archive, open(sys.argv[2], "w", encoding="utf-8") as table:
        for line in archive:
            if not line.strip():
                continue
            record = json.loads(line)
            identity, title, product, body = (field(record, keys) for keys in KEYS)
            reviews += 1
            text_bytes += len(title.encode()) + len(body.encode())
            columns = (identity or str(reviews), title, product, body)
            table.write("\t".join(BREAKS.sub(" ", value) for value in columns) + "\n")
    print(json.dumps({"reviews": reviews, "text_bytes": text_bytes}))


if __name__ == "__main__":
    main()
