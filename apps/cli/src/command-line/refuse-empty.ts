import type { Command } from 'commander';

/**
 * Refuses options and arguments that are given and empty, as an unset variable of a shell leaves them: `--out ''` names no folder.
 * Of a command whose values are read already.
 */
export function refuseEmpty(command: Command): void {
  for (const [i, argument] of command.registeredArguments.entries()) {
    if ([command.processedArgs[i]].flat().includes(''))
      command.error(`error: argument '${argument.name()}' is empty.`);
  }
  for (const option of command.options) {
    const isGiven = command.getOptionValueSource(option.attributeName()) === 'cli';
    const value: unknown = command.getOptionValue(option.attributeName());
    if (isGiven && [value].flat().includes(''))
      command.error(`error: option '${option.flags}' is empty.`);
  }
}
