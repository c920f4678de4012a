import { deviceChoices, engineChoices } from '@fixres/engine/names';
import { modelNames } from '@fixres/models/names';
import { furtherLogs, settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import { count, listOption, part, positive, whole } from './option-types.ts';

// Options and arguments that several commands have, each worded once.

/** What the argument `<dataset>` takes. */
export const DATASET =
  'synthetic, tf_flowers, a folder or archive (.tar, .tgz, .zip) of class folders, TFRecord files, webdataset shards, or a .csv or .jsonl list of images';

/** Names what computes, where something else may say it too; so may the environment's FIXRES_ENGINE. */
export function engineNameOption(): Option {
  return new Option('--engine <name>', 'what computes; auto takes the fastest there is')
    .choices(engineChoices)
    .env('FIXRES_ENGINE');
}

/** Chooses what computes; the environment's FIXRES_ENGINE is its default. */
export const engineOption = (): Option => engineNameOption().default('auto');

/** Names where the native engine computes, where something else may say it too; so may the environment's FIXRES_DEVICE. */
export function deviceNameOption(): Option {
  return new Option(
    '--device <name>',
    'where the native engine computes; auto takes a GPU where there is one',
  )
    .choices(deviceChoices)
    .env('FIXRES_DEVICE');
}

/** Chooses where the native engine computes. */
export const deviceOption = (): Option => deviceNameOption().default('auto');

/** @param flags with the name of the value: `--model <name>` */
export const modelOption = (flags: string, description: string): Option =>
  new Option(flags, description).choices(modelNames);

const archiveOption = (): Option =>
  new Option('--archive <file>', 'local copy of the archive of tf_flowers');
/** Of models of a run. */
export const bestOption = (): Option =>
  new Option(
    '--best',
    'take the weights of the best epoch, by what early stopping watches or held-out accuracy, instead of the last',
  );
export const quietOption = (): Option => new Option('--quiet', 'show no progress');
const verboseOption = (): Option =>
  new Option(
    '--verbose',
    'show every event of the run: checkpoints, kept features, waiting times, memory',
  ).conflicts('quiet');
/** @param what what is printed, `the plan` for example */
export const jsonOption = (what: string): Option =>
  new Option('--json', `print ${what} as one JSON object`);

/** How a run's result and progress are given. */
export function withRunOutput(command: Command): Command {
  return command
    .addOption(jsonOption('the result'))
    .addOption(
      new Option(
        '--ndjson',
        'print every event of the run as one JSON object a line, the result last',
      ).conflicts('json'),
    )
    .addOption(quietOption())
    .addOption(verboseOption());
}

/**
 * Which statistics of batch normalisation arms are tested with.
 *
 * @param otherwise what is taken by default
 */
export function withNormOptions(command: Command, otherwise: string): Command {
  return command
    .addOption(
      new Option(
        '--norm-statistics <kind>',
        `of batch normalisation in tests: estimated anew from training images, or the moving averages; by default ${otherwise}`,
      ).choices(['precise', 'running']),
    )
    .option(
      '--norm-images <images>',
      'most training images that precise statistics are estimated from, by default 4096',
      whole(settingRanges.images),
    );
}

/** How large images may be. */
export const megapixelsOption = (): Option =>
  new Option(
    '--max-megapixels <n>',
    'refuse images of more million pixels, by default 67.1',
  ).argParser(positive(500));

/** How a data set is read, where that is not plain. */
export function withDatasetOptions(command: Command): Command {
  return command
    .addOption(archiveOption())
    .option(
      '--label-key <name>',
      "what holds the class: a feature of TFRecord files, a column of a list, a key of webdataset's .json",
    )
    .option(
      '--class-names <file>',
      'names of the classes in their order, one on each line; a label that is a number is a place among them',
    )
    .option('--allow-outside', 'let a list name images outside its folder')
    .addOption(megapixelsOption());
}

/** Keeps decoded images on disk. */
export function withDiskCache(command: Command): Command {
  return command
    .option(
      '--disk-cache <folder>',
      'keep decoded images there, for more images than fit memory and for later runs',
    )
    .option(
      '--disk-cache-size <megabytes>',
      'most megabytes there, by default 20000; images that are not in use make room',
      count,
    );
}

/**
 * The options of every command that trains: which images, what computes, what is written where.
 *
 * @param out the run folder that is taken by default, as people read it
 */
export function withRunOptions(command: Command, out: string): Command {
  command
    .option('--limit <images>', 'use only this many images', whole(settingRanges.images))
    .option('--held-out <part>', 'part of the images to hold out, by default 0.1', part)
    .addOption(engineOption())
    .addOption(deviceOption())
    .option('--skip-corrupt', 'leave out images that cannot be decoded instead of stopping')
    .option('--deterministic', 'compute the same bits in every run on this machine; slower')
    .addOption(
      listOption(
        '--log <kinds>',
        'further logs in the run folder, separated by commas',
        furtherLogs,
      ),
    )
    .option('--out <folder>', `run folder, by default ${out}`);
  return withRunOutput(withDiskCache(withDatasetOptions(command)));
}
