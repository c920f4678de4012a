import { type ImageSize, imageSizeOf, imageSizeText, sidesOf } from '@fixres/data';
import type { ArmSpec, Experiment, Precision } from '@fixres/runs';
import { type ArmWork, expectedWork, type WorkItem, type WorkKind } from '../progress/arm-work.ts';
import type { MeasuredKind } from './part-speed.ts';

/** A kind of work at an image size in a precision, and the first arm that has it. */
export interface Part {
  kind: MeasuredKind;
  size: ImageSize;
  precision: Precision;
  arm: ArmSpec;
}

/** The kind whose speed stands for a kind of work. */
export function measuredAs(kind: WorkKind): MeasuredKind {
  return kind === 'statistics' ||
    kind === 'activations' ||
    kind === 'corrupted' ||
    kind === 'heldBack'
    ? 'evaluate'
    : kind;
}

/** The precision that a run computes a work item in. */
export function precisionOf(
  { isFloat32 }: Pick<WorkItem, 'isFloat32'>,
  { precision = 'float32' }: Experiment,
): Precision {
  return isFloat32 ? 'float32' : precision;
}

/** The work of one arm with one seed. */
export interface ArmWorkList {
  arm: ArmSpec;
  work: WorkItem[];
}

/** The work of an experiment, arm by arm and seed by seed. */
export function experimentWork(experiment: Experiment, images: ArmWork['images']): ArmWorkList[] {
  return experiment.seeds.flatMap((_, i) =>
    experiment.arms.map((arm) => ({
      arm,
      work: expectedWork(arm, { experiment, images, isFirstSeed: i === 0 }).filter(
        (item) => item.images > 0,
      ),
    })),
  );
}

/**
 * The parts of an experiment that differ in speed: evaluation first, because it shows how many
 * features can be computed in the time for them. Features are measured in the precision of the
 * experiment only; float32 ones of held-out images are few.
 */
export function partsOf(experiment: Experiment, images: ArmWork['images']): Part[] {
  const parts = new Map<string, Part>();
  for (const { arm, work } of experimentWork(experiment, images)) {
    for (const item of work) {
      const kind = measuredAs(item.kind);
      const precision = precisionOf(kind === 'evaluate' ? item : {}, experiment);
      const part = { kind, size: imageSizeOf(sidesOf(item.size)), precision, arm };
      const key = `${kind} ${imageSizeText(item.size)} ${precision}`;
      if (!parts.has(key)) parts.set(key, part);
    }
  }
  const order: MeasuredKind[] = ['evaluate', 'train', 'finetune', 'features', 'head'];
  return [...parts.values()].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}
