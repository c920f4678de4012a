import type { Submission } from './sweep-plan.ts';

/** What a scheduler says about a trial that it still has. */
export type JobState = 'queued' | 'running';

/** A scheduler that runs trials as jobs. The jobs run `fixres sweep trial`. */
export interface Backend {
  /** What {@link submit} gives the scheduler, as text. */
  describe(submission: Submission, folder: string): string;
  /** @param folder of the sweep, absolute */
  submit(submission: Submission, folder: string): Promise<void>;
  /** The trials whose jobs wait or run. Trials whose jobs ended, or are unknown, are not in it. */
  pending(submission: Submission): Promise<Map<string, JobState>>;
  /** Ends all jobs of a submission. The trials save their state. */
  cancel(submission: Submission): Promise<void>;
}

/** The words that run one of these trials; of several, the one that the job's index selects. */
export function trialCommand(
  { job, trials }: Pick<Submission, 'job' | 'trials'>,
  folder: string,
): string[] {
  return [...job.program, 'sweep', 'trial', folder, ...trials];
}
