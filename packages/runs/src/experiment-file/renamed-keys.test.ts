import { expect, it } from 'vitest';
import { renameConfigKeys, renameKeys } from './renamed-keys.ts';

const policy = { policy: 'resize', size: 32 };

it('renames keys of earlier versions in their order, with a note for each', () => {
  const { content, notes } = renameKeys({
    version: 1,
    model: { folder: 'm', size: 96 },
    arms: [
      { name: 'a', train: policy, test: policy, average: true },
      { name: 'b', from: 'a', trainPolicy: policy, test: policy },
    ],
    seeds: 3,
  });
  expect(JSON.stringify(content)).toBe(
    JSON.stringify({
      version: 1,
      model: { folder: 'm', imageSize: 96 },
      arms: [
        { name: 'a', trainPolicy: policy, testPolicy: policy, ema: true },
        { name: 'b', initFrom: 'a', trainPolicy: policy, testPolicy: policy },
      ],
      seedCount: 3,
    }),
  );
  expect(notes).toEqual([
    'model.size is now called imageSize.',
    'arms[].train is now called trainPolicy.',
    'arms[].test is now called testPolicy.',
    'arms[].average is now called ema.',
    'arms[].from is now called initFrom.',
    'The number of seeds is now called seedCount; seeds is a list.',
  ]);
});

it('renames keys in grids, and leaves lists of seeds and everything else unchanged', () => {
  const old = {
    grid: {
      train: { policy: 'resizeFlip', test: 'resize', sizes: [32], average: true },
      finetune: { policies: [{ train: policy, test: policy }], freeze: ['all'], average: true },
    },
    seeds: [3],
  };
  expect(renameKeys(old).content).toEqual({
    grid: {
      train: { trainPolicy: 'resizeFlip', testPolicy: 'resize', imageSizes: [32], ema: true },
      finetune: {
        policies: [{ trainPolicy: policy, testPolicy: policy }],
        freeze: ['all'],
        ema: true,
      },
    },
    seeds: [3],
  });
  const current = { preset: 'quick', sizes: { small: 32 }, arms: 'none', model: null };
  expect(renameKeys(current)).toEqual({ content: current, notes: [] });
});

it('refuses a key under both names', () => {
  const arm = { name: 'a', from: 'b', initFrom: 'b' };
  expect(() => renameKeys({ arms: [arm] })).toThrow(
    'arms[] has from and initFrom, which is its new name; remove from.',
  );
});

it('accepts any value as the configuration of a run', () => {
  expect(
    renameConfigKeys({ engine: 'cpu', experiment: { arms: [{ average: { momentum: 0.9 } }] } }),
  ).toEqual({ engine: 'cpu', experiment: { arms: [{ ema: { momentum: 0.9 } }] } });
  for (const config of [null, 'text', {}, { experiment: [] }])
    expect(renameConfigKeys(config)).toBe(config);
});
