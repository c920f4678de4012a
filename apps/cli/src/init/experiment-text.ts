import { type DatasetEntry, type ExperimentFile, fixresPresets } from '@fixres/runs';
import { shellCommand } from '@fixres/runs/node';

/** An experiment file written by `fixres init`: a preset, and the differences from it. */
export type PresetFile = ExperimentFile & {
  preset: NonNullable<ExperimentFile['preset']>;
  dataset: DatasetEntry;
};

/**
 * The text of an experiment file. Settings that the file does not have are comments with their
 * default or a possible value, so that removing "# " is enough to use them.
 *
 * @param name of the file, for the command that runs it
 */
export function experimentText(file: PresetFile, name: string): string {
  const { dataset, preset, model, sizes } = file;
  const base = fixresPresets[preset];
  const { limit, heldOut } = dataset;
  return `# A FixRes experiment. Run it with: ${shellCommand(['fixres', 'run', name])}
# All settings of all arms: ${shellCommand(['fixres', 'run', name, '--dry-run'])}
# Change one of them: ${shellCommand(['fixres', 'run', name, '--set', 'arms.fixres.schedule.rate=1e-4'])}
# Lines that begin with "#" have no effect: they explain, or show a setting and what it is by default or could be.
version: 1

# The images: synthetic (built in), tf_flowers (downloaded), or a path: class folders, an archive of them, TFRecord files, webdataset, Parquet files, a list.
# Paths are relative to this file.
dataset:
  source: ${scalar(dataset.source)}
  # archive: flower_photos.tgz # local copy of the tf_flowers archive
  ${setting('limit', limit, 1000)} # use only this number of images; all by default
  ${setting('heldOut', heldOut, 0.1)} # fraction of the images to hold out
  # skipCorrupt: false # true: leave out images that cannot be decoded
  # splitByGroup: look-alikes # do not divide series of one scene; or a pattern of names like "*/{group}_*", or a column of a list of images
  # dropLeaks: false # true: leave out training images that look like a held-out one
  # labelKey: label # where the class is: a feature of TFRecord files, a column of a list or of Parquet files, or a key of webdataset's .json
  # classNames: [daisy, rose] # class names in order; numeric labels are indices into them
  # classIds: [n11939491, n12620196] # other labels of the classes, in the order of classNames
  # nestedClasses: false # true: class folders may contain class folders, for classes like fruit/apple
  # multiLabel: false # true: images have any number of labels, in a list or between separators
  # labelSeparator: ';' # with multiLabel: what separates labels in text; by default | or ;
  # tuneThresholds: 0.1 # with multiLabel: fraction of the training images held back to choose the threshold of each class; by default 0.5 for all
  # holdBack: 0.1 # fraction of the training images held back to choose sizes that are "measured", or arms
  # evaluateOn: heldOut # or heldBack: evaluate on the images of holdBack, to choose among arms without the held-out images
  # allowOutside: false # true: a list may name images outside its folder
  # maxMegapixels: 67.1 # larger images are refused
  # decode: accurate # levels of JPEG files, as in Pillow and browsers; tensorflow: as tf.data computes them

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
${setting('normStatistics', file.normStatistics, base.normStatistics)} # batch statistics for evaluation: precise (re-estimated from training images) or running
${setting('normImages', file.normImages, 4096)} # maximum number of training images used to re-estimate them

# Every arm is trained once per seed. With 3 or more, differences between arms can be told from differences between seeds.
# seedCount is their number; a list is written as seeds: [0, 1, 2].
${file.seeds === undefined ? `seedCount: ${file.seedCount ?? 1}` : `seeds: ${inline(file.seeds)}`}

# How it runs.
# engine: auto # or tensorflow, wasm, cpu
# device: auto # or cpu, gpu
# precision: float32 # or bfloat16: faster on processors that have it; or auto: the faster one
# deterministic: false # true: the same result to the bit in every run on this machine; slower
# memory: 4GB # maximum memory of the process, which training, cached features and cached photos share; by default none
# checkpoint: { everyEpochs: 1, everySeconds: 600, keep: 2, best: true }
# activations: { images: 256 } # held-out images whose activations before the pooling are measured; or false
# logs: [] # additional logs: tensorboard, csv, mlflow
`;
}

/** A line of the file, or a comment if the setting is not chosen. */
function setting(
  name: string,
  value: string | number | undefined,
  otherwise: string | number,
): string {
  return value === undefined ? `# ${name}: ${otherwise}` : `${name}: ${value}`;
}

/** YAML accepts JSON within a line; keys need no quotes. */
function inline(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll(/"(\w+)":/g, ' $1: ')
    .replaceAll(/"(\w+)"/g, '$1')
    .replace(/\}$/, ' }');
}

function scalar(text: string): string {
  return /^[A-Za-z_]\w*$/.test(text) ? text : JSON.stringify(text);
}
