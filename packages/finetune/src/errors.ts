/** Error codes for programs. */
export type FixresFinetuneErrorCode =
  /**
   * The freeze policy is not well formed: unknown preset, unknown mode, bad pattern, bad group
   * list.
   */
  | 'bad-policy'
  /** A learning rate schedule is not well formed. */
  | 'bad-schedule'
  /**
   * Learning rates by layer, weight decay, label smoothing or weight averaging are not well formed.
   */
  | 'bad-option'
  /** A rule matches no layer of the model, or none that its mode can act on. */
  | 'rule-matches-nothing'
  /** A layer of the model is governed by a freeze policy that was applied through another model. */
  | 'layer-in-use'
  /**
   * The handle's freeze policy is no longer on the model: it was restored, or replaced by a later
   * one.
   */
  | 'policy-not-active'
  /** `verify({ strict: true })` or `assertFrozen()`: a frozen variable changed. */
  | 'frozen-variable-changed'
  /** The averaged weights are in the model now, so they cannot follow it. */
  | 'average-in-use'
  /** A saved state does not fit the object it is restored to. */
  | 'bad-state'
  /** A variable of the model was disposed, so nothing can be proven about it. */
  | 'variable-disposed'
  /**
   * Statistics could not be re-estimated: no norm to recalibrate, no batch, a norm that was never
   * reached, or a value that is not finite.
   */
  | 'recalibration-failed'
  /** The model does not end in a classifier that could be replaced. */
  | 'no-classifier'
  /** The model's weights fit images of one size only. */
  | 'fixed-size'
  /** A feature cache was requested with invalid numbers. */
  | 'bad-cache'
  /** Features could not be written to or read from their file. */
  | 'cache-file';

/** The one error class of this package. `names` lists the layers or variables in the message. */
export class FixresFinetuneError extends Error {
  override readonly name: string = 'FixresFinetuneError';
  readonly code: FixresFinetuneErrorCode;
  readonly names: readonly string[];

  constructor(
    code: FixresFinetuneErrorCode,
    message: string,
    options: { names?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.names = options.names ?? [];
  }
}

/** Throws the error of a field with an invalid value. */
export function refuse(
  code: FixresFinetuneErrorCode,
  field: string,
  value: unknown,
  allowed: string,
): never {
  // NaN and infinities would read as null in JSON.
  const received =
    value === undefined
      ? 'nothing'
      : typeof value === 'number'
        ? String(value)
        : JSON.stringify(value);
  throw new FixresFinetuneError(code, `${field}: received ${received}; allowed is ${allowed}`);
}

/** The content of a file's field as an object; otherwise throws its error. */
export function requireObject(
  code: FixresFinetuneErrorCode,
  field: string,
  value: unknown,
): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(code, field, value, 'an object');
  return value as Record<string, unknown>;
}

/** The error of a failed recalibration. Nothing has been changed when it is thrown. */
export function recalibrationFailed(
  reason: string,
  norms: readonly string[] = [],
): FixresFinetuneError {
  const where = norms.length > 0 ? ` (${norms.join(', ')})` : '';
  return new FixresFinetuneError(
    'recalibration-failed',
    `recalibrate: ${reason}${where}; the statistics are unchanged`,
    { names: norms },
  );
}
