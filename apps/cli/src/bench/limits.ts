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
  /** Fraction of the estimated time, 0..1. */
  share: number;
  /** Whether it is slowed down by the reading of images. */
  waits: boolean;
}

/** The kind of work that takes the most of the estimated time. */
export function mainPart({ parts, estimate }: Pick<SessionSpeed, 'parts' | 'estimate'>): MainPart {
  const secondsOf = ({ kind, size }: PartSpeed): number =>
    estimate.arms
      .flatMap(({ work }) => work.filter((each) => each.kind === kind && each.size === size))
      .reduce((sum, { seconds }) => sum + seconds, 0);
  const part = parts.reduce((most, each) => (secondsOf(each) > secondsOf(most) ? each : most));
  return {
    part,
    share: secondsOf(part) / estimate.seconds,
    waits: part.waited >= WAITED,
  };
}

/** The memory that a run takes, and whether this is nearly all there is. */
export function memoryNeed(
  { parts, imageCache }: Pick<SessionSpeed, 'parts' | 'imageCache'>,
  { limitMb, totalMb }: MemoryReport,
): { neededMb: number; availableMb: number; isTight: boolean } {
  const peakMb = Math.max(...parts.map(({ peakRssMb }) => peakRssMb));
  // A run caches the decoded images of the whole data set, the measurement those of its sample.
  const neededMb = peakMb + Math.min(imageCache.neededMb, imageCache.limitMb);
  const availableMb = limitMb ?? totalMb;
  return { neededMb, availableMb, isTight: neededMb > MEMORY * availableMb };
}

/**
 * What limits the speed of an experiment: reading images or computing, for the kind of work that
 * takes the most time; and memory.
 */
export function limitsOf(speed: SessionSpeed, memory: MemoryReport): string[] {
  const main = mainPart(speed);
  const { kind, size, waited } = main.part;
  const subject = `${partName(kind)} at ${size} pixels, which takes ${percent(main.share, 0)} of the time`;
  const waiting = `it waits for images ${percent(waited, 0)} of the time`;
  const { neededMb, availableMb, isTight } = memoryNeed(speed, memory);
  return [
    main.waits
      ? `Reading images limits ${subject}: ${waiting}.`
      : `Computing limits ${subject}; ${waiting}.`,
    `${isTight ? 'Memory is short' : 'Memory is enough'}: a run takes up to ${megabytes(neededMb)} with all cached images, of ${megabytes(availableMb)}.`,
  ];
}
