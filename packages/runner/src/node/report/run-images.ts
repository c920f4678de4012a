import type { Example, ImageLoader } from '@fixres/data/node';

/** The images of a run, if its data set can be opened. */
export interface RunImages {
  train: readonly Example[];
  classNames: readonly string[];
  /** The held-out images, and possibly others, by their ids. */
  byId: ReadonlyMap<string, Example>;
  loader: ImageLoader;
}
