import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { type ImageDataset, ImageLoader } from '@fixres/data/node';
import { defaultCacheFolder, requireEngine, useEngine } from '@fixres/engine/node';
import { checkExperiment, type Summary } from '@fixres/runs';
import { rehearse, resolveCosts, type StartModelOptions } from '@fixres/runner';
import { RunFolder } from '@fixres/runs/node';
import { interruptible } from '../commands/interruptible.ts';
import { type DatasetWords, optionWords } from '../dataset-words.ts';
import { ExitError, exitCodes } from '../exit-error.ts';
import { refuseUsedFolder, requireWritable } from '../run-place.ts';
import { resolveDataset } from '../resolve-dataset.ts';
import { shellCommand } from '@fixres/runs/node';
import { splitFor } from '../split-for.ts';
import { summaryText } from '@fixres/runs/report';
import type { Terminal } from '../terminal.ts';
import { inOrderOfTraining } from './class-order.ts';
import { conductRun } from './conduct-run.ts';
import { derivedLengthText } from './derived-length-text.ts';
import { imageLoading } from './image-cache.ts';
import { imageSizes } from './image-sizes.ts';
import { readKnownImages, writeKnownImages } from '@fixres/runs/node';
import { openStoredModel } from './open-stored-model.ts';
import type { ResultForm } from './output-options.ts';
import { prepareImages } from './prepare-images.ts';
import { runEnvironment } from './run-environment.ts';
import type { DatasetChoice, RunConfig } from '@fixres/runs';
import type { RunPlan } from './run-plan.ts';
import { trainedOnWarning } from './start-model.ts';

export interface StartRunOptions {
  out: string;
  form: ResultForm;
  /** Default: those of commands with options. */
  words?: DatasetWords;
  terminal: Terminal;
}

/** Begins a run in a new folder, and prints its result. */
export async function startRun(
  plan: RunPlan,
  { out, form, words = optionWords, terminal }: StartRunOptions,
): Promise<void> {
  const { experiment: makeExperiment, start, ...rest } = plan;
  requireEngine(plan);
  await refuseUsedFolder(out);
  await requireWritable(out);
  const summary = await interruptible(
    async (signal) => {
      let opened: Promise<ImageDataset> | undefined;
      const open = (): Promise<ImageDataset> =>
        (opened ??= openChoice(plan.dataset, { classOrder: start?.classNames, terminal, signal }));
      const planned = await makeExperiment(
        async () =>
          imageSizes(splitFor(await open(), plan.dataset, words).train, { terminal, signal }),
        open,
      );
      // Also where no file had a schema.
      checkExperiment(planned);
      const dataset = await open();
      splitFor(dataset, plan.dataset, words);
      const threads = availableParallelism();
      const engine = await useEngine({
        engine: plan.engine,
        device: plan.device,
        ...(plan.deterministic ? { deterministic: { threads } } : {}),
      });
      terminal.line(`Engine: ${engine.reason}`);
      if (planned.precision === 'bfloat16' && engine.name !== 'tensorflow') {
        const message = `precision is "bfloat16", which only the native engine computes in (install it with "fixres setup"); engine ${engine.name} allows "float32".`;
        throw new ExitError(exitCodes.usage, `error: ${message}`);
      }
      const openModel: StartModelOptions['openModel'] = (stored, seed) =>
        openStoredModel(stored, dataset.classNames.length, seed);
      await rehearse(planned, { classes: dataset.classNames.length, openModel });
      const loader = new ImageLoader(imageLoading(plan.dataset, plan.diskCache));
      try {
        const images = await prepareImages(dataset, {
          choice: plan.dataset,
          words,
          loader,
          terminal,
          signal,
        });
        const known = start?.run && (await readKnownImages(start.run.folder));
        const trainedOn =
          start && trainedOnWarning(start, dataset, { images, source: plan.dataset.source, known });
        if (trainedOn !== undefined) images.warnings.push(trainedOn);
        const { classes } = images.record;
        const experiment = await resolveCosts(planned, {
          trainImages: images.train.length,
          classes: classes.length,
          openModel,
        });
        for (const line of derivedLengthText(experiment, images.train.length)) terminal.line(line);
        // Whoever interrupts a run that has not begun finds nothing of it.
        signal.throwIfAborted();
        // The engine that was found, so that the run goes on with the same one.
        const config: RunConfig = {
          ...rest,
          engine: engine.name,
          experiment,
          threads,
          images: images.digests,
        };
        const environment = runEnvironment(engine);
        // The last images are checked to the end, whatever happens.
        signal.throwIfAborted();
        const folder = await RunFolder.create(out, config, environment);
        try {
          await writeKnownImages(out, images, known);
          return await conductRun({
            folder,
            config,
            environment,
            images,
            loader,
            earlier: undefined,
            terminal,
            signal,
          });
        } finally {
          await folder.close();
        }
      } finally {
        await loader.close();
      }
    },
    () => interruptedMessage(out),
  );
  printResult(summary, { out, form, terminal });
}

/** Opens the data set of a run. @param classOrder classes of the model that it goes on with, if it does */
export async function openChoice(
  { source, ...reading }: DatasetChoice,
  {
    classOrder,
    ...options
  }: { classOrder: readonly string[] | undefined; terminal: Terminal; signal: AbortSignal },
): Promise<ImageDataset> {
  const dataset = await resolveDataset(source, {
    cacheFolder: defaultCacheFolder(),
    reading,
    ...options,
  });
  return inOrderOfTraining(dataset, classOrder, options.terminal);
}

export function interruptedMessage(out: string): string {
  // The folder may be there before: it was prepared, or holds what is left of a run that was killed before it had begun.
  return existsSync(join(out, 'config.json'))
    ? `Interrupted. What was done so far is in ${out}; go on with: ${shellCommand(['fixres', 'resume', out])}`
    : 'Interrupted. Nothing was written.';
}

export function printResult(summary: Summary, { out, form, terminal }: StartRunOptions): void {
  terminal.line();
  terminal.result(resultText(summary, form));
  terminal.line(`\nRun folder: ${resolve(out)}\nReport:     ${resolve(out, 'report.html')}`);
}

function resultText(summary: Summary, form: ResultForm): string {
  if (form === 'text') return summaryText(summary);
  return JSON.stringify(form === 'json' ? summary : { type: 'result', summary });
}
