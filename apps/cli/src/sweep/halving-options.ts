import type { HalvingResource, Promotion } from '@fixres/runs/names';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';

/** Options for choosing among arms, as the command line gives them. */
export interface HalvingOptions {
  halving?: HalvingResource;
  reduction?: number;
  survivors?: number;
  minEpochs?: number;
  promotion?: Promotion;
  baseline?: string;
}

/** {@link HalvingOptions} with their defaults. */
export interface HalvingChoice {
  over: HalvingResource;
  reduction: number;
  survivors: number;
  minEpochs: number;
  /** Undefined: it depends on the number of trials at a time. */
  promotion: Promotion | undefined;
  /** Undefined: the first arm. */
  baseline: string | undefined;
}

/**
 * @returns undefined without `--halving`
 * @throws ExitError for an option that does nothing
 */
export function halvingChoice({
  halving: over,
  reduction,
  survivors,
  minEpochs,
  promotion,
  baseline,
}: HalvingOptions): HalvingChoice | undefined {
  const needs: readonly [flag: string, value: unknown, halving: string, isUsed: boolean][] = [
    ['--reduction', reduction, '--halving', over !== undefined],
    ['--survivors', survivors, '--halving', over !== undefined],
    ['--baseline', baseline, '--halving', over !== undefined],
    ['--min-epochs', minEpochs, '--halving epochs', over === 'epochs'],
    ['--promotion', promotion, '--halving epochs', over === 'epochs'],
  ];
  const unused = needs.find(([, value, , isUsed]) => value !== undefined && !isUsed);
  if (unused !== undefined) {
    const [flag, , halving] = unused;
    throw new ExitError(exitCodes.usage, `error: Option ${flag} goes with ${halving} only.`);
  }
  if (over === undefined) return undefined;
  return {
    over,
    reduction: reduction ?? 3,
    survivors: survivors ?? 2,
    minEpochs: minEpochs ?? 1,
    promotion,
    baseline,
  };
}
