import type { Command, Option } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OptionType } from './option-types.ts';
import { createProgram } from '../command-line/program.ts';

function optionsOf(command: Command): { command: string; option: Option }[] {
  const own = command.options.map((option) => ({ command: command.name(), option }));
  return [...own, ...command.commands.flatMap(optionsOf)];
}

/** Options whose text is converted. */
const read = optionsOf(createProgram()).filter(
  ({ option }) => option.parseArg !== undefined && option.argChoices === undefined,
);
const typed = read.filter(
  ({ option }) => option.parseArg !== undefined && 'takes' in option.parseArg,
);

/** Typical mistakes, numbers as programs print them, and any text. */
const texts = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-0',
    '-1',
    '1.5',
    '1e3',
    '1e999',
    '0x10',
    '1_000',
    '1,5',
    'NaN',
    'Infinity',
    'null',
    'true',
    '00',
    '٣',
    '99999999999',
    '9007199254740993',
    '1e-400',
    '.5',
    '5.',
    'x',
    '64x',
    'x64',
    '64 x 96',
    '64X96',
    '4GB',
    'none',
    '0.1gb',
    '99MB',
    '95.5 MiB',
    '3.5 GiB',
    '4  GB',
    '100TB',
    '100TiB',
    '4G',
    '1e3MB',
  ),
  fc.integer().map(String),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.string(),
  fc.array(fc.integer({ min: 0, max: 120 })).map((list) => list.join(',')),
  fc
    .array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 3 })
    .map((list) => list.join('x')),
);

/** What each type allows, implemented independently. */
function isAllowed(text: string, takes: OptionType<number>['takes']): boolean {
  const typedText = text.trim();
  if (takes.kind === 'wholes') {
    const items = text.split(',');
    const isEach = items.every((item) => isAllowed(item, { kind: 'whole', range: takes.range }));
    return isEach && new Set(items.map(Number)).size === items.length;
  }
  if (takes.kind === 'size') {
    const sides = typedText.split('x');
    const isSide = (side: string): boolean =>
      side === side.trim() && isAllowed(side, { kind: 'whole', range: takes.range });
    return sides.length <= 2 && sides.every(isSide);
  }
  if (takes.kind === 'whole') {
    if (
      typedText === '' ||
      !Array.from(typedText).every((character) => '0123456789'.includes(character))
    )
      return false;
    return (
      BigInt(typedText) >= BigInt(takes.range.low) && BigInt(typedText) <= BigInt(takes.range.high)
    );
  }
  if (takes.kind === 'memory') {
    if (text === 'none') return true;
    const [, number = '', prefix = '', binary] = /^([\d.]+) ?([mgt])(i?)b$/i.exec(typedText) ?? [];
    if (!/^\d{1,9}(\.\d{1,9})?$/.test(number)) return false;
    const bytes =
      Number(number) * (binary ? 1024 : 1000) ** (2 + 'mgt'.indexOf(prefix.toLowerCase()));
    return bytes >= 1e8 && bytes < 1e14 + 1e6;
  }
  // JSON numbers, and the shorter forms that people write.
  const isNumber = /^\+?(\d+|\d+\.\d*|\.\d+)([eE][+-]?\d+)?$/.test(typedText);
  const value = parseFloat(typedText);
  if (!isNumber || value <= 0) return false;
  return takes.kind === 'part' ? value < 1 : value <= takes.most;
}

function valueOf(text: string, takes: OptionType<unknown>['takes']): unknown {
  if (takes.kind === 'size' && text.includes('x')) {
    const [height, width] = text.split('x').map(Number);
    return height === width ? height : { height, width };
  }
  if (takes.kind === 'memory') return text;
  return takes.kind === 'wholes' ? text.split(',').map(Number) : Number(text);
}

it('no option takes several words, because the next word could be an argument', () => {
  expect(
    optionsOf(createProgram())
      .filter(({ option }) => option.variadic)
      .map(({ option }) => option.flags),
  ).toEqual([]);
});

it.each([
  [['--log', 'csv', 'photos'], { log: ['csv'] }],
  [['photos', '--log', 'csv,tensorboard'], { log: ['csv', 'tensorboard'] }],
  [['--log', 'csv', '--log', 'tensorboard', 'photos'], { log: ['csv', 'tensorboard'] }],
])('reads lists before and after arguments: %j', async (words, options) => {
  const program = createProgram();
  const command = program.commands.find((each) => each.name() === 'train')!;
  let received: unknown[] = [];
  command.action((...all: unknown[]) => void (received = all));
  await program.parseAsync(['train', ...words], { from: 'user' });
  expect(received.slice(0, 2)).toEqual(['photos', expect.objectContaining(options)]);
});

it.each(['xml', 'csv,', 'csv,xml', ''])(
  'refuses %j in a list, and states what is allowed',
  async (text) => {
    const program = createProgram();
    const train = program.commands.find((each) => each.name() === 'train')!;
    train.exitOverride().configureOutput({ outputError: () => undefined });
    await expect(
      program.parseAsync(['train', 'photos', '--log', text], { from: 'user' }),
    ).rejects.toThrow(
      /^error: option '--log <kinds>' argument '.*' is invalid\. (Allowed are tensorboard, csv|It must be a list of names)/,
    );
  },
);

it('every numeric option has a type', () => {
  const numbers = optionsOf(createProgram()).filter(({ option }) =>
    /<(n|pixels|channels|images|part|rate|factor|megabytes)>/.test(option.flags),
  );
  expect(numbers.length).toBeGreaterThan(40);
  for (const { command, option } of numbers)
    expect(option.parseArg, `${command} ${option.flags}`).toHaveProperty('takes');
});

describe.each(typed.map(({ command, option }) => [command, option.flags, option] as const))(
  '%s %s',
  (_, flags, option) => {
    const { takes } = option.parseArg as unknown as OptionType<number>;

    it('accepts what its type allows; otherwise the error states the option, the value and what is allowed', () => {
      const check = (text: string): void => {
        const read = (): unknown => option.parseArg!(text, undefined);
        if (isAllowed(text, takes)) expect(read()).toEqual(valueOf(text, takes));
        else expect(read, text).toThrow(/^It must (be|lie) [^\n]+\.$/);
      };
      fc.assert(fc.property(texts, check));
    });

    it('has a valid default', () => {
      if (option.defaultValue !== undefined)
        expect(isAllowed(String(option.defaultValue), takes), flags).toBe(true);
    });
  },
);
