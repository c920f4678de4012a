import { imageSizeText } from '../geometry/image-size.ts';
import type { Policy } from './policy.ts';

/** Name and size of a policy: `resize@224`, `shortSideCrop@192x256` (height first). */
export function policyLabel({ name, output }: Pick<Policy, 'name' | 'output'>): string {
  return `${name}@${imageSizeText(output)}`;
}
