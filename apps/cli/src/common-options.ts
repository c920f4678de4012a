import { Option } from 'commander';

/** Options that several commands have, each worded once. */
export const archiveOption = (): Option => new Option('--archive <file>', 'local copy of the archive of tf_flowers');
export const quietOption = (): Option => new Option('--quiet', 'show no progress');
/** @param what what is printed, `the plan` for example */
export const jsonOption = (what: string): Option => new Option('--json', `print ${what} as one JSON object`);
