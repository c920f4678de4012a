import type { RunConfig } from '../../experiment/run-config.ts';

/** The prediction of an arm for one held-out image. */
export interface TestedImage {
  /** `<class>/<file>` */
  file: string;
  /** Of a multi-label image, all its labels. */
  label: string;
  /** Of a multi-label image, whether exactly its labels reached their thresholds. */
  correct: boolean;
  /** Of a multi-label image: 1 for each of its classes. */
  targets?: Uint8Array;
  /** Of a multi-label image. */
  probabilities?: Float32Array;
}

/** An arm of a run, as evaluated. */
export interface ComparedArm {
  /** Its name in the table: the run's letter and the arm's name. */
  label: string;
  run: string;
  arm: string;
  /** The test policy, `<policy>@<size>`. */
  policy: string;
  /** The evaluated seeds, each with its predictions. */
  seeds: Map<number, TestedImage[]>;
}

/** A run in a comparison. */
export interface ComparedRun {
  /** A, B, C … */
  letter: string;
  folder: string;
  dataset: string;
  /** The needed part; runs of earlier versions may lack the checksums of the images. */
  config: Pick<RunConfig, 'experiment'> & Partial<RunConfig>;
  arms: ComparedArm[];
  /** Arms that were not evaluated under the policy, or not yet. */
  untested: string[];
}
