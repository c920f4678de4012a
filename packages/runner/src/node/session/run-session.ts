import { availableParallelism } from 'node:os';
import { type ImageDataset, ImageLoader } from '@fixres/data/node';
import { requireEngine } from '@fixres/engine';
import {
  armsToMeasure,
  corruptionConditions,
  type Experiment,
  experimentOfTrials,
  type RunConfig,
  type Summary,
  trainingLength,
} from '@fixres/runs';
import {
  type KnownImages,
  mlflowServer,
  readKnownImages,
  requireFreeFolder,
  RunFolder,
  writeKnownImages,
  writeRunLeaks,
} from '@fixres/runs/node';
import { FixresRunnerError } from '../../errors.ts';
import { rehearse } from '../../arms/rehearse.ts';
import { resolveCosts } from '../../compute/resolve-costs.ts';
import { requireMeasurable } from '../../arms/measure-sizes.ts';
import { requireDivisible } from '../../cluster/process-share.ts';
import { joinTraining } from '../cluster/join-training.ts';
import { takingPart } from '../cluster/joined-training.ts';
import {
  type BeginMessage,
  type ImagesMessage,
  requireSameImages,
} from '../cluster/leading-messages.ts';
import { type DatasetWords, optionWords } from '../images/dataset-words.ts';
import { imageLimitsOf, imageLoading } from '../images/image-loading.ts';
import { type PreparedImages, prepareImages } from '../images/prepare-images.ts';
import { splitFor } from '../images/split-for.ts';
import { trainedAmong } from '../images/trained-among.ts';
import { memoryNote, planMemory, refuseBudget } from '../memory/plan-memory.ts';
import { openModels } from '../models/open-models.ts';
import { trainedOnWarning } from '../models/start-model.ts';
import { chooseEngine } from './choose-engine.ts';
import { conductRun } from './conduct-run.ts';
import { counted } from '@fixres/runs/report';
import { plannedExperiment, type PlannedSession } from './planned-experiment.ts';
import { runEnvironment } from './run-environment.ts';
import type { RunSessionOptions } from './run-session-options.ts';
import type { SessionListeners } from './session-listeners.ts';
import type { SessionPlan } from './session-plan.ts';

/** Shared by the steps of a session. */
interface Session {
  plan: SessionPlan;
  words: DatasetWords;
  on: SessionListeners;
  signal: AbortSignal;
}

/**
 * Runs an experiment in a new run folder: opens and checks the images, selects the engine,
 * rehearses all arms, trains and evaluates them, saves checkpoints, and writes the log, the report
 * and the summary.
 *
 * Nothing is written before the experiment is checked and rehearsed.
 *
 * @returns the content of `summary.json`
 * @throws FixresRunsError, FixresRunnerError, FixresDataError, FixresEngineError if the experiment
 * cannot be run; FixresRunnerError `paused`; the reason of the signal when aborted
 */
export async function runSession(plan: SessionPlan, options: RunSessionOptions): Promise<Summary> {
  const { folder, signal = new AbortController().signal, on = {}, words = optionWords } = options;
  const { cluster: choice, pauseAfter } = options;
  if (choice !== undefined && pauseAfter !== undefined)
    throw new FixresRunnerError(
      'bad-option',
      `The run is to pause after ${counted(pauseAfter, 'epoch')} (option "pauseAfter"), which several processes cannot do.`,
    );
  const session: Session = { plan, words, on, signal };
  const mlflow = plan.logs.includes('mlflow') ? mlflowServer(options.variables) : undefined;
  requireEngine(plan);
  await requireFreeFolder(folder);
  const { dataset, planned } = await planExperiment(session);
  const threads = availableParallelism();
  const { engine, ...resolved } = await chooseEngine(session, planned, {
    threads,
    hideErrors: choice !== undefined,
  });
  const processes = choice?.task.addresses.length ?? 1;
  requireMeasurable(planned, { hasImages: true, processes });
  requireDivisible(planned.batchSize, processes);
  refuseBudget(plan.memoryMb, {
    processes,
    instead: 'leave it out, and limit the features of each process with --feature-memory',
  });
  const cluster = choice && joinTraining(choice, signal);
  return takingPart(cluster, async () => {
    cluster?.share<ImagesMessage>({
      dataset: plan.dataset,
      diskCache: plan.diskCache,
      classNames: dataset.classNames,
    });
    const opening = openModels(dataset.classNames, dataset.multiLabel);
    await rehearse(resolved.experiment, { classes: dataset.classNames.length, ...opening });
    const { only } = plan;
    const memory = await planMemory(
      { plan, planned: resolved.experiment, open: () => Promise.resolve(dataset) },
      { on, signal },
    );
    if (memory !== undefined) on.note?.(memoryNote(memory));
    const loader = new ImageLoader(imageLoading(plan.dataset, plan.diskCache, memory?.plan));
    try {
      const { images, known } = await checkImages(session, dataset, loader);
      const whole = await resolveCosts(resolved.experiment, {
        trainImages: images.train.length,
        classes: images.record.classes.length,
        ...opening,
      });
      const experiment = only ? experimentOfTrials(whole, only) : whole;
      if (resolved.warning !== undefined) images.warnings.push(resolved.warning);
      for (const line of derivedLengthText(experiment, images.train.length)) on.note?.(line);
      const corrupted = corruptionsText(experiment, images.record.heldOut);
      if (corrupted !== undefined) on.note?.(corrupted);
      const config: RunConfig = {
        ...withoutStart(plan),
        ...(memory && { memory: memory.plan }),
        ...(cluster && { cluster: { ranks: cluster.ranks, ...cluster.settings } }),
        // The selected engine, so that the run is resumed with the same one.
        engine: engine.name,
        experiment,
        threads,
        images: images.digests,
        ...(only && { part: { trials: [...only], of: whole } }),
      };
      // A run that is interrupted before its start leaves nothing behind.
      signal.throwIfAborted();
      if (cluster !== undefined) {
        const { settings } = cluster;
        cluster.share<BeginMessage>({ config, settings });
        requireSameImages(images.digests, cluster);
        cluster.signal.throwIfAborted();
      }
      const environment = runEnvironment(engine);
      const run = await RunFolder.create(folder, config, environment);
      try {
        await writeKnownImages(folder, { ...images, decode: plan.dataset.decode }, known);
        if (images.leaks) await writeRunLeaks(folder, images.leaks);
        return await conductRun({
          folder: run,
          config,
          environment,
          images,
          loader,
          earlier: undefined,
          mlflow,
          on,
          pauseAfter,
          signal,
          cluster,
        });
      } finally {
        await run.close();
      }
    } finally {
      await loader.close();
    }
  });
}

async function planExperiment({
  plan,
  ...options
}: Session): Promise<{ dataset: ImageDataset; planned: PlannedSession['planned'] }> {
  const { planned, open, words } = await plannedExperiment(plan, options);
  const dataset = await open();
  splitFor(dataset, plan.dataset, words);
  return { dataset, planned };
}

/** Decodes and splits the images, and warns if the model that the run is initialised from was trained on held-out ones. */
async function checkImages(
  { plan, words, on, signal }: Session,
  dataset: ImageDataset,
  loader: ImageLoader,
): Promise<{ images: PreparedImages; known: KnownImages | undefined }> {
  const { start } = plan;
  const images = await prepareImages(dataset, { choice: plan.dataset, words, loader, on, signal });
  const known = start?.run && (await readKnownImages(start.run.folder));
  const seen =
    known &&
    (await trainedAmong(images.heldOut, known, {
      decode: plan.dataset.decode,
      digests: () => Promise.resolve(images.heldOut.map(({ id }) => images.digestOf.get(id))),
      limits: imageLimitsOf(plan.dataset),
      signal,
    }));
  const warning =
    start && trainedOnWarning(start, dataset, { images, source: plan.dataset.source, seen });
  if (warning !== undefined) images.warnings.push(warning);
  return { images, known };
}

/** The parts of a plan that are stored unchanged. */
function withoutStart(
  plan: SessionPlan,
): Omit<RunConfig, 'experiment' | 'threads' | 'images' | 'part' | 'memory'> {
  const { dataset, engine, device, deterministic, logs, diskCache, features, command } = plan;
  return { dataset, engine, device, deterministic, logs, diskCache, features, command };
}

/** What evaluating on corrupted images costs. */
function corruptionsText(
  { arms, seeds, corruptions }: Experiment,
  heldOut: number,
): string | undefined {
  if (corruptions === undefined) return undefined;
  const conditions = corruptionConditions(corruptions).length;
  const images = conditions * heldOut * arms.length * seeds.length;
  return `Corruptions: each arm and seed is evaluated ${conditions} more times on corrupted images; ${counted(images, 'image')} in total.`;
}

/** A line for each arm whose length was derived from a cost; sizes that are measured can change all of them. */
function derivedLengthText(experiment: Experiment, trainImages: number): string[] {
  const { arms, batchSize } = experiment;
  if (armsToMeasure(experiment).length > 0) return [];
  return arms.flatMap((arm) => {
    const { name, cost, steps } = arm;
    if (cost === undefined || steps === undefined) return [];
    const { stepsPerEpoch } = trainingLength(arm, { images: trainImages, batchSize });
    const epochs = (steps / stepsPerEpoch).toFixed(2);
    return [
      `Cost:   ${name} trains for ${counted(steps, 'step')} (${epochs} epochs), which take as much training compute as ${cost.equalTo}`,
    ];
  });
}
