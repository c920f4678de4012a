import { FixresRunnerError } from '@fixres/runner';
import { allowedMemory, parseMemory } from '@fixres/runs/names';
import { noMemoryLimit } from '../options/no-memory-limit.ts';

/**
 * A memory budget in 10^6 bytes; undefined without one, and for `none`.
 *
 * @throws FixresRunnerError `bad-option` for a text that is no amount of memory
 */
export function memoryBudget(text: string | undefined): number | undefined {
  if (text === undefined || text === noMemoryLimit) return undefined;
  const mb = parseMemory(text);
  if (mb !== undefined) return mb;
  throw new FixresRunnerError(
    'bad-option',
    `memory is "${text}"; it must be ${allowedMemory}, or ${noMemoryLimit}.`,
  );
}
