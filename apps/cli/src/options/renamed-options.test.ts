import type { Command } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandTree, withSubcommands } from '../completion/command-tree.ts';
import { createProgram } from '../command-line/program.ts';

let printed = '';

beforeEach(() => {
  printed = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});

afterEach(() => vi.restoreAllMocks());

/** The options that a command line sets. @throws CommanderError for an invalid one */
async function parsed(words: readonly string[]): Promise<Record<string, unknown>> {
  const program = createProgram();
  let options = {};
  const each = (command: Command): void => {
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined, outputError: () => undefined });
    if (command.commands.length > 0) command.commands.forEach(each);
    else command.action(() => void (options = command.opts()));
  };
  program.commands.forEach(each);
  await program.parseAsync(words, { from: 'user' });
  return options;
}

describe('an option with an earlier name', () => {
  it.each([
    ['train p --policy resize', 'trainPolicy', 'resize', '--policy', '--train-policy'],
    ['train p --size 96', 'imageSize', 96, '--size', '--image-size'],
    ['train p --batch 8', 'batchSize', 8, '--batch', '--batch-size'],
    ['finetune m p --policy all', 'freeze', 'all', '--policy', '--freeze'],
    ['evaluate m p --policy resize', 'testPolicy', 'resize', '--policy', '--test-policy'],
    ['predict m p --policy resize', 'testPolicy', 'resize', '--policy', '--test-policy'],
    [
      'plan p --train-size 64 --policy resize',
      'trainPolicy',
      'resize',
      '--policy',
      '--train-policy',
    ],
    ['compare a b --policy own', 'testPolicy', 'own', '--policy', '--test-policy'],
    ['import keras f --out o --size 96', 'imageSize', 96, '--size', '--image-size'],
    // Also required options.
    ['preview p --policy resize --out a.png --size 64', 'imageSize', 64, '--size', '--image-size'],
    ['reproduce p --batch 8', 'batchSize', 8, '--batch', '--batch-size'],
  ])(
    'sets the current option, and prints its name: %s',
    async (line, name, value, old, current) => {
      const options = await parsed(line.split(' '));
      expect(options[name]).toBe(value);
      expect(printed).toBe(`${old} is now called ${current}.\n`);
    },
  );

  it('accepts the same values as the current option', async () => {
    await expect(parsed(['train', 'p', '--batch', '1'])).rejects.toThrow(
      "option '--batch <images>' argument '1' is invalid. It must be a whole number from 2 to 4096.",
    );
    await expect(parsed(['finetune', 'm', 'p', '--policy', 'most'])).rejects.toThrow(
      'Allowed choices are',
    );
  });

  it.each([
    ['--batch', '8', '--batch-size', '16'],
    ['--batch-size', '16', '--batch', '8'],
  ])('is refused together with the current option: %s %s %s %s', async (...words) => {
    await expect(parsed(['train', 'p', ...words])).rejects.toThrow(
      "option '--batch <images>' is the earlier name of '--batch-size <images>'; give one of them.",
    );
  });

  it('is not in help and completion', () => {
    const shown = withSubcommands(commandTree(createProgram())).flatMap(({ path, options }) =>
      options.map(({ flag }) => `${path.join(' ')} ${flag}`),
    );
    expect(shown).toContain('train --batch-size');
    expect(shown.filter((text) => /--(batch|size)$/.test(text))).toEqual([]);
    expect(shown.filter((text) => text.endsWith('--policy'))).toEqual(['preview --policy']);
  });
});

describe('seeds', () => {
  it('are a list, or a number of seeds', async () => {
    expect(await parsed(['train', 'p', '--seeds', '0, 2,5'])).toMatchObject({ seeds: [0, 2, 5] });
    expect(await parsed(['train', 'p', '--seeds', '3,'])).toMatchObject({ seeds: [3] });
    expect(await parsed(['train', 'p', '--seed-count', '3'])).toMatchObject({ seedCount: 3 });
    expect(printed).toBe('');
  });

  it('can be a single number as in earlier versions, with a note', async () => {
    expect(await parsed(['run', 'f.yaml', '--seeds', '3'])).toMatchObject({ seeds: 3 });
    expect(printed).toBe('--seeds 3 is now written --seed-count 3; --seeds takes a list.\n');
  });

  it.each([
    ['1,1', 'Seeds must differ.'],
    [
      '1,x',
      'It must be a list of seeds, separated by commas; each is a whole number of at least 0.',
    ],
    ['0', 'or in the way of earlier versions their number, a whole number from 1 to 100.'],
    ['-1', 'or in the way of earlier versions their number, a whole number from 1 to 100.'],
    [',', 'It must be a list of seeds, separated by commas'],
  ])('are refused: %s', async (text, message) => {
    await expect(parsed(['train', 'p', `--seeds=${text}`])).rejects.toThrow(message);
  });

  it('can be set by only one option', async () => {
    await expect(parsed(['train', 'p', '--seeds', '1,2', '--seed-count', '2'])).rejects.toThrow(
      /cannot be used with/,
    );
  });
});
