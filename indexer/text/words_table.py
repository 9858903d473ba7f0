#!/usr/bin/env python3
"""words_table.py - writes words_table.c from the Unicode Character Database.

    python3 indexer/text/words_table.py [FOLDER] > indexer/text/words_table.c

FOLDER holds the database (default /usr/share/unicode, Debian's package unicode-data). The version must be 15.0.0, that
of the libutf8proc the folding uses: kind_of() below is the place where the tailoring of classes is decided.
"""
import re
import sys

VERSION = "15.0.0"
LAST = 0x110000
BLOCK = 128

LINE_ENDS = {0x0A, 0x0D, 0x85, 0x2028, 0x2029}
# ' ` and their look-alikes: acute accent, modifier letter apostrophe, single quotes, prime, full width; the Armenian
# apostrophe and the Hebrew geresh do the same work in their scripts.
APOSTROPHES = {0x27, 0x60, 0xB4, 0x2BC, 0x55A, 0x5F3, 0x2018, 0x2019, 0x201B, 0x2032, 0xFF07}
MID_LETTERS = {0xB7, 0x387, 0x2027}                     # Catalan l·l, hyphenation point
MID_NUMBERS = {0x2C, 0x2E, 0x66B, 0x66C, 0xFF0C, 0xFF0E}
QUOTES = {0x22, 0x5F4}                                  # Hebrew gershayim, typed as a double quote
UNSPACED_SCRIPTS = {"Han", "Hiragana", "Katakana", "Thai", "Lao", "Khmer", "Myanmar"}
SCRIPTS = {"Latin", "Greek", "Cyrillic"}


def read_property(path, default):
    """A file of lines 'FIRST..LAST ; Value # comment' as a list over all characters."""
    values = [default] * LAST
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            found = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)", line)
            if found:
                first = int(found[1], 16)
                for character in range(first, int(found[2] or found[1], 16) + 1):
                    values[character] = found[3]
    return values


def read_flag(path, wanted):
    """The set of characters that have one flag of a file that lists several."""
    members = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            found = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)", line)
            if found and found[3] == wanted:
                members.update(range(int(found[1], 16), int(found[2] or found[1], 16) + 1))
    return members


def read_small_numbers(path):
    """Characters that are a superscript or subscript form of another."""
    members = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            fields = line.split(";")
            if fields[5].startswith(("<super>", "<sub>")):
                members.add(int(fields[0], 16))
    return members


def kind_of(character, word_break, category, script, small):
    """The tailored class. Order matters: single characters first, then scripts, then Unicode's classes."""
    if character in LINE_ENDS:
        return "LINE_END"
    if character in APOSTROPHES:
        return "APOSTROPHE"
    if character in MID_LETTERS:
        return "MID_LETTER"
    if character in MID_NUMBERS:
        return "MID_NUMBER"
    if character in QUOTES:
        return "QUOTE"
    if character == 0x3C:
        return "TAG"
    if character == 0x26:
        return "ENTITY"
    letter = category[0] == "L" or category == "Nl"
    if word_break in ("Extend", "Format", "ZWJ"):
        return "GAP" if category == "Sk" else "EXTEND"   # Sk: the skin tones of emoji
    if letter and (script in UNSPACED_SCRIPTS or word_break in ("Other", "Katakana")):
        return "UNSPACED"
    if word_break == "Katakana" and category == "So":    # squared words such as U+3314
        return "UNSPACED"
    if word_break == "Hebrew_Letter":
        return "HEBREW"
    if word_break == "ALetter":
        # Armenian marks of stress, exclamation and question stand inside a word; spacing accents are no letters.
        return {"Po": "EXTEND", "Sk": "GAP", "Cf": "EXTEND"}.get(category, "LETTER")
    if category == "Nd" or (category == "No" and small):
        return "DIGIT"
    if word_break == "Numeric":
        return "EXTEND" if category == "Cf" else "DIGIT"
    if category == "No":
        return "ALONE"
    return "GAP"


def constant(prefix, value):
    return prefix + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", value).upper()


def print_rows(values, indent, per_line=24):
    for at in range(0, len(values), per_line):
        print(" " * indent + " ".join("%d," % value for value in values[at:at + per_line]))


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
    breaks_path = folder + "/auxiliary/WordBreakProperty.txt"
    with open(breaks_path, encoding="utf-8") as lines:
        if VERSION not in lines.readline():
            sys.exit("words_table.py: %s is not of Unicode %s" % (breaks_path, VERSION))
    word_breaks = read_property(breaks_path, "Other")
    categories = read_property(folder + "/extracted/DerivedGeneralCategory.txt", "Cn")
    scripts = read_property(folder + "/Scripts.txt", "Unknown")
    pictographic = read_flag(folder + "/emoji/emoji-data.txt", "Extended_Pictographic")
    small = read_small_numbers(folder + "/UnicodeData.txt")

    classes, blocks, block_numbers, values = {}, {}, [], []
    for character in range(LAST):
        script = scripts[character]
        kind = kind_of(character, word_breaks[character], categories[character], script, character in small)
        key = (constant("BREAK_", word_breaks[character]), constant("KIND_", kind),
               constant("SCRIPT_", script if script in SCRIPTS else "Other"),
               "true" if character in pictographic else "false")
        values.append(classes.setdefault(key, len(classes)))
    for first in range(0, LAST, BLOCK):
        block_numbers.append(blocks.setdefault(tuple(values[first:first + BLOCK]), len(blocks)))
    if len(blocks) > 256 or len(classes) > 256:
        sys.exit("words_table.py: %d blocks, %d classes: no longer fits bytes" % (len(blocks), len(classes)))

    keys = list(classes)
    print("/* words_table.c - generated by indexer/text/words_table.py from Unicode %s: do not edit. See words_table.h."
          % VERSION)
    print(" *\n * %d classes, %d blocks: %d bytes in all. */"
          % (len(classes), len(blocks), len(blocks) * BLOCK + LAST // BLOCK + 4 * len(classes) + 256))
    print('#include "indexer/text/words_table.h"\n')
    print("const struct character_class words_table_classes[] = {")
    for key in keys:
        print("    {%s}," % ", ".join(key))
    print("};\n\nconst uint8_t byte_kinds[256] = {")
    kinds = [keys[values[character]][1] for character in range(128)] + ["KIND_MULTIBYTE"] * 128
    for at in range(0, 256, 4):
        print("    " + " ".join(kind + "," for kind in kinds[at:at + 4]))
    print("};\n")
    print("const uint8_t words_table_blocks[%d] = {" % len(block_numbers))
    print_rows(block_numbers, 4)
    print("};\n\nconst uint8_t words_table_values[%d][%d] = {" % (len(blocks), BLOCK))
    for block in blocks:
        print("    {")
        print_rows(block, 8)
        print("    },")
    print("};")


main()
