import type { ClusterSettings, DatasetChoice, RunConfig } from '@fixres/runs';
import type { TrainingCluster } from '../../cluster/training-cluster.ts';
import { FixresRunnerError } from '../../errors.ts';

/** What the first process tells the others before any reads the images. */
export interface ImagesMessage {
  dataset: DatasetChoice;
  diskCache: RunConfig['diskCache'];
  /** Class names, in the order of the model's outputs. */
  classNames: readonly string[];
}

/** What it tells them before the experiment begins. */
export interface BeginMessage {
  config: RunConfig;
  settings: ClusterSettings;
}

/**
 * Compares the images of all processes.
 *
 * @throws FixresRunnerError `dataset-changed` in every process, if one has other images
 */
export function requireSameImages(
  { train, heldOut }: RunConfig['images'],
  { exchange }: Pick<TrainingCluster, 'exchange'>,
): void {
  const [first, ...others] = exchange(new TextEncoder().encode(`${train} ${heldOut}`)).map(
    (bytes) => new TextDecoder().decode(bytes),
  );
  const other = others.findIndex((digests) => digests !== first);
  if (other === -1) return;
  throw new FixresRunnerError(
    'dataset-changed',
    `The images of process ${other + 1} are not those of process 0; every process must read the same files.`,
  );
}
