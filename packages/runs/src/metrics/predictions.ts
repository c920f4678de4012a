/** The predictions of a model for each image of a source, in the order of the source. */
export interface Predictions {
  /** images x classes probabilities, row by row. */
  probabilities: Float32Array;
  classes: number;
  labels: Int32Array;
  /** 1 if the most probable class is the label. */
  correct: Uint8Array;
}

/** Contents of a predictions file, image by image. */
export interface RecordedPredictions extends Predictions {
  /** `<class>/<file>` of each image. */
  files: string[];
  /** Lines that cannot be read, or do not match the run's classes. They are left out. */
  damaged: number;
}
