#!/usr/bin/env python3
"""width_table.py - writes width_table.c from the Unicode Character Database.

    python3 indexer/base/width_table.py [FOLDER] > indexer/base/width_table.c

FOLDER holds the database (default /usr/share/unicode, Debian's package unicode-data). A character is of width 0 when it
combines with the one before it (general category Mn or Me), is invisible (Cf, but for the soft hyphen, which terminals
show, and for marks that stand before what they span) or is a vowel or a final of conjoining Hangul; of width 2 when its East Asian width is W or F; else of width 1.
"""
import re
import sys

LAST = 0x110000


def ranges_of(path, wanted):
    """The characters of a file of lines 'FIRST..LAST;Value # comment' whose value is wanted."""
    found = set()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            match = re.match(r"([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)", line)
            if match and match[3] in wanted:
                first = int(match[1], 16)
                found.update(range(first, int(match[2] or match[1], 16) + 1))
    return found


def runs(characters, fillers):
    """The set as ascending (first, last), run together over characters of fillers."""
    result = []
    for character in sorted(characters):
        if result and all(between in fillers for between in range(result[-1][1] + 1, character)):
            result[-1][1] = character
        else:
            result.append([character, character])
    return result


def print_table(name, table):
    print(f"const struct width_range {name}[] = {{")
    line = "   "
    for first, last in table:
        entry = f" {{0x{first:04X}, 0x{last:04X}}},"
        if len(line) + len(entry) > 120:
            print(line)
            line = "   "
        line += entry
    print(line)
    print("};")
    print(f"const size_t {name}_count = sizeof {name} / sizeof *{name};")


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
    category = f"{folder}/extracted/DerivedGeneralCategory.txt"
    unassigned = ranges_of(category, {"Cn"})
    hangul = set(range(0x1160, 0x1200)) | set(range(0xD7B0, 0xD800))
    prepended = ranges_of(f"{folder}/PropList.txt", {"Prepended_Concatenation_Mark"})
    zero = (ranges_of(category, {"Mn", "Me", "Cf"}) | hangul) - prepended - {0xAD}
    wide = ranges_of(f"{folder}/EastAsianWidth.txt", {"W", "F"}) - zero
    print("/* width_table.c - written by width_table.py from the Unicode Character Database; do not edit. */")
    print('#include "indexer/base/width_table.h"')
    print()
    print_table("width_zero", runs(zero, unassigned))
    print()
    print_table("width_wide", runs(wide, unassigned | zero))


main()
