import { fixresTest, resize, resizeFlip, shortSideCrop, withRandomFlip } from '@fixres/data';
import type { TunedPart } from '@fixres/finetune';
import { type ArmSpec, checkExperiment, evaluationKey, type Experiment } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { explainingExperiment } from './explaining-experiment.ts';

const small: ArmSpec = {
  name: 'small',
  description: 'From scratch.',
  initFrom: null,
  trainPolicy: resizeFlip(64),
  testPolicy: resize(64),
  epochs: 8,
  schedule: { type: 'constant', rate: 0.01 },
  freeze: 'all',
};
const fixres: ArmSpec = {
  ...small,
  name: 'fixres',
  initFrom: 'small',
  trainPolicy: withRandomFlip(shortSideCrop(96)),
  testPolicy: shortSideCrop(96),
  epochs: 3,
  labelSmoothing: 0.1,
  freeze: 'classifier+last-bn',
};
const base: Experiment = {
  model: { folder: '/model', digest: 'a', imageSize: 96, newClassifier: 'if-needed' },
  arms: [small, fixres],
  evaluations: [],
  comparisons: [],
  seeds: [3, 4],
  batchSize: 16,
  normStatistics: 'precise',
};
const tuned = {
  parts: ['statistics', 'classifier'] as TunedPart[],
  only: (parts: readonly TunedPart[]) => ({
    name: parts.join('+') || 'none',
    rules: parts.includes('classifier')
      ? [{ match: { role: 'classifier' as const }, mode: 'train' as const }]
      : [],
    otherwise: 'freeze' as const,
  }),
};
const explained = { run: 'flowers', arm: fixres, from: small, tuned };

describe('explainingExperiment', () => {
  const experiment = explainingExperiment(base, explained);

  it('is an experiment that can be run, with a cell for each combination', () => {
    expect(() => checkExperiment(experiment)).not.toThrow();
    const { stages, cells, of } = experiment.factorial!;
    const factors = stages.flatMap((stage) => stage.factors);
    expect(of).toEqual({ run: 'flowers', arm: 'fixres', from: 'small' });
    expect(factors).toEqual(['test size', 'test crop', 'normalisation statistics', 'classifier']);
    expect(cells).toHaveLength(16);
    expect(cells[0]).toEqual({ arm: 'none', policy: 'resize@64', on: [] });
    expect(cells.at(-1)).toEqual({
      arm: 'statistics+classifier',
      policy: 'shortSideCrop@96',
      on: factors,
    });
    expect(cells.find(({ on }) => on.join() === 'test size,classifier')).toMatchObject({
      arm: 'classifier',
      policy: 'resize@96',
    });
  });

  it('is refused without one of its cells, or with one that it does not evaluate', () => {
    const factorial = experiment.factorial!;
    const { cells } = factorial;
    const changed = (changes: Partial<typeof factorial>) => (): void =>
      checkExperiment({ ...experiment, factorial: { ...factorial, ...changes } });
    expect(changed({ cells: cells.slice(1) })).toThrow(
      'The factorial has 15 different cells; it must have one for each of the 16 combinations',
    );
    expect(changed({ cells: [...cells.slice(1), cells[1]!] })).toThrow('15 different cells');
    expect(changed({ cells: [{ ...cells[0]!, policy: 'resize@32' }, ...cells.slice(1)] })).toThrow(
      'A cell of the factorial is arm "none" under resize@32 with no factor;',
    );
  });

  it('trains each arm like the explained one, from the same weights', () => {
    expect(experiment.arms.map(({ name, epochs }) => [name, epochs])).toEqual([
      ['none', 0],
      ['statistics', 0],
      ['classifier', 3],
      ['statistics+classifier', 3],
      ['more-epochs', 3],
    ]);
    for (const arm of experiment.arms) {
      expect(arm).toMatchObject({ initFrom: null, labelSmoothing: 0.1, schedule: fixres.schedule });
      const size = arm.name === 'more-epochs' ? 64 : 96;
      expect(arm.trainPolicy).toEqual(withRandomFlip(shortSideCrop(size)));
    }
    const { seeds, batchSize, normStatistics, model } = base;
    expect(experiment).toMatchObject({ seeds, batchSize, normStatistics, model });
  });

  it('has no factor for what does not differ', () => {
    const same = explainingExperiment(base, {
      ...explained,
      arm: { ...fixres, testPolicy: small.testPolicy, trainPolicy: small.trainPolicy },
    });
    expect(same.factorial!.stages).toEqual([
      { name: 'fine-tuning', factors: ['normalisation statistics', 'classifier'] },
    ]);
    expect(same.arms.map(({ name }) => name)).not.toContain('more-epochs');
    const larger = explainingExperiment(base, {
      ...explained,
      arm: { ...fixres, testPolicy: resize(96) },
    });
    expect(larger.factorial!.stages[0]!.factors).toEqual(['test size']);
    const cropped = explainingExperiment(base, {
      ...explained,
      from: { ...small, testPolicy: resize(96) },
    });
    expect(cropped.factorial!.stages[0]!.factors).toEqual(['test crop']);
  });

  it('scales the crop of the Keras example with the size', () => {
    const keras = explainingExperiment(base, {
      ...explained,
      arm: { ...fixres, testPolicy: fixresTest({ trainSize: 64, size: 96 }) },
    });
    expect(keras.evaluations.map(evaluationKey)).toEqual([
      'resize@64',
      'resize@96',
      'fixresTest@64',
      'fixresTest@96',
    ]);
    expect(() => checkExperiment(keras)).not.toThrow();
  });

  it('keeps the length that was derived from a cost', () => {
    const { arms } = explainingExperiment(base, {
      ...explained,
      arm: { ...fixres, steps: 7, cost: { equalTo: 'small' } },
    });
    expect(arms.find(({ name }) => name === 'classifier')).toMatchObject({ epochs: 3, steps: 7 });
    expect(arms.some((arm) => 'cost' in arm)).toBe(false);
    expect(arms[0]).not.toHaveProperty('steps');
  });
});
