import type { Command } from 'commander';

/**
 * Refuses empty options and arguments, which result from unset shell variables: `--out ''` names no
 * folder. Call it after the command's values are parsed.
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
