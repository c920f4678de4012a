import type { Rgb, Size } from '../../geometry/view.ts';
import type { PixelAdjustment } from '../../pixels/pixel-adjustment.ts';
import { dirichlet } from '../../random-variates.ts';
import type { Random } from '../../rng.ts';
import { colorJitterStep } from '../color-jitter-step.ts';
import { drawColorJitter } from '../draw-color-jitter.ts';
import type {
  AffineInterpolation,
  AugMixStep,
  AugmentStep,
  ThreeAugmentStep,
} from './augment-step.ts';
import { SUB_POLICIES, subPolicy } from './auto-augment-policies.ts';
import { drawErasing } from './draw-erasing.ts';
import {
  augMixSpace,
  autoAugmentSpace,
  type OperationName,
  type OperationSpace,
  randAugmentSpace,
  trivialAugmentWideSpace,
} from './operation-space.ts';

/**
 * Draws what an augmentation does to one image: its operations with their parameters, in order. No
 * operation changes nothing.
 *
 * @param size of the image, in pixels
 */
export function drawAugment(step: AugmentStep, size: Size, random: Random): PixelAdjustment[] {
  switch (step.op) {
    case 'randAugment': {
      const { numOps, magnitude, numMagnitudeBins: bins, magnitudeStd = 0, probability = 1 } = step;
      // Without random magnitudes nothing more is drawn.
      const bin = (): number =>
        magnitudeStd === 0
          ? magnitude
          : Math.min(Math.max(magnitude + magnitudeStd * random.normal(), 0), bins - 1);
      return Array.from({ length: numOps }, () =>
        probability < 1 && random.next() >= probability
          ? []
          : drawOperation(randAugmentSpace, { ...step, size, bins, bin }, random),
      ).flat();
    }
    case 'trivialAugmentWide': {
      const { numMagnitudeBins: bins } = step;
      const bin = (): number => random.int(bins);
      return drawOperation(trivialAugmentWideSpace, { ...step, size, bins, bin }, random);
    }
    case 'autoAugment': {
      const operations = subPolicy(step.policy, random.int(SUB_POLICIES));
      return operations.flatMap(({ name, probability, bin }) => {
        const isApplied = random.next() < probability;
        const isNegative = random.int(2) === 0;
        if (!isApplied) return [];
        const [, { signed, at }] = autoAugmentSpace.find(([each]) => each === name)!;
        const strength = at?.(bin, 10, size) ?? 0;
        return operation(name, signed && isNegative ? 0 - strength : strength, step);
      });
    }
    case 'augMix':
      return [drawAugMix(step, size, random)];
    case 'threeAugment':
      return drawThreeAugment(step, random);
    case 'randomErasing':
      return drawErasing(step, size, random);
    case 'randomGrayscale':
      return random.next() < step.probability ? [{ op: 'grayscale' }] : [];
    case 'gaussianBlur': {
      const { kernelSize, sigma } = step;
      return [{ op: 'gaussianBlur', kernelSize, sigma: random.uniform(...sigma) }];
    }
  }
}

interface OperationOptions {
  size: Size;
  /** Number of strengths, and the position of the one that is used, which may be between two. */
  bins: number;
  bin: () => number;
  interpolation: AffineInterpolation;
  fill: Rgb;
}

/** Draws an operation, then its strength, then its sign. */
function drawOperation(
  space: OperationSpace,
  options: OperationOptions,
  random: Random,
): PixelAdjustment[] {
  const [name, { signed, at }] = space[random.int(space.length)]!;
  const strength = at?.(options.bin(), options.bins, options.size) ?? 0;
  return operation(name, signed && random.int(2) === 1 ? 0 - strength : strength, options);
}

/** An operation with a signed strength, as torchvision applies it. No number is -0, which JSON lacks. */
export function operation(
  name: OperationName,
  strength: number,
  { interpolation, fill }: { interpolation: AffineInterpolation; fill: Rgb },
): PixelAdjustment[] {
  switch (name) {
    case 'identity':
      return [];
    case 'shearX':
    case 'shearY':
    case 'rotate':
      return [{ op: name, amount: strength, interpolation, fill }];
    case 'translateX':
    case 'translateY':
      return [{ op: name, amount: Math.trunc(strength) + 0, interpolation, fill }];
    case 'color':
      return [{ op: 'saturation', factor: 1 + strength }];
    case 'brightness':
    case 'contrast':
    case 'sharpness':
      return [{ op: name, factor: 1 + strength }];
    case 'posterize':
      return [{ op: name, bits: strength }];
    case 'solarize':
      return [{ op: name, threshold: strength }];
    case 'autoContrast':
    case 'equalize':
    case 'invert':
      return [{ op: name }];
  }
}

/** Draws the weight of the image, those of the chains, then each chain from its length on. */
function drawAugMix(step: AugMixStep, size: Size, random: Random): PixelAdjustment {
  const { severity, mixtureWidth, chainDepth, alpha, allOps } = step;
  const space = augMixSpace(allOps);
  const [weight, rest] = dirichlet(alpha, 2, random);
  const weights = dirichlet(alpha, mixtureWidth, random);
  const bin = (): number => random.int(severity);
  const chains = weights.map((part) => {
    const depth = chainDepth > 0 ? chainDepth : 1 + random.int(3);
    const adjustments = Array.from({ length: depth }, () =>
      drawOperation(space, { ...step, size, bins: 10, bin }, random),
    ).flat();
    return { weight: part * rest!, adjustments };
  });
  return { op: 'mixture', weight: weight!, chains };
}

function drawThreeAugment(
  { colorJitter: strength }: ThreeAugmentStep,
  random: Random,
): PixelAdjustment[] {
  const choices: (() => PixelAdjustment)[] = [
    () => ({ op: 'grayscale' }),
    () => ({ op: 'solarize', threshold: 128 }),
    () => ({ op: 'boxBlur', radius: random.uniform(0.1, 2) }),
  ];
  const first = choices[random.int(choices.length)]!();
  if (strength === 0) return [first];
  const jitter = colorJitterStep({
    brightness: strength,
    contrast: strength,
    saturation: strength,
  });
  return [first, ...drawColorJitter(jitter, random)];
}
