/** Cost of one image in multiply-adds: a whole number each. */
export interface ImageCompute {
  /** Forward, through all of the model. */
  forward: number;
  /** Backward, through the trained layers: see `backwardMultiplyAdds` of `@fixres/models`. */
  backward: number;
  /** Forward through the teacher of a distillation, for images that are trained on. Default 0. */
  teacher?: number;
}

/** Images that go through the model for an arm, each counted every time. */
export interface ArmImages {
  /** Images that are trained on. */
  trained: number;
  /**
   * Images for a forward pass only, for example to re-estimate the statistics of normalisations.
   * Default 0.
   */
  forwardOnly?: number;
}

/**
 * The training compute of an arm in multiply-adds, without that of the arms it is initialised from,
 * and with that of its teacher.
 * It follows from the shapes of the layers alone, so it is the same on every machine: frozen layers
 * count forward for every image in every epoch, even if their features are cached. Evaluations,
 * reading images and weight updates are not included, nor activations that gradient checkpointing
 * computes again: they change what an arm needs, not what it computes.
 *
 * @returns exact; long trainings of large models exceed the integers of a number
 */
export function armCompute(
  { forward, backward, teacher = 0 }: ImageCompute,
  { trained, forwardOnly = 0 }: ArmImages,
): bigint {
  return (
    BigInt(forward + backward + teacher) * BigInt(trained) + BigInt(forward) * BigInt(forwardOnly)
  );
}
