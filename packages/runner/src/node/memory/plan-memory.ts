import type { ImageDataset } from '@fixres/data/node';
import {
  memoryText,
  type PlannedArm,
  type PlannedExperiment,
  type PrecisionChoice,
} from '@fixres/runs';
import { megabytes } from '@fixres/runs/report';
import { FixresRunnerError } from '../../errors.ts';
import { decodedBytes } from '../images/decoded-bytes.ts';
import { evenlySpaced } from '../images/evenly-spaced.ts';
import { splitFor } from '../images/split-for.ts';
import type { PreparationListeners } from '../session/session-listeners.ts';
import type { SessionPlan } from '../session/session-plan.ts';
import { chosenPart } from './chosen-part.ts';
import { type DividedMemory, divideMemory, leastMemory } from './divide-memory.ts';
import { measureApart } from './measure-apart.ts';
import type { MemoryNeed } from './memory-need.ts';

/** Photos whose size is read to estimate that of all. */
const SAMPLE = 1000;

interface Planned {
  plan: SessionPlan;
  planned: PlannedExperiment<PrecisionChoice>;
  /** Opens the data set. */
  open: () => Promise<ImageDataset>;
}

interface PlanMemoryOptions {
  on: PreparationListeners;
  signal: AbortSignal;
}

/**
 * Divides the memory budget of a plan, if it has one, by what its experiment needs: measured in
 * another process, with a few steps and evaluations of each kind. With `only`, the need is that of
 * the chosen trials.
 *
 * @throws FixresRunnerError `memory-exceeded` if the budget is not enough for training,
 * `memory-unknown`; the signal's reason when aborted
 */
export async function planMemory(
  { plan, planned, open }: Planned,
  { on, signal }: PlanMemoryOptions,
): Promise<DividedMemory | undefined> {
  const { memoryMb: limitMb, engine, device, deterministic, features } = plan;
  if (limitMb === undefined) return undefined;
  const part = chosenPart(planned, plan.only);
  const dataset = await open();
  const { train, heldOut } = splitFor(dataset, plan.dataset);
  const measure = (experiment: PlannedExperiment<PrecisionChoice>): Promise<MemoryNeed> => {
    on.progress?.('Measuring the memory of training');
    const { classNames } = dataset;
    const request = { experiment, engine, device, deterministic, features, classNames };
    return measureApart({ ...request, dataset: plan.dataset }, signal);
  };
  const need = await measure(part);
  const photos = [...train, ...heldOut];
  const divided = divideMemory({
    limitMb,
    need,
    images: { train: train.length, heldOut: heldOut.length },
    photosMb: (photos.length * (await decodedBytes(evenlySpaced(photos, SAMPLE), signal))) / 1e6,
    featureLimitMb: features?.memoryMb,
  });
  if (divided !== undefined) return divided;
  const { arms } = part;
  const checkpointed = arms.every(isCheckpointed)
    ? undefined
    : await measure({ ...part, arms: arms.map(withCheckpointing) }).catch(() => undefined);
  signal.throwIfAborted();
  throw exceeded(limitMb, need, checkpointed);
}

/** The plan in one line, for the user. */
export function memoryNote({ plan, allFeaturesMb, allPhotosMb }: DividedMemory): string {
  const { limitMb, trainingMb, featuresMb, photosMb } = plan;
  const features =
    allFeaturesMb === 0
      ? []
      : [
          featuresMb === 0
            ? `cached features on disk (${megabytes(allFeaturesMb)})`
            : `cached features ${megabytes(featuresMb)}`,
        ];
  const photos =
    photosMb >= allPhotosMb
      ? `cached photos ${megabytes(allPhotosMb)}`
      : `cached photos ${megabytes(photosMb)} of ${megabytes(allPhotosMb)}`;
  return `Memory: at most ${megabytes(limitMb)}: training ${megabytes(trainingMb)}, ${[...features, photos].join(', ')}`;
}

/**
 * Refuses a budget, which several processes do not divide.
 *
 * @param limitMb the budget, in 10^6 bytes, if there is one
 * @param options.instead what the user can do
 * @throws FixresRunnerError `bad-option`
 */
export function refuseBudget(
  limitMb: number | undefined,
  { processes, instead }: { processes: number; instead: string },
): void {
  if (limitMb === undefined || processes === 1) return;
  throw new FixresRunnerError(
    'bad-option',
    `memory is ${memoryText(limitMb)}, but ${processes} processes train together; ${instead}.`,
  );
}

function isCheckpointed({ epochs, gradientCheckpointing = false }: PlannedArm): boolean {
  return epochs === 0 || gradientCheckpointing;
}

function withCheckpointing(arm: PlannedArm): PlannedArm {
  return isCheckpointed(arm) ? arm : { ...arm, gradientCheckpointing: true };
}

/** @param checkpointed the need with gradient checkpointing, if it is possible and not in use */
function exceeded(
  limitMb: number,
  need: MemoryNeed,
  checkpointed: MemoryNeed | undefined,
): FixresRunnerError {
  const least = leastMemory(need);
  const { name } = need.arms.reduce((most, arm) => (arm.peakMb > most.peakMb ? arm : most));
  const other = checkpointed && leastMemory(checkpointed);
  const less = [
    ...(other !== undefined && other < 0.95 * least
      ? [`gradient checkpointing (${megabytes(other)}${other > limitMb ? ', still too much' : ''})`]
      : []),
    'a smaller batch size',
    'smaller images',
  ];
  return new FixresRunnerError(
    'memory-exceeded',
    `memory is ${memoryText(limitMb)}; it must be at least ${memoryText(least)}, which training needs without any cache, the most in arm "${name}". ${listed(less)} take less.`,
  );
}

function listed(items: readonly string[]): string {
  const text = `${items.slice(0, -1).join(', ')} and ${items.at(-1)!}`;
  return text[0]!.toUpperCase() + text.slice(1);
}
