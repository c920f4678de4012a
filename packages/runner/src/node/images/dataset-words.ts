/**
 * Names of data set settings in error messages: options of some commands, keys of other commands'
 * files.
 */
export interface DatasetWords {
  /** The held-out setting, at the start of a sentence. */
  heldOut: string;
  /** The setting of groups, at the start of a sentence. */
  splitByGroup: string;
  /** The setting that leaves out leaks. */
  dropLeaks: string;
  /** What to do about files that cannot be decoded. */
  damagedFiles: string;
}

export const optionWords: DatasetWords = {
  heldOut: 'Option --held-out',
  splitByGroup: 'Option --split-by-group',
  dropLeaks: '--drop-leaks',
  damagedFiles: 'Repair or remove these files, or leave them out with --skip-corrupt.',
};

export const experimentWords: DatasetWords = {
  heldOut: 'dataset.heldOut of the experiment file',
  splitByGroup: 'dataset.splitByGroup of the experiment file',
  dropLeaks: 'dataset.dropLeaks in the experiment file',
  damagedFiles:
    'Repair or remove these files, or leave them out with dataset.skipCorrupt in the experiment file.',
};

export const resumeWords: DatasetWords = {
  heldOut: 'dataset.heldOut of the run',
  splitByGroup: 'dataset.splitByGroup of the run',
  dropLeaks: '--drop-leaks',
  damagedFiles: 'Repair these files: a run resumes only with the images that it began with.',
};
