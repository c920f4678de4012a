import {
  contractPolicy,
  namedPolicy,
  type Policy,
  shortSideCrop,
  policyAtSize,
} from '@fixres/data';
import type { PixelContract } from '@fixres/runner';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import type { FoundModel } from '@fixres/runner/node';

export interface PolicyContext extends Pick<FoundModel, 'run' | 'contract'> {
  /** Width and height of the model's input, if it supports only one size. */
  side: number | undefined;
  /** Name of the requested policy. */
  policy: string | undefined;
  trainSize: number | undefined;
  /** Policies to use as they are. */
  policies: readonly Policy[] | undefined;
}

/** The given policies; otherwise the requested one, or the model's own test policy, at each size. */
export function testPolicies(
  sizes: readonly number[] | undefined,
  { run, contract, side, policy, trainSize, policies }: PolicyContext,
): Policy[] {
  if (policies !== undefined) return policiesAt(policies, side);
  const own = run?.arm.testPolicy ?? (contract && contractPolicy(contract));
  const size = side ?? own?.output.width;
  const chosen = sizes ?? (size === undefined ? undefined : [size]);
  if (chosen === undefined)
    throw new ExitError(
      exitCodes.usage,
      'error: The model does not say at which size it is used; name sizes with --sizes.',
    );
  const other = side === undefined ? undefined : chosen.find((wanted) => wanted !== side);
  if (other !== undefined) {
    throw new ExitError(
      exitCodes.usage,
      `error: Option --sizes has ${other}, but the model takes images of ${side} pixels only.`,
    );
  }
  return chosen.map((wanted) => {
    if (policy !== undefined)
      return namedPolicy(policy, { size: wanted, trainSize: trainSize ?? run?.trainSize });
    return own === undefined ? shortSideCrop(wanted) : policyAtSize(own, wanted);
  });
}

/** The policies that a model of one input size can use. */
function policiesAt(policies: readonly Policy[], side: number | undefined): Policy[] {
  if (side === undefined) return [...policies];
  const fitting = policies.filter(({ output }) => output.width === side && output.height === side);
  if (fitting.length < 2)
    throw new ExitError(
      exitCodes.usage,
      `error: The model takes images of ${side} pixels only, so there is nothing to choose from.`,
    );
  return fitting;
}

/**
 * Width and height of the input of a model that only supports one square size; undefined if it
 * supports any.
 */
export function inputSide(
  shape: readonly (number | null)[] | undefined,
  layout: PixelContract['layout'],
): number | undefined {
  return shape?.[layout === 'NCHW' ? 2 : 1] ?? undefined;
}
