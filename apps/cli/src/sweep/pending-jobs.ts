import type { JobState } from './backend.ts';
import { backends } from './backends.ts';
import type { Submission } from './sweep-plan.ts';

export interface TrialStatesOptions {
  /**
   * Receives the error of a scheduler that does not answer; its trials then have the states of their run
   * folders. Without it, the error is thrown.
   */
  onUnreachable?: (error: Error) => void;
}

/**
 * The jobs of a submission that its scheduler still has.
 *
 * @returns none for this machine; undefined if the scheduler does not answer
 */
export async function pendingJobs(
  submission: Submission,
  { onUnreachable }: TrialStatesOptions,
): Promise<ReadonlyMap<string, JobState> | undefined> {
  if (submission.on === 'local') return new Map();
  try {
    return await backends[submission.on].pending(submission);
  } catch (error) {
    if (onUnreachable === undefined) throw error;
    onUnreachable(error as Error);
    return undefined;
  }
}
