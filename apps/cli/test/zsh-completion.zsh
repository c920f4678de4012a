# Prints what zsh offers for a line when the tab key is pressed: zsh -f zsh-completion.zsh SCRIPT LINE
zmodload zsh/zpty
zpty -b shell 'zsh -f -i'
zpty -w shell "PS1=; stty -echo; autoload -U compinit; compinit -u -D; source ${(q)1}; echo READY"
zpty -r shell output '*READY*READY*'
zpty -w -n shell "$2"$'\t'
zpty -w -n shell $'\C-aecho OFFERED \C-m'
zpty -r shell output '*OFFERED*'
print -r -- "$output"
zpty -d shell
