import type { Example, ImageLoader } from '@fixres/data/node';

/** The images of a run, as long as its data set can be opened. */
export interface RunImages {
  train: readonly Example[];
  classNames: readonly string[];
  /** The held-out images, and maybe others, by their ids. */
  byId: ReadonlyMap<string, Example>;
  loader: ImageLoader;
}

/** Part of a report that could not be made, and why, in a sentence. */
export interface Missing {
  missing: string;
}

export function isMissing(value: object): value is Missing {
  return 'missing' in value;
}
