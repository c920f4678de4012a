import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { duplicatesAcross, duplicateWarning, type ImageDataset, ImageLoader } from '@fixres/data/node';
import { defaultCacheFolder, useEngine } from '@fixres/engine/node';
import { type ModelName, stemWidths } from '@fixres/models';
import { writeAside } from '@fixres/models/node';
import {
  type DatasetRecord,
  type EngineRecord,
  type Experiment,
  fixresExperiment,
  fixresPresets,
  type PresetName,
  RUN_FORMAT,
  runExperiment,
  type RunEventInput,
  type Summary,
} from '@fixres/runner';
import { loaderSource, processMemory, RunFolder } from '@fixres/runner/node';
import { readableExamples } from '../readable-examples.ts';
import { collectSamples } from '../report/collect-samples.ts';
import { renderReport } from '../report/render-report.ts';
import { resolveDataset } from '../resolve-dataset.ts';
import { splitFor } from '../split-for.ts';
import { defaultRunFolder, refuseUsedFolder } from '../run-place.ts';
import { showRunEvent } from '../run-progress.ts';
import { summaryText } from '../summary-text.ts';
import { Terminal } from '../terminal.ts';
import { interruptible } from './interruptible.ts';

/** Options of `fixres reproduce`, as the command line gives them. */
export interface ReproduceOptions {
  preset: PresetName;
  model?: ModelName;
  width?: number;
  small?: number;
  large?: number;
  epochs?: number;
  finetuneEpochs?: number;
  seeds?: number;
  batch?: number;
  limit?: number;
  heldOut?: number | undefined;
  engine: 'auto' | 'tensorflow' | 'wasm' | 'cpu';
  archive?: string;
  skipCorrupt?: boolean;
  out?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Runs the FixRes experiment, writes its run folder and prints the result. */
export async function reproduce(datasetName: string, options: ReproduceOptions): Promise<void> {
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  // Everything that can be wrong with the options is found before anything slow starts.
  const experiment = experimentFrom(options);
  const out = options.out ?? defaultRunFolder(datasetName, options.preset);
  await refuseUsedFolder(out);

  const summary = await interruptible(
    async (signal) => {
      const cacheFolder = defaultCacheFolder();
      const dataset = await resolveDataset(datasetName, { cacheFolder, archive: options.archive, terminal, signal });
      splitFor(dataset, options);
      const engine = await useEngine({ engine: options.engine });
      terminal.line(`Engine: ${engine.reason}`);
      const loader = new ImageLoader({ cacheBytes: imageCacheBytes() });
      try {
        return await run({ dataset, experiment, engine, loader, out, datasetName, options, terminal, signal });
      } finally {
        await loader.close();
      }
    },
    () => (existsSync(out) ? `Interrupted. What was done so far is in ${out}.` : 'Interrupted. Nothing was written.'),
  );

  terminal.line();
  process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : `${summaryText(summary)}\n`);
  terminal.line(`\nRun folder: ${resolve(out)}\nReport:     ${resolve(out, 'report.html')}`);
}

interface RunContext {
  dataset: ImageDataset;
  experiment: Experiment;
  engine: EngineRecord;
  loader: ImageLoader;
  out: string;
  datasetName: string;
  options: ReproduceOptions;
  terminal: Terminal;
  signal: AbortSignal;
}

async function run(context: RunContext): Promise<Summary> {
  const { dataset, experiment, engine, loader, out, options, terminal, signal } = context;
  const all = splitFor(dataset, options);
  const chosen = [...all.train, ...all.heldOut];
  const skipCorrupt = options.skipCorrupt ?? false;
  const { examples, duplicates } = await readableExamples(chosen, { loader, skipCorrupt, terminal, signal });
  const split = splitFor({ ...dataset, examples }, { heldOut: options.heldOut });
  const { train, heldOut } = split;
  const repeated = duplicateWarning(duplicatesAcross(split, duplicates));
  const record: DatasetRecord = {
    name: dataset.name,
    classes: dataset.classNames,
    train: train.length,
    heldOut: heldOut.length,
    skipped: chosen.length - examples.length,
  };
  terminal.line(`Data:   ${record.name}, ${record.classes.length} classes, ${record.train} training images, ${record.heldOut} held out`);

  const config = { command: 'reproduce', preset: options.preset, dataset: context.datasetName, limit: options.limit ?? null, heldOut: options.heldOut ?? null, experiment };
  const environment = {
    engine,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    cores: availableParallelism(),
    memoryMb: Math.round(totalmem() / 1e6),
  };
  const folder = await RunFolder.create(out, config, environment);
  const emit = (event: RunEventInput): void => showRunEvent(folder.append(event), terminal, experiment.seeds.length);
  const names = { ids: heldOut.map(({ id }) => id), classNames: dataset.classNames };

  try {
    emit({ type: 'run-start', format: RUN_FORMAT, engine, dataset: record, config });
    if (record.skipped > 0) emit({ type: 'warning', message: `${record.skipped} images that cannot be decoded are left out.` });
    if (repeated !== undefined) emit({ type: 'warning', message: repeated });
    const summary = await runExperiment(experiment, {
      engine,
      dataset: record,
      train: loaderSource(loader, train),
      heldOut: loaderSource(loader, heldOut),
      memory: processMemory(),
      onEvent: emit,
      onPredictions: (arm, seed, policy, predictions) => folder.writePredictions(arm, seed, policy, predictions, names),
      onModel: (arm, seed, model, card) => folder.writeModel(arm, seed, model, card),
      signal,
    });
    const samples = await collectSamples(experiment, train, loader);
    const title = `FixRes on ${dataset.name}`;
    const command = commandLine(context.datasetName, options);
    await writeAside(join(out, 'report.html'), renderReport({ title, summary, samples, config, environment, command }));
    await folder.writeSummary(summary);
    emit({ type: 'run-end', seconds: summary.seconds });
    return summary;
  } catch (error) {
    emit(signal.aborted ? { type: 'run-interrupted' } : { type: 'run-failed', message: (error as Error).message });
    throw error;
  }
}

function experimentFrom(options: ReproduceOptions): Experiment {
  const base = fixresPresets[options.preset];
  const model = options.model ?? base.model;
  return fixresExperiment({
    model,
    // Another architecture is as wide as the preset's, each measured by its published width.
    width: options.width ?? Math.round((base.width / stemWidths[base.model]) * stemWidths[model]),
    small: options.small ?? base.small,
    large: options.large ?? base.large,
    epochs: options.epochs ?? base.epochs,
    finetuneEpochs: options.finetuneEpochs ?? base.finetuneEpochs,
    batchSize: options.batch ?? base.batchSize,
    seeds: options.seeds ?? base.seeds,
  });
}

/** Decoded images are kept up to a sixteenth of the memory, a gigabyte at most: small data sets are then decoded only once. */
function imageCacheBytes(): number {
  return Math.floor(Math.min(totalmem() / 16, 1e9));
}

/** The command that repeats the run, with everything that was chosen. */
function commandLine(dataset: string, options: ReproduceOptions): string {
  const given = ['model', 'width', 'small', 'large', 'epochs', 'finetuneEpochs', 'seeds', 'batch', 'limit', 'heldOut', 'archive'] as const;
  const flags = given.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${value}`];
  });
  if (options.skipCorrupt) flags.push('--skip-corrupt');
  return ['fixres reproduce', dataset, `--preset ${options.preset}`, ...flags].join(' ');
}
