import { Option } from 'commander';

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

export const archiveOption = (): Option => new Option('--archive <file>', 'local copy of the archive of tf_flowers');
export const quietOption = (): Option => new Option('--quiet', 'show no progress');
/** @param what what is printed, `the plan` for example */
export const jsonOption = (what: string): Option => new Option('--json', `print ${what} as one JSON object`);
