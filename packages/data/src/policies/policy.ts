import { FixresDataError } from '../errors.ts';
import { sampleBoundingBox } from '../geometry/sampled-bounding-box.ts';
import { type Size, type View, wholeImage } from '../geometry/view.ts';
import type { Random } from '../rng.ts';

/** One step of a policy. Plain data, so that a policy can be stored with a run and with a model. */
export type PolicyStep =
  | {
      op: 'sampledBoundingBoxCrop';
      /** Part of the image's area, lowest and highest. */
      area: [number, number];
      /** Width / height, lowest and highest. */
      aspectRatio: [number, number];
      maxAttempts: number;
    }
  | {
      op: 'resize';
      /** Both sides are set, so the aspect ratio changes ("squash"). */
      width: number;
      height: number;
      interpolation: 'bilinear';
      /** Whether the filter widens when it scales down. `tf.image.resize` does not by default; PIL always does. */
      antialias: false;
    }
  | {
      op: 'resizeShortSide';
      /** The shorter side becomes this long; the longer one follows, rounded down, so that the aspect ratio stays. */
      side: number;
      interpolation: 'bilinear';
      antialias: false;
    }
  | { op: 'centerCrop'; width: number; height: number }
  | { op: 'randomHorizontalFlip'; probability: number };

/** How an image becomes a model input: named, ordered steps, at most one of them a resize. */
export interface Policy {
  version: 1;
  name: string;
  /** Size of what comes out, in pixels. */
  output: Size;
  steps: PolicyStep[];
}

/**
 * The geometry of a policy: which part of an image is shown and how large. Pure; draws only from `random`.
 *
 * @throws FixresDataError `bad-option` when a step does not fit (a crop larger than what it crops, a second resize, an output
 * of another size than the policy promises).
 */
export function viewOf(policy: Policy, image: Size, random: Random): View {
  const view = policy.steps.reduce((current, step) => applyStep(current, step, policy, random), wholeImage(image));
  if (view.window.width !== policy.output.width || view.window.height !== policy.output.height) {
    const got = `${view.window.width}x${view.window.height}`;
    throw badStep(policy, `its steps give ${got}, but it promises ${policy.output.width}x${policy.output.height}`);
  }
  return view;
}

/** Whether the policy always shows the same view of an image (so that results of a frozen trunk can be kept). */
export function isDeterministic(policy: Policy): boolean {
  return policy.steps.every(({ op }) => op === 'resize' || op === 'resizeShortSide' || op === 'centerCrop');
}

function applyStep(view: View, step: PolicyStep, policy: Policy, random: Random): View {
  switch (step.op) {
    case 'sampledBoundingBoxCrop': {
      if (isResized(view)) throw badStep(policy, 'sampledBoundingBoxCrop must come before resize');
      const crop = sampleBoundingBox(view.window, step, random);
      return { ...view, window: { ...crop, x: view.window.x + crop.x, y: view.window.y + crop.y } };
    }
    case 'resize':
    case 'resizeShortSide': {
      if (isResized(view)) throw badStep(policy, 'it has two resize steps; one is allowed');
      const { width, height } = step.op === 'resize' ? step : shortSideSize(view.window, step.side);
      // A crop that came before has to end at its edges, so it becomes the region that the filter may read.
      const region = { ...view.window, x: view.region.x + view.window.x, y: view.region.y + view.window.y };
      return { region, resized: { width, height }, window: { x: 0, y: 0, width, height }, flip: view.flip };
    }
    case 'centerCrop': {
      const { width, height } = step;
      if (width > view.window.width || height > view.window.height) {
        const from = `${view.window.width}x${view.window.height}`;
        throw badStep(policy, `centerCrop ${width}x${height} is larger than the ${from} it crops`);
      }
      const x = view.window.x + Math.floor((view.window.width - width) / 2);
      const y = view.window.y + Math.floor((view.window.height - height) / 2);
      return { ...view, window: { x, y, width, height } };
    }
    case 'randomHorizontalFlip':
      return { ...view, flip: view.flip !== random.next() < step.probability };
  }
}

function shortSideSize({ width, height }: Size, side: number): Size {
  return width <= height ? { width: side, height: Math.floor((side * height) / width) } : { width: Math.floor((side * width) / height), height: side };
}

function isResized({ region, resized }: View): boolean {
  return region.width !== resized.width || region.height !== resized.height;
}

function badStep(policy: Policy, why: string): FixresDataError {
  return new FixresDataError('bad-option', `Policy "${policy.name}" cannot be applied: ${why}.`);
}
