import type { SessionPlan } from '@fixres/runner/node';
import {
  completeExperiment,
  memoryText,
  type PlannedExperiment,
  type PrecisionChoice,
  writtenExperiment,
} from '@fixres/runs';

type Settings = Pick<
  SessionPlan,
  'dataset' | 'engine' | 'device' | 'deterministic' | 'memoryMb' | 'logs'
>;

/** The fields of an experiment file, with all defaults, that runs a plan. */
export function completeFile(
  { dataset, engine, device, deterministic, memoryMb, logs }: Settings,
  planned: PlannedExperiment<PrecisionChoice>,
): ReturnType<typeof completeExperiment> {
  return completeExperiment({
    ...writtenExperiment(planned),
    dataset,
    engine,
    device,
    deterministic,
    ...(memoryMb !== undefined && { memory: memoryText(memoryMb) }),
    logs,
  });
}
