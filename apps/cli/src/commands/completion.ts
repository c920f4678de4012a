import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash-completion.ts';
import { commandTree, type CompletedCommand } from '../completion/command-tree.ts';
import { fishCompletion } from '../completion/fish-completion.ts';
import { zshCompletion } from '../completion/zsh-completion.ts';
import { Terminal } from '../terminal/terminal.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

const scripts: Record<Shell, (program: CompletedCommand) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/**
 * Prints a script that completes commands, options and their values. The script is generated from
 * the program and needs nothing at run time, so pressing tab does not start Node.
 */
export function completion(shell: Shell, program: Command): void {
  new Terminal().result(scripts[shell](commandTree(program)));
}
