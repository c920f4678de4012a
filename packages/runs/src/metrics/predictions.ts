/** The predictions of a model for each image of a source, in the order of the source. */
export interface Predictions {
  /** images x classes probabilities, row by row. */
  probabilities: Float32Array;
  classes: number;
  labels: Int32Array;
  /** 1 where the most probable class is the label. */
  correct: Uint8Array;
}

/** What a file of a run's predictions says, image by image. */
export interface RecordedPredictions extends Predictions {
  /** `<class>/<file>` of each image. */
  files: string[];
  /** Lines that cannot be read, or that do not fit the run's classes. They are left out. */
  damaged: number;
}
