# manual.awk - puts a man page together: what stands in the page's text, and the options as the program's tables say them.
#
#     awk -v program=PATH/TO/PROGRAM -f manual.awk PAGE.1.in >PAGE.1
#
# A line "@COMMAND --option@" becomes the item of that option, with its explanation; the lines behind it say more. A line
# "@COMMAND@" becomes all items of the command that the page has not named by then. An option that the command does not have
# is an error.

function read_items(command,    line, name, ask) {
    ask = program " " command " --help=mdoc"
    while ((ask | getline line) > 0) {
        if (line ~ /^\.It Fl /) {
            split(line, parts, " ")
            name = "-" parts[3]
            order[command, ++item_count[command]] = name
            items[command, name] = line
        } else {
            items[command, name] = items[command, name] "\n" line
        }
    }
    if (close(ask) != 0 || item_count[command] == 0) fail("'" ask "' does not answer")
}

function fail(what) {
    print FILENAME ":" FNR ": " what >"/dev/stderr"
    failed = 1
    exit 1
}

/^@[a-z]+( -[-a-z0-9]+)?@$/ {
    text = substr($0, 2, length($0) - 2)
    count = split(text, asked, " ")
    if (!(asked[1] in item_count)) read_items(asked[1])
    if (count == 2) {
        if (!((asked[1], asked[2]) in items)) fail(asked[1] " has no option " asked[2])
        print items[asked[1], asked[2]]
        shown[asked[1], asked[2]] = 1
    } else {
        for (i = 1; i <= item_count[asked[1]]; i++)
            if (!((asked[1], order[asked[1], i]) in shown)) print items[asked[1], order[asked[1], i]]
    }
    next
}

# Items that the page writes itself are named, too.
/^\.Ss / { section = $2 }
/^\.It Fl / {
    for (i = 2; i < NF; i++)
        if ($i == "Fl") shown[section, "-" $(i + 1)] = 1
}

{ print }
