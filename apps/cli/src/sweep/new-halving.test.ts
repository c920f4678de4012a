import { resize } from '@fixres/data';
import type { ArmSpec, PlannedArm, PlannedExperiment, PrecisionChoice } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { halvingChoice } from './halving-options.ts';
import { firstTrials, newHalving, selectionContent } from './new-halving.ts';

function arm(name: string, more: Partial<ArmSpec> = {}): ArmSpec {
  return {
    ...{ name, description: name, initFrom: null, trainPolicy: resize(32), testPolicy: resize(32) },
    ...{ epochs: 9, schedule: { type: 'constant', rate: 0.1 }, freeze: 'all' },
    ...more,
  };
}

const names = 'a b c d e f g h i'.split(' ');

function planned(
  arms: PlannedArm[] = names.map((name) => arm(name)),
  more: object = {},
): PlannedExperiment<PrecisionChoice> {
  return {
    ...{ model: { name: 'resnet14v2', width: 4 }, arms, evaluations: [resize(32)] },
    ...{ comparisons: [{ a: 'a', b: 'b', policy: 'own' }], seeds: [4, 0], batchSize: 4 },
    ...more,
  };
}

const dataset = { source: 'photos', holdBack: 0.1 };
const epochs = halvingChoice({ halving: 'epochs' })!;

describe('halving over epochs', () => {
  it('compares arms from scratch with a seed of its own, on images that are held back', () => {
    const content = { planned: planned(), dataset };
    const halving = newHalving(content, { ...epochs, survivors: 1 }, 1);
    expect(halving).toEqual({
      ...{ over: 'epochs', reduction: 3, survivors: 1, baseline: 'a', finalSeeds: [4, 0] },
      ...{ seed: 5, rungs: [1, 3, 9], promotion: 'synchronous' },
    });
    // Nothing waits where several trials run.
    expect(newHalving(content, epochs, 2)).toMatchObject({ promotion: 'asynchronous' });
    const selection = selectionContent(content, halving);
    expect(selection.planned).toMatchObject({ seeds: [5], comparisons: [] });
    expect(selection.dataset).toEqual({ ...dataset, evaluateOn: 'heldBack' });
    expect(firstTrials(selection.planned, halving)).toEqual(names.map((name) => `${name}@5`));
  });

  const others = names.slice(1).map((name) => arm(name));
  it.each<[string, Parameters<typeof planned>, object, object]>([
    [
      'it chooses on training images that are held back, never on the held-out ones; add to dataset, for example, holdBack: 0.1',
      [],
      {},
      { holdBack: undefined },
    ],
    [
      'arms "b" and "a" have 9 and 8 epochs, and arms are compared after equal numbers of them; choose with --halving seeds',
      [[...others, arm('a', { epochs: 8 })]],
      {},
      {},
    ],
    [
      'the length of arm "a" is a number of steps; give it epochs alone; choose with --halving seeds',
      [[arm('a', { steps: 80 }), ...others]],
      {},
      {},
    ],
    [
      'arm "a" stops early by itself (earlyStopping); choose with --halving seeds',
      [[arm('a', { earlyStopping: { patience: 1 } }), ...others]],
      {},
      {},
    ],
    [
      'it chooses among arms that are trained from scratch, and the experiment has one; at least 2 are needed',
      [[arm('a'), arm('b', { initFrom: 'a' })]],
      {},
      {},
    ],
    [
      'it needs 1 seed above those of the experiment, and the largest seed is 9007199254740991',
      [undefined, { seeds: [Number.MAX_SAFE_INTEGER] }],
      {},
      {},
    ],
  ])('is refused: %s', (why, [arms, more], choice, data) => {
    const content = { planned: planned(arms, more), dataset: { ...dataset, ...data } };
    expect(() => newHalving(content, { ...epochs, ...choice }, 1)).toThrow(
      `error: Option --halving cannot be used: ${why}.`,
    );
  });

  it('refuses a baseline that is no arm from scratch', () => {
    const content = { planned: planned(), dataset };
    expect(() => newHalving(content, { ...epochs, baseline: 'x' }, 1)).toThrow(
      'error: Option --baseline is "x"; it must be one of a, b, c, d, e, f, g, h, i.',
    );
  });
});
