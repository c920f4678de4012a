import type { RunConfig } from '../../experiment/run-config.ts';

/** What an arm made of one held-out image. */
export interface TestedImage {
  /** `<class>/<file>` */
  file: string;
  label: string;
  correct: boolean;
}

/** An arm of a run as it was tested. */
export interface ComparedArm {
  /** What the table calls it: the run's letter and its name. */
  label: string;
  run: string;
  arm: string;
  /** The test policy, `<policy>@<size>`. */
  policy: string;
  /** The seeds that were tested, each with its predictions. */
  seeds: Map<number, TestedImage[]>;
}

/** A run that takes part in a comparison. */
export interface ComparedRun {
  /** A, B, C … */
  letter: string;
  folder: string;
  dataset: string;
  /** As far as it is needed; runs of earlier versions may lack the sums over the images. */
  config: Pick<RunConfig, 'experiment'> & Partial<RunConfig>;
  arms: ComparedArm[];
  /** Arms that were not tested under the policy, or not yet. */
  untested: string[];
}
