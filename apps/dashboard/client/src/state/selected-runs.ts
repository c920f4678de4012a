import { runs } from './live.ts';
import { listParam } from './url-state.ts';

/** The selected runs that exist. */
export function selectedRuns(): string[] {
  return [...new Set(listParam('runs'))].filter((id) => runs.value.has(id));
}
