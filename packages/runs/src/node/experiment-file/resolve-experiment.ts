import {
  type AugmentEntry,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  namedPolicy,
  parsePolicy,
  type Policy,
  distinctSizes,
  type Size,
  withAugment,
  withRandomFlip,
} from '@fixres/data';
import { parseSchedule, resolveFreezePolicy, type Schedule } from '@fixres/finetune/settings';
import { stemWidths } from '@fixres/models/names';
import { checkExperiment } from '../../experiment/check-experiment.ts';
import { isSame } from '../../experiment/is-same.ts';
import { FixresRunsError } from '../../errors.ts';
import {
  type ArmSpec,
  type ComparisonSpec,
  type EqualCost,
  evaluationKey,
  type MeasuredSize,
  type PlannedArm,
  type PlannedExperiment,
  type PrecisionChoice,
  type SeedStopping,
} from '../../experiment/experiment.ts';
import { distinct, fixresExperiment, fixresPresets } from '../../experiment/fixres-experiment.ts';
import { matchedCropSize } from '../../experiment/matched-crop-size.ts';
import { measuredSizes, provisionalPolicy } from '../../experiment/measured-size.ts';
import { imagesPerUpdate } from '../../experiment/training-length.ts';
import { recipeSettings } from '../../experiment/training-recipes.ts';
import { presetWidth } from '../../experiment/preset-width.ts';
import { modelDigest } from '../model-digest.ts';
import { expandGrid } from '../../experiment-file/expand-grid.ts';
import type {
  ArmEntry,
  ExperimentFile,
  PolicyEntry,
  SeedsUntil,
} from '../../experiment-file/experiment-file.ts';
import { imageSizeFrom, isMeasured, type SizeEntry } from '../../experiment-file/size-entry.ts';

/** Sizes of the training images. Called only if a size is `matched`. */
export type ImageSizes = () => Promise<readonly Size[]>;

/**
 * Creates an experiment from the content of a file: resolves policy names, expands a grid into
 * arms, fills in presets, and reads the digest of a model folder.
 *
 * @param file folders in it are relative to the working directory
 * @throws FixresRunsError `bad-experiment`, `bad-option`
 */
export async function resolveExperiment(
  file: ExperimentFile,
  imageSizes: ImageSizes,
): Promise<PlannedExperiment<PrecisionChoice>> {
  const {
    precision,
    checkpoint,
    activations,
    corruptions = false,
    normImages,
    normStatistics = file.preset === undefined
      ? 'precise'
      : fixresPresets[file.preset].normStatistics,
  } = file;
  const base =
    file.preset === undefined
      ? await experimentOfArms(file, imageSizes)
      : await experimentOfPreset(file, imageSizes);
  // Drop undefined fields.
  const experiment = JSON.parse(
    JSON.stringify({
      ...base,
      precision,
      normStatistics,
      normImages,
      checkpoint,
      activations,
      corruptions: corruptions === true ? {} : corruptions || undefined,
    }),
  ) as PlannedExperiment<PrecisionChoice>;
  try {
    checkExperiment(experiment);
  } catch (error) {
    throw new FixresRunsError('bad-experiment', (error as Error).message, { cause: error });
  }
  return experiment;
}

async function experimentOfPreset(
  file: ExperimentFile,
  imageSizes: ImageSizes,
): Promise<PlannedExperiment<PrecisionChoice>> {
  const preset = fixresPresets[file.preset!];
  const sizes = file.sizes ?? {};
  const small = sizes.small === undefined ? preset.small : imageSizeFrom(sizes.small);
  const large = sizes.large === undefined ? preset.large : largeSize(sizes.large);
  // The schema does not allow a folder with a preset.
  const { name, width } = file.model?.folder === undefined ? (file.model ?? {}) : {};
  const settings = {
    recipe: preset.recipe,
    model: name ?? preset.model,
    width: width ?? presetWidth(file.preset!, name ?? preset.model),
    small,
    large,
    epochs: file.epochs ?? preset.epochs,
    finetuneEpochs: file.finetuneEpochs ?? preset.finetuneEpochs,
    batchSize: file.batchSize ?? preset.batchSize,
    seedCount: preset.seedCount,
    normStatistics: preset.normStatistics,
  };
  const experiment = fixresExperiment(
    settings,
    large === 'matched' ? await imageSizes() : undefined,
  );
  return { ...experiment, ...seedsOf(file) };
}

async function experimentOfArms(
  file: ExperimentFile,
  imageSizes: ImageSizes,
): Promise<PlannedExperiment<PrecisionChoice>> {
  const entries = file.grid === undefined ? file.arms! : expandGrid(file.grid);
  const isNew = file.model?.folder === undefined;
  const arms: PlannedArm[] = [];
  for (const [i, entry] of entries.entries()) {
    const where = file.grid === undefined ? `arms[${i}]` : `grid, arm ${entry.name}`;
    if (arms.some(({ name }) => name === entry.name))
      throw bad(where, `name is "${entry.name}", which an earlier arm has; names must differ`);
    if (entry.epochs === 0 && (entry.initFrom ?? null) === null && isNew)
      throw bad(where, 'epochs is 0, but the arm starts from scratch; it must be at least 1');
    const scratch = arms[0]?.epochs;
    const own = withRecipe(entry, { batchSize: file.batchSize, epochs: entry.epochs ?? scratch });
    arms.push(await resolveArm(own, where, arms, imageSizes));
  }
  const further: Policy[] = [];
  for (const [i, entry] of (file.evaluations ?? []).entries()) {
    further.push(
      await resolvePolicy(entry, {
        where: `evaluations[${i}]`,
        scratch: arms[0]!.trainPolicy,
        imageSizes,
      }),
    );
  }
  distinguishPolicies(arms);
  const own = arms.map(({ testPolicy }) => testPolicy);
  // In the order of the file, if it lists all.
  const listsAll = own.every((policy) => further.some((each) => isSame(each, policy)));
  const evaluations = distinct(listsAll ? further : [...own, ...further]);
  return {
    model: await modelOf(file, arms[0]!),
    arms,
    evaluations,
    comparisons: comparisonsOf(file, arms, evaluations),
    ...seedsOf(file),
    batchSize: file.batchSize ?? 32,
  };
}

/** Adds the settings of a recipe that an arm does not have itself. */
function withRecipe(
  { recipe, ...entry }: ArmEntry,
  { batchSize = 32, epochs = 1 }: { batchSize: number | undefined; epochs: number | undefined },
): ArmEntry {
  if (recipe === undefined) return entry;
  const updateImages = imagesPerUpdate(entry, batchSize);
  const { settings, augment } = recipeSettings(recipe, { epochs, updateImages });
  const { schedule, ...others } = settings;
  const hasRate = (entry.learningRate ?? entry.schedule) !== undefined;
  const { trainPolicy } = entry;
  return {
    ...others,
    ...(!hasRate && { schedule }),
    ...entry,
    trainPolicy: {
      ...trainPolicy,
      augment: trainPolicy.augment ?? augment,
    },
  };
}

async function modelOf(
  { model = {} }: ExperimentFile,
  { testPolicy }: PlannedArm,
): Promise<PlannedExperiment['model']> {
  if (model.folder === undefined) {
    const { name = 'resnet50v2' } = model;
    return { name, width: model.width ?? stemWidths[name] };
  }
  const { folder, newClassifier = 'if-needed' } = model;
  const imageSize =
    model.imageSize === undefined ? imageSizeOf(testPolicy.output) : imageSizeFrom(model.imageSize);
  const digest = await digestOf(folder, 'model: folder');
  return { folder, digest, imageSize, newClassifier };
}

/** @param what the place in the file, and the field: `model: folder` */
async function digestOf(folder: string, what: string): Promise<string> {
  const [where, field] = what.split(': ') as [string, string];
  return modelDigest(folder).catch((cause: unknown) => {
    throw bad(
      where,
      `${field} is "${folder}", which contains no model (${(cause as Error).message})`,
      cause,
    );
  });
}

async function resolveArm(
  entry: ArmEntry,
  where: string,
  earlier: readonly PlannedArm[],
  imageSizes: ImageSizes,
): Promise<PlannedArm> {
  const {
    name,
    initFrom = null,
    trainPolicy: train,
    testPolicy: test,
    freeze = 'all',
    learningRate,
    schedule,
    optimizer,
    loss,
    ema,
    distill,
    description,
    progressive,
    ...training
  } = entry;
  const base = earlier.find((arm) => arm.name === initFrom);
  if (initFrom !== null && base === undefined) {
    const allowed = earlier.map((arm) => arm.name).join(', ') || 'none';
    throw bad(
      where,
      `initFrom is "${initFrom}", which is not an earlier arm (earlier arms: ${allowed})`,
    );
  }
  const rateCount = [learningRate, schedule].filter((each) => each !== undefined).length;
  // An arm that trains nothing needs no rate.
  if (rateCount > 1 || (rateCount === 0 && training.epochs !== 0))
    throw bad(where, 'exactly one of learningRate and schedule must be given');
  const rates: Schedule = within(where, () =>
    parseSchedule(schedule ?? { type: 'constant', rate: learningRate ?? 0 }),
  );
  const freezePolicy = freeze as PlannedArm['freeze'];
  within(where, () => resolveFreezePolicy(freezePolicy));
  const root = base && scratchArm(base, earlier);
  const context = { where, scratch: root?.trainPolicy, imageSizes };
  const measuredSize = await measuredPolicies({ train, test }, base, context);
  const { trainPolicy, testPolicy } =
    measuredSize === undefined
      ? await policiesOf({ train, test }, context)
      : provisionalPolicies(measuredSize);
  return {
    name,
    description: description ?? describe(measuredSize ? train : trainPolicy, base, freezePolicy),
    initFrom,
    trainPolicy,
    testPolicy,
    ...(measuredSize && { measuredSize }),
    freeze: freezePolicy,
    schedule: rates,
    ...(optimizer === undefined
      ? {}
      : { optimizer: typeof optimizer === 'string' ? { type: optimizer } : optimizer }),
    ...(loss === undefined ? {} : { loss: typeof loss === 'string' ? { type: loss } : loss }),
    ...(progressive && { progressive: { ...progressive, from: imageSizeFrom(progressive.from) } }),
    ...(distill && {
      distill: { ...distill, digest: await digestOf(distill.teacher, `${where}.distill: teacher`) },
    }),
    ...(ema === undefined ? {} : { ema: { warmUp: true, ...(ema === true ? {} : ema) } }),
    ...(training as { epochs: number } | { cost: EqualCost }),
  };
}

interface PolicyEntries {
  train: PolicyEntry;
  test: PolicyEntry;
}

async function policiesOf(
  { train, test }: PolicyEntries,
  { where, scratch, imageSizes }: PolicyContext,
): Promise<Pick<ArmSpec, 'trainPolicy' | 'testPolicy'>> {
  const trainPolicy = await resolvePolicy(train, {
    where: `${where}.trainPolicy`,
    scratch,
    imageSizes,
  });
  const testPolicy = await resolvePolicy(test, {
    where: `${where}.testPolicy`,
    scratch: scratch ?? trainPolicy,
    imageSizes,
  });
  return { trainPolicy, testPolicy };
}

/** The policies of an arm at each candidate size, if its size is measured. */
async function measuredPolicies(
  { train, test }: PolicyEntries,
  base: PlannedArm | undefined,
  context: PolicyContext,
): Promise<MeasuredSize | undefined> {
  const { where, scratch } = context;
  const isTrained = 'policy' in train && isMeasured(train.size);
  if (!('policy' in test && isMeasured(test.size))) {
    if (!isTrained) return undefined;
    throw bad(
      `${where}.trainPolicy`,
      'size is "measured", which needs testPolicy.size "measured" too',
    );
  }
  if (isTrained && typeof train.size === 'object')
    throw bad(`${where}.trainPolicy`, 'size lists candidates, which only testPolicy.size does');
  if (base === undefined || scratch === undefined)
    throw bad(
      where,
      'size is "measured", which is only for arms that are initialised from the first arm',
    );
  const sizes =
    typeof test.size === 'object'
      ? distinctSizes(test.size.measured.map(imageSizeFrom))
      : await defaultSizes(test, base, { ...context, scratch });
  if (sizes.length < 2)
    throw bad(
      `${where}.testPolicy`,
      `size has the candidate ${sizes.map(imageSizeText).join()} only; it must have at least 2 different ones`,
    );
  const candidates = [];
  for (const size of sizes) {
    const sized = { train: isTrained ? { ...train, size } : train, test: { ...test, size } };
    candidates.push(await policiesOf(sized, context));
  }
  return {
    asked: { trainPolicy: train, testPolicy: { ...test, size: { measured: sizes } } },
    candidates,
  };
}

/** The train size, the test size of the first arm, the matched size, and sizes up to 7/4 of the train size. */
async function defaultSizes(
  test: PolicyEntry,
  base: PlannedArm,
  context: PolicyContext & { scratch: Policy },
): Promise<ImageSize[]> {
  const matched = await resolvePolicy(
    { ...test, size: 'matched' },
    {
      ...context,
      where: `${context.where}.testPolicy`,
    },
  );
  return measuredSizes(imageSizeOf(context.scratch.output), [
    imageSizeOf(base.testPolicy.output),
    imageSizeOf(matched.output),
  ]);
}

/** Those of the largest size, for estimates of time; the train policy can have a fixed size. */
function provisionalPolicies({
  candidates,
}: MeasuredSize): Pick<ArmSpec, 'trainPolicy' | 'testPolicy'> {
  const { trainPolicy, testPolicy } = candidates.at(-1)!;
  const isFixed = candidates.every((each) => isSame(each.trainPolicy, trainPolicy));
  return {
    trainPolicy: isFixed ? trainPolicy : provisionalPolicy(trainPolicy),
    testPolicy: provisionalPolicy(testPolicy),
  };
}

interface PolicyContext {
  where: string;
  /** The train policy of the arm from scratch at the start of the chain. */
  scratch: Policy | undefined;
  imageSizes: ImageSizes;
}

async function resolvePolicy(
  entry: PolicyEntry,
  { where, scratch, imageSizes }: PolicyContext,
): Promise<Policy> {
  const { augment = [], ...plain } = entry;
  const augmented = (policy: Policy): Policy =>
    augment.length === 0
      ? policy
      : within(where, () => withAugment(policy, augment as AugmentEntry[]));
  if (!('policy' in plain)) return augmented(within(where, () => parsePolicy(plain)));
  const { policy: name, size, flip = false } = plain;
  if (isMeasured(size))
    throw bad(where, 'size is "measured", which is only for the policies of an arm');
  const trainSize =
    plain.trainSize === undefined
      ? scratch && imageSizeOf(scratch.output)
      : imageSizeFrom(plain.trainSize);
  const make = (output: ImageSize): Policy =>
    within(where, () => namedPolicy(name, { size: output, trainSize }));
  const policy = make(
    size === 'matched'
      ? await matchedSize(make, { where, scratch, imageSizes })
      : imageSizeFrom(size),
  );
  return augmented(flip ? withRandomFlip(policy) : policy);
}

async function matchedSize(
  family: (size: ImageSize) => Policy,
  { where, scratch, imageSizes }: PolicyContext,
): Promise<ImageSize> {
  if (scratch === undefined)
    throw bad(where, 'size is "matched", which is only for arms that are initialised from another');
  const { name, steps } = family(scratch.output);
  if (steps.some(({ op }) => op === 'randomResizedCrop' || op === 'sampledBoundingBoxCrop')) {
    throw bad(
      where,
      `size is "matched", which "${name}" does not support: its crops have random sizes`,
    );
  }
  const sizes = await imageSizes();
  return within(where, () => matchedCropSize(sizes, scratch, family));
}

/**
 * Policies with the same name and size can differ if they depend on the train size of an arm from
 * scratch. Their names then include that size, because results and files identify policies by name.
 */
function distinguishPolicies(arms: PlannedArm[]): void {
  const sizeFrom = (arm: PlannedArm): string =>
    imageSizeText(scratchArm(arm, arms).trainPolicy.output);
  const all = arms.flatMap((arm) =>
    [arm, ...(arm.measuredSize?.candidates ?? [])]
      .flatMap(({ trainPolicy, testPolicy }) => [trainPolicy, testPolicy])
      .map((policy) => ({ policy, from: sizeFrom(arm) })),
  );
  const isAmbiguous = (policy: Policy, from: string): boolean =>
    all.some(
      (other) =>
        other.from !== from &&
        evaluationKey(other.policy) === evaluationKey(policy) &&
        !isSame(other.policy, policy),
    );
  const renamed = (policy: Policy, arm: PlannedArm): Policy =>
    isAmbiguous(policy, sizeFrom(arm))
      ? { ...policy, name: `${policy.name}-from${sizeFrom(arm)}` }
      : policy;
  const distinguished = (
    { trainPolicy, testPolicy }: Pick<ArmSpec, 'trainPolicy' | 'testPolicy'>,
    arm: PlannedArm,
  ): Pick<ArmSpec, 'trainPolicy' | 'testPolicy'> => ({
    trainPolicy: renamed(trainPolicy, arm),
    testPolicy: renamed(testPolicy, arm),
  });
  const changed = arms.map((arm) => {
    const { measuredSize } = arm;
    return {
      ...arm,
      ...distinguished(arm, arm),
      ...(measuredSize && {
        measuredSize: {
          ...measuredSize,
          candidates: measuredSize.candidates.map((each) => distinguished(each, arm)),
        },
      }),
    };
  });
  arms.splice(0, arms.length, ...changed);
}

function scratchArm(arm: PlannedArm, arms: readonly PlannedArm[]): PlannedArm {
  const base = arms.find(({ name }) => name === arm.initFrom);
  return base ? scratchArm(base, arms) : arm;
}

/** @param train its entry if its size is not known yet */
function describe(
  train: Policy | PolicyEntry,
  base: PlannedArm | undefined,
  freeze: PlannedArm['freeze'],
): string {
  const trained =
    'policy' in train
      ? `with ${train.policy}`
      : `at ${imageSizeText(train.output)} px with ${train.name}`;
  if (base === undefined) return `From scratch ${trained}.`;
  return (
    `Initialised from ${base.name}; fine-tuned ${trained} ` +
    `(${typeof freeze === 'string' ? freeze : freeze.name}).`
  );
}

function comparisonsOf(
  file: ExperimentFile,
  arms: readonly PlannedArm[],
  evaluations: readonly Policy[],
): ComparisonSpec[] {
  if (file.comparisons === undefined) {
    return arms.flatMap(({ name, initFrom }) =>
      initFrom === null ? [] : [{ a: name, b: initFrom, policy: 'own' }],
    );
  }
  const policies = ['own', ...evaluations.map(evaluationKey)];
  return file.comparisons.map(({ a, b, policy = 'own' }, i) => {
    const unknown = [a, b].find((name) => !arms.some((arm) => arm.name === name));
    if (unknown !== undefined)
      throw bad(
        `comparisons[${i}]`,
        `there is no arm "${unknown}"; there are: ${arms.map(({ name }) => name).join(', ')}`,
      );
    if (!policies.includes(policy))
      throw bad(
        `comparisons[${i}]`,
        `policy is "${policy}"; it must be one of ${policies.join(', ')}`,
      );
    return { a, b, policy };
  });
}

function seedsOf({
  seeds,
  seedCount = 1,
}: ExperimentFile): Pick<PlannedExperiment, 'seeds' | 'seedStopping'> {
  const first = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);
  if (seeds === undefined) return { seeds: first(seedCount) };
  if (!Array.isArray(seeds))
    return { seeds: first(seeds.max ?? 20), seedStopping: seedStoppingOf(seeds) };
  if (new Set(seeds).size < seeds.length)
    throw bad('seeds', `${JSON.stringify(seeds)} contains a seed twice`);
  return { seeds };
}

function seedStoppingOf({ until }: SeedsUntil): SeedStopping {
  const { policy = 'own' } = until;
  const [a, b] = (until.excludes0 ?? until.difference).split(' - ') as [string, string];
  return {
    a,
    b,
    policy,
    until: until.excludes0 === undefined ? { halfWidth: until.halfWidth / 100 } : 'excludes0',
  };
}

/** Adds the location in the file to errors of other packages. */
function within<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw bad(where, (error as Error).message.replace(/\.$/, ''), error);
  }
}

function bad(where: string, message: string, cause?: unknown): FixresRunsError {
  return new FixresRunsError('bad-experiment', `The experiment's ${where}: ${message}.`, {
    cause,
  });
}

function largeSize(entry: SizeEntry): ImageSize | 'matched' {
  return entry === 'matched' ? entry : imageSizeFrom(entry);
}
