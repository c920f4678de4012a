import { badValue } from '../../json-shape.ts';
import type { ColorJitterStep } from '../policy-step.ts';
import { type AugmentName, augmentNames, isAugmentName } from './augment-names.ts';
import { augmentShapes, colorJitterShape } from './augment-shapes.ts';
import type { AugmentStep } from './augment-step.ts';

type Partially<Step extends AugmentStep> = Step extends AugmentStep
  ? Pick<Step, 'op'> & Partial<Step>
  : never;

/**
 * An augmentation by its name, or with some of its settings; the others have their defaults. Colour
 * jitter has none, so its step is given in full.
 */
export type AugmentEntry = AugmentName | Partially<AugmentStep> | ColorJitterStep;

/** Settings of affine operations, of their own for each step. */
const affine = (): { interpolation: 'nearest'; fill: [number, number, number] } => ({
  interpolation: 'nearest',
  fill: [0, 0, 0],
});

/**
 * torchvision's defaults; those of DeiT III for 3-Augment, which torchvision does not have. A
 * rectangle is erased with ImageNet's mean, which is 0 after torchvision's normalisation.
 */
const defaults: { readonly [Name in AugmentName]: () => AugmentStep & { op: Name } } = {
  randAugment: () => ({
    op: 'randAugment',
    numOps: 2,
    magnitude: 9,
    numMagnitudeBins: 31,
    ...affine(),
  }),
  trivialAugmentWide: () => ({ op: 'trivialAugmentWide', numMagnitudeBins: 31, ...affine() }),
  autoAugment: () => ({ op: 'autoAugment', policy: 'imagenet', ...affine() }),
  augMix: () => ({
    op: 'augMix',
    severity: 3,
    mixtureWidth: 3,
    chainDepth: -1,
    alpha: 1,
    allOps: true,
    interpolation: 'bilinear',
    fill: [0, 0, 0],
  }),
  threeAugment: () => ({ op: 'threeAugment', colorJitter: 0.3 }),
  randomErasing: () => ({
    op: 'randomErasing',
    probability: 0.5,
    scale: [0.02, 0.33],
    ratio: [0.3, 3.3],
    value: [124, 116, 104],
  }),
  randomGrayscale: () => ({ op: 'randomGrayscale', probability: 0.1 }),
  gaussianBlur: () => ({ op: 'gaussianBlur', kernelSize: 5, sigma: [0.1, 2] }),
};

/**
 * An augmentation with all its settings.
 *
 * @param where names the entry in errors
 * @throws FixresDataError `bad-option` for an unknown name or setting, or a value out of range
 */
export function augmentStep(entry: AugmentEntry, where = 'augment'): AugmentStep | ColorJitterStep {
  const given = typeof entry === 'string' ? { op: entry } : structuredClone(entry);
  if (given.op === 'colorJitter') {
    colorJitterShape(given, where);
    return given;
  }
  if (!isAugmentName(given.op))
    throw badValue(`${where}.op`, given.op, `one of ${augmentNames.join(', ')} or colorJitter`);
  const step = { ...defaults[given.op](), ...given } as AugmentStep;
  augmentShapes[given.op](step, where);
  return step;
}
