import { type CompletedCommand, quoted, withSubcommands } from './command-tree.ts';

/**
 * A completion script for bash. If no word is known, `-o default` lets the shell complete file
 * names.
 */
export function bashCompletion(program: CompletedCommand): string {
  const commands = withSubcommands(program);
  const steps = commands
    .slice(1)
    .map(
      ({ path }) =>
        `      ${quoted(`${path.slice(0, -1).join(' ')}:${path.at(-1)}`)}) path=${quoted(path.join(' '))} ;;`,
    );
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter(({ takesValue }) => takesValue)
      .map(
        ({ flag, choices }) =>
          `    ${quoted(`${path.join(' ')}:${flag}`)}) words=${quoted(choices.join(' '))} ;;`,
      ),
  );
  const words = commands.map(({ path, options, subcommands, choices }) => {
    const flags = options.map(({ flag }) => flag);
    const names = [...subcommands.map((each) => each.path.at(-1)!), ...choices];
    return `    ${quoted(path.join(' '))}) flags=${quoted(flags.join(' '))}; names=${quoted(names.join(' '))} ;;`;
  });
  return `# bash completion of fixres
_fixres() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' words='' flags='' names='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path:\${COMP_WORDS[i]}" in
${steps.join('\n')}
    esac
  done
  COMPREPLY=()
  case "$path:$previous" in
${values.join('\n')}
    *)
      case "$path" in
${words.map((line) => `    ${line}`).join('\n')}
      esac
      if [[ $current == -* ]]; then words=$flags; else words=$names; fi
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _fixres fixres
`;
}
