import type { DatasetWords } from '../images/dataset-words.ts';
import type { SessionListeners } from './session-listeners.ts';

export interface RunSessionOptions {
  /** The run folder. It must not exist, or be empty. */
  folder: string;
  /** Stops the run. Its state is saved, and `resumeSession` resumes it. */
  signal?: AbortSignal | undefined;
  on?: SessionListeners | undefined;
  /** What messages call the settings of the data set. Default: the options of the command line. */
  words?: DatasetWords | undefined;
}
