import { type Command, Option } from 'commander';
import { part, wholeNumber } from './option-types.ts';

// Options and arguments that several commands have, each worded once.

/** What the argument `<dataset>` takes. */
export const DATASET = 'synthetic, tf_flowers, a folder of class folders, or a .tgz, .tar or .zip archive of one';

/** Chooses what computes; the environment's FIXRES_ENGINE is its default. */
export function engineOption(): Option {
  return new Option('--engine <name>', 'what computes; auto takes the fastest there is')
    .choices(['auto', 'tensorflow', 'wasm', 'cpu'])
    .default('auto')
    .env('FIXRES_ENGINE');
}

/** Chooses where the native engine computes; the environment's FIXRES_DEVICE is its default. */
export function deviceOption(): Option {
  return new Option('--device <name>', 'where the native engine computes; auto takes a GPU where there is one').choices(['auto', 'cpu', 'gpu']).default('auto').env('FIXRES_DEVICE');
}

export const archiveOption = (): Option => new Option('--archive <file>', 'local copy of the archive of tf_flowers');
export const quietOption = (): Option => new Option('--quiet', 'show no progress');
const verboseOption = (): Option => new Option('--verbose', 'show every event of the run: checkpoints, kept features, waiting times, memory').conflicts('quiet');
/** @param what what is printed, `the plan` for example */
export const jsonOption = (what: string): Option => new Option('--json', `print ${what} as one JSON object`);

/** How a run's result and progress are given. */
export function withRunOutput(command: Command): Command {
  return command
    .addOption(jsonOption('the result'))
    .addOption(new Option('--ndjson', 'print every event of the run as one JSON object a line, the result last').conflicts('json'))
    .addOption(quietOption())
    .addOption(verboseOption());
}

/** Keeps decoded images on disk. */
export function withDiskCache(command: Command): Command {
  return command
    .option('--disk-cache <folder>', 'keep decoded images there, for more images than fit memory and for later runs')
    .option('--disk-cache-size <megabytes>', 'most megabytes there, by default 20000; images that are not in use make room', wholeNumber);
}

/**
 * The options of every command that trains: which images, what computes, what is written where.
 *
 * @param out the run folder that is taken by default, as people read it
 */
export function withRunOptions(command: Command, out: string): Command {
  command
    .option('--limit <images>', 'use only this many images', wholeNumber)
    .option('--held-out <part>', 'part of the images to hold out, by default 0.1', part)
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(archiveOption())
    .option('--skip-corrupt', 'leave out images that cannot be decoded instead of stopping')
    .option('--deterministic', 'compute the same bits in every run on this machine; slower')
    .addOption(new Option('--log <kind...>', 'further logs in the run folder').choices(['tensorboard', 'csv']))
    .option('--out <folder>', `run folder, by default ${out}`);
  return withRunOutput(withDiskCache(command));
}
