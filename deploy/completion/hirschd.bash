# Completion of hirschd for bash: jobs, and the options of each, as the program itself says them.
# Installed as share/bash-completion/completions/hirschd; or: source hirschd.bash

_hirschd_jobs()
{
    hirschd help 2>/dev/null | sed -n '/^Jobs:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p'
}

_hirschd()
{
    local word=${COMP_WORDS[COMP_CWORD]} job=${COMP_WORDS[1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_hirschd_jobs)" -- "$word")
    elif [ "$job" = help ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_hirschd_jobs | grep -vx -e help -e version) options" -- "$word")
    elif [ "${word:0:1}" = - ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(hirschd help "$job" 2>/dev/null | sed -n 's/^  \(--[a-z-]*\).*/\1/p')" -- "$word")
    fi
}

complete -o default -F _hirschd hirschd
