import type { Example, ImageLoader } from '@fixres/data/node';

/** The images of a run, if its data set can be opened. */
export interface RunImages {
  /** Those that were trained on. */
  train: readonly Example[];
  heldOut: readonly Example[];
  classNames: readonly string[];
  /** All images of the run by their ids, also those that were held back or left out. */
  byId: ReadonlyMap<string, Example>;
  loader: ImageLoader;
}
