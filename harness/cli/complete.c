/* Completion scripts. They hold no list of their own: every word comes from the program, so that a
 * script that was installed yesterday knows today's verbs, scenarios and labs. */
#include "cli/text.h"

char *completion_bash(const struct program *p)
{
    /* No `compgen -W`: it would run what a folder's name says, were it called $(...). */
    return xasprintf(
        "# bash completion for %1$s\n"
        "_%1$s() {\n"
        "    local cur=${COMP_WORDS[COMP_CWORD]} found word\n"
        "    COMPREPLY=()\n"
        "    found=$(\"${COMP_WORDS[0]}\" __complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" "
        "2>/dev/null) || return 0\n"
        "    [[ $cur != = ]] || cur=\n"
        "    case $found in\n"
        "    '') return 0 ;;\n"
        "    :file) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\") ;;\n"
        "    :dir) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- \"$cur\") ;;\n"
        "    *)\n"
        "        while IFS= read -r word; do\n"
        "            [[ $word != \"$cur\"* ]] || COMPREPLY+=(\"$(printf %%q \"$word\")\")\n"
        "        done <<<\"$found\"\n"
        "        ;;\n"
        "    esac\n"
        "}\n"
        "complete -F _%1$s %1$s\n",
        p->name);
}

char *completion_zsh(const struct program *p)
{
    /* Loaded from $fpath, the file is the function's body: the first time it defines the function
     * and must also call it. Sourced, it only defines and registers it. */
    return xasprintf(
        "#compdef %1$s\n"
        "_%1$s() {\n"
        "    local -a found\n"
        "    found=(\"${(@f)$(\"${words[1]}\" __complete -- \"${(@)words[2,CURRENT]}\" "
        "2>/dev/null)}\")\n"
        "    compset -P '--[a-z-]##='\n"
        "    case ${found[1]} in\n"
        "    '') return 1 ;;\n"
        "    :file) _files ;;\n"
        "    :dir) _files -/ ;;\n"
        "    *) compadd -- \"${found[@]}\" ;;\n"
        "    esac\n"
        "}\n"
        "if [[ ${funcstack[1]} = _%1$s ]]; then\n"
        "    _%1$s \"$@\"\n"
        "else\n"
        "    compdef _%1$s %1$s\n"
        "fi\n",
        p->name);
}
