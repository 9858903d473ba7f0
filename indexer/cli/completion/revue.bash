# Completion for bash: asks the program itself what may stand here (options_complete.c), so it knows every version's options.
# Installed once under the name of each program.

_revue_complete() {
    local -a words=()
    local i word typed answer
    # bash takes --name=value apart; here it is one word again.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((${#words[@]} > 0)) && { [[ $word == "=" && ${words[-1]} == --* ]] || [[ ${words[-1]} == --*= && $word != "" ]]; }; then
            words[-1]+=$word
        elif ((${#words[@]} > 0)) && [[ ${words[-1]} == --*= && $i -eq $COMP_CWORD ]]; then
            continue
        else
            words+=("$word")
        fi
    done
    typed=${COMP_WORDS[COMP_CWORD]}
    [[ $typed == "=" ]] && typed=
    COMPREPLY=()
    while IFS= read -r answer; do
        case $answer in
            :folders)
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -d -- "$typed")
                ;;
            :files)
                compopt -o filenames
                mapfile -t COMPREPLY < <(compgen -f -- "$typed")
                ;;
            *)
                answer=${answer%%$'\t'*}
                [[ ${words[-1]} == --*=* ]] && answer=${answer#*=}
                COMPREPLY+=("$answer")
                ;;
        esac
    done < <("$1" --complete-line "${words[@]}" 2>/dev/null)
}
complete -F _revue_complete revue-indexer revue-query
