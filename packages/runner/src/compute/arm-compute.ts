/** What one image takes, in multiply-adds: a whole number each. */
export interface ImageCompute {
  /** Forward, through all of the model. */
  forward: number;
  /** Backward, through what trains: see `backwardMultiplyAdds` of `@fixres/models`. */
  backward: number;
}

/** What goes through the model for an arm, each image counted as often as it does. */
export interface ArmImages {
  /** Images that are trained on. */
  trained: number;
  /** Images that go forward only, as where the statistics of the normalisations are estimated again. Default 0. */
  forwardOnly?: number;
}

/**
 * The training compute of an arm in multiply-adds, without that of the arms it starts from. It follows from the shapes of the layers alone,
 * so it is the same on every machine: frozen layers count forward for every image in every epoch, also where their features are kept and
 * they run less often. Tests, the reading of images and the updates of the weights are not part of it.
 *
 * @returns exactly; long trainings of large models exceed what a number holds to the unit
 */
export function armCompute(
  { forward, backward }: ImageCompute,
  { trained, forwardOnly = 0 }: ArmImages,
): bigint {
  return BigInt(forward + backward) * BigInt(trained) + BigInt(forward) * BigInt(forwardOnly);
}
