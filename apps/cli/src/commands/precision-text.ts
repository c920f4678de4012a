import { bfloat16Slowdown, fasterPrecision } from '@fixres/engine/graph';
import type { MachineReport } from '@fixres/engine/setup';

/** How fast convolutions are in bfloat16, for people; in accord with what `--precision auto` chooses. */
export function precisionText(times: NonNullable<MachineReport['precisionTimes']>): string {
  const { float32, bfloat16 } = times;
  const both = `${bfloat16.toFixed(1)} and ${float32.toFixed(1)} ms`;
  if (fasterPrecision(times) === 'bfloat16')
    return `convolutions in bfloat16 are ${(float32 / bfloat16).toFixed(1)} times as fast as in float32 (${both})`;
  const slowdown = bfloat16Slowdown(times);
  return slowdown === undefined
    ? `convolutions in bfloat16 and float32 take about as long (${both})`
    : `convolutions in bfloat16 take ${slowdown.toFixed(1)} times as long as in float32 (${both})`;
}
