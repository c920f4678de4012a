import type { Terminal } from '../terminal/terminal.ts';
import type { HalvingProgress } from './halving-progress.ts';
import type { Submission } from './sweep-plan.ts';
import type { SweepTrial } from './trial-states.ts';

export interface SubmitOptions extends Pick<Submission, 'on' | 'job'> {
  /** Absolute. */
  folder: string;
  json: boolean;
  terminal: Terminal;
}

/** What was submitted, and how far the sweep is then. */
export interface Submitted {
  /** Fields of the printed JSON. */
  result: { submitted: string[] } | { workers: number };
  trials: SweepTrial[];
  halving: HalvingProgress | undefined;
}
