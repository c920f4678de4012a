import type { Submission } from './sweep-plan.ts';

/** What a scheduler says about a trial that it still has. */
export type JobState = 'queued' | 'running';

/** A scheduler that runs jobs: `fixres sweep trial`, or with halving over epochs `fixres sweep work`. */
export interface Backend {
  /** What {@link submit} gives the scheduler, as text. */
  describe(submission: Submission, folder: string): string;
  /** What the user has to know about jobs that wait. */
  note?(submission: Submission): string | undefined;
  /** @param folder of the sweep, absolute */
  submit(submission: Submission, folder: string): Promise<void>;
  /** The {@link jobsOf} a submission that wait or run. Those that ended, or are unknown, are not in it. */
  pending(submission: Submission): Promise<Map<string, JobState>>;
  /** Ends all jobs of a submission. The trials save their state. */
  cancel(submission: Submission): Promise<void>;
}

/** The names of a submission's jobs: its trials, or its workers. */
export function jobsOf({ name, trials, workers }: Submission): string[] {
  return workers === undefined ? trials : Array.from({ length: workers }, (_, i) => `${name}.${i}`);
}

/** The submission of a worker. */
export function submissionOf(worker: string): string {
  return worker.slice(0, worker.lastIndexOf('.'));
}

/** The words that run one of a submission's jobs; of several, the one that the job's index selects. */
export function jobCommand(
  submission: Submission,
  folder: string,
  jobs: readonly string[] = jobsOf(submission),
): string[] {
  const command = submission.workers === undefined ? 'trial' : 'work';
  return [...submission.job.program, 'sweep', command, folder, ...jobs];
}
