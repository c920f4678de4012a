import { readFile } from 'node:fs/promises';
import { FixresDataError, parsePolicy, type Policy } from '@fixres/data';
import { FixresRunnerError } from '@fixres/runner/node/read';

/** When a model decides at a small size, and when at a large one: the file of `evaluate --adaptive`. */
export interface AdaptiveRule {
  format: 1;
  /** SHA-256 of the files of the model, hexadecimal. */
  model: string;
  /** Whether the weights are those of the best epoch. */
  best: boolean;
  /** Test policies. */
  small: Policy;
  large: Policy;
  /** The small size decides if its highest probability is above this, 0..1. */
  threshold: number;
  /** Share of images that are decided as at the large size, and the probability of this promise. */
  agreement: number;
  confidence: number;
  /** Number of images that the threshold was found with. */
  images: number;
  /** Multiply-adds of one image at the small and at the large size. */
  multiplyAdds: [number, number];
}

/** @throws FixresRunnerError `bad-option` for a file that is not a rule */
export async function readAdaptiveRule(file: string): Promise<AdaptiveRule> {
  const bad = (why: string, cause?: unknown): FixresRunnerError =>
    new FixresRunnerError(
      'bad-option',
      `Option --adaptive is "${file}", ${why}; it must be a file that evaluate --adaptive wrote.`,
      { cause },
    );
  let rule: Partial<Record<keyof AdaptiveRule, unknown>> | null;
  try {
    rule = JSON.parse(await readFile(file, 'utf8')) as typeof rule;
  } catch (cause) {
    throw bad(cause instanceof SyntaxError ? 'which is no JSON' : 'which cannot be read', cause);
  }
  const { format, model, best, threshold, agreement, confidence, images, multiplyAdds } =
    rule ?? {};
  if (
    format !== 1 ||
    typeof model !== 'string' ||
    typeof best !== 'boolean' ||
    ![threshold, agreement, confidence].every((each) => Number(each) >= 0 && Number(each) <= 1) ||
    typeof images !== 'number' ||
    !Array.isArray(multiplyAdds) ||
    multiplyAdds.length !== 2 ||
    !multiplyAdds.every((each) => Number(each) > 0)
  )
    throw bad('which is no rule for two sizes');
  try {
    const policies = { small: parsePolicy(rule?.small), large: parsePolicy(rule?.large) };
    return { ...(rule as AdaptiveRule), ...policies };
  } catch (cause) {
    if (!(cause instanceof FixresDataError)) throw cause;
    throw bad(`whose policies are wrong (${cause.message.replace(/\.$/, '')})`, cause);
  }
}
