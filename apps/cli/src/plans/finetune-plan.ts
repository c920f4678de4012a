import { resolve } from 'node:path';
import {
  contractPolicy,
  fixresTest,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  isLarger,
  namedPolicy,
  type Policy,
  policyAtSize,
  shortSideCrop,
  withRandomFlip,
} from '@fixres/data';
import { canTrain, type FreezePolicyName } from '@fixres/finetune';
import {
  allowedBy,
  type ArmSpec,
  evaluationKey,
  settingRanges,
  type StoredModel,
} from '@fixres/runs';
import { FixresRunnerError } from '@fixres/runner';
import {
  classifierFit,
  modelFacts,
  type ModelFacts,
  modelFolderOf,
  withRunSplit,
} from '@fixres/runner/node';
import { defaultRunFolder } from '../files/run-place.ts';
import { armExperiment } from '../run/arm-experiment.ts';
import { repeatingCommand } from '../run/repeating-command.ts';
import { chosenSeeds } from './chosen-seeds.ts';
import { specified } from '../training-choice/specified.ts';
import type { PlannedRun } from './planned-run.ts';
import { checkTestPolicy, planOf, type TrainingOptions } from '../run/training-options.ts';

/** Options of `finetune`. */
export interface FinetuneOptions extends Omit<TrainingOptions, 'epochs'> {
  /** Default: 10, or 0 if no weight trains. */
  epochs?: number;
  imageSize?: ImageSize;
  freeze: FreezePolicyName;
  trainPolicy?: string;
  testPolicy?: string;
  trainSize?: ImageSize;
  newClassifier?: boolean;
  arm?: string;
  seed?: number;
  featureCache: 'auto' | 'off';
  featurePrecision: 'full' | 'half';
  featureMemory?: number;
}

const DEFAULT_EPOCHS = 10;
type DecidedOptions = FinetuneOptions & TrainingOptions;

/**
 * The plan of a fine-tuning, with an arm for the original model if it has the same classes.
 *
 * @param place model folder or run folder
 * @param note receives notes for the user, one line each
 */
export async function finetunePlan(
  place: string,
  datasetName: string,
  given: FinetuneOptions,
  note: (text: string) => void,
): Promise<PlannedRun> {
  const trains = canTrain(given.freeze);
  const options: DecidedOptions = {
    ...given,
    epochs: given.epochs ?? (trains ? DEFAULT_EPOCHS : 0),
  };
  // Check all options before slow work.
  checkEpochs(options.epochs, trains);
  const folder = resolve(await modelFolderOf(place, options));
  const facts = await modelFacts(folder);
  const policies = policiesOf(facts, options);
  checkTestPolicy(policies.test);
  const { dataset, ...plan } = await planOf(datasetName, options);
  const command = repeatingCommand(['finetune', place, datasetName], options);
  const { featureCache: keep, featurePrecision: precision, featureMemory: memoryMb } = options;
  const out =
    options.out ??
    defaultRunFolder(datasetName, `finetuned-${imageSizeText(policies.test.output)}`);
  return {
    folder: out,
    plan: {
      ...plan,
      dataset: withRunSplit(dataset, facts),
      start: facts,
      command,
      features: { keep, precision, memoryMb },
      experiment: specified(options, async (_, openDataset) => {
        const fit = classifierFit(facts, await openDataset(), options.newClassifier === true);
        if (fit.note !== undefined) note(fit.note);
        const model: StoredModel = {
          folder,
          digest: facts.digest,
          imageSize: imageSizeOf(policies.test.output),
          newClassifier: fit.newClassifier,
        };
        return armExperiment({
          model,
          ...arms(facts, policies, options, fit.keeps),
          seeds: chosenSeeds(options) ?? [0],
          batchSize: options.batchSize,
          normStatistics: options.normStatistics,
          normImages: options.normImages,
        });
      }),
    },
  };
}

/** @param trains whether weights train; otherwise there must be no epochs */
function checkEpochs(epochs: number, trains: boolean): void {
  if (trains === epochs >= 1) return;
  const allowed = trains
    ? allowedBy(settingRanges.epochs)
    : 'left out or 0 with a freeze policy that trains no weights';
  throw new FixresRunnerError('bad-option', `Option --epochs is ${epochs}; it must be ${allowed}.`);
}

interface FinetunePolicies {
  train: Policy;
  test: Policy;
}

/**
 * The policies: the requested ones, else those of the FixRes step, else the model's own test
 * policy, with flips in training.
 */
function policiesOf({ run, contract }: ModelFacts, options: FinetuneOptions): FinetunePolicies {
  const ownSize = contract && imageSizeOf(contract.input);
  const size = options.imageSize ?? ownSize;
  if (size === undefined)
    throw new FixresRunnerError(
      'bad-option',
      'Option --image-size is missing; the model does not define its image size.',
    );
  const trainSize = options.trainSize ?? run?.trainSize ?? ownSize;
  const own = ownPolicy({ run, contract });
  const usual = (): Policy => {
    if (trainSize !== undefined && isLarger(size, trainSize))
      return fixresTest({ trainSize, size });
    return own === undefined ? shortSideCrop(size) : policyAtSize(own, size);
  };
  const test =
    options.testPolicy === undefined
      ? usual()
      : namedPolicy(options.testPolicy, { size, trainSize });
  const train =
    options.trainPolicy === undefined
      ? withRandomFlip(test)
      : namedPolicy(options.trainPolicy, { size, trainSize });
  return { train, test };
}

function ownPolicy({ run, contract }: Pick<ModelFacts, 'run' | 'contract'>): Policy | undefined {
  return run?.arm.testPolicy ?? (contract && contractPolicy(contract, 'own'));
}

/** The fine-tuned arm, and an arm for the original model if it has the same classes. */
function arms(
  facts: ModelFacts,
  { train, test }: FinetunePolicies,
  options: DecidedOptions,
  knowsClasses: boolean,
): Pick<Parameters<typeof armExperiment>[0], 'arms' | 'comparisons'> {
  const shared = {
    initFrom: null,
    trainPolicy: train,
    schedule: { type: 'constant', rate: options.learningRate },
  } as const;
  const size = imageSizeText(test.output);
  const finetuned: ArmSpec = {
    ...shared,
    name: 'finetuned',
    description:
      options.epochs === 0
        ? `Batch statistics re-estimated at ${size} px.`
        : `Fine-tuned at ${size} px with freeze policy ${options.freeze}.`,
    testPolicy: test,
    epochs: options.epochs,
    freeze: options.freeze,
  };
  if (!knowsClasses) return { arms: [finetuned] };
  // A model of a known architecture still supports its own size.
  const own = (facts.takesAnySize ? ownPolicy(facts) : undefined) ?? test;
  const given: ArmSpec = {
    ...shared,
    name: 'given',
    description: 'The initial model.',
    testPolicy: own,
    epochs: 0,
    freeze: 'classifier',
  };
  const under = evaluationKey(own) === evaluationKey(test) ? ['own'] : ['own', evaluationKey(test)];
  return {
    arms: [given, finetuned],
    comparisons: under.map((policy) => ({ a: 'finetuned', b: 'given', policy })),
  };
}
