import { ImageLoader } from '@fixres/data/node';
import { requireEngine, useEngine } from '@fixres/engine';
import {
  defaultClusterSettings,
  FixresRunsError,
  type RunConfig,
  type Summary,
} from '@fixres/runs';
import {
  mlflowServer,
  readKnownImages,
  readRunConfig,
  type ReopenedRun,
  RunFolder,
  writeKnownImages,
  writeRunLeaks,
} from '@fixres/runs/node';
import { FixresRunnerError } from '../../errors.ts';
import { requireDivisible } from '../../cluster/process-share.ts';
import { type ClusterChoice, joinTraining } from '../cluster/join-training.ts';
import { takingPart } from '../cluster/joined-training.ts';
import {
  type BeginMessage,
  type ImagesMessage,
  requireSameImages,
} from '../cluster/leading-messages.ts';
import { resumeWords } from '../images/dataset-words.ts';
import { imageLoading } from '../images/image-loading.ts';
import { prepareImages } from '../images/prepare-images.ts';
import { sourceOf } from '../images/source-of.ts';
import { refuseBudget } from '../memory/plan-memory.ts';
import { runOfModel } from '../models/trained-run.ts';
import { conductRun } from './conduct-run.ts';
import { changesSince, type RunEnvironment, runEnvironment } from './run-environment.ts';
import { resolvePrecision } from './resolve-precision.ts';
import { sessionDataset } from './session-dataset.ts';
import type { SessionListeners } from './session-listeners.ts';

export interface ResumeSessionOptions {
  /** Where the images are now. Default: where the run found them. */
  data?: string | undefined;
  /** Interrupts the run. Its state is saved, and it can be resumed again. */
  signal?: AbortSignal | undefined;
  on?: SessionListeners | undefined;
  /** As in `RunSessionOptions`. */
  pauseAfter?: number | undefined;
  /** Environment variables for the log `mlflow`; see `mlflowServer` of `@fixres/runs/node`. */
  variables?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * Resumes as the first of several processes, whose number may differ from that of the earlier
   * session. Batch normalisation is synchronised as in the run. Default: alone.
   */
  cluster?: ClusterChoice | undefined;
}

interface ResumeRunOptions {
  data: string | undefined;
  config: RunConfig;
  variables: ResumeSessionOptions['variables'];
  on: SessionListeners;
  pauseAfter: number | undefined;
  signal: AbortSignal;
  cluster: ClusterChoice | undefined;
}

/**
 * Resumes a run that was interrupted, failed or crashed, and finishes it like {@link runSession}.
 * Images and engine must be the same as at its start.
 *
 * @throws FixresRunsError `bad-run` if the folder contains no run that can be resumed,
 * `run-locked`; FixresRunnerError `dataset-changed`, `bad-option` for several processes if the run has
 * a memory budget; errors of `runSession`
 */
export async function resumeSession(
  folder: string,
  {
    data,
    signal = new AbortController().signal,
    on = {},
    pauseAfter,
    variables,
    cluster,
  }: ResumeSessionOptions = {},
): Promise<Summary> {
  const config = await readRunConfig(folder);
  const run = await RunFolder.reopen(folder);
  try {
    return await resumeRun(run, {
      config,
      data: data && sourceOf(data),
      variables,
      on,
      pauseAfter,
      signal,
      cluster,
    });
  } finally {
    await run.folder.close();
  }
}

async function resumeRun(
  { folder, environment: began, events, saved, warnings }: ReopenedRun,
  { config, data, variables, on, pauseAfter, signal, cluster: choice }: ResumeRunOptions,
): Promise<Summary> {
  // Runs of earlier versions, and files of other programs, may not record the images.
  const { images: digests } = config as { images?: Partial<RunConfig['images']> | null };
  if (typeof digests?.train !== 'string' || typeof digests.heldOut !== 'string') {
    const message = `Run folder "${folder.path}" cannot be resumed: its config.json does not record its images.`;
    throw new FixresRunsError('bad-run', message);
  }
  // Runs of earlier versions used any available device, and may name no logs.
  const { device = 'auto', logs = [] } = config as Partial<RunConfig>;
  const mlflow = logs.includes('mlflow') ? mlflowServer(variables) : undefined;
  requireEngine({ engine: config.engine, device });
  const processes = choice?.task.addresses.length ?? 1;
  refuseBudget(config.memory?.limitMb, { processes, instead: 'resume the run with one process' });
  const dataset = await sessionDataset(
    { ...config.dataset, source: data ?? config.dataset.source },
    { classOrder: classesOf(events), on, signal },
  );
  const engine = await useEngine({
    engine: config.engine,
    device,
    because: 'as the run began',
    hideErrors: choice !== undefined,
    ...(config.deterministic ? { deterministic: { threads: config.threads } } : {}),
  });
  on.note?.(`Engine: ${engine.reason}`);
  const { warning } = await resolvePrecision(config.experiment, engine);
  const environment = runEnvironment(engine);
  requireDivisible(config.experiment.batchSize, processes);
  const { syncBatchNorm, gradientPrecision } = {
    ...defaultClusterSettings,
    ...choice?.settings,
    ...config.cluster,
  };
  const settings = { syncBatchNorm, gradientPrecision };
  const cluster = choice && joinTraining({ ...choice, settings }, signal);
  return takingPart(cluster, async () => {
    cluster?.share<ImagesMessage>({
      dataset: { ...config.dataset, source: data ?? config.dataset.source },
      diskCache: config.diskCache,
      classNames: dataset.classNames,
    });
    const loader = new ImageLoader(imageLoading(config.dataset, config.diskCache, config.memory));
    try {
      const images = await prepareImages(dataset, {
        choice: config.dataset,
        words: resumeWords,
        loader,
        on,
        signal,
      });
      for (const part of ['train', 'heldOut'] as const) {
        if (images.digests[part] === digests[part]) continue;
        const message = `The ${part === 'train' ? 'training' : 'held-out'} images of ${data ?? config.dataset.source} are not those that run "${folder.path}" began with.`;
        throw new FixresRunnerError('dataset-changed', message);
      }
      signal.throwIfAborted();
      if (cluster !== undefined) {
        cluster.share<BeginMessage>({ config, settings });
        requireSameImages(images.digests, cluster);
        cluster.signal.throwIfAborted();
      }
      if (began === undefined) await folder.writeEnvironment(environment);
      // The run crashed before it was written, or was started by an earlier version.
      if ((await readKnownImages(folder.path)) === undefined) {
        const stored = config.experiment.model.folder;
        const start = stored === undefined ? undefined : await runOfModel(stored);
        await writeKnownImages(
          folder.path,
          { ...images, decode: config.dataset.decode },
          start && (await readKnownImages(start.folder)),
        );
        if (images.leaks) await writeRunLeaks(folder.path, images.leaks);
      }
      images.warnings.push(
        ...warnings,
        ...(warning === undefined || warnings.includes(warning) ? [] : [warning]),
        ...elsewhere(began as RunEnvironment | undefined, environment, {
          config,
          hasBegun: events.length > 0,
        }),
      );
      return await conductRun({
        folder,
        config,
        environment,
        images,
        loader,
        earlier: { events, saved },
        mlflow,
        on,
        pauseAfter,
        signal,
        cluster,
      });
    } finally {
      await loader.close();
    }
  });
}

/** The class order of the run; undefined before its first event. */
function classesOf([first]: ReopenedRun['events']): readonly string[] | undefined {
  return first?.type === 'run-start' ? first.dataset.classes : undefined;
}

/** Warnings if the run may compute different numbers than on the machine that it began on. */
function elsewhere(
  before: RunEnvironment | undefined,
  now: RunEnvironment,
  { config, hasBegun }: { config: RunConfig; hasBegun: boolean },
): string[] {
  if (before === undefined) {
    // Without an event, nothing was computed.
    return hasBegun
      ? [
          'File environment.json of the run was missing or damaged, so whether the run is resumed on the machine it began on is not known.',
        ]
      : [];
  }
  // A deterministic run uses its recorded number of threads, so the number of cores does not
  // matter.
  const changes = changesSince(
    before,
    config.deterministic ? { ...now, cores: before.cores } : now,
  );
  return changes.length === 0
    ? []
    : [
        `The run is resumed on another machine or engine than it began on, so its numbers may differ: ${changes.join('; ')}.`,
      ];
}
