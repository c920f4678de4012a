import { imageSizeText, isSameSize } from '@fixres/data';
import type { MemoryReport } from '@fixres/engine/setup';
import type { PartSpeed } from '@fixres/runner';
import type { SessionSpeed } from '@fixres/runner/node';
import { megabytes, percent } from '@fixres/runs/report';
import { partName } from './part-name.ts';

/** Fraction of the time, from which waiting for images counts as the limit. */
const WAITED = 0.1;

/** Fraction of the memory, from which it counts as a limit. */
const MEMORY = 0.8;

/** The kind of work that takes the most time. */
export interface MainPart {
  part: PartSpeed;
  /** Fraction of the estimated time of all work, without checks and compilation, 0..1. */
  share: number;
  /** Whether it is slowed down by the reading of images. */
  waits: boolean;
}

/** The kind of work that takes the most of the estimated time. */
export function mainPart({ parts, estimate }: Pick<SessionSpeed, 'parts' | 'estimate'>): MainPart {
  const work = estimate.arms.flatMap((arm) => arm.work);
  const sumOf = (items: typeof work): number =>
    items.reduce((sum, { seconds }) => sum + seconds, 0);
  const secondsOf = ({ kind, size, precision }: PartSpeed): number =>
    sumOf(
      work.filter(
        (each) => each.kind === kind && isSameSize(each.size, size) && each.precision === precision,
      ),
    );
  const part = parts.reduce((most, each) => (secondsOf(each) > secondsOf(most) ? each : most));
  return {
    part,
    share: secondsOf(part) / sumOf(work),
    waits: part.waited !== undefined && part.waited >= WAITED,
  };
}

/** The memory that a run takes, and whether this is nearly all there is. */
export function memoryNeed(
  { parts, imageCache, featuresMb }: Pick<SessionSpeed, 'parts' | 'imageCache' | 'featuresMb'>,
  { limitMb, totalMb }: MemoryReport,
): { neededMb: number; availableMb: number; isTight: boolean } {
  const peakMb = Math.max(...parts.map(({ peakRssMb }) => peakRssMb));
  // A run caches the images and features of the whole data set, the measurement those of its sample.
  const neededMb = peakMb + Math.min(imageCache.neededMb, imageCache.limitMb) + featuresMb;
  const availableMb = limitMb ?? totalMb;
  return { neededMb, availableMb, isTight: neededMb > MEMORY * availableMb };
}

/**
 * What limits the speed of an experiment: reading images or computing, for the kind of work that
 * takes the most time, if its waiting was measured; and memory.
 */
export function limitsOf(speed: SessionSpeed, memory: MemoryReport): string[] {
  const main = mainPart(speed);
  const { size, waited } = main.part;
  const name = `${partName(main.part, speed.experiment)} at ${imageSizeText(size)} pixels`;
  const share = percent(main.share, 0);
  const subject = `${name}, which takes ${share} of the time`;
  const { neededMb, availableMb, isTight } = memoryNeed(speed, memory);
  return [
    waited === undefined
      ? `The most time goes to ${name}: ${share} of it.`
      : main.waits
        ? `Reading images limits ${subject}: it waits for images ${percent(waited, 0)} of the time.`
        : `Computing limits ${subject}; it waits for images ${percent(waited, 0)} of the time.`,
    `${isTight ? 'Memory is short' : 'Memory is enough'}: a run takes up to ${megabytes(neededMb)} with all cached images and features, of ${megabytes(availableMb)}.`,
  ];
}
