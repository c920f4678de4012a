import { resize } from '@fixres/data';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArmSpec, Experiment } from '../experiment/experiment.ts';
import { checkExperiment } from '../experiment/check-experiment.ts';
import { chooseTrials, experimentOfTrials, trialsOf } from './trials.ts';

function arm(name: string, initFrom: string | null = null, more: Partial<ArmSpec> = {}): ArmSpec {
  return {
    name,
    description: name,
    initFrom,
    trainPolicy: resize(32),
    testPolicy: resize(32),
    epochs: 1,
    schedule: { type: 'constant', rate: 0.1 },
    freeze: 'all',
    ...more,
  };
}

const experiment: Experiment = {
  model: { name: 'resnet14v2', width: 4 },
  arms: [
    arm('small'),
    arm('vanilla', null, { steps: 7, cost: { equalTo: 'tuned' } }),
    arm('tuned', 'small'),
    arm('again', 'tuned', { steps: 3, cost: { equalTo: 'small' } }),
  ],
  evaluations: [resize(32), resize(48)],
  comparisons: [
    { a: 'tuned', b: 'vanilla', policy: 'own' },
    { a: 'tuned', b: 'small', policy: 'own' },
  ],
  seeds: [5, 0],
  batchSize: 4,
};

describe('trialsOf', () => {
  it('is an arm from scratch with all arms that are initialised from it, directly or not', () => {
    expect(trialsOf(experiment)).toEqual([
      { name: 'small@5', seed: 5, arms: ['small', 'tuned', 'again'] },
      { name: 'vanilla@5', seed: 5, arms: ['vanilla'] },
      { name: 'small@0', seed: 0, arms: ['small', 'tuned', 'again'] },
      { name: 'vanilla@0', seed: 0, arms: ['vanilla'] },
    ]);
  });

  it('contains every arm with every seed exactly once, and the arm that each is initialised from', () => {
    const parents = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
      minLength: 1,
      maxLength: 9,
    });
    const seeds = fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parents, seeds, (drawn, chosen) => {
        // Each arm is initialised from an earlier one, or from none.
        const arms = drawn.map((part, i) => {
          const from = Math.floor(part * (i + 1)) - 1;
          return arm(`a${i}`, from < 0 ? null : `a${from}`);
        });
        const trials = trialsOf({ arms, seeds: chosen });
        const pairs = trials.flatMap(({ seed, arms: names }) => names.map((n) => `${n}@${seed}`));
        const all = chosen.flatMap((seed) => arms.map(({ name }) => `${name}@${seed}`));
        expect(pairs.toSorted()).toEqual(all.toSorted());
        for (const { arms: names } of trials) {
          for (const [i, name] of names.entries()) {
            const { initFrom } = arms.find((each) => each.name === name)!;
            if (i === 0) expect(initFrom).toBeNull();
            else expect(names.slice(0, i)).toContain(initFrom);
          }
        }
      }),
    );
  });
});

describe('experimentOfTrials', () => {
  it('has the arms and seeds of the trials, and only comparisons between these arms', () => {
    const part = experimentOfTrials(experiment, ['small@0']);
    expect(part.seeds).toEqual([0]);
    expect(part.arms.map(({ name }) => name)).toEqual(['small', 'tuned', 'again']);
    expect(part.comparisons).toEqual([{ a: 'tuned', b: 'small', policy: 'own' }]);
    expect(part.evaluations).toEqual(experiment.evaluations);
    expect(() => {
      checkExperiment(part);
    }).not.toThrow();
  });

  it('keeps the length of an arm whose cost is that of an arm in another trial', () => {
    const { arms } = experimentOfTrials(experiment, ['vanilla@5']);
    expect(arms).toEqual([arm('vanilla', null, { steps: 7 })]);
    const [, , again] = experimentOfTrials(experiment, ['small@5']).arms;
    expect(again).toMatchObject({ steps: 3, cost: { equalTo: 'small' } });
  });

  it('is the whole experiment for all trials', () => {
    const names = trialsOf(experiment).map(({ name }) => name);
    expect(experimentOfTrials(experiment, names)).toEqual(experiment);
  });

  it('keeps a factorial only with all of its arms', () => {
    const factorial = {
      of: { run: 'r', arm: 'tuned', from: 'small' },
      stages: [{ name: 'all', factors: ['x'] }],
      cells: [
        { arm: 'small', policy: 'resize@32', on: [] },
        { arm: 'tuned', policy: 'resize@32', on: ['x'] },
      ],
    };
    const whole = { ...experiment, factorial };
    expect(experimentOfTrials(whole, ['small@0']).factorial).toEqual(factorial);
    expect(experimentOfTrials(whole, ['vanilla@0'])).not.toHaveProperty('factorial');
    const more = { ...factorial, moreEpochs: { arm: 'vanilla', policy: 'resize@32' } };
    expect(experimentOfTrials({ ...experiment, factorial: more }, ['small@0'])).not.toHaveProperty(
      'factorial',
    );
  });
});

describe('chooseTrials', () => {
  it('orders them like the experiment', () => {
    const names = chooseTrials(experiment, ['small@0', 'small@5']).map(({ name }) => name);
    expect(names).toEqual(['small@5', 'small@0']);
  });

  it('refuses unknown trials, and arms with different seeds', () => {
    expect(() => chooseTrials(experiment, ['tuned@0'])).toThrow(
      'Trial "tuned@0" does not exist; the trials are small@5, vanilla@5, small@0, vanilla@0.',
    );
    expect(() => chooseTrials(experiment, ['small@0', 'vanilla@5'])).toThrow(
      'Trials vanilla@5, small@0 are not the same arms for every seed, which one run needs; run them one by one.',
    );
    const seeds = Array.from({ length: 6 }, (_, seed) => seed);
    expect(() => chooseTrials({ ...experiment, seeds }, ['x@0'])).toThrow(
      /small@3, vanilla@3 and 4 more\.$/,
    );
  });
});
