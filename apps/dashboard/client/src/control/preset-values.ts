import type { PresetStart } from '../../../shared/protocol.ts';

/** What a preset takes where the form is left empty. Texts are for people. */
type PresetValues = Readonly<
  Record<Exclude<keyof PresetStart, 'preset' | 'dataset'>, number | string>
>;

/** A copy of `fixresPresets` of `@fixres/runner`, which would bring TensorFlow.js into the page; a test holds them together. */
export const presetValues: Readonly<Record<string, PresetValues>> = {
  quick: {
    small: 64,
    large: 112,
    width: 16,
    epochs: 16,
    finetuneEpochs: 5,
    seeds: 1,
    batchSize: 32,
    limit: 'all',
  },
  keras: {
    small: 128,
    large: 224,
    width: 64,
    epochs: 30,
    finetuneEpochs: 10,
    seeds: 1,
    batchSize: 32,
    limit: 'all',
  },
  paper: {
    small: 128,
    large: 224,
    width: 64,
    epochs: 120,
    finetuneEpochs: 31,
    seeds: 1,
    batchSize: 32,
    limit: 'all',
  },
  matched: {
    small: 128,
    large: 'matched',
    width: 64,
    epochs: 30,
    finetuneEpochs: 10,
    seeds: 1,
    batchSize: 32,
    limit: 'all',
  },
};
