import { FixresDataError } from '../errors.ts';
import {
  type ImageSize,
  imageSizeText,
  isSameSize,
  mapSides,
  meanSide,
} from '../geometry/image-size.ts';
import type { Size } from '../geometry/view.ts';
import { shortSideCrop } from '../policies/fixres-authors.ts';
import { fixresTest, resize } from '../policies/keras-fixres.ts';
import { LARGEST_SIDE } from '../policies/make-policy.ts';
import type { Policy } from '../policies/policy.ts';
import { type SimulationOptions, simulateTraining } from './apparent-size.ts';
import { drawViews } from './draw-views.ts';
import { matchedPolicy } from './matched-policy.ts';
import { recommend, type Recommendation } from './recommend.ts';
import { testCandidate, type TestCandidate } from './test-candidate.ts';

export interface PlanOptions extends SimulationOptions {
  /** Size of the train images; the train policy's output must have it. */
  trainSize: ImageSize;
  /** Test policies to compare. Default: {@link defaultCandidates}. */
  candidates?: readonly Policy[];
  /**
   * Family of test policies, by crop size, in which the matched policy is searched; crop sizes have
   * the aspect ratio of the train size, up to a multiple of 8 pixels. Objects must become larger as
   * the crop size grows. Default `shortSideCrop`: resizes the shorter side to
   * 256/224 of the crop size.
   */
  family?: (cropSize: ImageSize) => Policy;
}

export interface ResolutionPlan {
  trainPolicy: Policy;
  trainSize: ImageSize;
  /** In the order given. */
  candidates: TestCandidate[];
  /**
   * The member of the family under which objects look as large as in training (mean ratio nearest
   * to 1).
   */
  matched: TestCandidate;
  recommendation: Recommendation;
}

/**
 * Chooses a test resolution for a data set from the sizes of its images, without training anything.
 *
 * Random crops make objects look larger in training than under a test policy of the same size. By
 * how much depends on the images: elongated ones have no room for large square crops. So this
 * simulates the train policy on the real sizes and compares every test policy with it ({@link
 * TestCandidate}).
 *
 * @param sizes width and height of every image, upright
 * @param trainPolicy how train images are made
 * @throws FixresDataError `bad-option` for no sizes, a train size that differs from the policy's,
 * no candidates, or a policy that does not fit an image
 */
export function planResolution(
  sizes: readonly Size[],
  trainPolicy: Policy,
  options: PlanOptions,
): ResolutionPlan {
  const { trainSize, candidates = defaultCandidates(trainSize), family = shortSideCrop } = options;
  if (!isSameSize(trainPolicy.output, trainSize)) {
    const message = `Option "trainSize" is ${imageSizeText(trainSize)}, but policy "${trainPolicy.name}" makes ${imageSizeText(trainPolicy.output)}; they must agree.`;
    throw new FixresDataError('bad-option', message);
  }
  if (candidates.length === 0)
    throw new FixresDataError(
      'bad-option',
      'Option "candidates" is empty; give at least one policy, or leave it out.',
    );

  const training = simulateTraining(sizes, drawViews(trainPolicy), options);
  const compared = candidates.map((policy) => testCandidate(policy, training, trainSize));
  const matched = testCandidate(matchedPolicy(training, trainSize, family), training, trainSize);
  return {
    trainPolicy,
    trainSize,
    candidates: compared,
    matched,
    recommendation: recommend(compared, matched),
  };
}

/** Growth in the Keras example, from 128 to 224 pixels. */
const GROWTH = 224 / 128;

/**
 * Test policies worth comparing after training at `trainSize`: the same size and a larger one,
 * squashed and with the shorter side resized, and the fine-tuning policy of the Keras example. The
 * larger size is the example's 224, for a rectangle one of about that area. If the train size itself
 * is at least that large, it is 7/4 of the train size, up to the largest size of a policy.
 */
export function defaultCandidates(trainSize: ImageSize): Policy[] {
  const side = meanSide(trainSize);
  const growth = side < 224 ? 224 / side : GROWTH;
  const size = mapSides(trainSize, (length) =>
    Math.min(Math.max(Math.round((length * growth) / 8) * 8, length), LARGEST_SIDE),
  );
  const same = [resize(trainSize), shortSideCrop(trainSize)];
  return isSameSize(size, trainSize)
    ? same
    : [...same, resize(size), shortSideCrop(size), fixresTest({ trainSize, size })];
}
