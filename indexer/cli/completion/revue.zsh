#compdef revue-indexer revue-query
# Completion for zsh: asks the program itself what may stand here (options_complete.c), so it knows every version's options.

local -a lines names shown
local line name help
lines=("${(@f)$("$words[1]" --complete-line "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
for line in $lines; do
    case $line in
        :folders) _files -/; return ;;
        :files) _files; return ;;
        ?*)
            name=${line%%$'\t'*} help=${line#*$'\t'}
            names+=("$name")
            shown+=("$name${help:+  -- $help}")
            ;;
    esac
done
(( $#names )) && compadd -l -d shown -- "${names[@]}"
