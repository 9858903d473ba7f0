"""Judges the result side of `revue-query search` by a plain scan of the archive.

An archive of random reviews is indexed in several runs, with changes and deletions between them. Then every query is answered
twice: by the program, and by looking at every review here. Words of the archive do not share stems, and many are searched with = or
by patterns, so that no stemming is judged; scores are not either, beyond their order, and that the exhaustive search has
the same.

usage: results_judge.py BIN_DIR SCRATCH_DIR QUERIES
"""

import datetime
import json
import math
import random
import re
import subprocess
import sys

WORDS = ["film", "scene", "plot", "cast", "sound", "light", "story", "end", "music", "joke"]
PRODUCTS = ["Swan Protocol", "The Long Weekend", "Äpfel & Birnen", "swan song", "B00X1", "Zürich by Night", "=2+2"]
AUTHORS = ["Ana Marsh", "Kwame Addo", "M. de la Croix", "inga"]
LANGS = ["en", "en-GB", "de", "fr"]
SYNONYMS = "film, plot\ncast, story => sound, swan song # one way\nLong Weekend, joke, light\n"
TAGS = ["drama", "horror", "Old Favourites", "short"]


def make_review(number, rng):
    """A record as the archive has it; some lack some of everything."""
    review = {"id": "r%05d" % number, "body": " ".join(rng.choice(WORDS[: rng.randint(1, len(WORDS))]) for _ in range(rng.randint(1, 25)))}
    if rng.random() < 0.9:
        review["product"] = rng.choice(PRODUCTS[: rng.randint(1, len(PRODUCTS))])
    if rng.random() < 0.6:
        review["author"] = rng.choice(AUTHORS)
    if rng.random() < 0.8:
        review["rating"] = rng.choice([1, 2, 3, 3.5, 4, 4, 5, 5])
    if rng.random() < 0.7:
        review["votes"] = rng.choice([0, 1, 2, 3, 10, 250, 70000])
    if rng.random() < 0.8:
        review["date"] = "%04d-%02d-%02d" % (rng.randint(2017, 2022), rng.randint(1, 12), rng.randint(1, 28))
    if rng.random() < 0.7:
        review["lang"] = rng.choice(LANGS)
    if rng.random() < 0.5:
        review["tags"] = rng.sample(TAGS, rng.randint(1, 3))
    if rng.random() < 0.5:
        review["price"] = round(rng.uniform(-5, 99), rng.randint(0, 2))
    if rng.random() < 0.5:
        review["shop"] = rng.choice(["north", "south"])
    return review


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1) or (done.returncode == 1 and not done.stdout):
        sys.exit("%s: exit %d: %s" % (" ".join(command), done.returncode, done.stderr.decode()))
    return done.stdout.decode()


class Archive:
    """Files of records, some of which change and go from run to run, and their index."""
    def __init__(self, bin_dir, folder, rng):
        self.bin_dir, self.index, self.folder, self.rng = bin_dir, folder + "/index", folder + "/archive", rng
        self.sources = {}
        run(["mkdir", self.folder])

    def step(self, count):
        """One more file, changes and deletions in others, and a run over all."""
        rng, number = self.rng, len(self.sources)
        self.sources["%d.jsonl" % number] = [make_review(number * 400 + i, rng) for i in range(count)]
        for name, kept in list(self.sources.items()):
            if rng.random() < 0.3:
                self.sources[name] = [make_review(int(r["id"][1:]), rng) if rng.random() < 0.2 else r for r in kept if rng.random() < 0.9]
        for name, kept in self.sources.items():
            with open("%s/%s" % (self.folder, name), "w", encoding="utf-8") as file:
                file.writelines(json.dumps(record) + "\n" for record in kept)
        run([self.bin_dir + "/revue-indexer", "update", self.index, self.folder, "--quiet", "--allow-shrink", "--full",
             "--rating-max", "5", "--column", "price:number", "--column", "shop:keyword"])

    def keep_synonyms(self):
        path = self.folder + ".synonyms"
        with open(path, "w", encoding="utf-8") as file:
            file.write(SYNONYMS)
        run([self.bin_dir + "/revue-indexer", "synonyms", self.index, path])

    def reviews(self):
        return {record["id"]: record for records in self.sources.values() for record in records}


# ---- queries: each a text of the language, and the same as a function over a review ----

def edits(a, b):
    """Of Damerau and Levenshtein, restricted: no part is changed twice."""
    rows = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) + 1):
        for j in range(len(b) + 1):
            if i == 0 or j == 0:
                rows[i][j] = i + j
                continue
            best = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                best = min(best, rows[i - 2][j - 2] + 1)
            rows[i][j] = best
    return rows[len(a)][len(b)]


def misspell(text, rng):
    letters = list(text)
    for _ in range(rng.randint(1, 2)):
        at = rng.randrange(len(letters) - 1)
        change = rng.randint(0, 3)
        if change == 0:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif change == 1 and len(letters) > 2:
            del letters[at]
        elif change == 2:
            letters.insert(at, rng.choice("aeiolt"))
        else:
            letters[at] = rng.choice("aeiolt")
    return "".join(letters)


def word(rng):
    """A word as it stands, or as a pattern of it."""
    chosen = rng.choice(WORDS)
    form = rng.randint(0, 15)
    if form > 8:
        return chosen, means(chosen)  # no other word of the archive has its stem
    if form == 8:
        at = rng.randint(0, len(chosen) - 3) # two letters behind the sign, or it is none
        return rng.choice(["*" + chosen[at:], "*" + chosen[at : at + 2] + "*", "?" + chosen[1:], "*" + chosen[at:-1] + "?*"]), None
    if form == 0:
        return chosen[: rng.randint(1, 3)] + "*", None
    if form == 1:
        at = rng.randint(1, len(chosen) - 1)
        return chosen[:at] + "?" + chosen[at + 1 :] + "*", None
    if form == 2:
        return chosen[0] + "*" + chosen[-1] + "*", None
    if form in (3, 4):
        wrong, distance = misspell(chosen, rng), rng.randint(0, 2)
        return wrong + "~" + (str(distance) if distance else ""), None
    return "=" + chosen, lambda r: chosen in words_of(r)


def words_of(review):
    """Of the fields that are searched when none is named."""
    return set(review["body"].split() + fold(review.get("product", "")))


def meant(pattern):
    """The words of the archive that a pattern means."""
    vocabulary = set(WORDS).union(*(fold(product) for product in PRODUCTS))
    if "~" in pattern:
        wrong, distance = pattern.split("~")
        most = int(distance) if distance else 0 if len(wrong) < 3 else 1 if len(wrong) < 6 else 2
        return {word for word in vocabulary if edits(wrong, word) <= most}
    expression = re.compile("".join("." if sign == "?" else ".*" if sign == "*" else re.escape(sign) for sign in pattern))
    return {word for word in vocabulary if expression.fullmatch(word)}


def has_phrase(review, phrase):
    fields = [review["body"].split(), fold(review.get("product", ""))]
    return any(words[i : i + len(phrase)] == phrase for words in fields for i in range(len(words)))


def has_any(*words):
    return lambda r: any(has_phrase(r, word.split()) for word in words)


def means(chosen):
    """A word by stem, with what SYNONYMS says of it."""
    groups = {"film": ["plot"], "plot": ["film"], "cast": ["sound", "swan song"], "story": ["sound", "swan song"],
              "joke": ["light", "long weekend"], "light": ["joke", "long weekend"]}
    return has_any(chosen, *groups.get(chosen, []))


def synonym(rng):
    """A word of the file, or the two that are one there."""
    if rng.random() < 0.5:
        return "(long weekend)", lambda r: has_any("joke", "light")(r) or (has_any("long")(r) and has_any("weekend")(r))
    chosen = rng.choice(("film", "plot", "cast", "story", "joke", "light"))
    return chosen, means(chosen)


def judged_word(rng):
    if rng.random() < 0.2:
        return synonym(rng)
    text, test = word(rng)
    if test:
        return text, test
    words = meant(text)
    return text, lambda r: not words.isdisjoint(words_of(r))


def fold(text):
    return text.casefold().replace("ä", "a").replace("ü", "u").replace("&", " ").replace(".", " ").replace("=", " ").replace("+", " ").split()


def stars(review):
    return review.get("rating")


def number_of(field):
    return stars if field == "stars" else lambda r: r.get(field)


def number_range(rng):
    field = rng.choice(["rating", "stars", "votes", "price"])
    low, high = sorted(rng.choice([-2, 0, 1, 2, 2.5, 3, 3.5, 4, 5, 10, 40.25, 250]) for _ in range(2))
    value = number_of(field)
    text, test = rng.choice([
        (">=%g" % low, lambda x: x >= low), (">%g" % low, lambda x: x > low), ("<%g" % high, lambda x: x < high),
        ("<=%g" % high, lambda x: x <= high), ("%g..%g" % (low, high), lambda x: low <= x <= high),
        ("%g" % low, lambda x: x == low), ("..%g" % high, lambda x: x <= high), ("%g.." % low, lambda x: x >= low)])
    return "%s:%s" % (field, text), lambda r: value(r) is not None and test(value(r))


def date_range(rng):
    year, month = rng.randint(2017, 2022), "%04d-%02d" % (rng.randint(2017, 2022), rng.randint(1, 12))
    text, test = rng.choice([
        ("%d" % year, lambda d: d[:4] == "%d" % year), (">%d" % year, lambda d: d[:4] > "%d" % year),
        ("..%s" % month, lambda d: d[:7] <= month), (">=%s" % month, lambda d: d[:7] >= month),
        ("<%s" % month, lambda d: d[:7] < month), ("%d..%d" % (year, year + 2), lambda d: "%d" % year <= d[:4] <= "%d" % (year + 2))])
    return "date:" + text, lambda r: "date" in r and test(r["date"])


def keyword(rng):
    field, value = rng.choice([("product", rng.choice(PRODUCTS)), ("author", rng.choice(AUTHORS)), ("shop", "north"),
                               ("lang", rng.choice(LANGS)), ("tags", rng.choice(TAGS)), ("product", "zurich BY night")])
    if field == "lang":
        return "lang:" + value, lambda r: r.get("lang", "").split("-")[0] == value or r.get("lang") == value
    if field == "tags":
        return 'tags:"%s"' % value, lambda r: value in r.get("tags", [])
    exact = value in PRODUCTS + AUTHORS
    test = (lambda r: r.get(field) == value) if exact or field == "shop" else (lambda r: fold(r.get(field, "")) == fold(value))
    return ('%s:="%s"' if field in ("product", "author") else '%s:"%s"') % (field, value), test


def keyword_pattern(rng):
    """Of whole values, compared as their words."""
    field, values = rng.choice([("shop", ["north", "south"]), ("tags", TAGS), ("lang", LANGS)])
    value = " ".join(fold(rng.choice(values).replace("-", " ")))
    first, last = value.split(" ")[0], value.split(" ")[-1]
    text = rng.choice([first[:1] + "*", first[:2] + "*" + last[-1:], "*" + last[-2:], "*" + first[:2] + "*", misspell(first, rng) + "~"])
    most = 0 if len(text) < 4 else 1 if len(text) < 7 else 2
    expression = re.compile(".*".join(re.escape(piece) for piece in text.split("*")))
    fits = (lambda v: edits(text[:-1], v) <= most) if text.endswith("~") else (lambda v: expression.fullmatch(v) is not None)
    values_of = lambda r: r.get(field, []) if field == "tags" else [r.get(field, "")]
    return "%s:%s" % (field, text), lambda r: any(v and fits(" ".join(fold(v.replace("-", " ")))) for v in values_of(r))


def identity(rng):
    name = "r%05d" % rng.randint(0, 2100)
    return rng.choice(["id:%s", 'id:"%s"', 'id:="%s"', "id:=%s"]) % name, lambda r: r["id"] == name


def condition(rng):
    return rng.choice([number_range, date_range, keyword, number_range, keyword_pattern, identity])(rng)


def keyword_choice(rng):
    """Several values of one field: all that somebody ticked."""
    chosen = rng.sample(PRODUCTS, 2)
    return "(%s)" % " OR ".join('product:="%s"' % one for one in chosen), lambda r: r.get("product") in chosen


def fields_of(text):
    return set(re.findall(r"(\w+):", re.sub(r'"[^"]*"', "", text)))


def query(rng):
    """Words with conditions among them, in the forms that a person would write."""
    form = rng.randint(0, 12)
    a, b, c, d = judged_word(rng), judged_word(rng), condition(rng), condition(rng)
    if form == 0:
        return a
    if form == 1:
        return "%s %s" % (a[0], c[0]), lambda r: a[1](r) and c[1](r)
    if form == 2:
        return "%s OR %s" % (a[0], c[0]), lambda r: a[1](r) or c[1](r)
    if form == 3:
        return "%s -%s" % (a[0], c[0]), lambda r: a[1](r) and not c[1](r)
    if form == 4:
        return "%s AND (%s OR %s)" % (a[0], c[0], d[0]), lambda r: a[1](r) and (c[1](r) or d[1](r))
    if form == 9:
        return "%s %s -%s" % (a[0], b[0], c[0]), lambda r: a[1](r) and b[1](r) and not c[1](r)
    if form == 10:
        return "%s OR %s" % (a[0], b[0]), lambda r: a[1](r) or b[1](r)
    if form == 11:
        return "%s -%s" % (a[0], b[0]), lambda r: a[1](r) and not b[1](r)
    if form == 12:
        return "(%s %s) AND %s" % (a[0], c[0], d[0]), lambda r: a[1](r) and c[1](r) and d[1](r)
    if form == 5:
        return "+%s %s %s" % (a[0], c[0], d[0]), lambda r: a[1](r) and c[1](r) and d[1](r)
    if form == 6:
        return "%s %s" % (c[0], d[0]), lambda r: c[1](r) and d[1](r)
    if form == 7:
        return "(%s OR %s) AND NOT %s" % (a[0], b[0], c[0]), lambda r: (a[1](r) or b[1](r)) and not c[1](r)
    return "%s (%s %s) OR %s" % (a[0], b[0], c[0], d[0]), lambda r: (a[1](r) and b[1](r) and c[1](r)) or d[1](r)


def several(rng):
    """Words of which so many, or such a share, must match, with one that must and a condition among them."""
    chosen = rng.sample(WORDS, rng.randint(1, 5))
    parts = [("=" + w, (lambda w: lambda r: w in words_of(r))(w)) for w in chosen]
    if rng.random() < 0.3:
        text = rng.choice(["*nd", "st*", "?ght"])
        parts.append((text, (lambda words: lambda r: not words.isdisjoint(words_of(r)))(meant(text))))
    number, share = rng.randint(1, 4), rng.randint(1, 100)
    is_share = rng.random() < 0.5
    must = [("+=" + w, (lambda w: lambda r: w in words_of(r))(w)) for w in rng.sample(WORDS, rng.choice([0, 0, 1]))]
    least = min(len(parts), len(parts) * share // 100 if is_share else number)
    least = max(least, 0 if must else 1)
    also = [condition(rng)] if rng.random() < 0.3 else []
    texts = [text for text, _ in parts + must + also]
    rng.shuffle(texts)
    test = lambda r: sum(part(r) for _, part in parts) >= least and all(part(r) for _, part in must + also)
    return " ".join(texts), test, ["--op", "any", "--min-match", "%d%%" % share if is_share else str(number)]


# ---- what should come out ----

def summary(numbers):
    if not numbers:
        return None
    return {"count": len(numbers), "mean": sum(numbers) / len(numbers), "min": min(numbers), "max": max(numbers)}


def same_summary(expected, got):
    if expected is None or got is None:
        return expected is None and got is None
    return all(math.isclose(expected[key], got[key], rel_tol=0, abs_tol=1e-6) for key in expected)


def stars_of(reviews):
    return [stars(r) for r in reviews if stars(r) is not None]


def whole(value):
    return min(5, max(1, math.floor(value + 0.5)))


def facet_values(field, spec, review):
    """The values of one review in a facet, as printed."""
    if field == "tags":
        return review.get("tags", [])
    value = number_of(field)(review)
    if value is None:
        return []
    if field == "stars":
        return ["%.15g" % whole(value)]
    if field == "date":
        return [value[: {"year": 4, "month": 7, "day": 10}[spec or "year"]]]
    if field == "votes" and spec:
        return [text for text, low, high in (("..9", -1e9, 9), ("10..250", 10, 250), ("200..", 200, 1e9)) if low <= value <= high]
    return ["%.15g" % value] if isinstance(value, (int, float)) else [value]


def judge_facet(field, spec, limit, matches, got):
    groups = {}
    with_value = 0
    for review in matches:
        values = facet_values(field, spec, review)
        with_value += number_of(field)(review) is not None and number_of(field)(review) != []
        for value in values:
            groups.setdefault(value, []).append(review)
    if spec and field == "votes":
        order = ["..9", "10..250", "200.."]
        expected = [(value, groups.get(value, [])) for value in order]
        distinct = 3
    else:
        distinct = len(groups)
        by_value = (lambda item: float(item[0])) if field in ("rating", "stars", "votes", "price") else (lambda item: item[0].encode())
        if spec == "name" or (field == "date" or field in ("rating", "stars", "votes", "price")):
            expected = sorted(groups.items(), key=by_value)[:limit]
        else:
            expected = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0].encode()))[:limit]
    assert got["with"] == with_value, "facet %s: with %d, expected %d" % (field, got["with"], with_value)
    assert got["without"] == len(matches) - with_value, "facet %s: without" % field
    assert got["distinct"] == distinct, "facet %s: distinct %d, expected %d" % (field, got["distinct"], distinct)
    shown = [(v["value"], v["count"]) for v in got["values"]]
    assert shown == [(value, len(found)) for value, found in expected], "facet %s: %s, expected %s" % (
        field, shown, [(value, len(found)) for value, found in expected])
    for (_, found), value in zip(expected, got["values"]):
        assert same_summary(summary(stars_of(found)), value.get("stars")), "facet %s: stars of %s" % (field, value)


def sort_key(fields):
    def key(review):
        keys = []
        for field, falls in fields:
            value = number_of(field)(review)
            if field == "product" and value is not None:
                value = value.encode()
            keys.append((value is None, Backwards(value) if falls and value is not None else value if value is not None else 0))
        return keys + [review["id"]]
    return key


class Backwards:
    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        return other.value < self.value

    def __eq__(self, other):
        return other.value == self.value


def judge_groups(field, how, page, matches, everything, answer):
    groups = {}
    for review in matches:
        if field in review:
            groups.setdefault(review[field], []).append(review)
    assert answer["groups_total"] == len(groups), "groups: %d, expected %d" % (answer["groups_total"], len(groups))
    assert answer["ungrouped"] == sum(field not in r for r in matches), "ungrouped"
    for group in answer["groups"]:
        found = groups[group["value"]]
        assert group["count"] == len(found), "group %s: count" % group["value"]
        assert same_summary(summary(stars_of(found)), group.get("stars")), "group %s: stars" % group["value"]
        assert group["histogram"] == [sum(whole(s) == i + 1 for s in stars_of(found)) for i in range(5)], "histogram"
        assert len(group["hits"]) == min(2, len(found)), "group %s: hits" % group["value"]
        assert all(hit["id"] in {r["id"] for r in found} for hit in group["hits"]), "group %s: whose hits" % group["value"]
    if how in ("count", "mean"):
        value = (lambda found: len(found)) if how == "count" else (lambda found: round((summary(stars_of(found)) or {"mean": 0})["mean"], 6))
        order = sorted(groups, key=lambda name: (-value(groups[name]), -len(groups[name]), name.encode()))
        assert [g["value"] for g in answer["groups"]] == order[page[0] : page[0] + page[1]], "groups by %s" % how


# ---- priors ----

NOW = datetime.date(2023, 3, 1)


def prior_option(rng):
    parts = {"stars": "stars:%g" % rng.choice([0.2, 0.9]), "votes": "votes:%g" % rng.choice([0.1, 0.5]),
             "age": "age:%g" % rng.choice([0.3, 0.9]) + rng.choice(["", ":90d"])}
    chosen = rng.sample(sorted(parts), rng.randint(1, 3))
    return ["--prior", ",".join(parts[name] for name in chosen), "--now", NOW.isoformat()]


def factor_of(option, review):
    """What a prior multiplies the score of a review by."""
    factor = 1
    for part in option[1].split(","):
        name, weight, *span = part.split(":")
        if name == "stars" and stars(review) is not None:
            factor *= 1 + float(weight) * min(1, max(-1, (stars(review) - 3) / 2))
        if name == "votes" and "votes" in review:
            factor *= 1 + float(weight) * review["votes"] / (review["votes"] + 10)
        if name == "age" and "date" in review:
            age, span = (NOW - datetime.date.fromisoformat(review["date"])).days, int(span[0][:-1]) if span else 365
            factor *= 1 + float(weight) * (span - age) / (span + age)
    return math.floor(factor * 65536 + 0.5) / 65536


def judge_prior(archive, reviews, rng):
    """Scores are those without the prior, times the factor of each review; the pages of it are the whole."""
    option = prior_option(rng)
    command = [archive.bin_dir + "/revue-query", "search", archive.index, "--format", "json", "--no-snippets"]
    text = " ".join(rng.sample(WORDS, rng.randint(1, 3)))
    if rng.random() < 0.4:
        command += ["--filter", condition(rng)[0]]
    ask = lambda more: json.loads(run(command + more + ["--", text]))["hits"]
    plain = {hit["id"]: hit["score"] for hit in ask(["-n", "5000"])}
    whole = ask(["-n", "5000"] + option)
    try:
        assert {hit["id"] for hit in whole} == set(plain), "a prior changes what matches"
        for hit in whole:
            expected = plain[hit["id"]] * factor_of(option, reviews[hit["id"]])
            assert math.isclose(hit["score"], expected, rel_tol=1e-4, abs_tol=5e-6), "%s: %g, expected %g" % (hit["id"], hit["score"], expected)
        best = rng.choice([1, 3, 10, 40])
        for more in ([], ["--exhaustive"], ["--facet", "stars"]):
            assert ask(["-n", str(best)] + option + more) == whole[:best], "the best %d with %s" % (best, more)
        explained = ask(["-n", "3", "--explain"] + option)
        for hit in explained:
            relevance = sum(term["score"] for term in hit["explain"]["terms"])
            assert math.isclose(relevance, plain[hit["id"]], abs_tol=2e-6), "terms of an explanation"
            assert math.isclose(hit["explain"]["score"], relevance * hit["explain"].get("factor", 1), abs_tol=2e-6), "an explanation"
    except AssertionError as error:
        sys.exit("%s\n  %s" % (" ".join(command + option + ["--", text]), error))


def judge(bin_dir, index, reviews, rng):
    (text, test), how = query(rng), ["--op", "all"]
    if rng.random() < 0.15:
        text, test, how = several(rng)
    command = [bin_dir + "/revue-query", "search", index, "--format", "json", "--no-snippets", "--count"] + how
    inner, more, multi_select = test, [], rng.random() < 0.5
    if rng.random() < 0.6:
        more = [condition(rng) if rng.random() < 0.8 else judged_word(rng) for _ in range(rng.randint(1, 3))]
        if rng.random() < 0.3:
            more.append(keyword_choice(rng))
        command += ["--filter", " ".join(part for part, _ in more)]
        test = lambda r: inner(r) and all(part(r) for _, part in more)
    matches = [r for r in reviews.values() if test(r)]
    offset, count = rng.choice([(0, 10), (0, 3000), (3, 5), (10, 40)])
    command += ["-n", str(count), "--offset", str(offset)]
    if rng.random() < 0.2:
        command += prior_option(rng)
    facets = []
    kind = "words" if not re.search("[:]", text) else "columns"  # filters of the query's own are not told apart here
    if rng.random() < 0.5:
        facets = rng.sample([("product", "", 10), ("product", "name", 3), ("stars", "", 100), ("date", "month", 100), ("date", "", 100),
                             ("votes", "..9,10..250,200..", 64), ("votes", "", 100), ("tags", "", 2), ("shop", "", 10)], 3)
        facets = list({field: (field, spec, limit) for field, spec, limit in facets}.values())
        for field, spec, limit in facets:
            shown = [field] + ([spec] if spec else []) + ([str(limit)] if limit in (2, 3) else [])
            command += ["--facet", ":".join(shown)]
        command += ["--multi-select"] if multi_select and kind == "words" else []
    group = rng.choice(["product", "author", "shop"]) if rng.random() < 0.3 else None
    order = None
    if group:
        how = rng.choice(["score", "count", "mean", "bayes"])
        command += ["--group", group, "--group-sort", how, "--group-hits", "2"]
    elif rng.random() < 0.5:
        order = rng.sample([("date", True), ("date", False), ("stars", True), ("votes", False), ("product", False), ("product", True),
                            ("price", True)], rng.randint(1, 3))
        order = list({field: (field, falls) for field, falls in order}.values())
        command += ["--sort", ",".join(field + (":desc" if falls else "") for field, falls in order)]
    answer = json.loads(run(command + ["--", text]))
    try:
        plain = json.loads(run(command + ["--exhaustive", "--", text]))
        plain["took_us"], plain["next"] = answer["took_us"], answer.get("next")
        assert plain == {"next": None, **answer}, "the exhaustive search answers otherwise"
        assert answer["total"] == len(matches) and answer["total_exact"], "total %d, expected %d" % (answer["total"], len(matches))
        ids = [hit["id"] for hit in answer["hits"]]
        if group:
            judge_groups(group, how, (offset, count), matches, reviews, answer)
        elif order:
            expected = [r["id"] for r in sorted(matches, key=sort_key(order))][offset : offset + count]
            assert ids == expected, "order: %s, expected %s" % (ids[:5], expected[:5])
        else:
            assert len(ids) == len(set(ids)) == max(0, min(count, len(matches) - offset)), "number of hits"
            assert set(ids) <= {r["id"] for r in matches}, "hits that do not match"
            scores = [hit["score"] for hit in answer["hits"]]
            assert scores == sorted(scores, reverse=True) or all(score == 0 for score in scores), "scores rise"
        for field, spec, limit in facets:
            counted = matches
            if multi_select and kind == "words":
                others = [part for text_of, part in more if field not in fields_of(text_of)]
                counted = [r for r in reviews.values() if inner(r) and all(part(r) for part in others)]
            judge_facet(field, spec, limit, counted, answer["facets"][field])
    except AssertionError as error:
        sys.exit("%s\n  %s" % (" ".join(command + ["--", text]), error))


# ---- algebra ----

def judge_algebra(archive, one_segment, rng):
    """What must hold between answers, whatever they are: a filter is an AND, counts sum, and segments do not show."""
    text, filtered = query(rng)[0], condition(rng)[0]
    counts = ["--facet", "product:10000", "--facet", "shop", "--facet", "stars", "--facet", "date:day:10000"]
    ask = lambda more, text, index=archive.index: json.loads(run(
        [archive.bin_dir + "/revue-query", "search", index, "--format", "json", "--no-snippets", "--op", "all", "-n", "5000",
         "--sort", "votes:desc,product"] + more + ["--", text]))
    ids = lambda answer: [hit["id"] for hit in answer["hits"]]
    groups = lambda answer: [{key: group.get(key) for key in ("value", "count", "stars", "histogram")} for group in answer["groups"]]
    try:
        whole = ask(["--filter", filtered] + counts, text)
        assert ids(whole) == ids(ask([], "(%s) AND (%s)" % (text, filtered))), "a filter is no AND"
        for name, facet in whole["facets"].items():
            assert facet["with"] + facet["without"] == whole["total"], "facet %s: with and without" % name
            assert sum(value["count"] for value in facet["values"]) == facet["with"], "facet %s: the sum" % name
        by_count = ask(["--filter", filtered, "--group", "product", "--group-sort", "count"], text)
        assert sum(group["count"] for group in by_count["groups"]) + by_count["ungrouped"] == whole["total"], "groups: the sum"
        alone = ask(["--filter", filtered] + counts, text, one_segment)
        assert ids(alone) == ids(whole) and alone["facets"] == whole["facets"], "one segment answers otherwise"
        alone = ask(["--filter", filtered, "--group", "product", "--group-sort", "count"], text, one_segment)
        assert groups(alone) == groups(by_count), "one segment groups otherwise"
    except AssertionError as error:
        sys.exit("%s, filter %s\n  %s" % (text, filtered, error))


# ---- pages ----

class Pages:
    """A query that is read page by page."""
    def __init__(self, archive, rng):
        self.archive, self.rng = archive, rng
        self.text = query(rng)[0] if rng.random() < 0.7 else " ".join(rng.sample(WORDS, rng.randint(1, 4)))
        self.command = [archive.bin_dir + "/revue-query", "search", archive.index, "--format", "json", "--no-snippets"]
        if rng.random() < 0.3:
            self.command += ["--filter", condition(rng)[0]]
        if rng.random() < 0.5:
            keys = rng.sample(["date:desc", "stars", "votes:desc", "product", "product:desc", "price", "score", "score:asc"], rng.randint(1, 3))
            self.command += ["--sort", ",".join(keys + rng.choice([[], ["id:desc"]]))]
        if rng.random() < 0.3:
            self.command += prior_option(rng)[:rng.choice([2, 4])]
        self.before = archive.reviews()
        answer = self.ask(["-n", "5000"])
        assert "next" not in answer, "a token behind the last hit"
        self.whole = [(hit["id"], hit["score"]) for hit in answer["hits"]]
        self.read, self.token = [], None
        self.next_page()

    def ask(self, options):
        return json.loads(run(self.command + options + ["--", self.text]))

    def next_page(self):
        size = self.rng.choice([1, 7, 40])
        answer = self.ask(["-n", str(size)] + (["--after", self.token] if self.token else []))
        assert [hit["rank"] for hit in answer["hits"]] == list(range(len(self.read) + 1, len(self.read) + len(answer["hits"]) + 1)), "ranks"
        self.read += [(hit["id"], hit["score"]) for hit in answer["hits"]]
        self.token = answer.get("next")
        assert not self.token or len(answer["hits"]) == size, "a page that is not full, and a token"

    def read_on(self, pages):
        while self.token and pages > 0:
            self.next_page()
            pages -= 1

    def judge(self):
        """What did not change came once, in the order and with the score that it had."""
        after = self.archive.reviews()
        same = {name for name, record in self.before.items() if after.get(name) == record}
        expected, got = ([hit for hit in hits if hit[0] in same] for hits in (self.whole, self.read))
        assert self.token or got == expected, "%d hits, %d expected: %s, %s" % (
            len(got), len(expected), [x for x in got if x not in expected][:3], [x for x in expected if x not in got][:3])
        assert got == expected[:len(got)], "the order of pages"


def judge_pages(archive, rng, moves):
    """Pages of one index, and of one that moves between them."""
    pages = [Pages(archive, rng) for _ in range(40)]
    for move in range(moves + 1):
        for one in pages:
            try:
                one.read_on(2 if move < moves else 1000)
                one.judge()
            except AssertionError as error:
                sys.exit("%s\n  %s" % (" ".join(one.command + ["--", one.text]), error))
        if move < moves:
            archive.step(60)


def main():
    bin_dir, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    rng = random.Random(20261123)
    archive = Archive(bin_dir, folder, rng)
    for number in range(5):
        archive.step(400)
        if number == 0:
            archive.keep_synonyms()
    reviews = archive.reviews()
    for _ in range(count):
        judge(bin_dir, archive.index, reviews, rng)
    for _ in range(60):
        judge_prior(archive, reviews, rng)
    run([bin_dir + "/revue-indexer", "copy", archive.index, folder + "/one"])
    run([bin_dir + "/revue-indexer", "compact", folder + "/one", "--quiet"])
    for _ in range(60):
        judge_algebra(archive, folder + "/one", rng)
    judge_pages(archive, rng, 0)
    judge_pages(archive, rng, 3)
    print("%d queries over %d reviews, 60 with priors, 60 beside others, and 80 page by page: as judged" % (count, len(reviews)))


main()
