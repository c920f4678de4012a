import { resize } from '@fixres/data';
import { expect, it } from 'vitest';
import { flattenConfig } from './flatten-config.ts';

it('has the settings of a part of an experiment, not those of the whole, nor candidates of a size', () => {
  const arm = {
    name: 'small',
    description: 'x',
    testPolicy: resize(32),
    schedule: { rate: 0.1 },
    measuredSize: { candidates: [{ testPolicy: resize(32) }, { testPolicy: resize(48) }] },
  };
  expect(
    flattenConfig({
      threads: 2,
      experiment: { seeds: [1], arms: [arm] },
      part: { trials: ['small@1'], of: { seeds: [0, 1], arms: [arm, { ...arm, name: 'large' }] } },
    }),
  ).toEqual({
    threads: 2,
    seeds: '1',
    'small.testPolicy': 'resize@32',
    'small.schedule.rate': 0.1,
    'part.trials': 'small@1',
  });
});

it('names image sizes as policies do', () => {
  const progressive = { from: { height: 48, width: 64 }, stages: 2 };
  expect(
    flattenConfig({
      model: { imageSize: { height: 48, width: 64 } },
      arms: [{ name: 'a', progressive }],
    }),
  ).toEqual({
    'model.imageSize': '48x64',
    'a.progressive.from': '48x64',
    'a.progressive.stages': 2,
  });
});
