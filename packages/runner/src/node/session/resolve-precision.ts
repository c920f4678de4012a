import type { EngineInfo } from '@fixres/engine';
import {
  bfloat16Slowdown,
  fasterPrecision,
  precisionTimes,
  type PrecisionTimes,
} from '@fixres/engine/graph';
import type { Experiment, PlannedArm, PrecisionChoice } from '@fixres/runs';
import { FixresRunnerError } from '../../errors.ts';

/** An experiment with a precision, and a warning if the machine computes in it slowly. */
export interface ResolvedPrecision<Arm extends PlannedArm> {
  experiment: Experiment<Arm>;
  warning: string | undefined;
}

type Engine = Pick<EngineInfo, 'name' | 'device' | 'versions'>;

/**
 * Chooses the precision of an experiment with `precision: 'auto'`: bfloat16 if this machine
 * computes it notably faster, else float32. Other experiments are unchanged. Measures for half a
 * second, once per machine, if the answer depends on it.
 *
 * @param engine must be in use
 * @param times how fast the machine is; default: `precisionTimes`
 * @throws FixresRunnerError `bad-option` for bfloat16 on an engine that does not compute in it
 */
export async function resolvePrecision<Arm extends PlannedArm>(
  { precision, ...rest }: Experiment<Arm, PrecisionChoice>,
  engine: Engine,
  times: (engine: Engine) => Promise<PrecisionTimes> = precisionTimes,
): Promise<ResolvedPrecision<Arm>> {
  const isNative = engine.name === 'tensorflow';
  if (precision === 'auto') {
    const chosen = isNative ? fasterPrecision(await times(engine)) : 'float32';
    return {
      experiment: { ...rest, precision: chosen, precisionChoice: 'auto' },
      warning: undefined,
    };
  }
  const experiment = { ...rest, ...(precision !== undefined && { precision }) };
  if (precision !== 'bfloat16') return { experiment, warning: undefined };
  if (!isNative) {
    const message = `precision is "bfloat16", which only the native engine computes in (install it with "fixres setup"); engine ${engine.name} allows "float32".`;
    throw new FixresRunnerError('bad-option', message);
  }
  const slowdown = bfloat16Slowdown(await times(engine));
  return { experiment, warning: slowdown === undefined ? undefined : slowText(slowdown) };
}

function slowText(factor: number): string {
  return `precision is "bfloat16", in which convolutions take ${factor.toFixed(1)} times as long as in "float32" on this machine; "auto" chooses the faster one.`;
}
