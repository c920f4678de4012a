import {
  type CompletedCommand,
  type CompletedOption,
  quoted,
  withSubcommands,
} from './command-tree.ts';

/**
 * A completion script for fish. Commands are offered only in their position, file names elsewhere.
 */
export function fishCompletion(program: CompletedCommand): string {
  const lines = withSubcommands(program).flatMap(commandLines);
  return `# fish completion of fixres
function __fixres_at
    set -l words (commandline -opc)
    set -l path
    for word in $words[2..-1]
        contains -- (string trim -- "$path $word") ${withSubcommands(program)
          .slice(1)
          .map(({ path }) => quoted(path.join(' ')))
          .join(' ')}; and set -a path $word
    end
    test "$path" = "$argv"
end
${lines.join('\n')}
`;
}

function commandLines({ path, options, subcommands, choices }: CompletedCommand): string[] {
  const at = `complete -c fixres -n ${quoted(`__fixres_at ${path.join(' ')}`.trim())}`;
  return [
    ...subcommands.map(
      (each) => `${at} -f -a ${quoted(each.path.at(-1)!)} -d ${quoted(each.description)}`,
    ),
    ...(choices.length > 0 ? [`${at} -f -a ${quoted(choices.join(' '))}`] : []),
    ...options.map((option) => `${at} ${optionFlags(option)} -d ${quoted(option.description)}`),
  ];
}

function optionFlags({ flag, takesValue, choices }: CompletedOption): string {
  const long = `-l ${flag.slice(2)}`;
  if (!takesValue) return `-f ${long}`;
  return choices.length > 0 ? `${long} -x -a ${quoted(choices.join(' '))}` : `${long} -r`;
}
