import { FixresFinetuneError } from '../errors.ts';

/** How a policy lets a variable change: by the gradient, as a running statistic, or not at all. */
export type VariableFate = 'trainable' | 'moving' | 'frozen';

/** The evidence for one variable. Hashes are SHA-256 of its values, lower-case hexadecimal. */
export interface VariableProof {
  /** Layer path and weight name: `post_bn/gamma`. */
  readonly name: string;
  readonly fate: VariableFate;
  readonly before: string;
  readonly after: string;
  readonly changed: boolean;
}

/** The outcome of a proof. Plain data, so it can be stored with a run. */
export interface Verification {
  readonly policy: string;
  /** True if no frozen variable changed. */
  readonly ok: boolean;
  /** Variables that changed, in any mode. */
  readonly changed: readonly string[];
  /**
   * Variables that should train or move but have the same bits as before: a sign of a missing
   * recompile.
   */
  readonly unchanged: readonly string[];
  /** Frozen variables that changed. */
  readonly violations: readonly string[];
  readonly variables: readonly VariableProof[];
}

/** Concludes from the hashes. */
export function concludeVerification(
  policy: string,
  variables: readonly VariableProof[],
): Verification {
  const names = (test: (proof: VariableProof) => boolean): string[] =>
    variables.filter(test).map(({ name }) => name);
  const violations = names(({ changed, fate }) => changed && fate === 'frozen');
  return {
    policy,
    ok: violations.length === 0,
    changed: names(({ changed }) => changed),
    unchanged: names(({ changed, fate }) => !changed && fate !== 'frozen'),
    violations,
    variables,
  };
}

/**
 * @throws FixresFinetuneError `frozen-variable-changed`; its `names` are all frozen variables that
 * changed
 */
export function assertNoViolations({ policy, violations }: Verification): void {
  if (violations.length === 0) return;
  throw new FixresFinetuneError(
    'frozen-variable-changed',
    `policy ${JSON.stringify(policy)}: ${violations.length} frozen variable${violations.length === 1 ? '' : 's'} changed: ` +
      violations.join(', '),
    { names: violations },
  );
}
