import { fixresFinetune, fixresTest, resize, resizeFlip, sampledBoundingBoxCrop } from '@fixres/data';
import { isModelName, modelFactories, type ModelName } from '@fixres/models';
import { FixresRunnerError } from './errors.ts';
import { type Experiment, evaluationKey } from './experiment.ts';

/** What can be chosen about the FixRes experiment. */
export interface FixresSettings {
  /** Architecture. */
  model: ModelName;
  /** Stem width. */
  width: number;
  /** Side of the small training size in pixels. */
  small: number;
  /** Side of the large training and fine-tuning size in pixels. */
  large: number;
  /** Epochs from scratch. */
  epochs: number;
  /** Epochs of fine-tuning. */
  finetuneEpochs: number;
  batchSize: number;
  /** Number of seeds: 0 .. seeds-1. */
  seeds: number;
}

export type PresetName = 'quick' | 'keras';

/**
 * `keras` is the Keras example "FixRes" (2021) to the letter: ResNet50V2, 128 -> 224, 30 and 10 epochs, batches of 32. `quick` is
 * the same experiment with a small relative of the model, in minutes on two cores.
 */
export const fixresPresets: Readonly<Record<PresetName, FixresSettings>> = {
  quick: { model: 'resnet14v2', width: 16, small: 64, large: 112, epochs: 16, finetuneEpochs: 5, batchSize: 32, seeds: 1 },
  keras: { model: 'resnet50v2', width: 64, small: 128, large: 224, epochs: 30, finetuneEpochs: 10, batchSize: 32, seeds: 1 },
};

/** Adam's learning rates in the Keras example. */
const LEARNING_RATE = 1e-3;
const FINETUNE_LEARNING_RATE = 1e-4;

/**
 * The experiment of the Keras example, without its confounded comparison: beside the small arm, the FixRes arm and the vanilla
 * large arm there is a control that fine-tunes with test-like crops at the small size, and every arm is scored under every test
 * policy.
 *
 * @throws FixresRunnerError `bad-option`
 */
export function fixresExperiment(settings: FixresSettings): Experiment {
  checkSettings(settings);
  const { small, large, epochs, finetuneEpochs } = settings;
  const sizes = { trainSize: small, size: large };
  const resizeSmall = resize(small);
  const resizeLarge = resize(large);
  const fixresLarge = fixresTest(sizes);
  return {
    model: { name: settings.model, width: settings.width },
    arms: [
      {
        name: 'small',
        description: `From scratch at ${small} px with random crops.`,
        initFrom: null,
        trainPolicy: sampledBoundingBoxCrop(small),
        testPolicy: resizeSmall,
        epochs,
        learningRate: LEARNING_RATE,
        freeze: 'all',
      },
      {
        name: 'fixres',
        description: `Starts from small; last normalisation and classifier fine-tuned at ${large} px with test-like crops.`,
        initFrom: 'small',
        trainPolicy: fixresFinetune(sizes),
        testPolicy: fixresLarge,
        epochs: finetuneEpochs,
        learningRate: FINETUNE_LEARNING_RATE,
        freeze: 'classifier+last-bn',
      },
      {
        name: 'control',
        description: `Starts from small; fine-tuned like fixres, but at ${small} px: the effect of test-like crops alone.`,
        initFrom: 'small',
        trainPolicy: resizeFlip(small),
        testPolicy: resizeSmall,
        epochs: finetuneEpochs,
        learningRate: FINETUNE_LEARNING_RATE,
        freeze: 'classifier+last-bn',
      },
      {
        name: 'vanilla',
        description: `From scratch at ${large} px with random crops.`,
        initFrom: null,
        trainPolicy: sampledBoundingBoxCrop(large),
        testPolicy: resizeLarge,
        epochs,
        learningRate: LEARNING_RATE,
        freeze: 'all',
      },
    ],
    evaluations: [resizeSmall, resizeLarge, fixresLarge],
    comparisons: [
      { a: 'fixres', b: 'vanilla', policy: 'own' },
      { a: 'fixres', b: 'small', policy: 'own' },
      { a: 'fixres', b: 'control', policy: 'own' },
      { a: 'control', b: 'small', policy: 'own' },
      { a: 'fixres', b: 'vanilla', policy: evaluationKey(fixresLarge) },
      { a: 'fixres', b: 'vanilla', policy: evaluationKey(resizeLarge) },
    ],
    seeds: Array.from({ length: settings.seeds }, (_, seed) => seed),
    batchSize: settings.batchSize,
  };
}

function checkSettings(settings: FixresSettings): void {
  const whole = (option: keyof FixresSettings, low: number, high: number): void => {
    const value = settings[option];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low || value > high) {
      throw new FixresRunnerError('bad-option', `Option "${option}" is ${value}; it must be a whole number from ${low} to ${high}.`);
    }
  };
  if (!isModelName(settings.model)) {
    const message = `Option "model" is "${String(settings.model)}"; it must be one of ${Object.keys(modelFactories).join(', ')}.`;
    throw new FixresRunnerError('bad-option', message);
  }
  // Five halvings: below 32 pixels nothing is left of the image at the last stage.
  whole('small', 32, 1024);
  whole('large', 32, 1024);
  whole('epochs', 1, 10_000);
  whole('finetuneEpochs', 1, 10_000);
  whole('batchSize', 2, 4096);
  whole('seeds', 1, 100);
  whole('width', 4, 512);
  if (settings.large <= settings.small) {
    const message = `Option "large" is ${settings.large}; it must be larger than "small", which is ${settings.small}.`;
    throw new FixresRunnerError('bad-option', message);
  }
}
