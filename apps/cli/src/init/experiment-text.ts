import { type DatasetEntry, type ExperimentFile, fixresPresets } from '@fixres/runs';
import { shellCommand } from '@fixres/runs/node';

/** An experiment file as `fixres init` writes it: a preset, and what differs from it. */
export type PresetFile = ExperimentFile & {
  preset: NonNullable<ExperimentFile['preset']>;
  dataset: DatasetEntry;
};

/**
 * The text of an experiment file. What the file does not say stands there as a comment, with the value that it has then or could have,
 * so that removing "# " is all that it takes to change it.
 *
 * @param name of the file, for the command that runs it
 */
export function experimentText(file: PresetFile, name: string): string {
  const { dataset, preset, model, sizes } = file;
  const base = fixresPresets[preset];
  const { limit, heldOut } = dataset;
  return `# A FixRes experiment. Run it with: ${shellCommand(['fixres', 'run', name])}
# Lines that begin with "#" have no effect: they explain, or show a setting and what it is by default or could be.
version: 1

# The images: synthetic (built in), tf_flowers (downloaded), or a path: class folders, an archive of them, TFRecord files, webdataset, a list.
# Paths are relative to this file.
dataset:
  source: ${scalar(dataset.source)}
  ${setting('limit', limit, 1000)} # use only this many images
  ${setting('heldOut', heldOut, 0.1)} # part of the images to hold out
  # skipCorrupt: true # leave out images that cannot be decoded
  # labelKey: label # what holds the class: a feature of TFRecord files, a column of a list, a key of webdataset's .json
  # classNames: [daisy, rose] # names of the classes in their order; a label that is a number is a place among them
  # maxMegapixels: 67.1 # larger images are refused

# Six arms: from scratch at the small size; its weights tested at the large size; fine-tuned there with test-like crops; fine-tuned likewise
# at the small size, for control; and from scratch at the large size, for the compute of the fine-tuned arm and for as many epochs as small.
#   quick    a small relative of the Keras example's model, in minutes on two cores
#   keras    the Keras example: ResNet50V2, 128 -> 224, 30 and 10 epochs
#   paper    as the authors of FixRes train: SGD, 120 and 31 epochs
#   matched  as keras, with the large size from the sizes of the images
preset: ${preset}

# What of the preset is to be otherwise.
${setting('model', model && inline(model), inline({ name: base.model, width: base.width }))}
${setting('sizes', sizes && inline(sizes), inline({ small: base.small, large: base.large }))}
${setting('epochs', file.epochs, base.epochs)} # from scratch
${setting('finetuneEpochs', file.finetuneEpochs, base.finetuneEpochs)}
${setting('batchSize', file.batchSize, base.batchSize)}
${setting('normStatistics', file.normStatistics, base.normStatistics)} # of batch normalisation in tests: precise (estimated anew from training images) or running
${setting('normImages', file.normImages, 4096)} # most images that precise ones are estimated from

# Every arm is trained with so many seeds. From 3 on, differences between arms can be told from differences between seeds.
seeds: ${inline(file.seeds ?? 1)}

# How it runs.
# engine: auto # or tensorflow, wasm, cpu
# device: auto # or cpu, gpu
# precision: float32 # or bfloat16: faster on processors that have it
# deterministic: true # the same bits in every run on this machine; slower
# checkpoint: { everyEpochs: 1, everySeconds: 600, keep: 2, best: true }
# logs: [tensorboard, csv] # beside the run's own
`;
}

/** A line of the file, or a comment where nothing is said. */
function setting(
  name: string,
  value: string | number | undefined,
  otherwise: string | number,
): string {
  return value === undefined ? `# ${name}: ${otherwise}` : `${name}: ${value}`;
}

/** YAML takes JSON in the middle of a line; names of fields need no quotes. */
function inline(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(/"(\w+)":/g, ' $1: ')
    .replaceAll(/"(\w+)"/g, '$1')
    .replace(/\}$/, ' }');
}

function scalar(text: string): string {
  return /^[A-Za-z_]\w*$/.test(text) ? text : JSON.stringify(text);
}
