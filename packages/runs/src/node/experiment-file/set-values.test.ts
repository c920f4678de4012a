import { describe, expect, it } from 'vitest';
import { setValues } from './set-values.ts';

const experiment = {
  version: 1,
  dataset: 'synthetic',
  model: { name: 'resnet14v2', width: 8 },
  arms: [
    {
      name: 'small',
      trainPolicy: { policy: 'resizeFlip', size: 32 },
      testPolicy: { policy: 'resize', size: 32 },
      epochs: 2,
      schedule: { type: 'constant', rate: 0.1 },
      optimizer: 'sgd',
      ema: true,
    },
    { name: 'small.tuned', initFrom: 'small', earlyStopping: { patience: 2 } },
  ],
};

describe('setValues', () => {
  it.each([
    ['batchSize=16', { batchSize: 16 }],
    [
      'arms.small.schedule.rate=1e-4',
      { arms: [{ schedule: { type: 'constant', rate: 1e-4 } }, {}] },
    ],
    ['arms.0.epochs=9', { arms: [{ epochs: 9 }, {}] }],
    ['arms.small.tuned.epochs=3', { arms: [{ epochs: 2 }, { epochs: 3 }] }],
    ['seeds=[3, 5]', { seeds: [3, 5] }],
    ['dataset.limit=40', { dataset: { source: 'synthetic', limit: 40 } }],
    ['checkpoint.everyEpochs=null', { checkpoint: { everyEpochs: null } }],
    // Shorthands are expanded.
    [
      'arms.small.optimizer.momentum=0.9',
      { arms: [{ optimizer: { type: 'sgd', momentum: 0.9 } }, {}] },
    ],
    ['arms.small.ema.momentum=0.99', { arms: [{ ema: { momentum: 0.99 } }, {}] }],
    ['arms.small.trainPolicy.flip=true', { arms: [{ trainPolicy: { flip: true } }, {}] }],
    ['model={ folder: m }', { model: { folder: 'm' } }],
  ])('sets %s', (setting, changed) => {
    expect(setValues(experiment, [setting])).toMatchObject(changed);
  });

  it('sets values one after another, and does not change its input', () => {
    const before = structuredClone(experiment);
    const changed = setValues(experiment, [
      'arms.small.schedule.type=cosine',
      'arms.small.schedule.minimum=0.001',
    ]);
    expect(changed).toMatchObject({
      arms: [{ schedule: { type: 'cosine', rate: 0.1, minimum: 0.001 } }, {}],
    });
    expect(experiment).toEqual(before);
    expect(setValues(experiment, [])).toEqual(experiment);
  });

  it('removes a setting that is set to null, unless null is an allowed value', () => {
    const { arms } = setValues(experiment, [
      'arms.small.tuned.earlyStopping=null',
      'arms.small.tuned.initFrom=null',
    ]) as typeof experiment;
    expect(arms[1]).toEqual({ name: 'small.tuned', initFrom: null });
  });

  it.each([
    ['bachSize=4', 'there is no "bachSize"; did you mean batchSize?'],
    ['arms.smal.epochs=4', 'there is no "smal"; did you mean small, small.tuned?'],
    ['arms.small.schedule.rat=4', 'there is no "rat"; did you mean rate'],
    ['arms.small.schedule.minimum=4', 'there is no "minimum"; '],
    ['arms.7.epochs=4', 'there is no "7"; '],
    ['epochs.more=4', 'nothing can be set at "more".'],
    ['__proto__.x=4', 'there is no "__proto__"; '],
    ['batchSize', 'it must be <path>=<value>.'],
    ['=4', 'it must be <path>=<value>.'],
    ['seeds=[1', 'its value is not YAML: '],
  ])('refuses %s', (setting, reason) => {
    expect(() => setValues(experiment, [setting])).toThrow(`Setting "${setting}": ${reason}`);
  });
});
