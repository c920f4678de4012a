import { join } from 'node:path';
import type { ImageLoader } from '@fixres/data/node';
import { FixresFinetuneError } from '@fixres/finetune';
import {
  experimentDefaults,
  RUN_FORMAT,
  type RunConfig,
  type RunEvent,
  type RunEventInput,
  secondsOf,
  type Summary,
} from '@fixres/runs';
import { FixresRunnerError } from '../../errors.ts';
import { readWeights } from '../../training/model-weights.ts';
import { runExperiment } from '../../arms/run-experiment.ts';
import { saveModelFolder } from '@fixres/models/node';
import {
  CheckpointFolder,
  csvLog,
  isInterruption,
  loadRun,
  MlflowLog,
  type MlflowServer,
  type ReopenedRun,
  type RunFolder,
  type RunLog,
  TensorBoardLog,
  writeFailed,
} from '@fixres/runs/node';
import { ClusterCheckpoints } from '../cluster/cluster-checkpoints.ts';
import { type JoinedTraining, takingPart } from '../cluster/joined-training.ts';
import { createCompiledForward, createCompiledTrainer } from '../compiled/compiled-factories.ts';
import { sourcesOf } from '../images/loader-source.ts';
import { processMemory } from '../memory/process-memory.ts';
import { gatherRun } from '../report/gather-run.ts';
import { renderReport } from '@fixres/runs/report';
import type { SessionListeners } from './session-listeners.ts';
import { clusterFeatures } from '../cluster/cluster-features.ts';
import { featureSettings, plannedFeatures } from './feature-choice.ts';
import { imageSizes } from '../images/image-sizes.ts';
import { imagesById } from '../images/images-by-id.ts';
import { openModels } from '../models/open-models.ts';
import type { RunEnvironment } from './run-environment.ts';
import type { PreparedImages } from '../images/prepare-images.ts';

export interface ConductRunOptions {
  /** The caller closes it. */
  folder: RunFolder;
  config: RunConfig;
  environment: RunEnvironment;
  images: PreparedImages;
  loader: ImageLoader;
  /** The saved state of a resumed run; undefined for a new run. */
  earlier: Pick<ReopenedRun, 'events' | 'saved'> | undefined;
  /** For the log `mlflow`. */
  mlflow: MlflowServer | undefined;
  on: SessionListeners;
  /** As in `RunSessionOptions`. */
  pauseAfter: number | undefined;
  signal: AbortSignal;
  /** The processes that run the experiment together. */
  cluster: JoinedTraining | undefined;
}

/**
 * Runs an experiment in its folder, from the beginning or from its saved state, up to report and
 * summary.
 */
export async function conductRun(options: ConductRunOptions): Promise<Summary> {
  const { folder, config, environment, images, loader, earlier, mlflow, on, cluster, pauseAfter } =
    options;
  const signal = cluster?.signal ?? options.signal;
  const { experiment } = config;
  const { engine } = environment;
  const logs: RunLog[] = [];
  let hasEnded = false;
  const emit = (input: RunEventInput): RunEvent => {
    const event = folder.append(input);
    hasEnded ||= ['run-end', 'run-failed', 'run-interrupted'].includes(event.type);
    for (const log of logs) log.onEvent(event);
    on.event?.(event);
    return event;
  };
  const names = { ids: images.heldOut.map(({ id }) => id), classNames: images.record.classes };
  const checkpoints = new CheckpointFolder(join(folder.path, 'checkpoints'), {
    keep: experiment.checkpoint?.keep ?? experimentDefaults.checkpoint.keep,
    lastEvent: () => folder.lastEvent,
    beforeWriting: () => folder.assertThere(),
    onWarning: (message) => void emit({ type: 'warning', message }),
  });

  on.begin?.(config);

  try {
    // A run that crashed before its first event has nothing to resume.
    const { events = [], saved } = earlier ?? {};
    const first = emit(
      saved === undefined || events.length === 0
        ? { type: 'run-start', format: RUN_FORMAT, engine, dataset: images.record, config }
        : {
            type: 'run-resumed',
            engine,
            after: saved.after,
            ...(saved.again.length > 0 && { again: saved.again }),
          },
    );
    const eventsSoFar = [...events, first];
    if (mlflow !== undefined) {
      logs.push(
        new MlflowLog({
          run: folder.path,
          server: mlflow,
          config,
          earlier: eventsSoFar,
          onWarning: (message) => {
            // After the end of a run, its log is complete.
            if (hasEnded) on.warning?.(message);
            else emit({ type: 'warning', message });
          },
        }),
      );
    }
    if (config.logs.includes('csv'))
      logs.push(csvLog(join(folder.path, 'epochs.csv'), eventsSoFar));
    if (config.logs.includes('tensorboard'))
      logs.push(new TensorBoardLog(join(folder.path, 'tensorboard')));
    for (const message of images.warnings) emit({ type: 'warning', message });
    const train = async (): Promise<Summary> =>
      runExperiment(experiment, {
        engine,
        dataset: images.record,
        ...sourcesOf(loader, images),
        decode: config.dataset.decode,
        memory: processMemory(engine),
        onEvent: (event) => void emit(event),
        onExperiment: async (chosen) => {
          // Reports and logs read the configuration from here on.
          config.experiment = chosen;
          await folder.writeConfig(config);
        },
        onEpoch: async (arm, seed, record, model) => {
          for (const log of logs) await log.onEpoch?.(arm, seed, record, () => readWeights(model));
        },
        onPredictions: (arm, seed, policy, predictions) =>
          folder.writePredictions(arm, seed, policy, predictions, names),
        onModel: (arm, seed, model, card) =>
          folder.writeModel(arm, seed, (target) =>
            saveModelFolder(model, target, card, { createParents: false }),
          ),
        ...openModels(images.record.classes, images.record.multiLabel),
        createTrainer: createCompiledTrainer,
        createForward: createCompiledForward,
        features:
          cluster === undefined
            ? await featureSettings(plannedFeatures(config), {
                folder: folder.path,
                deterministic: config.deterministic,
              })
            : clusterFeatures(config, cluster),
        checkpoints:
          cluster === undefined ? checkpoints : new ClusterCheckpoints(cluster, checkpoints),
        cluster,
        secondsBefore: secondsOf(events),
        // A new run was rehearsed before its folder was created.
        isRehearsed: earlier === undefined,
        imageSizes: await imageSizes(images.train, { on, signal }),
        pauseAfter,
        signal,
      });
    const summary = await takingPart(cluster, train);
    cluster?.leave();
    const recorded = await loadRun(folder.path, { summary });
    const run = await gatherRun(recorded, {
      train: images.train,
      heldOut: images.heldOut,
      classNames: images.record.classes,
      byId: imagesById(images),
      loader,
    });
    await folder.writeReport(renderReport({ runs: [run] }));
    await folder.writeSummary(summary);
    emit({ type: 'run-end', seconds: summary.seconds });
    await checkpoints.clean({ keepFinished: config.part !== undefined });
    return summary;
  } catch (cause) {
    const error = asFailure(cause, folder.path);
    try {
      emit(
        isInterruption(error, signal) || isPause(error)
          ? { type: 'run-interrupted' }
          : failureOf(error),
      );
    } catch {
      // The log cannot be written any more; the error that is thrown reports that.
    }
    throw error;
  } finally {
    for (const log of logs) await log.close?.();
  }
}

function isPause(error: unknown): boolean {
  return error instanceof FixresRunnerError && error.code === 'paused';
}

function failureOf(error: unknown): RunEventInput {
  const { message, code, images = [] } = error as Error & { code?: string; images?: string[] };
  return {
    type: 'run-failed',
    message,
    ...(code !== undefined && { code }),
    ...(images.length > 0 && { images }),
  };
}

/**
 * Cached features are a file in the run's folder like any other, so a full disk is reported in the
 * same way.
 */
function asFailure(error: unknown, run: string): unknown {
  const isOfFeatures = error instanceof FixresFinetuneError && error.code === 'cache-file';
  return isOfFeatures
    ? writeFailed({ run, what: 'features of frozen layers' }, error.cause)
    : error;
}
