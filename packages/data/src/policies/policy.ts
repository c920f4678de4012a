import { FixresDataError } from '../errors.ts';
import {
  type CropRounding,
  centredWindow,
  positionedWindow,
  randomWindow,
  shiftedWindow,
} from '../geometry/crop-window.ts';
import { sampleResizedCrop } from '../geometry/random-resized-crop.ts';
import {
  resizedHeight,
  resizedLongSide,
  resizedShortSide,
  resizedToCover,
  resizedToFit,
} from '../geometry/resized-size.ts';
import { sampleBoundingBox } from '../geometry/sampled-bounding-box.ts';
import { isSameRect, type Rect, type Size, type View, wholeImage } from '../geometry/view.ts';
import type { PixelAdjustment } from '../pixels/pixel-adjustment.ts';
import type { Random } from '../rng.ts';
import { isAugmentName } from './augment/augment-names.ts';
import { drawAugment } from './augment/draw-augment.ts';
import { drawColorJitter } from './draw-color-jitter.ts';
import type { PolicyStep, Resampling, ResizeStep } from './policy-step.ts';

/**
 * How an image becomes a model input: named, ordered steps, with at most one resize. Plain data.
 */
export interface Policy {
  version: 1;
  name: string;
  /** Size of the output, in pixels. */
  output: Size;
  steps: PolicyStep[];
  /**
   * Lets the JPEG decoder scale down by 2, 4 or 8 while decoding if the view needs no more pixels.
   * Much faster for large photos, but the levels differ from those of a full decode. Default: every
   * image is decoded in full.
   */
  shrinkOnLoad?: boolean;
}

/**
 * All decisions about one image before any pixel is touched: what is shown, with which filter, and
 * how colours change.
 */
export interface Drawing extends Resampling {
  view: View;
  /** In the order in which they are applied. */
  adjustments: PixelAdjustment[];
  /**
   * The part of the resized picture that the adjustments apply to: larger than the view's window if
   * a crop follows them. The contrast adjustment depends on the mean of this part, and borders
   * added outside of it keep their levels.
   */
  adjusted: Rect;
  /** Applied to the view's window, after everything else. */
  augmentations: PixelAdjustment[];
}

/**
 * Applies a policy to an image's size. Pure; draws only from `random`.
 *
 * @throws FixresDataError `bad-option` if a step does not fit: a crop larger than its image, a
 * second resize, geometry after an augmentation, or an output size that differs from the policy's
 */
export function drawingOf(policy: Policy, image: Size, random: Random): Drawing {
  const whole = wholeImage(image);
  // Without a resize step pixels are copied, so the filter does not matter.
  const progress: Progress = {
    view: whole,
    resampling: undefined,
    jittered: undefined,
    augmented: undefined,
  };
  for (const step of policy.steps) applyStep(progress, step, policy, random);
  const { view, resampling, jittered, augmented } = progress;
  if (view.window.width !== policy.output.width || view.window.height !== policy.output.height) {
    const got = `${view.window.height}x${view.window.width}`;
    throw badStep(
      policy,
      `its steps give ${got}, but it promises ${policy.output.height}x${policy.output.width}`,
    );
  }
  return {
    view,
    interpolation: resampling?.interpolation ?? 'bilinear',
    antialias: resampling?.antialias ?? false,
    adjustments: jittered?.adjustments ?? [],
    adjusted: jittered?.window ?? view.window,
    augmentations: augmented?.adjustments ?? [],
  };
}

/** The geometry of {@link drawingOf} alone: which part of an image is shown and how large. */
export function viewOf(policy: Policy, image: Size, random: Random): View {
  return drawingOf(policy, image, random).view;
}

/**
 * Whether the policy always shows the same view of an image, so that outputs of a frozen trunk can
 * be cached.
 */
export function isDeterministic(policy: Policy): boolean {
  return policy.steps.every((step) => !isRandomStep(step));
}

function isRandomStep({ op }: PolicyStep): boolean {
  switch (op) {
    case 'sampledBoundingBoxCrop':
    case 'randomResizedCrop':
    case 'shiftedCenterCrop':
    case 'randomCrop':
    case 'randomHorizontalFlip':
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
      return true;
    case 'resize':
    case 'resizeShortSide':
    case 'resizeLongSide':
    case 'resizeToCover':
    case 'resizeToFit':
    case 'centerCrop':
    case 'positionedCrop':
    case 'horizontalFlip':
      return false;
  }
}

/** What the steps have decided so far. */
interface Progress {
  view: View;
  resampling: Resampling | undefined;
  jittered: { adjustments: PixelAdjustment[]; window: Rect } | undefined;
  /** Augmentations, from the step of this name on. */
  augmented: { from: string; adjustments: PixelAdjustment[] } | undefined;
}

/** Applies a step to `progress` in place: a plan draws 100,000 views. */
function applyStep(progress: Progress, step: PolicyStep, policy: Policy, random: Random): void {
  const { view, resampling, jittered, augmented } = progress;
  if (augmented && !isAugmentName(step.op) && step.op !== 'colorJitter')
    throw badStep(policy, `${step.op} must come before ${augmented.from}`);
  switch (step.op) {
    case 'sampledBoundingBoxCrop':
    case 'randomResizedCrop': {
      if (resampling) throw badStep(policy, `${step.op} must come before the resize step`);
      const crop =
        step.op === 'randomResizedCrop'
          ? sampleResizedCrop(view.window, step, random)
          : sampleBoundingBox(view.window, step, random);
      progress.view = cut(view, crop, {});
      return;
    }
    case 'resize':
    case 'resizeShortSide':
    case 'resizeLongSide':
    case 'resizeToCover':
    case 'resizeToFit': {
      if (resampling) throw badStep(policy, 'it has two resize steps; one is allowed');
      if (jittered) throw badStep(policy, 'colorJitter must come after the resize step');
      if (view.fill || view.padding)
        throw badStep(policy, 'a crop that pads must come after the resize step');
      const { interpolation, antialias } = step;
      // The filter must not read beyond an earlier crop, so the crop becomes the region.
      const region = {
        x: view.region.x + view.window.x,
        y: view.region.y + view.window.y,
        width: view.window.width,
        height: view.window.height,
      };
      const resized = resizedSize(view.window, step);
      const window = { x: 0, y: 0, width: resized.width, height: resized.height };
      progress.view = { region, resized, window, flip: view.flip };
      progress.resampling = { interpolation, antialias };
      return;
    }
    case 'centerCrop':
    case 'positionedCrop':
    case 'shiftedCenterCrop': {
      const pad = step.op === 'positionedCrop' ? undefined : step.pad;
      const outside = step.width > view.window.width || step.height > view.window.height;
      if (outside && !pad) {
        const from = `${view.window.height}x${view.window.width}`;
        throw badStep(
          policy,
          `${step.op} ${step.height}x${step.width} is larger than the ${from} it crops`,
        );
      }
      const border = outside && pad ? { fill: pad } : {};
      progress.view = cut(view, windowIn(view.window, step, random), border);
      return;
    }
    case 'randomCrop': {
      checkPadding(progress, step, policy);
      const { padding, fill = [0, 0, 0], paddingMode = 'constant' } = step;
      const border = paddingMode === 'constant' ? { fill } : { padding: paddingMode };
      const window = randomWindow(view.window, step, padding, random);
      progress.view = cut(view, window, padding === 0 ? {} : border);
      return;
    }
    case 'randomHorizontalFlip':
      progress.view = { ...view, flip: view.flip !== random.next() < step.probability };
      return;
    case 'horizontalFlip':
      progress.view = { ...view, flip: !view.flip };
      return;
    case 'colorJitter': {
      if (augmented) {
        augmented.adjustments.push(...drawColorJitter(step, random));
        return;
      }
      if (jittered) throw badStep(policy, 'it has two colorJitter steps; one is allowed');
      progress.jittered = { adjustments: drawColorJitter(step, random), window: view.window };
      return;
    }
    case 'randAugment':
    case 'trivialAugmentWide':
    case 'autoAugment':
    case 'augMix':
    case 'threeAugment':
    case 'randomErasing':
    case 'randomGrayscale':
    case 'gaussianBlur':
      addAugmentations(progress, step, drawAugment(step, view.window, random));
      return;
    case 'corrupt':
      addAugmentations(progress, step, [{ ...step, seed: random.int(2 ** 32) }]);
      return;
  }
}

function addAugmentations(
  progress: Progress,
  { op }: PolicyStep,
  adjustments: readonly PixelAdjustment[],
): void {
  progress.augmented ??= { from: op, adjustments: [] };
  progress.augmented.adjustments.push(...adjustments);
}

/**
 * Padding extends what is shown, and a view extends its resized picture: the two are the same only
 * if nothing of it was cropped.
 */
function checkPadding(
  { view, jittered }: Progress,
  { op, width, height, padding, paddingMode }: PolicyStep & { op: 'randomCrop' },
  policy: Policy,
): void {
  const { window, resized } = view;
  const size = { width: window.width + 2 * padding, height: window.height + 2 * padding };
  if (width > size.width || height > size.height) {
    const from = `${size.height}x${size.width}`;
    throw badStep(policy, `${op} ${height}x${width} is larger than the ${from} it crops`);
  }
  if (padding === 0) return;
  if (!isSameRect(window, { x: 0, y: 0, ...resized }))
    throw badStep(policy, `${op} with padding must come before other crops of the resized image`);
  if (jittered && (paddingMode ?? 'constant') !== 'constant')
    throw badStep(policy, `${op} with padding mode ${paddingMode} must come before colorJitter`);
}

function resizedSize(image: Size, step: ResizeStep): Size {
  switch (step.op) {
    case 'resize':
      return { width: step.width, height: step.height };
    case 'resizeShortSide':
      return step.byHeight ? resizedHeight(image, step.side) : resizedShortSide(image, step.side);
    case 'resizeLongSide':
      return resizedLongSide(image, step.side);
    case 'resizeToCover':
      return resizedToCover(image, step);
    case 'resizeToFit':
      return resizedToFit(image, step);
  }
}

function windowIn(
  size: Size,
  step: PolicyStep & { op: 'centerCrop' | 'positionedCrop' | 'shiftedCenterCrop' },
  random: Random,
): Rect {
  const defaultRounding: CropRounding = 'floor';
  switch (step.op) {
    case 'centerCrop':
      return centredWindow(size, step, step.rounding ?? defaultRounding);
    case 'positionedCrop':
      return positionedWindow(size, step, step.position);
    case 'shiftedCenterCrop':
      return shiftedWindow(size, step, random);
  }
}

/**
 * Crops the view's window to `crop`, whose position refers to what is shown: it counts from the
 * right if the view is mirrored.
 */
function cut(view: View, crop: Rect, border: Pick<View, 'fill' | 'padding'>): View {
  const { window, flip } = view;
  const x = window.x + (flip ? window.width - crop.width - crop.x : crop.x);
  return { ...view, window: { ...crop, x, y: window.y + crop.y }, ...border };
}

function badStep(policy: Policy, why: string): FixresDataError {
  return new FixresDataError('bad-option', `Policy "${policy.name}" cannot be applied: ${why}.`);
}
