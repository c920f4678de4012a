import type { Command, Option } from 'commander';
import { cell, escaped, table } from './markdown-text.ts';

/** A generated page: its path below the reference, and its Markdown. */
export interface GeneratedPage {
  page: string;
  text: string;
}

/** A command that can be run, with its words: `data info`. */
interface RunnableCommand {
  words: string;
  group: string;
  command: Command;
}

/** The commands of a program in the order of its help. */
function runnableCommands(
  command: Command,
  words: readonly string[] = [],
  group = '',
): RunnableCommand[] {
  const subcommands = command.commands.filter((each) => each.name() !== 'help');
  if (subcommands.length === 0) return [{ words: words.join(' '), group, command }];
  return subcommands.flatMap((each) =>
    runnableCommands(each, [...words, each.name()], group || each.helpGroup()),
  );
}

/** The reference of the command line: a page for each command, and one that lists them. */
export function commandLinePages(
  program: Command,
  exitCodes: Readonly<Record<string, number>>,
): GeneratedPage[] {
  const commands = runnableCommands(program);
  return [
    { page: 'command-line/index.md', text: overview(program, commands, exitCodes) },
    ...commands.map(({ words, command }) => ({
      page: `command-line/${pageName(words)}.md`,
      text: commandPage(words, command),
    })),
  ];
}

/** The file name of a command's page, without extension. */
function pageName(words: string): string {
  return words.replaceAll(' ', '-');
}

function overview(
  program: Command,
  commands: readonly RunnableCommand[],
  exitCodes: Readonly<Record<string, number>>,
): string {
  const lists = [...new Set(commands.map(({ group }) => group))].map((title) => {
    const rows = commands
      .filter(({ group }) => group === title)
      .map(({ words, command }) => [
        `[\`fixres ${words}\`](/reference/command-line/${pageName(words)}.md)`,
        cell(command.description()),
      ]);
    return `## ${title.replace(/:$/, '')}\n\n${table(['command', 'what it does'], rows)}`;
  });
  const codes = Object.entries(exitCodes).map(([name, code]) => [
    `${code}`,
    EXIT_WORDS[name] ?? name,
  ]);
  return [
    '# Command line',
    escaped(program.description()),
    'These pages are made from the commands themselves, as `fixres <command> --help` prints them. [fixres](/packages/cli.md) explains results, progress and events.',
    ...lists,
    `## Exit codes\n\n${table(['code', 'meaning'], codes)}`,
    '',
  ].join('\n\n');
}

const EXIT_WORDS: Readonly<Record<string, string>> = {
  done: 'done',
  failed: 'failed while running',
  usage: 'wrong options or input, or no command',
  interrupted: 'interrupted; `fixres resume` resumes a run',
};

function commandPage(words: string, command: Command): string {
  const help = command.createHelp();
  const args = help
    .visibleArguments(command)
    .map((argument) => [
      codeCell(help.argumentTerm(argument)),
      cell(help.argumentDescription(argument)),
    ]);
  const options = help
    .visibleOptions(command)
    .map((option) => [codeCell(help.optionTerm(option)), optionText(option)]);
  const { notes, examples } = afterOptions(command);
  return [
    `# fixres ${words}`,
    escaped(command.description()),
    `\`\`\`\n${help.commandUsage(command)}\n\`\`\``,
    ...(args.length > 0 ? [`## Arguments\n\n${table(['argument', 'meaning'], args)}`] : []),
    `## Options\n\n${table(['option', 'meaning'], options)}`,
    ...(notes === '' ? [] : [`## Notes\n\n${escaped(notes)}`]),
    `## Examples\n\n\`\`\`sh\n${examples.join('\n')}\n\`\`\``,
    '',
  ].join('\n\n');
}

const codeCell = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

/**
 * What an option does. Below it what its value can be, its default and its environment variable: in a
 * column of their own, the table is wider than a page.
 */
function optionText(option: Option): string {
  const { description, argChoices, defaultValueDescription, envVar } = option;
  // Commander has defaults of any type; those of fixres are these.
  const defaultValue = option.defaultValue as string | number | boolean | undefined;
  const isStated = defaultValue !== undefined && defaultValue !== false;
  const values = [
    argChoices?.map((choice) => `\`${choice}\``).join(', '),
    isStated && `default ${defaultValueDescription ?? `\`${String(defaultValue)}\``}`,
    envVar !== undefined && `variable \`${envVar}\``,
  ].filter(Boolean);
  const below = values.length > 0 ? `<br>${values.join('; ').replaceAll('|', '\\|')}` : '';
  return `${cell(description)}${below}`;
}

/** What a command's help prints after its options: paragraphs, and examples. */
function afterOptions(command: Command): { notes: string; examples: string[] } {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  const [notes = '', examples = ''] = text
    .slice(command.helpInformation().length)
    .split(/^Examples:\n/m);
  return {
    notes: notes.trim(),
    examples: examples
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  };
}
