import { ImageLoader } from '@fixres/data/node';
import { requireEngine, useEngine } from '@fixres/engine';
import { defaultClusterSettings, type RunConfig, type RunEventInput } from '@fixres/runs';
import { runExperiment } from '../../arms/run-experiment.ts';
import { createCompiledForward, createCompiledTrainer } from '../compiled/compiled-factories.ts';
import { optionWords } from '../images/dataset-words.ts';
import { imageLoading } from '../images/image-loading.ts';
import { sourcesOf } from '../images/loader-source.ts';
import { prepareImages } from '../images/prepare-images.ts';
import { processMemory } from '../memory/process-memory.ts';
import { openModels } from '../models/open-models.ts';
import { sessionDataset } from '../session/session-dataset.ts';
import { ClusterCheckpoints } from './cluster-checkpoints.ts';
import { clusterFeatures } from './cluster-features.ts';
import { type ClusterChoice, joinTraining } from './join-training.ts';
import type { JoinedTraining } from './joined-training.ts';
import { type BeginMessage, type ImagesMessage, requireSameImages } from './leading-messages.ts';

export interface FollowSessionOptions {
  /** Engine of this process, as in the plan or the configuration of the run. */
  engine: Pick<RunConfig, 'engine' | 'device' | 'deterministic'> & { threads: number };
  cluster: Omit<ClusterChoice, 'settings'>;
  /** Receives what this process does. The first process records its own events in the run. */
  onEvent?: ((event: RunEventInput) => void) | undefined;
  signal: AbortSignal;
}

/**
 * Takes part in a session of another process, which calls `runSession` or `resumeSession` with a
 * cluster. Receives from it what to compute, and writes nothing. The data set, and the model that
 * the run is initialised from, must be at the same place here.
 *
 * @throws as `runSession`; FixresRunnerError `dataset-changed` if the images differ from those of the
 * first process; FixresEngineError `cluster-failed`
 */
export async function followSession(options: FollowSessionOptions): Promise<void> {
  const { engine: choice, signal } = options;
  requireEngine(choice);
  const engine = await useEngine({
    engine: choice.engine,
    device: choice.device,
    hideErrors: true,
    ...(choice.deterministic && { deterministic: { threads: choice.threads } }),
  });
  const cluster = joinTraining({ ...options.cluster, settings: defaultClusterSettings }, signal);
  await cluster.during(() => follow(cluster, engine, options));
}

async function follow(
  cluster: JoinedTraining,
  engine: Awaited<ReturnType<typeof useEngine>>,
  { onEvent = () => undefined, signal }: FollowSessionOptions,
): Promise<void> {
  const quiet = { on: {}, signal };
  const {
    dataset: choice,
    diskCache,
    classNames,
  } = cluster.share<ImagesMessage | undefined>(undefined)!;
  const dataset = await sessionDataset(choice, { ...quiet, classOrder: classNames });
  const loader = new ImageLoader(imageLoading(choice, diskCache));
  try {
    const images = await prepareImages(dataset, { ...quiet, choice, words: optionWords, loader });
    const begin = cluster.share<BeginMessage | undefined>(undefined)!;
    cluster.settings = begin.settings;
    const { config } = begin;
    requireSameImages(images.digests, cluster);
    cluster.signal.throwIfAborted();
    await runExperiment(config.experiment, {
      engine,
      dataset: images.record,
      ...sourcesOf(loader, images),
      decode: choice.decode,
      memory: processMemory(engine),
      onEvent,
      ...openModels(images.record.classes, images.record.multiLabel),
      createTrainer: createCompiledTrainer,
      createForward: createCompiledForward,
      features: clusterFeatures(config, cluster),
      checkpoints: new ClusterCheckpoints(cluster, undefined),
      cluster,
      // The first process has.
      isRehearsed: true,
      signal: cluster.signal,
    });
    cluster.leave();
  } finally {
    await loader.close();
  }
}
