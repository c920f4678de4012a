import type { Policy } from '@fixres/data';
import type { ImageSource } from '../images/image-source.ts';
import { type MeasurePartOptions, passesOf, secondsSince } from './measure-options.ts';
import { spreadOf, type Spread } from './part-speed.ts';
import type { BatchTime } from './time-batches.ts';

/**
 * Measures how fast a source delivers images if nothing else runs: whole passes, because batches
 * are read ahead. The first pass starts threads and fills caches; it does not count.
 *
 * @returns seconds per image
 */
export async function measureReading(
  source: ImageSource,
  policy: Policy,
  options: Pick<MeasurePartOptions, 'batchSize' | 'seconds' | 'signal'>,
): Promise<Spread> {
  const { seconds, signal } = options;
  const { pass, release } = passesOf(source, policy, options);
  const began = performance.now();
  const passes: BatchTime[] = [];
  for (let epoch = 0; passes.length < 2 || secondsSince(began) < seconds; epoch++) {
    signal?.throwIfAborted();
    const start = performance.now();
    for await (const batch of pass(epoch)) release?.(batch);
    const taken = secondsSince(start);
    passes.push({ images: source.size, seconds: taken, waited: taken });
  }
  return spreadOf(passes.slice(1));
}
