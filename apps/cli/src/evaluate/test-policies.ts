import {
  contractPolicy,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
  isSameSize,
  namedPolicy,
  type Policy,
  policyAtSize,
  shortSideCrop,
} from '@fixres/data';
import type { PixelContract } from '@fixres/runner';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import type { FoundModel } from '@fixres/runner/node';

export interface PolicyContext extends Pick<FoundModel, 'run' | 'contract'> {
  /** Size of the model's input, if it supports only one. */
  inputSize: ImageSize | undefined;
  /** Name of the requested policy. */
  policy: string | undefined;
  trainSize: ImageSize | undefined;
  /** Policies to use as they are. */
  policies: readonly Policy[] | undefined;
}

/** The given policies; otherwise the requested one, or the model's own test policy, at each size. */
export function testPolicies(
  sizes: readonly ImageSize[] | undefined,
  { run, contract, inputSize, policy, trainSize, policies }: PolicyContext,
): Policy[] {
  if (policies !== undefined) return policiesAt(policies, inputSize);
  const own = run?.arm.testPolicy ?? (contract && contractPolicy(contract));
  const size = inputSize ?? own?.output;
  const chosen = sizes ?? (size === undefined ? undefined : [size]);
  if (chosen === undefined)
    throw new ExitError(
      exitCodes.usage,
      'error: The model does not say at which size it is used; name sizes with --sizes.',
    );
  const other = inputSize && chosen.find((wanted) => !isSameSize(wanted, inputSize));
  if (other !== undefined) {
    throw new ExitError(
      exitCodes.usage,
      `error: Option --sizes has ${imageSizeText(other)}, but the model takes images of ${imageSizeText(inputSize!)} pixels only.`,
    );
  }
  return chosen.map((wanted) => {
    if (policy !== undefined)
      return namedPolicy(policy, { size: wanted, trainSize: trainSize ?? run?.trainSize });
    return own === undefined ? shortSideCrop(wanted) : policyAtSize(own, wanted);
  });
}

/** The policies that a model of one input size can use. */
function policiesAt(policies: readonly Policy[], size: ImageSize | undefined): Policy[] {
  if (size === undefined) return [...policies];
  const fitting = policies.filter(({ output }) => isSameSize(output, size));
  if (fitting.length < 2)
    throw new ExitError(
      exitCodes.usage,
      `error: The model takes images of ${imageSizeText(size)} pixels only, so there is nothing to choose from.`,
    );
  return fitting;
}

/** Size of the input of a model that supports only one; undefined if it supports any. */
export function inputSizeOf(
  shape: readonly (number | null)[] | undefined,
  layout: PixelContract['layout'],
): ImageSize | undefined {
  const first = layout === 'NCHW' ? 2 : 1;
  const [height, width] = shape?.slice(first, first + 2) ?? [];
  return typeof height === 'number' && typeof width === 'number'
    ? imageSizeOf({ height, width })
    : undefined;
}
