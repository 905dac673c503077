/*
 * Each script asks the program itself what may follow, so that it need not be
 * written anew with every command and flag.
 */

/** kubectl calls it with all words behind `kubectl transship`, the last of them half written. */
const kubectl = `#!/bin/sh
exec kubectl-transship __complete "$@"`;

const bash = `_kubectl_transship() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(kubectl-transship __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _kubectl_transship kubectl-transship`;

const zsh = `#compdef kubectl-transship
_kubectl_transship() {
  local -a choices
  local line value about
  while IFS= read -r line; do
    [[ $line == :* ]] && continue
    value="\${line%%$'\\t'*}"
    about="\${line#*$'\\t'}"
    choices+=("\${value//:/\\\\:}:$about")
  done < <(kubectl-transship __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe 'kubectl-transship' choices
}
compdef _kubectl_transship kubectl-transship`;

const fish = `complete -c kubectl-transship -f -a '(
  set -l words (commandline -opc)[2..-1] (commandline -ct)
  kubectl-transship __complete $words 2>/dev/null | string match -v -r "^:"
)'`;

export const completionScripts: Readonly<Record<string, string>> = { kubectl, bash, zsh, fish };
