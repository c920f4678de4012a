import type { Policy } from '@fixres/data';

/** Whether two policies do the same. */
export function isSame(a: Policy, b: Policy): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
