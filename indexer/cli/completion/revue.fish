# Completion for fish: asks the program itself what may stand here (options_complete.c), so it knows every version's options.
# Installed once under the name of each program.

function __revue_complete
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l typed (commandline --current-token --cut-at-cursor)
    for answer in ($words[1] --complete-line $words[2..-1] "$typed" 2>/dev/null)
        switch $answer
            case ':folders'
                __fish_complete_directories "$typed"
            case ':files'
                __fish_complete_path "$typed"
            case '*'
                echo $answer
        end
    end
end

for program in revue-indexer revue-query
    complete --command $program --no-files --arguments '(__revue_complete)'
end
