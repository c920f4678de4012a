import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import type { ModelName } from '@fixres/models';
import { type PresetName, presetWidth } from '@fixres/runs';
import { parseExperiment, resolveExperiment, shellCommand } from '@fixres/runs/node';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import type { FixresOptions } from '../options/fixres-options.ts';
import { chosenSeeds } from '../plans/chosen-seeds.ts';
import { type Answers, ask } from '../init/ask.ts';
import { experimentText, type PresetFile } from '../init/experiment-text.ts';
import { isBuiltIn, isPath } from '@fixres/runner/node';
import { portablePath } from '../files/portable-path.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres init`, as the command line gives them. */
export interface InitOptions extends FixresOptions {
  dataset?: string;
  yes?: boolean;
  force?: boolean;
  json?: boolean;
}

/** Writes an experiment file after checking it. */
export async function init(file: string, options: InitOptions): Promise<void> {
  const { json = false, force = false } = options;
  if (/\.json$/i.test(file))
    throw new ExitError(
      exitCodes.usage,
      `error: File "${file}" would be JSON, which has no comments; give a name that ends with .yaml.`,
    );
  if (!force && existsSync(file)) throw exists(file);
  const terminal = new Terminal();
  const answers = await answersOf(options);
  const needsNoPath = !isPath(answers.dataset);
  const content = contentOf(
    answers,
    options,
    needsNoPath ? answers.dataset : pathFrom(dirname(resolve(file)), resolve(answers.dataset)),
  );
  parseExperiment(content);
  // Sizes that depend on the images are found at run time; everything else is checked now.
  if (content.preset !== 'matched') await resolveExperiment(content, () => Promise.resolve([]));

  if (!needsNoPath && !existsSync(answers.dataset))
    terminal.warn(
      `"${answers.dataset}" does not exist yet; create it before running the experiment.`,
    );
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, experimentText(content, file), { flag: force ? 'w' : 'wx' });
  } catch (error) {
    // EEXIST can also mean a file in place of a parent folder.
    if (existsSync(file) && (error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(file);
    throw new ExitError(
      exitCodes.failed,
      `error: "${file}" cannot be written: ${(error as Error).message}`,
      { cause: error },
    );
  }
  terminal.result(json ? JSON.stringify({ file, experiment: content }) : file);
  terminal.line(`Run it with: ${shellCommand(['fixres', 'run', file])}`);
}

/** A path for the file, distinct from the names of built-in data sets. */
function pathFrom(folder: string, dataset: string): string {
  const path = portablePath(relative(folder, dataset)) || '.';
  return isBuiltIn(path) ? `./${path}` : path;
}

async function answersOf(options: InitOptions): Promise<Answers> {
  const { dataset, preset, yes, json } = options;
  const seedCount = chosenSeeds(options)?.length;
  const isAsking = !yes && !json && process.stdin.isTTY && process.stderr.isTTY;
  if (isAsking) return ask({ dataset, preset, seedCount });
  if (dataset === undefined) {
    throw new ExitError(
      exitCodes.usage,
      'error: Option --dataset is missing: synthetic, tf_flowers or a path. (No terminal to ask.)',
    );
  }
  return { dataset, preset: preset ?? 'quick', seedCount: seedCount ?? 1 };
}

/** The file's content, without fields that were not chosen. */
function contentOf(
  { preset, seedCount }: Answers,
  options: InitOptions,
  source: string,
): PresetFile {
  const {
    model,
    width,
    small,
    large,
    limit,
    heldOut,
    epochs,
    finetuneEpochs,
    batchSize,
    normStatistics,
    normImages,
  } = options;
  const content = {
    version: 1,
    dataset: { source, limit, heldOut },
    preset,
    model:
      model === undefined && width === undefined
        ? undefined
        : { name: model, width: width ?? widthOf(preset, model!) },
    sizes: small === undefined && large === undefined ? undefined : { small, large },
    epochs,
    finetuneEpochs,
    batchSize,
    normStatistics,
    normImages,
    ...(Array.isArray(options.seeds) ? { seeds: options.seeds } : { seedCount }),
  };
  return JSON.parse(JSON.stringify(content)) as PresetFile;
}

/** The check of the whole experiment reports an unknown model name. */
function widthOf(preset: PresetName, model: ModelName): number | undefined {
  const width = presetWidth(preset, model);
  return Number.isNaN(width) ? undefined : width;
}

function exists(file: string): ExitError {
  return new ExitError(
    exitCodes.usage,
    `error: File "${file}" already exists. Choose another name, or overwrite it with --force.`,
  );
}
