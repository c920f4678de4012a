import type { Policy } from './policy.ts';
import type { PolicyStep } from './policy-step.ts';

/**
 * A policy at another size: all lengths are scaled with the size, so the same part of an image is
 * shown, and train policies draw the same crops.
 *
 * @param size width and height of the output, in pixels
 */
export function policyAtSize(policy: Policy, size: number): Policy {
  const factor = size / policy.output.width;
  if (factor === 1) return policy;
  const scaled = (length: number): number => Math.round(length * factor);
  const steps = policy.steps.map((step): PolicyStep => {
    switch (step.op) {
      case 'resize':
        return { ...step, width: scaled(step.width), height: scaled(step.height) };
      case 'resizeShortSide':
      case 'resizeLongSide':
        return { ...step, side: scaled(step.side) };
      case 'centerCrop':
      case 'positionedCrop':
      case 'shiftedCenterCrop':
        return { ...step, width: scaled(step.width), height: scaled(step.height) };
      case 'randomCrop':
        return {
          ...step,
          width: scaled(step.width),
          height: scaled(step.height),
          padding: scaled(step.padding),
        };
      case 'sampledBoundingBoxCrop':
      case 'randomResizedCrop':
      case 'randomHorizontalFlip':
      case 'horizontalFlip':
      case 'colorJitter':
      case 'randAugment':
      case 'trivialAugmentWide':
      case 'autoAugment':
      case 'augMix':
      case 'threeAugment':
      case 'randomErasing':
      case 'randomGrayscale':
      case 'gaussianBlur':
      case 'corrupt':
        return step;
    }
  });
  return {
    ...policy,
    output: { width: scaled(policy.output.width), height: scaled(policy.output.height) },
    steps,
  };
}
