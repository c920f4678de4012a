import { checkExperiment, fixresExperiment, fixresPresets, type PlannedArm } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { applyTrainingChoice } from './apply-training-choice.ts';
import type { TrainingChoice } from './training-choice-options.ts';

const experiment = fixresExperiment(fixresPresets.quick);

function armsWith(choice: TrainingChoice, preset = experiment): Record<string, PlannedArm> {
  const changed = applyTrainingChoice(preset, choice);
  checkExperiment(changed);
  return Object.fromEntries(changed.arms.map((arm) => [arm.name, arm]));
}

describe('applyTrainingChoice', () => {
  it('changes nothing without a choice', () => {
    expect(applyTrainingChoice(experiment, {})).toEqual(experiment);
  });

  it('sets optimizer, label smoothing and average in all arms that train', () => {
    const { small, untuned, fixres, vanilla } = armsWith({
      optimizer: 'sgd',
      momentum: 0.9,
      weightDecay: 1e-4,
      labelSmoothing: 0.1,
      ema: 0.99,
    });
    const shared = {
      optimizer: { type: 'sgd', momentum: 0.9, weightDecay: { rate: 1e-4 } },
      labelSmoothing: 0.1,
      ema: { momentum: 0.99, warmUp: true },
    };
    for (const arm of [small, fixres, vanilla]) expect(arm).toMatchObject(shared);
    expect(untuned).toEqual(experiment.arms[1]);
    expect(armsWith({ ema: true }).small).toMatchObject({ ema: { warmUp: true } });
  });

  it('sets learning rate, schedule, warm-up and early stopping only in arms from scratch', () => {
    const arms = armsWith({
      learningRate: 0.1,
      schedule: 'constant',
      warmUp: 2,
      earlyStopping: 3,
      progressive: 48,
    });
    for (const name of ['small', 'vanilla', 'vanilla-equal-cost'])
      expect(arms[name]).toMatchObject({
        schedule: { type: 'constant', rate: 0.1, warmUp: { epochs: 2 } },
        earlyStopping: { patience: 3 },
        progressive: { from: 48 },
      });
    const own = experiment.arms.find(({ name }) => name === 'fixres');
    expect(arms.fixres).toEqual(own);
  });

  it('scales the given learning rate by a rule, in arms from scratch', () => {
    const choice = { learningRate: 0.1, learningRateRule: 'linear' } as const;
    const arms = armsWith(choice);
    for (const name of ['small', 'vanilla'])
      expect(arms[name]!.schedule).toMatchObject({ rate: 0.1, scaling: { rule: 'linear' } });
    expect(arms.fixres).toEqual(experiment.arms.find(({ name }) => name === 'fixres'));
    const scaling = { rule: 'square-root', referenceBatch: 64 } as const;
    const { small } = armsWith({
      learningRate: 0.1,
      learningRateRule: scaling.rule,
      referenceBatch: scaling.referenceBatch,
      schedule: 'constant',
    });
    const { warmUp } = experiment.arms[0]!.schedule;
    expect(small!.schedule).toEqual({ type: 'constant', rate: 0.1, warmUp, scaling });
    // The rule of an experiment file stays, unless an option changes it.
    const scaled = { ...experiment, arms: [small!], comparisons: [] };
    expect(armsWith({ warmUp: 1 }, scaled).small!.schedule).toMatchObject({ scaling });
    expect(armsWith({ referenceBatch: 8 }, scaled).small!.schedule).toMatchObject({
      scaling: { ...scaling, referenceBatch: 8 },
    });
    expect(armsWith({ learningRateRule: 'none' }, scaled).small!.schedule).toEqual({
      type: 'constant',
      rate: 0.1,
      warmUp,
    });
  });

  it.each([
    [
      { learningRateRule: 'linear' },
      'Option --learning-rate-rule linear requires --learning-rate.',
    ],
    [
      { learningRate: 1, referenceBatch: 8 },
      'Option --reference-batch requires --learning-rate-rule linear or square-root.',
    ],
  ] as const)('refuses %j', (choice, message) => {
    expect(() => applyTrainingChoice(experiment, choice)).toThrow(message);
  });

  it('keeps settings of a schedule or an optimizer whose type does not change', () => {
    const paper = fixresExperiment(fixresPresets.paper);
    const { small } = armsWith({ learningRate: 0.5, weightDecay: 0.01 }, paper);
    expect(small).toMatchObject({
      schedule: { ...paper.arms[0]!.schedule, rate: 0.5 },
      optimizer: { type: 'sgd', momentum: 0.9, weightDecay: { rate: 0.01, kind: 'l2' } },
    });
    expect(armsWith({ optimizer: 'adam' }, paper).small!.optimizer).toEqual({ type: 'adam' });
  });

  it('lets the rate of an arm with a derived length fall as often as in the other arms', () => {
    const arms = armsWith({ schedule: 'step' }, fixresExperiment(fixresPresets.keras));
    expect(arms.small!.schedule).toEqual({ type: 'step', rate: 1e-3 });
    expect(arms['vanilla-equal-cost']!.schedule).toEqual({ type: 'step', rate: 1e-3, parts: 1 });
  });

  it('augments and mixes only in arms from scratch, in the order of timm', () => {
    const { small, fixres, control, vanilla } = armsWith({
      augment: ['threeAugment'],
      randomErasing: 0.25,
      colorJitter: 0.4,
      mixup: 0.2,
      cutmix: 1,
    });
    for (const arm of [small!, vanilla!]) {
      expect(arm.trainPolicy.steps.slice(-4)).toMatchObject([
        { op: 'randomHorizontalFlip' },
        { op: 'threeAugment' },
        { op: 'colorJitter', brightness: [0.6, 1.4], saturation: [0.6, 1.4] },
        { op: 'randomErasing', probability: 0.25 },
      ]);
      expect(arm.mix).toEqual({ mixup: 0.2, cutmix: 1 });
    }
    expect([fixres, control]).toEqual(
      ['fixres', 'control'].map((each) => experiment.arms.find(({ name }) => name === each)),
    );
  });

  it('sets the recipe of all arms that train', () => {
    const { small, untuned, fixres } = armsWith({
      optimizer: 'lamb',
      weightDecay: 0.02,
      decayExclude: 'norm-and-bias',
      layerDecay: 0.75,
      loss: 'binary-cross-entropy',
      classWeights: 'balanced',
      sampling: 'class-balanced',
      clipGradients: 'norm=1e-1',
      accumulate: 4,
      dropPath: 0.05,
      dropout: 0.2,
      gradientCheckpointing: true,
    });
    const recipe = {
      optimizer: { type: 'lamb', weightDecay: { rate: 0.02, exclude: 'norm-and-bias' } },
      layerRates: { decay: 0.75 },
      loss: { type: 'binary-cross-entropy' },
      classWeights: 'balanced',
      sampling: 'class-balanced',
      clipGradients: { norm: 0.1 },
      accumulate: 4,
      dropPath: 0.05,
      dropout: 0.2,
      gradientCheckpointing: true,
    };
    for (const arm of [small, fixres]) expect(arm).toMatchObject(recipe);
    expect(untuned).toEqual(experiment.arms[1]);
    expect(armsWith({ sampling: 'repeated-augmentation=4' }).small!.sampling).toEqual({
      repeatedAugmentation: 4,
    });
    expect(
      armsWith({ optimizer: 'sgd', momentum: 0.9, nesterov: true }).small!.optimizer,
    ).toMatchObject({ type: 'sgd', momentum: 0.9, nesterov: true });
  });

  it('gives arms from scratch the settings of a recipe, and lets other options replace them', () => {
    const {
      small,
      fixres,
      'vanilla-equal-cost': equal,
    } = armsWith({
      recipe: 'resnet-strikes-back-a3',
      accumulate: 4,
      weightDecay: 0.01,
      warmUp: 2,
    });
    const recipe = {
      optimizer: { type: 'lamb', weightDecay: { rate: 0.01, exclude: 'norm-and-bias' } },
      loss: { type: 'binary-cross-entropy', threshold: 0.2 },
      // 32 images times 4 instead of 2048.
      schedule: { type: 'cosine', rate: 2e-3, warmUp: { epochs: 2 } },
      accumulate: 4,
    };
    for (const arm of [small, equal]) {
      expect(arm).toMatchObject({ ...recipe, mix: { mixup: 0.1, cutmix: 1 } });
      expect(arm!.trainPolicy.steps.at(-1)).toMatchObject({ op: 'randAugment', magnitude: 18 });
    }
    const { small: other } = armsWith({ recipe: 'deit3', randomErasing: 0.25, mixup: 0.5 });
    expect(other).toMatchObject({ mix: { mixup: 0.5 }, sampling: { repeatedAugmentation: 3 } });
    expect(other!.trainPolicy.steps.map(({ op }) => op)).not.toContain('threeAugment');
    expect(fixres!.mix).toBeUndefined();
    expect(fixres!.loss).toBeUndefined();
    expect(fixres!.schedule).toEqual(
      experiment.arms.find(({ name }) => name === 'fixres')!.schedule,
    );
  });

  it('sets the precision of the experiment', () => {
    expect(applyTrainingChoice(experiment, { precision: 'bfloat16' }).precision).toBe('bfloat16');
  });

  it('refuses a momentum for Adam', () => {
    expect(() => armsWith({ momentum: 0.9 })).toThrow(
      'Option --momentum requires --optimizer sgd or rmsprop.',
    );
    expect(() => armsWith({ nesterov: true })).toThrow(
      'Option --nesterov requires --optimizer sgd.',
    );
    expect(() => armsWith({ decayExclude: 'norm-and-bias' })).toThrow(
      'Option --decay-exclude requires --weight-decay.',
    );
  });
});
