import { distinctSizes, imageSizeText, isSameSize } from '@fixres/data';
import {
  classifierFit,
  isPath,
  modelFacts,
  type ModelFacts,
  type SessionPlan,
  withRunSplit,
} from '@fixres/runner/node';
import { dirname, resolve } from 'node:path';
import type { ImageDataset } from '@fixres/data/node';
import type {
  DatasetChoice,
  ExperimentFile,
  PlannedExperiment,
  PrecisionChoice,
} from '@fixres/runs';
import {
  changeExperiment,
  isOfArms,
  readExperimentFile,
  resolveExperiment,
} from '@fixres/runs/node';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { defaultRunFolder } from '../files/run-place.ts';
import { type DiskCacheChoice, diskCacheOf } from '../run/image-cache.ts';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import { memoryBudget } from '../run/memory-budget.ts';
import type { RunOutputOptions } from '../run/output-options.ts';
import { repeatingCommand } from '../run/repeating-command.ts';
import { chosenSeeds, type SeedOptions } from './chosen-seeds.ts';
import type { PlannedRun } from './planned-run.ts';
import type { SpecificationOptions } from '../training-choice/training-choice-options.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres run`, as the command line gives them. They override the file. */
export interface RunCommandOptions
  extends
    RunOutputOptions,
    DiskCacheChoice,
    DatasetOptions,
    SeedOptions,
    SpecificationOptions,
    Partial<EngineOptions> {
  limit?: number;
  splitByGroup?: string;
  dropLeaks?: boolean;
  deterministic?: boolean;
  /** Maximum memory of the process, such as `4GB`, or `none`, also if the file has one. */
  memory?: string;
  out?: string;
  /** Names of trials. */
  only?: string[];
}

/** The plan of the experiment in a file. */
export async function runPlan(
  file: string,
  options: RunCommandOptions,
  terminal: Terminal,
): Promise<PlannedRun> {
  const seeds = chosenSeeds(options);
  const { set: settings = [] } = options;
  const written = await readExperimentFile(file, {
    changes: seeds === undefined ? {} : { seeds, seedCount: undefined },
    settings,
    onRenamed: (line) => terminal.warn(line),
  });
  const beside = (path: string): string => resolve(dirname(file), path);
  const { model } = written;
  const content: ExperimentFile = {
    ...written,
    ...(model?.folder !== undefined && { model: { ...model, folder: beside(model.folder) } }),
    ...withTeachers(written, beside),
  };
  const entry = typeof content.dataset === 'string' ? { source: content.dataset } : content.dataset;
  const { archive = entry.archive && beside(entry.archive), ...reading } =
    await datasetReading(options);
  const dataset: DatasetChoice = {
    ...entry,
    ...Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined)),
    source: isPath(entry.source) ? beside(entry.source) : entry.source,
    archive,
    limit: options.limit ?? entry.limit,
    splitByGroup: options.splitByGroup ?? entry.splitByGroup,
    dropLeaks: options.dropLeaks ?? entry.dropLeaks,
  };
  const deterministic = options.deterministic ?? content.deterministic ?? false;
  const facts =
    content.model?.folder === undefined ? undefined : await modelFacts(content.model.folder);
  const plan: SessionPlan = {
    dataset: facts === undefined ? dataset : withRunSplit(dataset, facts),
    start: facts,
    engine: options.engine ?? content.engine ?? 'auto',
    device: options.device ?? content.device ?? 'auto',
    deterministic,
    memoryMb: memoryBudget(options.memory ?? content.memory),
    logs: content.logs ?? [],
    diskCache: diskCacheOf(options),
    only: options.only,
    command: repeatingCommand(['run', file], options),
    experiment: async (imageSizes, openDataset) => {
      const experiment = await changeExperiment(
        await resolveExperiment(content, imageSizes),
        // The options of arms that are in the file are set there.
        content.arms === undefined ? settings.filter(isOfArms) : [],
        imageSizes,
      );
      return facts === undefined
        ? experiment
        : withFittingModel(experiment, facts, { dataset: await openDataset(), terminal });
    },
  };
  const folder =
    options.out ?? defaultRunFolder(entry.source, file.replace(/^.*[\\/]|\.\w+$/g, ''));
  return { plan, folder };
}

/** The arms or the grid of a file whose teachers are beside it. */
function withTeachers(
  { arms, grid }: ExperimentFile,
  beside: (path: string) => string,
): Pick<ExperimentFile, 'arms' | 'grid'> {
  const moved = <T extends { distill?: { teacher: string } | undefined }>(entry: T): T =>
    entry.distill === undefined
      ? entry
      : { ...entry, distill: { ...entry.distill, teacher: beside(entry.distill.teacher) } };
  return {
    ...(arms && { arms: arms.map(moved) }),
    ...(grid && {
      grid: {
        train: moved(grid.train),
        ...(grid.finetune && { finetune: moved(grid.finetune) }),
      },
    }),
  };
}

/**
 * Checks that a model from a folder supports the sizes of an experiment, and replaces its
 * classifier if the classes differ.
 */
function withFittingModel(
  experiment: PlannedExperiment<PrecisionChoice>,
  facts: ModelFacts,
  { dataset, terminal }: { dataset: ImageDataset; terminal: Terminal },
): PlannedExperiment<PrecisionChoice> {
  const { model, arms, evaluations } = experiment;
  if (model.folder === undefined) return experiment;
  const policies = [...arms.map(({ trainPolicy }) => trainPolicy), ...evaluations];
  const sizes = distinctSizes(policies.map(({ output }) => output));
  if (!facts.takesAnySize && sizes.some((size) => !isSameSize(size, model.imageSize))) {
    const message = `The model in "${model.folder}" is used at one size, ${imageSizeText(model.imageSize)} pixels; the experiment has ${sizes.map(imageSizeText).join(', ')}.`;
    throw new ExitError(exitCodes.usage, `error: ${message}`);
  }
  const { newClassifier, note } = classifierFit(facts, dataset, model.newClassifier === 'always');
  if (note !== undefined) terminal.line(note);
  return { ...experiment, model: { ...model, newClassifier } };
}
