import type { SessionPlan } from '@fixres/runner/node';

/** A run before it starts, and its folder. */
export interface PlannedRun {
  plan: SessionPlan;
  folder: string;
}
