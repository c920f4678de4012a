import type { Policy } from '@fixres/data';
import type { AdaptiveChoice } from '@fixres/runner';
import { evaluationKey } from '@fixres/runs';
import { writeAside } from '@fixres/runs/node';
import { cannotWrite } from '../files/cannot-write.ts';
import type { AdaptiveRule } from './adaptive-rule.ts';

export interface WriteAdaptiveRuleOptions extends Pick<AdaptiveRule, 'model' | 'best'> {
  /** The policies that were chosen from. */
  policies: readonly Policy[];
  /** Multiply-adds of one image. */
  flopsOf: (policy: Policy) => number;
}

/** Writes the rule of a calibration. @returns false if there is none, because no small size may decide */
export async function writeAdaptiveRule(
  file: string,
  choice: AdaptiveChoice,
  { policies, flopsOf, model, best }: WriteAdaptiveRuleOptions,
): Promise<boolean> {
  const pair = choice.pairs.find(({ key }) => key === choice.chosen);
  if (!pair) return false;
  const policyOf = (key: string): Policy => policies.find((each) => evaluationKey(each) === key)!;
  const [small, large] = [policyOf(pair.key), policyOf(choice.large)];
  const rule: AdaptiveRule = {
    format: 1,
    model,
    best,
    small,
    large,
    threshold: pair.threshold,
    agreement: choice.agreement,
    confidence: choice.confidence,
    images: choice.images.choosing,
    multiplyAdds: [flopsOf(small), flopsOf(large)],
  };
  await writeAside(file, `${JSON.stringify(rule, null, 2)}\n`).catch((cause: unknown) => {
    throw cannotWrite(file, cause, '--adaptive');
  });
  return true;
}
