import { CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { createProgram } from './program.ts';
import { welcome } from './welcome.ts';

it('the welcome text fits a terminal of 80 columns', () => {
  for (const line of welcome.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
});

it('the welcome text starts with three valid commands', async () => {
  const lines = Array.from(welcome.matchAll(/^ {2}fixres (.*?) {2,}\S/gm), ([, words]) =>
    words!.split(' '),
  );
  expect(lines.map(([name]) => name)).toEqual(['setup', 'reproduce', 'train']);
  for (const words of lines) {
    const program = createProgram();
    let isTaken = false;
    for (const command of program.commands)
      command.exitOverride().action(() => void (isTaken = true));
    await program.parseAsync(words, { from: 'user' });
    expect(isTaken, words.join(' ')).toBe(true);
  }
  await expect(
    createProgram()
      .configureOutput({ outputError: () => undefined })
      .parseAsync(['begin'], { from: 'user' }),
  ).rejects.toThrow(CommanderError);
});
