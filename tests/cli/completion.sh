#!/bin/bash
# completion.sh - what a shell offers: the programs' own answers, and bash, zsh and fish with their scripts, those that are
# installed.
#
#     tests/cli/completion.sh BUILD_DIR
set -u

bin=$(cd "$1" && pwd)/bin
scripts=$(cd "$(dirname "$0")/../../indexer/cli/completion" && pwd)
export PATH=$bin:$PATH
failures=0

# same WHAT EXPECTED GOT
same() {
    [ "$2" = "$3" ] && return
    echo "FAILED: $1: expected"
    echo "$2"
    echo "got"
    echo "$3"
    failures=$((failures + 1))
}

# ask PROGRAM WORD... - the words offered, without explanations
ask() {
    "$1" --complete-line "${@:2}" | cut -f1
}

same "commands" "$(revue-query --help | sed -n 's/^  \([a-z]*\) .*/\1/p')" "$(ask revue-query '')"
same "a command begun" "compact" "$(ask revue-indexer comp)"
same "no such command" "" "$(ask revue-query nosuch '')"
same "all options" "$(revue-query search --help | sed -n 's/^  \(-[-a-z0-9]*\).*/\1/p' | sort)" "$(ask revue-query search INDEX - | sort)"
same "an option begun" "--format" "$(ask revue-query search INDEX --form)"
same "a short option" "-n" "$(ask revue-query search INDEX -n)"
same "choices" "any" "$(ask revue-query search INDEX --op an)"
same "choices in one word" "--op=any" "$(ask revue-query search INDEX --op=an)"
same "no choices of a flag" "" "$(ask revue-query search INDEX --count=)"
same "a value that is no path" "" "$(ask revue-query search INDEX --filter '')"
same "an index" ":folders" "$(ask revue-query search '')"
same "words of a query" "" "$(ask revue-query search INDEX '')"
same "roots" ":files" "$(ask revue-indexer update INDEX A --threads 2 '')"
same "behind --" ":files" "$(ask revue-indexer update INDEX -- --f)"
same "a dash belongs to a query" "" "$(ask revue-query search INDEX -- -)"
same "options end nowhere else" "--quiet" "$(ask revue-indexer update INDEX A --qui)"
same "a control byte" "" "$(ask revue-query search INDEX $'--f\001')"

# A folder with one index and one file, for paths.
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
mkdir "$room/reviews.index" && touch "$room/reviews.tsv"
cd "$room" || exit 1

# in_bash WORD... - what bash puts in place of the last word
in_bash() {
    bash --norc --noprofile -c '
        compopt() { :; } # belongs to a completion that readline began
        source "$1"; shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
        _revue_complete "$1"
        printf "%s\n" "${COMPREPLY[@]}"' bash "$scripts/revue.bash" "$@"
}
same "bash: an option" "--format" "$(in_bash revue-query search INDEX --form)"
same "bash: a value" "any" "$(in_bash revue-query search INDEX --op an)"
same "bash: a value behind '='" "any" "$(in_bash revue-query search INDEX --op = an)"
same "bash: all values behind '='" "auto any all" "$(in_bash revue-query search INDEX --op = | paste -sd ' ')"
same "bash: an index" "reviews.index" "$(in_bash revue-query search rev)"
same "bash: files" "reviews.index reviews.tsv" "$(in_bash revue-indexer update INDEX rev | sort | paste -sd ' ')"

if command -v fish >/dev/null; then
    in_fish() {
        HOME=$room fish --no-config -c "source $scripts/revue.fish; complete -C '$1'" | cut -f1
    }
    same "fish: an option" "--format" "$(in_fish 'revue-query search INDEX --form')"
    same "fish: a value" "any" "$(in_fish 'revue-query search INDEX --op an')"
    same "fish: an index" "reviews.index/" "$(in_fish 'revue-query search rev')"
else
    echo "fish is not installed: its script is not tried"
fi

if command -v zsh >/dev/null; then
    zsh -n "$scripts/revue.zsh" || failures=$((failures + 1))
    # compadd and _files belong to a completion that the line editor began: here they say what they were asked for.
    in_zsh() {
        zsh -f -c 'compadd() { shift 4; print -l -- "$@" }
            _files() { print -- "files $*" }
            script=$1; shift; words=("$@"); CURRENT=$#
            complete_line() { source $script }
            complete_line' zsh "$scripts/revue.zsh" "$@"
    }
    same "zsh: an option" "--format" "$(in_zsh revue-query search INDEX --form)"
    same "zsh: an index" "files -/" "$(in_zsh revue-query search rev)"
    same "zsh: files" "files " "$(in_zsh revue-indexer update INDEX rev)"
else
    echo "zsh is not installed: its script is not tried"
fi
[ $failures -eq 0 ]
