/** Two images that look the same, by their names. */
export interface LookAlikePair {
  a: string;
  b: string;
  /** Number of different bits of 64 of their perceptual hashes. */
  distance: number;
}

/** `leaks.json` of a run: images across its split that look the same. Lists have at most 1000 pairs. */
export interface RunLeaks {
  format: 1;
  /** Largest number of different bits of a pair. */
  distance: number;
  /** Number of held-out images that look like a training image or share its burst. */
  heldOutImages: number;
  /** Number of pairs, also of those that are not listed. */
  counts: { acrossSplit: number; bursts: number; acrossClasses: number };
  /** A training image, and a held-out image that looks like it. */
  acrossSplit: LookAlikePair[];
  /** A training image, and a held-out image that the same camera took within a minute. */
  bursts: { a: string; b: string; seconds: number }[];
  /** Images of two classes that look the same. */
  acrossClasses: LookAlikePair[];
  /** Training images that were left out. */
  dropped: string[];
}
