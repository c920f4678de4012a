import {
  checkMixSettings,
  createRandom,
  imageSizeOf,
  imageSizeText,
  isLarger,
  parsePolicy,
  type Size,
  viewOf,
} from '@fixres/data';
import { canTrain, parseSchedule, resolveFreezePolicy } from '@fixres/finetune/settings';
import { armCard } from './arm-card.ts';
import { corruptionConditions, corruptionKey } from './corruption-conditions.ts';
import { FixresRunsError } from '../errors.ts';
import type { SizeChoice } from '../events/events.ts';
import {
  evaluationKey,
  type PlannedArm,
  type PlannedExperiment,
  type PrecisionChoice,
} from './experiment.ts';
import { LONGEST_FILE_NAME, predictionsFileName } from '../file-names.ts';
import { isSame } from './is-same.ts';
import { armsToMeasure, sizeChoice, withChosenSizes } from './measured-size.ts';
import { experimentSchema } from './schema/experiment-schemas.ts';
import { problemText } from './schema/problem-text.ts';

/** Larger than any crop. */
const LARGE = 8192;

/**
 * Checks an experiment for conflicts, before hours of training.
 *
 * @throws FixresRunsError `bad-option`
 */
export function checkExperiment(experiment: PlannedExperiment<PrecisionChoice>): void {
  const checked = experimentSchema.safeParse(experiment);
  if (!checked.success)
    throw bad(`The experiment: ${problemText(checked.error, experiment)}.`, checked.error);
  const { arms, evaluations, comparisons, seeds, seedStopping } = experiment;
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (twice !== undefined) throw bad(`The experiment has seed ${twice} twice; seeds must differ.`);
  for (const [i, arm] of arms.entries()) {
    const { name, initFrom, testPolicy, freeze, epochs } = arm;
    const earlier = arms.slice(0, i).map((each) => each.name);
    checkParts(arm);
    if (earlier.includes(name)) throw bad(`Two arms are called "${name}"; names must differ.`);
    const alike = earlier.find((each) => each.toLowerCase() === name.toLowerCase());
    // They become names of files and folders.
    if (alike !== undefined)
      throw bad(
        `Arms "${alike}" and "${name}" differ only in case, which some file systems ignore; ` +
          'choose another name.',
      );
    if (initFrom !== null && !earlier.includes(initFrom)) {
      throw bad(
        `Arm "${name}" is initialised from "${initFrom}", which is not an earlier arm (earlier ` +
          `arms: ${earlier.join(', ') || 'none'}).`,
      );
    }
    checkLength(arm, { arms, earlier });
    checkProgressive(arm);
    checkMeasured(arm, experiment);
    if (epochs !== 0 && !canTrain(freeze))
      throw noWeightTrains(arm, typeof freeze === 'string' ? freeze : freeze.name);
    try {
      armCard(arm, [], undefined);
    } catch (error) {
      // The model's card will describe how images are prepared for it.
      throw bad(
        `The test policy of arm "${name}" cannot be its model's preprocessing: ${(error as Error).message}`,
        error,
      );
    }
    const own = evaluations.find((policy) => evaluationKey(policy) === evaluationKey(testPolicy));
    if (own === undefined)
      throw bad(
        `The test policy of arm "${name}", ${evaluationKey(testPolicy)}, is not among the evaluations.`,
      );
    if (!isSame(own, testPolicy)) {
      throw bad(
        `The test policy of arm "${name}" and another one are both called ` +
          `${evaluationKey(testPolicy)}; different policies need different names.`,
      );
    }
  }
  const keys = evaluations.map(evaluationKey);
  for (const [i, key] of keys.entries()) {
    const alike = keys.slice(0, i).find((each) => each.toLowerCase() === key.toLowerCase());
    if (alike === key) throw bad(`Two evaluations are called ${key}; names must differ.`);
    if (alike !== undefined)
      throw bad(
        `Evaluations ${alike} and ${key} differ only in case, which some file systems ignore; ` +
          'choose another name.',
      );
  }
  checkFileNames(arms, keys, seeds);
  checkFactorial(experiment, keys);
  checkCorruptions(experiment);
  const named = comparisons.map((comparison) => ({ ...comparison, what: 'A comparison' }));
  const stopping = seedStopping ? [{ ...seedStopping, what: 'The end of the seeds' }] : [];
  for (const { a, b, policy, what } of [...named, ...stopping]) {
    const unknown = [a, b].find((name) => !arms.some((each) => each.name === name));
    if (unknown !== undefined)
      throw bad(`${what} names arm "${unknown}", which the experiment does not have.`);
    if (policy !== 'own' && !keys.includes(policy))
      throw bad(`${what} names evaluation "${policy}", which does not exist.`);
  }
  if (seedStopping && seedStopping.a === seedStopping.b)
    throw bad(`The end of the seeds compares arm "${seedStopping.a}" with itself.`);
  checkChoices(experiment);
}

/** The size is chosen when the first arm is trained, and nothing may be evaluated before. */
function checkMeasured(
  { name, initFrom, measuredSize }: PlannedArm,
  { model, arms }: PlannedExperiment<PrecisionChoice>,
): void {
  if (measuredSize === undefined) return;
  if (initFrom !== arms[0]!.name)
    throw bad(
      `The size of arm "${name}" is measured, which needs an arm that is initialised from the first one, "${arms[0]!.name}"; it is ${initFrom === null ? 'not initialised from an arm' : `initialised from "${initFrom}"`}.`,
    );
  if (model.folder !== undefined)
    throw bad(
      `The size of arm "${name}" is measured, but the experiment is initialised from the model in "${model.folder}", which may have been trained on the images that are held back; it must be a new model.`,
    );
}

/** Whatever is chosen, the experiment must be valid: names of evaluations follow from sizes. */
function checkChoices(experiment: PlannedExperiment<PrecisionChoice>): void {
  const names = new Set(armsToMeasure(experiment));
  const waiting = experiment.arms.filter(({ name }) => names.has(name));
  checkCandidates(waiting, experiment);
  const counts = waiting.map(({ measuredSize }) => measuredSize!.candidates.length);
  for (let i = 0; i < Math.max(0, ...counts); i++) {
    const choices = waiting.map(({ name, measuredSize }): [string, SizeChoice] => {
      const candidates = measuredSize!.candidates.map((each) => ({ ...each, correct: 0 }));
      const none = sizeChoice({ from: experiment.arms[0]!.name, seed: 0, images: 0 }, candidates);
      return [name, { ...none, chosen: Math.min(i, candidates.length - 1) }];
    });
    checkExperiment(withChosenSizes(experiment, new Map(choices)));
  }
}

/** Any candidates of the arms can be chosen together, and predictions are stored by evaluation key. */
function checkCandidates(
  waiting: readonly PlannedArm[],
  { evaluations }: PlannedExperiment<PrecisionChoice>,
): void {
  const others = evaluations.filter(
    (policy) => !waiting.some(({ testPolicy }) => isSame(testPolicy, policy)),
  );
  const known = new Map(
    others.map((policy) => [evaluationKey(policy).toLowerCase(), { policy, of: 'an evaluation' }]),
  );
  for (const { name, measuredSize } of waiting) {
    for (const { testPolicy } of measuredSize!.candidates) {
      const key = evaluationKey(testPolicy);
      const earlier = known.get(key.toLowerCase());
      if (earlier !== undefined && !isSame(earlier.policy, testPolicy))
        throw bad(
          `A test policy that arm "${name}" may get, ${key}, is another policy than ${evaluationKey(earlier.policy)} of ${earlier.of}; different policies need different names.`,
        );
      if (earlier === undefined)
        known.set(key.toLowerCase(), { policy: testPolicy, of: `arm "${name}"` });
    }
  }
}

/** Corrupted evaluations belong to the arms, and share the names of the others. */
function checkCorruptions({
  corruptions,
  arms,
  evaluations,
}: PlannedExperiment<PrecisionChoice>): void {
  const { baseline } = corruptions ?? {};
  if (baseline !== undefined && !arms.some(({ name }) => name === baseline))
    throw bad(
      `The baseline of the corruptions is arm "${baseline}"; the arms are ${arms.map(({ name }) => name).join(', ')}.`,
    );
  const keys = new Set(evaluations.map(evaluationKey));
  for (const { testPolicy } of arms) {
    for (const condition of corruptionConditions(corruptions)) {
      const key = corruptionKey(testPolicy, condition);
      if (keys.has(key))
        throw bad(`An evaluation is called ${key}, which is the name of one on corrupted images.`);
    }
  }
}

/** Every combination of the factors needs a cell that the experiment trains and evaluates. */
function checkFactorial(
  { factorial, arms }: PlannedExperiment<PrecisionChoice>,
  evaluations: readonly string[],
): void {
  if (factorial === undefined) return;
  const { stages, cells } = factorial;
  const factors = stages.flatMap((stage) => stage.factors);
  const wrong = cells.find(
    ({ arm, policy, on }) =>
      !arms.some(({ name }) => name === arm) ||
      !evaluations.includes(policy) ||
      on.some((factor) => !factors.includes(factor)),
  );
  if (wrong !== undefined)
    throw bad(
      `A cell of the factorial is arm "${wrong.arm}" under ${wrong.policy} with ${wrong.on.join(', ') || 'no factor'}; the experiment has no such arm, evaluation or factor.`,
    );
  const combinations = new Set(cells.map(({ on }) => on.toSorted().join('\n')));
  if (combinations.size === cells.length && cells.length === 2 ** factors.length) return;
  throw bad(
    `The factorial has ${combinations.size} different cells; it must have one for each of the ${2 ** factors.length} combinations of ${factors.join(', ')}.`,
  );
}

/**
 * Landscape and portrait photos. Steps that do not produce the size of their policy fail for one of
 * them.
 */
const photos: readonly Size[] = [
  { width: 3 * LARGE, height: 2 * LARGE },
  { width: 2 * LARGE, height: 3 * LARGE },
];

/** Reports the errors of the packages that use an arm's policies, schedule and mixing. */
function checkParts({ name, trainPolicy, testPolicy, schedule, freeze, mix }: PlannedArm): void {
  try {
    for (const policy of [trainPolicy, testPolicy]) {
      for (const photo of photos) viewOf(parsePolicy(policy), photo, createRandom(0));
    }
    parseSchedule(schedule);
    resolveFreezePolicy(freeze);
    if (mix) checkMixSettings(mix);
  } catch (error) {
    throw bad(`Arm "${name}": ${(error as Error).message}`, error);
  }
}

/** Names of grid arms are composed of other names. */
function checkFileNames(
  arms: readonly PlannedArm[],
  evaluations: readonly string[],
  seeds: readonly number[],
): void {
  const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
  const longest = (names: readonly string[]): string =>
    names.reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a), '');
  const of = {
    arm: longest(arms.map(({ name }) => name)),
    seed: Math.max(0, ...seeds),
    evaluation: longest(evaluations),
  };
  const bytes = bytesOf(predictionsFileName(of));
  if (bytes <= LONGEST_FILE_NAME) return;
  throw bad(
    `Arm "${of.arm}" under evaluation ${of.evaluation} makes a file name of ${bytes} bytes; at most ${LONGEST_FILE_NAME} are allowed. Choose shorter names.`,
  );
}

function checkProgressive({ name, progressive, trainPolicy, mix }: PlannedArm): void {
  if (progressive === undefined) return;
  const { from } = progressive;
  const size = imageSizeOf(trainPolicy.output);
  if (!isLarger(size, from))
    throw bad(
      `Arm "${name}" has progressive.from ${imageSizeText(from)}; it must be smaller than its train size, ${imageSizeText(size)}.`,
    );
  if (progressive.mixup !== undefined && mix?.mixup === undefined)
    throw bad(`Arm "${name}" has progressive.mixup, which requires mix.mixup.`);
  const isAugmented = trainPolicy.steps.some(({ op }) => op === 'randAugment');
  if (progressive.magnitude !== undefined && !isAugmented)
    throw bad(`Arm "${name}" has progressive.magnitude, which requires randAugment.`);
}

/** @param earlier names of the earlier arms */
function checkLength(
  { name, epochs, steps, cost }: PlannedArm,
  { arms, earlier }: { arms: readonly PlannedArm[]; earlier: readonly string[] },
): void {
  if (cost === undefined) return;
  const { equalTo } = cost;
  if (!earlier.includes(equalTo)) {
    const what =
      equalTo === name
        ? 'itself'
        : `"${equalTo}", which ` +
          (arms.some((arm) => arm.name === equalTo) ? 'comes later' : 'does not exist');
    throw bad(
      `The cost of arm "${name}" is that of ${what}; it must be an earlier arm: ` +
        `${earlier.join(', ') || 'none'}.`,
    );
  }
  // An arm with both was already resolved.
  if ((epochs === undefined) === (steps === undefined)) return;
  throw bad(
    `Arm "${name}" has ${epochs === undefined ? `steps ${steps}` : `epochs ${epochs}`} and a cost; epochs and steps follow from its cost.`,
  );
}

/** @param policy name of the arm's freeze policy */
export function noWeightTrains(
  { name, epochs, cost }: PlannedArm,
  policy: string,
): FixresRunsError {
  const has =
    epochs === undefined
      ? `cost equal to "${cost.equalTo}"`
      : `${epochs} epoch${epochs === 1 ? '' : 's'}`;
  return bad(
    `Arm "${name}" has ${has}, but freeze policy "${policy}" trains no weights; it must have ` +
      '0 epochs.',
  );
}

function bad(message: string, cause?: unknown): FixresRunsError {
  return new FixresRunsError('bad-option', message, { cause });
}
