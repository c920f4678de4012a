import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';

/** Commands without a data result. */
const withoutJson: Record<string, string> = {
  completion: 'prints a script',
  launch: 'the launched command has it',
};

const training = ['reproduce', 'run', 'resume', 'train', 'finetune', 'explain'];

const root = new URL('../../../../', import.meta.url);

/** All commands that can be run, with their words: `data info`. */
function commandsOf(
  command: Command,
  words: readonly string[] = [],
): { words: string; command: Command }[] {
  const subcommands = command.commands.filter((each) => each.name() !== 'help');
  if (subcommands.length === 0) return [{ words: words.join(' '), command }];
  return subcommands.flatMap((each) => commandsOf(each, [...words, each.name()]));
}

function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return help;
}

/** The arguments of a command line as a shell would split it, without redirections and pipes. */
function wordsOf(line: string): string[] {
  const [command] = line.split(/ (?:>|#|\|) ?/, 1);
  return Array.from(
    command!.matchAll(/"((?:\$\([^)]*\)|[^"])*)"|'([^']*)'|\S+/g),
    ([word, double, single]) => double ?? single ?? word,
  );
}

/**
 * Parses a command line like the program, without running it. @throws CommanderError for an invalid
 * one
 */
async function parse(line: string): Promise<string> {
  const [name, ...words] = wordsOf(line.trim().replace(/^(npx|pnpm) /, ''));
  expect(name).toBe('fixres');
  const program = createProgram().configureOutput({ outputError: () => undefined });
  let run = '';
  for (const { words: path, command } of commandsOf(program)) {
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
    command.action(() => void (run = path));
  }
  await program.parseAsync(words, { from: 'user' });
  return run;
}

const commands = commandsOf(createProgram()).map(({ words, command }) => ({
  words,
  command,
  help: helpOf(command),
}));

it.each(['predict model photo.jpg', 'evaluate model photos'])(
  'rejects a batch size of 0: %s',
  async (line) => {
    await expect(parse(`fixres ${line} --batch-size 0`)).rejects.toThrow(
      "option '--batch-size <images>' argument '0' is invalid. It must be a whole number from 1 to 4096.",
    );
  },
);

describe.each(commands)('fixres $words', ({ words, command, help }) => {
  const flags = command.options.map(({ long }) => long);

  it('has --json if it has a result', () => {
    expect(flags.includes('--json')).toBe(!(words in withoutJson));
  });

  it('has --ndjson and --quiet if it trains', () => {
    if (training.includes(words))
      expect(flags).toEqual(expect.arrayContaining(['--ndjson', '--quiet', '--verbose']));
    else if (words !== 'predict') expect(flags).not.toContain('--ndjson');
  });

  it('describes itself and all its options and arguments', () => {
    expect(command.description()).toMatch(/^[A-Z].*\.$/);
    for (const { flags: option, description } of command.options)
      expect(description, option).not.toBe('');
    for (const argument of command.registeredArguments)
      expect(argument.description, argument.name()).not.toBe('');
  });

  it('has valid examples of itself', async () => {
    const examples = help.split('\nExamples:\n')[1]?.trim().split('\n') ?? [];
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(await parse(example), example).toBe(words);
  });
});

it('an invalid example is detected', async () => {
  await expect(parse('fixres train photos/ --sise 96')).rejects.toThrow(/unknown option '--sise'/);
  await expect(parse('fixres train photos/ --image-size big')).rejects.toThrow(/whole number/);
  await expect(parse('fixres teach photos/')).rejects.toThrow(/unknown command 'teach'/);
});

describe('the documentation', () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    ...['docs', 'apps', 'packages'].flatMap((folder) => readmesIn(folder)),
    ...readdirSync(new URL('apps/docs/pages/', root), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `apps/docs/pages/${name}`),
  ];

  it.each(documents)('%s has only valid command lines', async (file) => {
    const text = readFileSync(new URL(file, root), 'utf8');
    const blocks = Array.from(text.matchAll(/```sh\n(.*?)```/gs), ([, block]) =>
      block!.replaceAll('\\\n', ' '),
    );
    const outputs = Array.from(text.matchAll(/^\$ (fixres .*)$/gm), ([, line]) => line!);
    const lines = [
      ...outputs,
      ...blocks.flatMap((block) =>
        block.split('\n').filter((line) => /^(npx |pnpm )?fixres /.test(line)),
      ),
    ];
    for (const line of lines) {
      const name = await parse(line).catch((error: unknown) =>
        error instanceof CommanderError ? error.message : String(error),
      );
      expect(
        commands.map(({ words }) => words),
        `${line}: ${name}`,
      ).toContain(name);
    }
  });
});

/** Paths of the Markdown files in a folder and in the packages below it. */
function readmesIn(folder: string): string[] {
  return readdirSync(fileURLToPath(new URL(folder, root))).flatMap((name) => {
    const path = name.endsWith('.md') ? `${folder}/${name}` : `${folder}/${name}/README.md`;
    return existsSync(new URL(path, root)) ? [path] : [];
  });
}
