import { type ImageSize, isSameSize } from '@fixres/data';
import type { Experiment, Precision } from '@fixres/runs';
import type { ArmWork, WorkItem } from '../progress/arm-work.ts';
import type { MeasuredKind, PartSpeed } from './part-speed.ts';
import { experimentWork, measuredAs, precisionOf } from './parts-of.ts';

/** Estimated time of an arm, all seeds together. */
export interface ArmEstimate {
  name: string;
  seconds: number;
  /** Of `seconds`: compilation and the like. */
  startSeconds: number;
  /** Of `seconds`: each kind of work at each image size in each precision. */
  work: {
    kind: MeasuredKind;
    size: ImageSize;
    precision: Precision;
    images: number;
    seconds: number;
  }[];
}

export interface SecondsEstimate {
  /** All arms. */
  seconds: number;
  arms: ArmEstimate[];
}

/**
 * Estimates the time of an experiment from the measured speed of its parts: the images of each part
 * times the mean time of an image, and the start of each part once for each arm and seed. Features
 * of held-out images count as cached if those of training images are. In a bfloat16 experiment they
 * are computed in float32, and count as float32 evaluation.
 *
 * @param images of the data set
 * @param speeds of all parts of the experiment
 */
export function estimateSeconds(
  experiment: Experiment,
  images: ArmWork['images'],
  speeds: readonly PartSpeed[],
): SecondsEstimate {
  const arms = new Map<string, ArmEstimate>();
  for (const { arm, work } of experimentWork(experiment, images)) {
    const estimate = arms.get(arm.name) ?? emptyEstimate(arm.name);
    arms.set(arm.name, estimate);
    const started = new Set<PartSpeed>();
    for (const item of work) {
      const speed = speedOf(item, precisionOf(item, experiment), speeds);
      if (speed === undefined) continue;
      addWork(estimate, speed, item.images);
      if (!started.has(speed)) {
        estimate.startSeconds += speed.startSeconds;
        estimate.seconds += speed.startSeconds;
      }
      started.add(speed);
    }
  }
  const all = [...arms.values()];
  return { seconds: all.reduce((total, { seconds }) => total + seconds, 0), arms: all };
}

function emptyEstimate(name: string): ArmEstimate {
  return { name, seconds: 0, startSeconds: 0, work: [] };
}

function addWork(
  estimate: ArmEstimate,
  { kind, size, precision, secondsPerImage }: PartSpeed,
  images: number,
): void {
  let entry = estimate.work.find(
    (each) => each.kind === kind && isSameSize(each.size, size) && each.precision === precision,
  );
  if (entry === undefined) {
    entry = { kind, size, precision, images: 0, seconds: 0 };
    estimate.work.push(entry);
  }
  const seconds = images * secondsPerImage.mean;
  entry.images += images;
  entry.seconds += seconds;
  estimate.seconds += seconds;
}

/**
 * If the features of a model cannot be cached, its head trains as a part of the whole model, and
 * nothing is computed in advance. A frozen trunk in another precision than measured takes nearly as
 * long as the whole model in it.
 */
function speedOf(
  { kind, size: wantedSize }: WorkItem,
  precision: Precision,
  speeds: readonly PartSpeed[],
): PartSpeed | undefined {
  const at = speeds.filter(({ size }) => isSameSize(size, wantedSize));
  const find = (wanted: MeasuredKind): PartSpeed | undefined =>
    at.find((speed) => speed.kind === wanted && speed.precision === precision);
  const inAny = (wanted: MeasuredKind): PartSpeed | undefined =>
    at.find((speed) => speed.kind === wanted);
  const wanted = measuredAs(kind);
  const measured = find(wanted) ?? inAny(wanted);
  if (kind === 'head') return measured ?? inAny('finetune');
  return kind === 'features' && measured !== undefined && measured.precision !== precision
    ? (find('evaluate') ?? measured)
    : measured;
}
