#!/usr/bin/env python3
"""Makes review archives of any size: JSON lines on standard output.

    generate.py --reviews 1000000 --seed 7 [--sites 40] [--products 2000] > archive.jsonl

The text is nonsense with the statistics of reviews: English function words and turns of phrase among invented,
pronounceable, inflected words, all drawn by Zipf's law; every product belongs to a topic with words of its own; words of
praise and blame follow the stars; new words never stop coming (about one in 220, as typing errors and names do in real
archives). Lengths are log-normal, 170 words in the middle and 230 on average. As in scraped archives, some sites end
every review with the same footer, write curly quotes, join words by dashes, keep <br /> between paragraphs or lose the
blank after a full stop; 2 % of the reviews repeat the text of a recent one, 1 % have their first paragraph twice.

Same options, same bytes, on every machine and Python from 3.8: the only source of chance is random.random(), whose
sequence Python promises to keep. Reviews are made one after the other from one stream and nothing depends on how many are
wanted, so the first lines of a larger archive are the smaller one. Memory does not grow with --reviews.

Speed comes from drawing words out of large tables in which a word stands as often as its frequency asks: one
multiplication and one look-up a word, no search through cumulated weights.
"""
import argparse
import json
import math
import os
import random
import sys
from datetime import date, timedelta

COMMON = (
    "the and a of to i it was is in that for this with but you on not my have as are we at be they so had all very just "
    "were from me one or there out if when an what like would no more really good about can only time get up her great "
    "which by your than he some because too has she after been their will also even don't them first it's other much "
    "little well do did how back after never again two our who into him his made over think way any off then then where "
    "could us most still before am didn't while i've ever here now bit nice best its i'm people better being these "
    "something few quite think felt found got make went came thing things day last long new old see another many isn't "
    "through place without once though every around want wasn't should always such doesn't right down can't own three "
    "half both each almost whole enough couldn't during look wouldn't bad rather perhaps however between"
).split()
PHRASES = (
    "out of", "one of the best", "as well as", "a lot of", "in the end", "at the same time", "of course", "all in all",
    "for the money", "worth every penny", "at first sight", "the first time", "once in a while", "on the other hand",
    "i have to say", "to be honest", "no doubt", "in my opinion", "as far as i know", "by the way", "a couple of",
    "for the most part", "more or less", "sooner or later", "i would recommend", "would not recommend", "as expected",
    "a waste of time", "over and over", "the rest of", "in front of", "next to", "as soon as", "at least", "so far",
    "the only thing", "kind of", "right away", "instead of", "even though",
)
PRAISE = ("excellent wonderful lovely perfect delightful superb loved charming brilliant recommended comfortable friendly "
          "beautiful fantastic reliable generous").split()
BLAME = ("terrible awful disappointing rude broken boring dirty worst noisy useless overpriced refund waste annoying "
         "avoid poor").split()
FOOTERS = (
    "You must be a member of {site} to read or post comments. Log in or register.",
    "Read more reviews of this and other products on {site}. Subscribe to our weekly letter.",
    "{site} may earn a commission when you buy through links on this page.",
    "Was this review helpful? Report abuse. All rights reserved, {site}.",
)
ONSETS = ("b c d f g h k l m n p r s t v w " * 3 + "br ch cl dr fl gr j pl qu sh sk st th tr z").split()
VOWELS = "a a a a e e e e i i i o o o u u ai ea ee ou".split()
CODAS = [""] * 20 + "n r l s t m d n r l nd rt st ck".split()
ENDINGS = ("", "s", "ed", "ing", "ly", "ness", "er")

STEM_COUNT = 16000           # invented stems; with endings some 45,000 forms
TABLE_SIZE = 1 << 18         # draws of a word of the language
TOPIC_COUNT = 64
TOPIC_WORDS = 300
TOPIC_TABLE = 1 << 12
TOPIC_SHARE = 0.16           # of a review's words
RARE_SHARE = 1 / 220
AUTHOR_COUNT = 40000
RECENT = 64                  # a repeated text is one of the last so many
FIRST_DAY = date(2012, 1, 1)
DAYS = 4700                  # dates run to November 2024


def word_stem(chance, syllables):
    """An invented word of so many syllables."""
    return "".join(ONSETS[int(chance() * len(ONSETS))] + VOWELS[int(chance() * len(VOWELS))]
                   + CODAS[int(chance() * len(CODAS))] for _ in range(syllables))


def inflected(stem, ending):
    if ending and ending[0] in "ei" and stem[-1] in "aeiou":
        return stem + "n" + ending
    return stem + ending


def zipf_table(words, size, exponent, shift):
    """A list of about size entries in which the word of rank r stands in proportion to 1 / (r + shift) ** exponent. Words
    whose share is below one entry still get one, so that the tail is drawn too."""
    weights = [1.0 / (rank + shift) ** exponent for rank in range(1, len(words) + 1)]
    scale = size / sum(weights)
    table = []
    for word, weight in zip(words, weights):
        table.extend([word] * max(1, int(weight * scale + 0.5)))
    return table


def make_language(chance):
    """The table every review draws from: function words and phrases first by rank, invented forms between and after."""
    forms, seen = [], set(COMMON)
    for number in range(STEM_COUNT):
        stem = word_stem(chance, 1 + int(0.1 + chance() + min(number, 8000) / 10000))
        for ending in ENDINGS:
            if not ending or chance() < 0.42:
                form = inflected(stem, ending)
                if form not in seen:
                    seen.add(form)
                    forms.append(form)
    ranked = list(COMMON[:100])
    later = list(COMMON[100:]) + list(PHRASES)
    for number, form in enumerate(forms):
        if number % 2 == 0 and number // 2 < len(later):
            ranked.append(later[number // 2])
        ranked.append(form)
    return zipf_table(ranked, TABLE_SIZE, 1.15, 2.0), forms


def make_topics(chance, forms):
    """Per topic its own skewed table: words of the language that this topic prefers, and pairs that stand together."""
    topics = []
    for _ in range(TOPIC_COUNT):
        words = [forms[int(chance() * len(forms))] for _ in range(TOPIC_WORDS)]
        for at in range(5, TOPIC_WORDS, 7):
            words[at] = words[at - 5] + " " + words[at]
        topics.append(zipf_table(words, TOPIC_TABLE, 0.9, 1.0))
    return topics


class Site:
    """How one site writes and what it appends to every review."""

    def __init__(self, chance, number):
        self.host = word_stem(chance, 3) + "%d.example" % number
        self.footer = FOOTERS[number % len(FOOTERS)].format(site=self.host) if chance() < 0.5 else None
        self.curly = chance() < 0.4
        self.dashes = chance() < 0.5
        self.paragraph = "<br /><br />" if chance() < 0.3 else "\n\n"
        self.stop = "." if chance() < 0.04 else ". "


class Generator:
    def __init__(self, seed, site_count, product_count):
        self.chance = chance = random.Random(seed).random
        self.language, forms = make_language(chance)
        self.topics = make_topics(chance, forms)
        self.sites = [Site(chance, number) for number in range(site_count)]
        self.products = []
        for number in range(product_count):
            name = word_stem(chance, 2).capitalize() + " " + word_stem(chance, 1 + number % 2).capitalize()
            self.products.append((name + (" %d" % (1 + number % 9) if chance() < 0.3 else ""), number % TOPIC_COUNT,
                                  0.7 + 0.6 * chance()))
        self.product_table = zipf_table(range(product_count), 8 * product_count, 0.8, 10.0)
        self.author_names = [word_stem(chance, 2) for _ in range(2000)]
        self.sentence_lengths = [4 + int(22 * chance() * chance() + 6 * chance()) for _ in range(4096)]
        self.recent = []
        self.made = 0

    def length(self):
        """Words of a review, log-normal (Box and Muller 1958)."""
        chance = self.chance
        normal = math.sqrt(-2.0 * math.log(1.0 - chance())) * math.cos(2.0 * math.pi * chance())
        return max(3, min(4000, int(math.exp(5.075 + 0.775 * normal))))

    def words(self, count, topic, stars):
        chance, language = self.chance, self.language
        size = len(language)
        words = [language[int(chance() * size)] for _ in range(count)]
        for _ in range(int(count * TOPIC_SHARE)):
            words[int(chance() * count)] = topic[int(chance() * len(topic))]
        for _ in range(int(count * RARE_SHARE + chance())):
            words[int(chance() * count)] = word_stem(chance, 2 + int(chance() * 3))
        for _ in range(1 + count // 40):
            opinion = PRAISE if chance() * 4.0 < stars - 0.7 else BLAME
            words[int(chance() * count)] = opinion[int(chance() * 16)]
        return words

    def sentences(self, words, site):
        """The words as paragraphs of sentences."""
        chance, lengths = self.chance, self.sentence_lengths
        paragraphs, sentences, at, count = [], [], 0, len(words)
        while at < count:
            size = lengths[int(chance() * 4096)]
            if size > 9:
                comma = at + int(size * (0.3 + 0.4 * chance()))
                if comma < count:
                    words[comma] += ","
            sentence = " ".join(words[at:at + size])
            sentences.append(sentence[0].upper() + sentence[1:])
            at += size
            if len(sentences) > 3 and chance() < 0.22:
                paragraphs.append(site.stop.join(sentences) + ("." if chance() < 0.85 else "!"))
                sentences = []
        if sentences:
            paragraphs.append(site.stop.join(sentences) + ".")
        return paragraphs

    def body(self, site, topic, stars):
        chance = self.chance
        words = self.words(self.length(), topic, stars)
        if site.dashes and chance() < 0.5:
            at = int(chance() * len(words))
            words[at:at + 2] = ["\u2014".join(words[at:at + 2])]
        paragraphs = self.sentences(words, site)
        if chance() < 0.01:
            paragraphs.insert(len(paragraphs) // 2 + 1, paragraphs[0])
        if chance() < 0.1:
            paragraphs[-1] += ' "%s"' % paragraphs[0].split(".", 1)[0]
        if site.footer:
            paragraphs.append(site.footer)
        text = site.paragraph.join(paragraphs)
        if site.curly:
            text = text.replace("'", "\u2019").replace(' "', " \u201c").replace('"', "\u201d")
        return text

    def title(self, topic):
        chance, language = self.chance, self.language
        words = [language[int(chance() * len(language))] for _ in range(1 + int(chance() * 4))]
        words.append(topic[int(chance() * len(topic))])
        return " ".join(words).capitalize()

    def review(self):
        chance, number = self.chance, self.made
        self.made += 1
        product, topic, liking = self.products[self.product_table[int(chance() * len(self.product_table))]]
        topic = self.topics[topic]
        site_number = int(len(self.sites) * chance() ** 2)
        site = self.sites[site_number]
        stars = 1 + min(4, int(6.2 * chance() ** 0.55 * liking))
        if chance() < 0.02 and self.recent:
            text = self.recent[int(chance() * len(self.recent))]
        else:
            text = self.body(site, topic, stars)
            if len(self.recent) < RECENT:
                self.recent.append(text)
            else:
                self.recent[number % RECENT] = text
        author = int(AUTHOR_COUNT * chance() ** 3)
        record = {
            "id": "s%d-%09d" % (site_number, number),
            "product": product,
            "title": self.title(topic),
            "text": text,
            "author": "%s%d" % (self.author_names[author % 2000], author // 2000),
            "rating": stars,
            "date": (FIRST_DAY + timedelta(days=int(DAYS * chance()))).isoformat(),
            "votes": int((1.0 - chance()) ** -0.9) - 1,
            "url": "https://%s/review/%d" % (site.host, number),
        }
        return record


def arguments():
    parser = argparse.ArgumentParser(description="Makes a review archive: JSON lines on standard output.")
    parser.add_argument("--reviews", type=int, required=True, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--sites", type=int, default=40, metavar="K")
    parser.add_argument("--products", type=int, default=2000, metavar="P")
    options = parser.parse_args()
    if options.reviews < 0 or options.sites < 1 or options.products < 1:
        parser.error("--reviews must not be negative, --sites and --products at least 1")
    return options


def main():
    options = arguments()
    generator = Generator(options.seed, options.sites, options.products)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    lines, size = [], 0
    output = sys.stdout.buffer
    for _ in range(options.reviews):
        line = encode(generator.review())
        lines.append(line)
        size += len(line)
        if size > 1 << 20:
            output.write(("\n".join(lines) + "\n").encode("utf-8"))
            lines, size = [], 0
    if lines:
        output.write(("\n".join(lines) + "\n").encode("utf-8"))
    output.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:      # the reader had enough (head)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
