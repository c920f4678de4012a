import type { Policy } from '@fixres/data';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  type ArmSpec,
  checkExperiment,
  type Experiment,
  imagesPerUpdate,
  type PlannedArm,
  type PlannedExperiment,
  type PrecisionChoice,
  trainingLength,
} from '@fixres/runs';
import { FixresRunnerError } from '../errors.ts';
import { normPasses } from '../statistics/norm-images.ts';
import { startModel, type StartModelOptions, startTeacher } from '../arms/start-model.ts';
import { armCompute } from './arm-compute.ts';
import { type CountedCompute, stageComputes } from './image-compute.ts';
import { multiplyAddsText } from '@fixres/runs/report';
import { stagedCompute, stagedStepsWithin } from './staged-compute.ts';

export interface ResolveCostsOptions extends StartModelOptions {
  /** Number of training images. */
  trainImages: number;
}

/** An arm whose length is to be derived. */
type CostedArm = Extract<PlannedArm, { epochs?: undefined }>;

/**
 * Checks an experiment, and derives epochs and steps of the arms with a cost; see `EqualCost`.
 * Store the result with the run, so that a resumed run uses the same values. The other arms are
 * unchanged. If there is such an arm, the model is opened once for counting, so an engine must have
 * been selected; nothing is computed with it.
 *
 * @throws FixresRunnerError `bad-option` for conflicting settings, for a cost that allows no step,
 * or no more than the warm-up, and if the model has layers whose multiply-adds are not known
 */
export async function resolveCosts(
  planned: PlannedExperiment,
  options: ResolveCostsOptions,
): Promise<Experiment> {
  checkExperiment(planned);
  // Programs without types.
  if ((planned.precision as PrecisionChoice | undefined) === 'auto') {
    const message =
      'Option "precision" is "auto", which is resolved before costs; allowed here are "float32" and "bfloat16".';
    throw new FixresRunnerError('bad-option', message);
  }
  const { arms, ...rest } = planned;
  if (arms.every(hasLength)) return { ...rest, arms };
  const { model } = await startModel(planned.model, planned.seeds[0] ?? 0, options);
  try {
    const resolved: ArmSpec[] = [];
    const data = { images: options.trainImages, batchSize: planned.batchSize };
    for (const arm of arms)
      resolved.push(
        hasLength(arm)
          ? arm
          : await withLength(arm, { earlier: resolved, model, data, experiment: planned, options }),
      );
    return { ...rest, arms: resolved };
  } finally {
    model.dispose();
  }
}

function hasLength(arm: PlannedArm): arm is ArmSpec {
  return arm.epochs !== undefined;
}

interface LengthContext {
  /** The earlier arms, all with a length. */
  earlier: readonly ArmSpec[];
  model: LayersModel;
  /** Number of training images, and batch size. */
  data: { images: number; batchSize: number };
  experiment: PlannedExperiment;
  options: StartModelOptions;
}

async function withLength(
  arm: CostedArm,
  { earlier, model, data, experiment, options }: LengthContext,
): Promise<ArmSpec> {
  const { initFrom, schedule, cost } = arm;
  const imageOf = async (each: PlannedArm): Promise<(policy: Policy) => CountedCompute> => {
    const teacher = await startTeacher(each, options);
    const costOf = await stageComputes(model, each, teacher).finally(() => teacher?.dispose());
    const { unknownLayers } = costOf(each.trainPolicy);
    if (unknownLayers.length > 0)
      throw bad(
        arm,
        `cannot be counted: the multiply-adds of layers of these kinds are not known: ${unknownLayers.join(', ')}`,
      );
    return costOf;
  };
  /** Including the arms that it is initialised from. */
  const totalOf = async (name: string | null): Promise<bigint> => {
    if (name === null) return 0n;
    const each = earlier.find((other) => other.name === name)!;
    const costOf = await imageOf(each);
    const length = trainingLength(each, data);
    const passes = forwardOnly(costOf(each.trainPolicy), length.epochs);
    return (
      (await totalOf(each.initFrom)) +
      stagedCompute(each, length, { images: data.images, forwardOnly: passes, costOf })
    );
  };
  const forwardOnly = ({ norms }: Pick<CountedCompute, 'norms'>, epochs: number): number => {
    const { before, after } = normPasses(norms, experiment, { epochs, ...data });
    return before + after;
  };

  const [budget, before, costOf] = [
    await totalOf(cost.equalTo),
    await totalOf(initFrom),
    await imageOf(arm),
  ];
  const image = costOf(arm.trainPolicy);
  const others = { forwardOnly: forwardOnly(image, 1) };
  const updates = { ...data, batchSize: imagesPerUpdate(arm, data.batchSize) };
  const steps = stagedStepsWithin(
    budget - before - armCompute(image, { trained: 0, ...others }),
    arm,
    { ...updates, costOf },
  );
  const takes = `takes ${text(budget)}`;
  if (steps === 0) {
    const start =
      initFrom === null
        ? ''
        : `"${initFrom}", which the arm is initialised from, takes ${text(before)}, and `;
    throw bad(
      arm,
      `${takes}: ${start}one step takes ${text(armCompute(image, { trained: Math.min(updates.batchSize, data.images), ...others }))}, so no step is possible`,
    );
  }
  const { epochs, stepsPerEpoch } = trainingLength({ epochs: Infinity, steps }, updates);
  const warmUp = schedule.warmUp?.epochs ?? 0;
  if (warmUp * stepsPerEpoch >= steps) {
    throw bad(
      arm,
      `${takes}: that allows ${steps} steps, no more than the arm's warm-up of ${warmUp} epochs of ${stepsPerEpoch} steps`,
    );
  }
  return { ...arm, epochs, steps };
}

function text(multiplyAdds: bigint): string {
  return multiplyAddsText(Number(multiplyAdds));
}

function bad({ name, cost }: CostedArm, problem: string): FixresRunnerError {
  return new FixresRunnerError(
    'bad-option',
    `The cost of arm "${name}" is that of "${cost.equalTo}", which ${problem}.`,
  );
}
