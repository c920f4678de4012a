import {
  distinctSizes,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  mapSides,
  type Policy,
} from '@fixres/data';
import type { SizeChoice } from '../events/events.ts';
import { isSame } from './is-same.ts';
import {
  evaluationKey,
  type Experiment,
  type PlannedArm,
  type PrecisionChoice,
} from './experiment.ts';

/** Networks that halve the side of their input five times give whole feature maps at its multiples. */
const STRIDE = 32;
/** Test sizes relative to the train size. FixRes's gains are between 1.15 and 1.75. */
const GROWTH = [1, 1.25, 1.5, 1.75];
const LARGEST = 4096;

/**
 * Test sizes to measure for a model, in their order: multiples of 32 up to about 7/4 of its train size,
 * and the given ones; rectangles grow in both sides.
 */
export function measuredSizes(trainSize: ImageSize, others: readonly ImageSize[]): ImageSize[] {
  const grown = GROWTH.map((factor) =>
    mapSides(trainSize, (side) =>
      Math.min(LARGEST, Math.max(STRIDE, Math.round((side * factor) / STRIDE) * STRIDE)),
    ),
  );
  return distinctSizes([trainSize, ...others, ...grown]);
}

/** A policy that stands for those of all candidates until one is chosen. */
export function provisionalPolicy(policy: Policy): Policy {
  return { ...policy, name: `${policy.name}-measured` };
}

/** Names of the arms whose sizes are not chosen yet. */
export function armsToMeasure({ arms }: Pick<Experiment<PlannedArm>, 'arms'>): string[] {
  return arms.flatMap(({ name, measuredSize }) =>
    measuredSize !== undefined && measuredSize.choice === undefined ? [name] : [],
  );
}

/** The test policies of all candidates of {@link armsToMeasure}, each once: arms can share candidates. */
export function candidatesToMeasure(experiment: Pick<Experiment<PlannedArm>, 'arms'>): Policy[] {
  const names = new Set(armsToMeasure(experiment));
  const policies = new Map<string, Policy>();
  for (const { name, measuredSize } of experiment.arms)
    if (names.has(name))
      for (const { testPolicy } of measuredSize!.candidates)
        policies.set(evaluationKey(testPolicy), testPolicy);
  return [...policies.values()];
}

/**
 * An experiment whose arms have the chosen sizes. Lengths that follow from a cost are removed, because
 * they depend on the sizes.
 *
 * @param choices by arm, for all of {@link armsToMeasure}
 */
export function withChosenSizes<Arithmetic extends PrecisionChoice>(
  experiment: Experiment<PlannedArm, Arithmetic>,
  choices: ReadonlyMap<string, SizeChoice>,
): Experiment<PlannedArm, Arithmetic> {
  const arms = experiment.arms.map((arm) => {
    const { measuredSize } = arm;
    const choice = choices.get(arm.name);
    const sized =
      measuredSize === undefined || choice === undefined
        ? arm
        : {
            ...arm,
            ...measuredSize.candidates[choice.chosen]!,
            measuredSize: { ...measuredSize, choice },
          };
    const { cost, steps: _, ...rest } = sized;
    return cost === undefined ? sized : { ...rest, epochs: undefined, cost };
  });
  const evaluations = experiment.evaluations.flatMap((policy) => {
    const chosen = experiment.arms.flatMap(({ name, testPolicy }, i) =>
      choices.has(name) && isSame(testPolicy, policy) ? [arms[i]!.testPolicy] : [],
    );
    return chosen.length > 0 ? chosen : [policy];
  });
  return {
    ...experiment,
    arms,
    evaluations: evaluations.filter(
      (policy, i) => evaluations.findIndex((each) => isSame(each, policy)) === i,
    ),
  };
}

/** An experiment whose arms have the largest of the sizes that are measured: it needs the most memory. */
export function withLargestSizes<Arithmetic extends PrecisionChoice>(
  experiment: Experiment<PlannedArm, Arithmetic>,
): Experiment<PlannedArm, Arithmetic> {
  const waiting = armsToMeasure(experiment);
  const [from] = experiment.arms;
  const choices = experiment.arms.flatMap(({ name, measuredSize }): [string, SizeChoice][] => {
    if (measuredSize === undefined || !waiting.includes(name)) return [];
    const areas = measuredSize.candidates.map(
      ({ testPolicy: { output } }) => output.height * output.width,
    );
    const candidates = measuredSize.candidates.map((each) => ({ ...each, correct: 0 }));
    const none = sizeChoice({ from: from!.name, seed: 0, images: 0 }, candidates);
    return [[name, { ...none, chosen: areas.indexOf(Math.max(...areas)) }]];
  });
  return withChosenSizes(experiment, new Map(choices));
}

/** How a size was chosen, as a sentence. */
export function sizeChoiceText({ from, images, candidates, chosen }: SizeChoice): string {
  const accuracies = candidates.map(
    ({ size, correct }) => `${imageSizeText(size)} px ${((100 * correct) / images).toFixed(1)} %`,
  );
  return `Size ${imageSizeText(candidates[chosen]!.size)} px, measured with ${from} on ${images} held-back training images: ${accuracies.join(', ')}.`;
}

/** The choice of a size from the number of images classified correctly under each candidate. */
export function sizeChoice(
  arm: { from: string; seed: number; images: number },
  candidates: readonly { testPolicy: Policy; correct: number }[],
): SizeChoice {
  const best = Math.max(...candidates.map(({ correct }) => correct));
  return {
    ...arm,
    candidates: candidates.map(({ testPolicy, correct }) => ({
      policy: testPolicy.name,
      size: imageSizeOf(testPolicy.output),
      correct,
    })),
    chosen: candidates.findIndex(({ correct }) => correct === best),
  };
}
