import type { LiveProgress } from '../../../shared/protocol.ts';

/**
 * What a run is doing, as text, and its progress from 0 to 1: training an arm, re-estimating
 * statistics, computing features, or evaluating.
 */
export function liveText({ arm, phase, epoch, epochs, step, steps }: LiveProgress): {
  text: string;
  part: number;
} {
  const within = steps > 0 ? Math.min(1, step / steps) : 0;
  // An arm that is only evaluated has no epochs.
  if (phase === 'train' && epochs > 0)
    return {
      text: `${arm}, epoch ${Math.min(epoch + 1, epochs)} of ${epochs}`,
      part: Math.min(1, (epoch + within) / epochs),
    };
  const what = phase === 'statistics' || phase === 'features' ? phase : 'evaluation';
  return {
    text: steps > 0 ? `${arm}, ${what}, batch ${step} of ${steps}` : `${arm}, ${what}`,
    part: within,
  };
}
