/** How errors speak of the settings of a data set: options of some commands, lines in the file of others. */
export interface DatasetWords {
  /** The part that is held out, as a sentence begins. */
  heldOut: string;
  /** What to do about files that cannot be decoded. */
  damagedFiles: string;
}

export const optionWords: DatasetWords = {
  heldOut: 'Option --held-out',
  damagedFiles: 'Repair or remove these files, or leave them out with --skip-corrupt.',
};

export const experimentWords: DatasetWords = {
  heldOut: 'dataset.heldOut of the experiment file',
  damagedFiles:
    'Repair or remove these files, or leave them out with dataset.skipCorrupt in the experiment file.',
};

export const resumeWords: DatasetWords = {
  heldOut: 'dataset.heldOut of the run',
  damagedFiles: 'Repair these files: a run resumes only with the images that it began with.',
};
