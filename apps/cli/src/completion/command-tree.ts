import type { Command } from 'commander';

/** An option, as needed by completion. */
export interface CompletedOption {
  /** With dashes: `--preset`. */
  flag: string;
  description: string;
  takesValue: boolean;
  /** The allowed values; empty if any file or word is allowed. */
  choices: readonly string[];
}

/** A command and its options, subcommands and arguments. */
export interface CompletedCommand {
  /** Words after the program's name: `['data', 'info']`; empty for the program itself. */
  path: readonly string[];
  description: string;
  options: CompletedOption[];
  subcommands: CompletedCommand[];
  /** Values of the first argument, if only some are allowed. */
  choices: readonly string[];
}

/**
 * The information about the program that a completion script needs, read from the program itself.
 */
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

/** A command followed by all commands below it. */
export function withSubcommands(command: CompletedCommand): CompletedCommand[] {
  return [command, ...command.subcommands.flatMap(withSubcommands)];
}

/** Text in single quotes for bash, zsh and fish. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
