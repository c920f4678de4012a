import type { Policy } from '@fixres/data';
import type { ImageSource } from '../images/image-source.ts';
import { type MeasurePartOptions, passesOf, secondsSince } from './measure-options.ts';
import { spreadOf, type Spread } from './part-speed.ts';
import { type BatchTime, noImages } from './time-batches.ts';

/**
 * Measures how fast a source delivers images if nothing else runs: whole passes, because batches
 * are read ahead. The first pass starts threads and fills caches; it does not count.
 *
 * @returns seconds per image
 * @throws FixresRunnerError `bad-option` if a pass has no batch; the signal's reason when aborted
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
    const start = performance.now();
    let images = 0;
    for await (const batch of pass(epoch)) {
      images += batch.labels.length;
      release?.(batch);
    }
    signal?.throwIfAborted();
    if (images === 0) throw noImages();
    const taken = secondsSince(start);
    passes.push({ images, seconds: taken, waited: taken });
  }
  return spreadOf(passes.slice(1));
}
