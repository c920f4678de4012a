import { type ImageSize, isSameSize, sidesOf } from '../geometry/image-size.ts';
import type { Size } from '../geometry/view.ts';
import { coverStep, fitStep } from './make-policy.ts';
import type { Policy } from './policy.ts';
import type { PolicyStep, Resampling } from './policy-step.ts';

/**
 * A policy at another size: all lengths are scaled with the size, so the same part of an image is
 * shown, and train policies draw the same crops. If the aspect ratio of the output changes, height
 * and width are scaled by themselves: a policy that keeps the aspect ratio of the image then shows
 * another part of it.
 */
export function policyAtSize(policy: Policy, size: ImageSize): Policy {
  const { output } = policy;
  if (isSameSize(size, output)) return policy;
  const { width, height } = sidesOf(size);
  const [across, down] = [width / output.width, height / output.height];
  const scaled = (size: Size): Size => ({
    width: Math.round(size.width * across),
    height: Math.round(size.height * down),
  });
  const square = (side: number): Size => scaled({ width: side, height: side });
  // The same number for equal factors, which their square root may miss.
  const mean = across === down ? across : Math.sqrt(across * down);
  const steps = policy.steps.map((step): PolicyStep => {
    switch (step.op) {
      case 'resizeShortSide':
        return step.byHeight
          ? { ...step, side: Math.round(step.side * down) }
          : coverStep(square(step.side), resamplingOf(step));
      case 'resizeLongSide':
        return fitStep(square(step.side), resamplingOf(step));
      case 'resizeToCover':
        return coverStep(scaled(step), resamplingOf(step));
      case 'resizeToFit':
        return fitStep(scaled(step), resamplingOf(step));
      case 'resize':
      case 'centerCrop':
      case 'positionedCrop':
      case 'shiftedCenterCrop':
        return { ...step, ...scaled(step) };
      case 'randomCrop':
        return { ...step, ...scaled(step), padding: Math.round(step.padding * mean) };
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
  return { ...policy, output: { width, height }, steps };
}

function resamplingOf({ interpolation, antialias }: Resampling): Resampling {
  return { interpolation, antialias };
}
