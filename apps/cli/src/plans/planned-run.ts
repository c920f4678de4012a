import type { SessionPlan } from '@fixres/runner/node';

/** A run before it begins, and the folder that it goes to. */
export interface PlannedRun {
  plan: SessionPlan;
  folder: string;
}
