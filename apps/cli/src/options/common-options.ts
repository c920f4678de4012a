import { jpegDecodings } from '@fixres/data/names';
import { deviceChoices, engineChoices } from '@fixres/engine/names';
import { modelNames } from '@fixres/models/names';
import { furtherLogs, settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import { predictDefaults } from '../api/defaults.ts';
import { withClusterOptions, withClusterSettings } from './cluster-options.ts';
import { count, listOption, memory, part, positive, whole } from './option-types.ts';

// Options and arguments of several commands, each worded once.

/** Help of the argument `<dataset>`. */
export const DATASET =
  'synthetic, tf_flowers, a path or an address: class folders or an archive of them (.tar, .tgz, .zip), TFRecord files, webdataset shards, Parquet files, a list of images (.csv, .txt, .jsonl, COCO .json); shards also at https:// and s3://';

/**
 * Selects the engine, if another place (such as an experiment file) can also select it.
 * FIXRES_ENGINE sets it too.
 */
export function engineNameOption(): Option {
  return new Option('--engine <name>', 'engine; auto selects the fastest available')
    .choices(engineChoices)
    .env('FIXRES_ENGINE');
}

/** Selects the engine; FIXRES_ENGINE changes the default. */
export const engineOption = (): Option => engineNameOption().default(predictDefaults.engine);

/**
 * Selects the device of the native engine, if another place can also select it. FIXRES_DEVICE sets
 * it too.
 */
export function deviceNameOption(): Option {
  return new Option(
    '--device <name>',
    'device of the native engine; auto selects a GPU if there is one',
  )
    .choices(deviceChoices)
    .env('FIXRES_DEVICE');
}

/** Selects the device of the native engine. */
export const deviceOption = (): Option => deviceNameOption().default(predictDefaults.device);

/** @param flags including the name of the value: `--model <name>` */
export const modelOption = (flags: string, description: string): Option =>
  new Option(flags, description).choices(modelNames);

const archiveOption = (): Option =>
  new Option('--archive <file>', 'local copy of the tf_flowers archive');
/** For models of a run. */
export const bestOption = (): Option =>
  new Option(
    '--best',
    'use the weights of the best epoch instead of the last (best by the metric of early stopping, or held-out accuracy)',
  );
/** For models that are imported. */
export const classNamesOption = (): Option =>
  new Option(
    '--class-names <file>',
    'file with the class names in the order of the outputs: one per line, or class_index.json',
  );
/** For models that are imported. */
export const newClassifierOption = (): Option =>
  new Option('--new-classifier', "leave out the file's classifier and create a new one");
/** For models that are imported. */
export const sigmoidOption = (): Option =>
  new Option(
    '--multi-label',
    'images have any number of labels: a classifier without activation, or a new one, gets a sigmoid',
  );
export const quietOption = (): Option => new Option('--quiet', 'print no progress');
const verboseOption = (): Option =>
  new Option(
    '--verbose',
    'print every event of the run: checkpoints, cached features, waiting times, memory',
  ).conflicts('quiet');
/** @param what the printed result, for example `the plan` */
export const jsonOption = (what: string): Option =>
  new Option('--json', `print ${what} as one JSON object`);

/** Adds options for the output of a run. */
export function withRunOutput(command: Command): Command {
  return command
    .addOption(jsonOption('the result'))
    .addOption(
      new Option(
        '--ndjson',
        'print every event as one JSON object per line, and the result last',
      ).conflicts('json'),
    )
    .addOption(quietOption())
    .addOption(verboseOption());
}

/**
 * Adds options for the batch normalisation statistics used in evaluations.
 *
 * @param otherwise the default, in words
 */
export function withNormOptions(command: Command, otherwise: string): Command {
  return command
    .addOption(
      new Option(
        '--norm-statistics <kind>',
        `batch statistics for evaluation: re-estimated from training images (precise), or running (default: ${otherwise})`,
      ).choices(['precise', 'running']),
    )
    .option(
      '--norm-images <images>',
      'maximum number of training images used to re-estimate batch statistics (default: 4096)',
      whole(settingRanges.images),
    );
}

/** Help of the argument `<model|run>`. */
export const MODEL = 'model folder (model.json) or run folder';

/** Selects an arm of a run. */
export const armOption = (): Option =>
  new Option('--arm <name>', 'arm of the run, if it has several');

/** Selects a seed of a run. */
export const seedOption = (): Option =>
  new Option('--seed <n>', 'seed of the run, if it has several (default: the lowest)').argParser(
    whole(settingRanges.seed),
  );

/** Batch size of commands that do not train. */
export const batchSizeOption = (): Option =>
  new Option('--batch-size <images>', 'batch size')
    .argParser(whole({ ...settingRanges.batchSize, low: 1 }))
    .default(predictDefaults.batchSize);

/** Limits the size of images. */
export const megapixelsOption = (): Option =>
  new Option(
    '--max-megapixels <n>',
    'refuse images with more million pixels than this (default: 67.1)',
  ).argParser(positive(500));

/** How JPEG files are decoded. */
export const decodeOption = (byDefault: string): Option =>
  new Option(
    '--decode <levels>',
    `levels of JPEG files: accurate, as in Pillow and browsers, or as tf.data computes them (default: ${byDefault})`,
  ).choices(jpegDecodings);

/** Adds options for how a data set is read. */
export function withDatasetOptions(command: Command): Command {
  return command
    .addOption(archiveOption())
    .option(
      '--label-key <name>',
      "where the class is: a feature of TFRecord files, a column of a list or of Parquet files, or a key of webdataset's .json",
    )
    .option(
      '--class-names <file>',
      'file with the class names: one per line in order, class_index.json, or a .csv of ids and names; numeric labels are indices into it',
    )
    .option('--nested-classes', 'class folders may contain class folders: classes like fruit/apple')
    .option(
      '--multi-label',
      'images have any number of labels: a list, or text between separators; for lists, Parquet files, metadata and COCO annotations',
    )
    .option(
      '--label-separator <text>',
      'with --multi-label: what separates labels in text (default: | or ;)',
    )
    .option('--allow-outside', 'allow a list to name images outside its folder')
    .addOption(megapixelsOption());
}

/** Adds options that cache decoded images on disk. */
export function withDiskCache(command: Command): Command {
  return command
    .option(
      '--disk-cache <folder>',
      'cache decoded images in this folder, for data sets larger than memory and for later runs',
    )
    .option(
      '--disk-cache-size <megabytes>',
      'maximum size of the disk cache in MB (default: 20000); unused images are removed first',
      count,
    );
}

/** Limits the memory of a run. */
export const memoryOption = (byDefault: string): Option =>
  new Option(
    '--memory <amount>',
    `maximum memory of the process, such as 4GB, or none; training, cached features and cached photos share it, and what training needs is measured first (default: ${byDefault})`,
  ).argParser(memory);

/** Adds options against leaks: images across the split that look the same. */
export function withLeakOptions(command: Command): Command {
  return command
    .option(
      '--split-by-group <group>',
      'keep images of a group on one side of the split: look-alikes, a pattern of names like "*/{group}_*", or a column or key of a list of images',
    )
    .option(
      '--drop-leaks',
      'leave out training images that look like a held-out image, or were taken by the same camera within a minute',
    );
}

/**
 * Adds the options of every command that trains: images, engine and output.
 *
 * @param out the default run folder, in words
 */
export function withRunOptions(command: Command, out: string): Command {
  command
    .option('--limit <images>', 'use only this number of images', whole(settingRanges.images))
    .option('--held-out <part>', 'fraction of the images to hold out (default: 0.1)', part)
    .option(
      '--tune-thresholds <part>',
      'with --multi-label: fraction of the training images to hold back and choose the threshold of each class on (default: all train, thresholds are 0.5)',
      part,
    )
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(memoryOption('no maximum'))
    .option('--skip-corrupt', 'leave out images that cannot be decoded, instead of stopping')
    .option(
      '--deterministic',
      'give the same result to the bit in every run on this machine (slower)',
    )
    .addOption(listOption('--log <kinds>', 'additional logs, separated by commas', furtherLogs))
    .option('--out <folder>', `run folder (default: ${out})`)
    .addOption(decodeOption("accurate, or the initial model's"));
  withClusterSettings(withClusterOptions(withLeakOptions(command)));
  return withRunOutput(withDiskCache(withDatasetOptions(command)));
}
