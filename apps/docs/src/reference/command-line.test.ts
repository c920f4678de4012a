import { Command, Option } from 'commander';
import { expect, it } from 'vitest';
import { commandLinePages } from './command-line.ts';

const program = new Command('fixres').description('About <all>.');
program.commandsGroup('Do things:');
program
  .command('turn')
  .description('Turn a photo.')
  .argument('<photo|folder>', 'what to turn')
  .addOption(new Option('--by <angle>', 'angle, a|b').choices(['90', '180']).default('90'))
  .addOption(new Option('--engine <name>', 'engine').env('FIXRES_ENGINE'))
  .addOption(new Option('--old', 'earlier name').hideHelp())
  .addHelpText('after', '\nA note.\n\nExamples:\n  fixres turn a.jpg\n  fixres turn b/ --by 180');
program.command('data').command('info').description('Show data.');

const pages = new Map(
  commandLinePages(program, { done: 0, usage: 2 }).map(({ page, text }) => [page, text]),
);

it('has a page for each command that can be run', () => {
  expect([...pages.keys()]).toEqual([
    'command-line/index.md',
    'command-line/turn.md',
    'command-line/data-info.md',
  ]);
});

it('describes arguments, options, notes and examples', () => {
  const page = pages.get('command-line/turn.md')!;
  expect(page).toContain('fixres turn [options] <photo|folder>');
  expect(page).toContain('| `photo\\|folder` | what to turn |');
  expect(page).toContain('| `--by <angle>` | angle, a\\|b<br>`90`, `180`; default `90` |');
  expect(page).toContain('| `--engine <name>` | engine<br>variable `FIXRES_ENGINE` |');
  expect(page).not.toContain('--old');
  expect(page).toContain('## Notes\n\nA note.');
  expect(page).toContain('```sh\nfixres turn a.jpg\nfixres turn b/ --by 180\n```');
});

it('lists commands by group, and exit codes', () => {
  const page = pages.get('command-line/index.md')!;
  expect(page).toContain('About &lt;all>.');
  expect(page).toContain(
    '## Do things\n\n| command | what it does |\n| --- | --- |\n| [`fixres turn`](/reference/command-line/turn.md) | Turn a photo. |',
  );
  expect(page).toContain('| 2 | wrong options or input, or no command |');
});
