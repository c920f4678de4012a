import {
  type CompletedCommand,
  type CompletedOption,
  quoted,
  withSubcommands,
} from './command-tree.ts';

/** A completion script for zsh: works as `_fixres` in a folder of `fpath`, and when sourced. */
export function zshCompletion(program: CompletedCommand): string {
  return `#compdef fixres
# zsh completion of fixres
${withSubcommands(program).map(commandFunction).join('\n')}
if [ "$funcstack[1]" = "_fixres" ]; then _fixres "$@"; else compdef _fixres fixres; fi
`;
}

function commandFunction(command: CompletedCommand): string {
  const { options, subcommands, choices } = command;
  const flags = options.map((option) => `    ${quoted(optionSpec(option))}`);
  if (subcommands.length === 0) {
    const values = choices.length > 0 ? `(${choices.join(' ')})` : '_files';
    return `${functionName(command)}() {
  _arguments \\
${[...flags, `    ${quoted(`*: :${values}`)}`].join(' \\\n')}
}`;
  }
  const names = subcommands.map(
    ({ path, description }) => `    ${quoted(`${path.at(-1)}:${description}`)}`,
  );
  const branches = subcommands.map((each) => `      ${each.path.at(-1)}) ${functionName(each)} ;;`);
  return `${functionName(command)}() {
  local state line
  local -a commands=(
${names.join('\n')}
  )
  _arguments -C \\
${[...flags, "    '1: :->command'", "    '*:: :->rest'"].join(' \\\n')}
  case $state in
    command) _describe command commands ;;
    rest) case $words[1] in
${branches.join('\n')}
    esac ;;
  esac
}`;
}

function functionName({ path }: CompletedCommand): string {
  return ['_fixres', ...path].join('_');
}

function optionSpec({ flag, description, takesValue, choices }: CompletedOption): string {
  const text = description.replaceAll(/[[\]\\:]/g, String.raw`\$&`);
  if (!takesValue) return `${flag}[${text}]`;
  return `${flag}[${text}]:value:${choices.length > 0 ? `(${choices.join(' ')})` : '_files'}`;
}
