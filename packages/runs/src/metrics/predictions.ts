/** The predictions of a model for each image of a source, in the order of the source. */
export interface Predictions {
  /** images x classes probabilities, row by row. */
  probabilities: Float32Array;
  classes: number;
  /** Of multi-label images: the first label of each, -1 for none. */
  labels: Int32Array;
  /** images x classes, 1 for each class of an image; only of multi-label images. */
  targets?: Uint8Array | undefined;
  /**
   * 1 if the most probable class is the label. Of multi-label images: if exactly their classes reach their
   * thresholds.
   */
  correct: Uint8Array;
}

/** Contents of a predictions file, image by image. */
export interface RecordedPredictions extends Predictions {
  /** `<class>/<file>` of each image. */
  files: string[];
  /** Lines that cannot be read, or do not match the run's classes. They are left out. */
  damaged: number;
}
