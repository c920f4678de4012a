// The options of the benchmarks that run the whole experiment.
import { UsageError } from '../usage-error.mjs';

export const settingsUsage = `  --archive FILE          photos, flower_photos.tgz (default: what FIXRES_FLOWERS names)
  --photos FOLDER         photos in class folders, instead of an archive
  --python PROGRAM        Python with tensorflow (default: one that pip makes in the cache folder)
  --torch PROGRAM         Python with torch and torchvision (default: one that pip makes in the cache folder)
  --peers NAMES           keras, torch, or none (default keras)
  --precisions NAMES      of fixres (default float32,bfloat16)
  --images N              photos, with those held out; 0: all (default 320)
  --small PIXELS          small train size (default 128)
  --large PIXELS          large train size (default 224)
  --width N               channels of the stem; other than 64 only with --peers none (default 64)
  --epochs N              epochs from scratch (default 3)
  --finetune-epochs N     epochs of fine-tuning (default 3)
  --batch N               images a step (default 32)
  --seed N                seed (default 0)
  --rounds N              turns of each (default 1)
  --json                  one JSON object on stdout
`;

/** Default values, for `benchmarkPhotos`. */
export const defaults = {
  python: undefined,
  torch: undefined,
  peers: 'keras',
  precisions: 'float32,bfloat16',
  images: '320',
  small: '128',
  large: '224',
  width: '64',
  epochs: '3',
  'finetune-epochs': '3',
  batch: '32',
  seed: '0',
  rounds: '1',
};

/** The options as numbers and lists. @throws Error for a value that is not allowed */
export function parsed(values) {
  if (process.platform !== 'linux')
    throw new UsageError(
      `The platform is ${process.platform}; this benchmark reads the memory of processes from /proc, so it needs linux.`,
    );
  const whole = (name, low) => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < low)
      throw new UsageError(
        `Option --${name} is ${values[name]}; it must be a whole number of at least ${low}.`,
      );
    return value;
  };
  const list = (name, allowed) => {
    const names = values[name].split(',');
    const wrong = names.find((each) => !allowed.includes(each));
    if (wrong !== undefined)
      throw new UsageError(`Option --${name} has "${wrong}"; allowed are ${allowed.join(', ')}.`);
    return names;
  };
  const peers = list('peers', ['keras', 'torch', 'none']);
  const width = whole('width', 1);
  if (width !== 64 && !peers.includes('none'))
    throw new UsageError(
      `Option --width is ${width}; with the peers ${peers.join(' and ')}, it must be 64.`,
    );
  const numbers = { small: 32, large: 32, epochs: 1, batch: 1, seed: 0, rounds: 1, images: 0 };
  return {
    ...values,
    ...Object.fromEntries(Object.entries(numbers).map(([name, low]) => [name, whole(name, low)])),
    finetuneEpochs: whole('finetune-epochs', 1),
    width,
    peers,
    precisions: list('precisions', ['float32', 'bfloat16']),
  };
}
