import { availableParallelism } from 'node:os';
import { corrupt, type Corruption, createRandom } from '@fixres/data';
import { counted, duration } from '@fixres/runs/report';

/** Threads of the image loader. */
const THREADS = Math.min(availableParallelism(), 4);

export interface CorruptionWork {
  conditions: readonly Corruption[];
  images: number;
  /** Number of views per image. */
  views: number;
  /** Width and height of the corrupted pictures. */
  size: { width: number; height: number };
  /** Images per second without corruption, all views together. */
  imagesPerSecond: number;
}

/** What evaluating on corrupted images will take, from a measurement on one picture. */
export function corruptionCost(work: CorruptionWork): string {
  const { conditions, images, views, size, imagesPerSecond } = work;
  const corrupting = (corruptingSeconds(conditions, size) * views) / THREADS;
  const evaluating = conditions.length / imagesPerSecond;
  const names = new Set(conditions.map(({ corruption }) => corruption));
  const all = conditions.length * images;
  return `Corruptions at ${size.width} pixels: ${counted(names.size, 'corruption')} x ${counted(conditions.length / names.size, 'severity', 'severities')} x ${counted(images, 'image')} = ${counted(all, 'evaluation')}, about ${duration(images * (corrupting + evaluating))}.`;
}

/** Seconds to corrupt one picture under all conditions, in one thread. */
function corruptingSeconds(
  conditions: readonly Corruption[],
  { width, height }: CorruptionWork['size'],
): number {
  const random = createRandom(0, 'corruption-cost');
  const levels = Uint8Array.from({ length: width * height * 3 }, () => random.int(256));
  const seconds = new Map<string, number>();
  return conditions.reduce((sum, { corruption, severity }) => {
    // Severities of a corruption take about the same time; the first picture compiles the code.
    for (let i = 0; i < 2 && !seconds.has(corruption); i++) {
      const began = performance.now();
      corrupt({ width, height, data: levels.slice() }, { corruption, severity }, random);
      if (i === 1) seconds.set(corruption, (performance.now() - began) / 1000);
    }
    return sum + seconds.get(corruption)!;
  }, 0);
}
