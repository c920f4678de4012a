import type { ChannelOrder, Normalisation } from './preprocessing-contract.ts';

/** The part of a preprocessing contract that converts levels to numbers. */
export interface InputScaling {
  normalisation: Normalisation;
  /** Absent: `rgb`. */
  channelOrder?: ChannelOrder;
}

/** Levels 0..255 as they are: the model scales them itself. */
export const unscaled: Normalisation = { kind: 'scale', scale: 1, offset: 0 };

/** Levels to -1..1, as in the Keras ResNetV2 models. */
export const toPlusMinusOne: Normalisation = { kind: 'scale', scale: 1 / 127.5, offset: -1 };

/** Mean and standard deviation of ImageNet's levels, as fractions of 255. */
export const imagenetStatistics: {
  readonly mean: [number, number, number];
  readonly std: [number, number, number];
} = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** ImageNet's mean and standard deviation, as in torchvision and most timm models. */
export const imagenetMeanStd: Normalisation = { kind: 'mean-std', ...imagenetStatistics };

/** The names of {@link inputScalings}. */
export type InputScalingName = 'none' | 'zero-one' | 'plus-minus-one' | 'torch' | 'caffe';

/**
 * Input scalings by name: `plus-minus-one` (`tf`), `torch` and `caffe` compute what the modes of
 * `preprocess_input` in `keras.applications` do. `caffe` has blue first and subtracts ImageNet's
 * mean levels.
 */
export const inputScalings: Readonly<Record<InputScalingName, InputScaling>> = {
  none: { normalisation: unscaled },
  'zero-one': { normalisation: { kind: 'scale', scale: 1 / 255, offset: 0 } },
  'plus-minus-one': { normalisation: toPlusMinusOne },
  torch: { normalisation: imagenetMeanStd },
  caffe: {
    normalisation: {
      kind: 'mean-std',
      mean: [103.939 / 255, 116.779 / 255, 123.68 / 255],
      std: [1 / 255, 1 / 255, 1 / 255],
    },
    channelOrder: 'bgr',
  },
};
