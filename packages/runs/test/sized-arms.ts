import type { ImageSize } from '@fixres/data';
import type { SizedArm } from '../src/report/text/larger-size-pairs.ts';

/** An arm with one test policy of this size. */
export function sizedArm(
  name: string,
  size: ImageSize,
  initFrom: string | null = null,
  epochs = 5,
): SizedArm {
  return { name, initFrom, epochs, ownEvaluation: 0, evaluations: [{ size }] };
}
