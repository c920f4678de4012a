import { useEngine } from '@fixres/engine';
import type { EngineRecord, PlannedArm, RunConfig } from '@fixres/runs';
import type { PlannedSession } from './planned-experiment.ts';
import { type ResolvedPrecision, resolvePrecision } from './resolve-precision.ts';
import type { PreparationListeners } from './session-listeners.ts';
import type { SessionPlan } from './session-plan.ts';

/** The engine of a plan, and its experiment with a precision that the engine supports. */
export interface ChosenEngine extends ResolvedPrecision<PlannedArm> {
  engine: EngineRecord & { name: RunConfig['engine'] };
}

/**
 * Selects the engine and the precision of a plan. @throws FixresRunnerError `bad-option` if the
 * engine does not support the precision; errors of `useEngine`
 */
export async function chooseEngine(
  {
    plan,
    on,
  }: {
    plan: Pick<SessionPlan, 'engine' | 'device' | 'deterministic'>;
    on: PreparationListeners;
  },
  planned: PlannedSession['planned'],
  { threads, hideErrors = false }: { threads: number; hideErrors?: boolean },
): Promise<ChosenEngine> {
  const engine = await useEngine({
    engine: plan.engine,
    device: plan.device,
    hideErrors,
    ...(plan.deterministic ? { deterministic: { threads } } : {}),
  });
  on.note?.(`Engine: ${engine.reason}`);
  const resolved = await resolvePrecision(planned, engine);
  if (planned.precision === 'auto')
    on.note?.(`Precision: ${resolved.experiment.precision}, chosen for this machine`);
  return { ...resolved, engine };
}
