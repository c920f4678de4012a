import type { Policy } from './policy.ts';
import { policyShape } from './policy-shape.ts';

/**
 * Checks a policy that comes from a file, and gives a copy of it.
 *
 * @param value parsed JSON
 * @throws FixresDataError `bad-option` naming the first field that is wrong, what it is and what is allowed
 */
export function parsePolicy(value: unknown): Policy {
  policyShape(value, 'policy');
  return structuredClone(value) as Policy;
}
