import { Argument, type Command } from 'commander';
import type { Shell } from '../commands/completion.ts';

/** Adds `completion`. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print a shell script that completes commands, options and values.')
    .summary('Print a script for tab completion in bash, zsh or fish.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres completion bash > ~/.local/share/bash-completion/completions/fixres\n' +
        '  fixres completion zsh > ~/.zfunc/_fixres\n  fixres completion fish > ~/.config/fish/completions/fixres.fish',
    )
    .action(async (shell: Shell) => {
      const { completion } = await import('../commands/completion.ts');
      completion(shell, program);
    });
}
