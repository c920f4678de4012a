import type { Command } from 'commander';

/** An option as a shell completes it. */
export interface CompletedOption {
  /** With its dashes: `--preset`. */
  flag: string;
  description: string;
  takesValue: boolean;
  /** The values allowed; none where any file or word may stand. */
  choices: readonly string[];
}

/** A command with all that may follow it. */
export interface CompletedCommand {
  /** Words after the program's name: `['data', 'info']`; empty for the program. */
  path: readonly string[];
  description: string;
  options: CompletedOption[];
  subcommands: CompletedCommand[];
  /** The first argument's values, where only some are allowed. */
  choices: readonly string[];
}

/** What a shell has to know of the program, read from the program itself. */
export function commandTree(command: Command, path: readonly string[] = []): CompletedCommand {
  const help = command.createHelp();
  return {
    path,
    description: command.description(),
    options: help
      .visibleOptions(command)
      .flatMap(({ long, description, required, optional, argChoices }) =>
        long
          ? [
              {
                flag: long,
                description,
                takesValue: required || optional,
                choices: argChoices ?? [],
              },
            ]
          : [],
      ),
    subcommands: help
      .visibleCommands(command)
      .map((each) => commandTree(each, [...path, each.name()])),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  };
}

/** A command and all below it, the command first. */
export function withSubcommands(command: CompletedCommand): CompletedCommand[] {
  return [command, ...command.subcommands.flatMap(withSubcommands)];
}

/** Text in single quotes, as bash, zsh and fish read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
