import type { Summary } from '@fixres/runner/events';

/** One picture of a sample grid. */
interface SamplePicture {
  /** Shown below the picture and part of its alternative text, for example the class. */
  label: string;
  /** `data:image/...;base64,...`; anything else is refused, so that a report never loads from elsewhere. */
  dataUri: string;
}

/** What one policy makes of some images. */
export interface SampleGrid {
  title: string;
  /** The policy in words or code, for example `fixresTest @ 224`. */
  policy: string;
  pictures: SamplePicture[];
}

export interface ReportInput {
  title: string;
  summary: Summary;
  /** May be empty. */
  samples: SampleGrid[];
  /** Resolved configuration of the run; shown as JSON. */
  config: unknown;
  /** Versions, machine and so on; shown as JSON. */
  environment: unknown;
  /** Command line that repeats the run. */
  command: string;
}
