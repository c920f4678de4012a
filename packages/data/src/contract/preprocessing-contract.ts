import { FixresDataError } from '../errors.ts';
import type { CropRounding } from '../geometry/crop-window.ts';
import type { Rgb, Size } from '../geometry/view.ts';
import {
  flag,
  list,
  number,
  oneOf,
  record,
  type Shape,
  text,
  tuple,
  variants,
  whole,
} from '../json-shape.ts';
import type { Policy } from '../policies/policy.ts';
import type { Interpolation, PolicyStep, Resampling, ResizeStep } from '../policies/policy-step.ts';
import { type JpegDecoding, jpegDecodings } from './jpeg-decoding.ts';
import { requireDecoding } from './require-decoding.ts';

/**
 * How levels become model inputs: `level * scale + offset`, or `(level / 255 - mean) / std` per
 * channel. `mean` and `std` are in the order of the model's channels, so blue first for `bgr`.
 */
export type Normalisation =
  | { kind: 'scale'; scale: number; offset: number }
  | { kind: 'mean-std'; mean: [number, number, number]; std: [number, number, number] };

/** Red first, or blue first as in OpenCV and Caffe. */
export type ChannelOrder = 'rgb' | 'bgr';

/**
 * How to prepare an image for a model, starting from decoded 8-bit RGB levels. Plain data that is
 * stored with the model, so that users prepare images exactly as they were for evaluation. Steps in
 * order: resize, centre crop, normalise, lay out.
 */
export interface PreprocessingContract {
  version: 1;
  /** How JPEG files are decoded. Contracts written before this field existed mean `accurate`. */
  decode: JpegDecoding;
  /** Sets both sides, or one side and keeps the aspect ratio, or just covers or fits a rectangle. */
  resize:
    | { rule: 'both-sides' | 'cover' | 'fit'; width: number; height: number }
    | { rule: 'short-side' | 'height' | 'long-side'; side: number };
  /** Absent if the resized image is the input. `pad` fills the border around a smaller image. */
  crop?: Size & { rounding: CropRounding; pad?: Rgb };
  interpolation: Interpolation;
  antialias: boolean;
  normalisation: Normalisation;
  /** Order of the colours in the model's input. Absent: `rgb`. */
  channelOrder?: ChannelOrder;
  /** Order of the dimensions: batch, height, width, channels; or batch, channels, height, width. */
  layout: 'NHWC' | 'NCHW';
  /** Size of the model's input. */
  input: Size;
  /**
   * For a multi-label model: what makes probabilities of its logits, and from which probability on an
   * image has a class, for each class in order. Absent: the probabilities are those of one class per image.
   */
  head?: MultiLabelHead;
}

/** The output of a multi-label model. */
export interface MultiLabelHead {
  activation: 'sigmoid';
  /** Each from 0 to 1. */
  thresholds: number[];
}

export interface ContractOptions {
  /** Of a multi-label model. */
  head?: MultiLabelHead | undefined;
  normalisation: Normalisation;
  /** Default `rgb`. */
  channelOrder?: ChannelOrder | undefined;
  /** Default `NHWC`. */
  layout?: 'NHWC' | 'NCHW' | undefined;
  /** Default `accurate`. */
  decode?: JpegDecoding | undefined;
}

/**
 * The contract of a model that is evaluated under a test policy.
 *
 * @throws FixresDataError `bad-option` if `decode` is unknown, or the policy is anything but a resize and an optional
 * centre crop
 */
export function preprocessingContract(
  policy: Policy,
  {
    normalisation,
    channelOrder = 'rgb',
    layout = 'NHWC',
    decode = 'accurate',
    head,
  }: ContractOptions,
): PreprocessingContract {
  requireDecoding(decode);
  const [resize, crop, ...more] = policy.steps;
  if (!resize || !isResize(resize) || (crop && crop.op !== 'centerCrop') || more.length > 0) {
    const steps = policy.steps.map(({ op }) => op).join(', ');
    throw new FixresDataError(
      'bad-option',
      `Policy "${policy.name}" has the steps ${steps}; a preprocessing contract is one resize and at most one centerCrop after it.`,
    );
  }
  return {
    version: 1,
    decode,
    resize: resizeRule(resize),
    ...(crop
      ? {
          crop: {
            width: crop.width,
            height: crop.height,
            rounding: crop.rounding ?? 'floor',
            ...(crop.pad ? { pad: crop.pad } : {}),
          },
        }
      : {}),
    interpolation: resize.interpolation,
    antialias: resize.antialias,
    normalisation,
    ...(channelOrder === 'rgb' ? {} : { channelOrder }),
    layout,
    input: { ...policy.output },
    ...(head && { head }),
  };
}

/**
 * The test policy of a contract: the inverse of {@link preprocessingContract}, except for the name.
 */
export function contractPolicy(contract: PreprocessingContract, name = 'contract'): Policy {
  const { crop, input } = contract;
  const steps: PolicyStep[] = [
    resizeStep(contract),
    ...(crop ? [{ op: 'centerCrop', ...crop } as const] : []),
  ];
  return { version: 1, name, output: { ...input }, steps };
}

const resizeSteps: ReadonlySet<string> = new Set<ResizeStep['op']>([
  'resize',
  'resizeShortSide',
  'resizeLongSide',
  'resizeToCover',
  'resizeToFit',
]);

function isResize(step: PolicyStep): step is ResizeStep {
  return resizeSteps.has(step.op);
}

function resizeRule(step: ResizeStep): PreprocessingContract['resize'] {
  switch (step.op) {
    case 'resize':
      return { rule: 'both-sides', width: step.width, height: step.height };
    case 'resizeShortSide':
      return { rule: step.byHeight ? 'height' : 'short-side', side: step.side };
    case 'resizeLongSide':
      return { rule: 'long-side', side: step.side };
    case 'resizeToCover':
      return { rule: 'cover', width: step.width, height: step.height };
    case 'resizeToFit':
      return { rule: 'fit', width: step.width, height: step.height };
  }
}

function resizeStep({ resize, interpolation, antialias }: PreprocessingContract): ResizeStep {
  const filter: Resampling = { interpolation, antialias };
  switch (resize.rule) {
    case 'both-sides':
      return { op: 'resize', width: resize.width, height: resize.height, ...filter };
    case 'short-side':
      return { op: 'resizeShortSide', side: resize.side, ...filter };
    case 'height':
      return { op: 'resizeShortSide', side: resize.side, byHeight: true, ...filter };
    case 'long-side':
      return { op: 'resizeLongSide', side: resize.side, ...filter };
    case 'cover':
      return { op: 'resizeToCover', width: resize.width, height: resize.height, ...filter };
    case 'fit':
      return { op: 'resizeToFit', width: resize.width, height: resize.height, ...filter };
  }
}

const side = whole(1, 65_535);
const bySide = record({ rule: text, side });
const bySides = record({ rule: text, width: side, height: side });
const shape: Shape = record(
  {
    version: oneOf(1),
    resize: variants('rule', {
      'both-sides': bySides,
      cover: bySides,
      fit: bySides,
      'short-side': bySide,
      height: bySide,
      'long-side': bySide,
    }),
    interpolation: oneOf('bilinear', 'bicubic', 'lanczos3'),
    antialias: flag,
    normalisation: variants('kind', {
      scale: record({ kind: text, scale: number(), offset: number() }),
      'mean-std': record({
        kind: text,
        mean: tuple(3, number()),
        std: tuple(3, number(Number.MIN_VALUE)),
      }),
    }),
    layout: oneOf('NHWC', 'NCHW'),
    input: record({ width: side, height: side }),
  },
  {
    decode: oneOf(...jpegDecodings),
    channelOrder: oneOf('rgb', 'bgr'),
    head: record({ activation: oneOf('sigmoid'), thresholds: list(number(0, 1)) }),
    crop: record(
      { width: side, height: side, rounding: oneOf('floor', 'half-even') },
      { pad: tuple(3, number(0, 255)) },
    ),
  },
);

/**
 * Checks a contract that was read from a file, and returns a copy of it.
 *
 * @param value parsed JSON
 * @throws FixresDataError `bad-option` naming the first wrong field, its value and what is allowed
 */
export function parsePreprocessingContract(value: unknown): PreprocessingContract {
  shape(value, 'preprocessing');
  const contract = structuredClone(value as Omit<PreprocessingContract, 'decode'>);
  return { decode: 'accurate', ...contract };
}
