import { readFileSync } from 'node:fs';
import { expect } from 'vitest';

// The same examples in every run, so that a failure is one of the change at hand. Loading
// fast-check takes as long as many a test file, so this is only for those that import it.
if (readFileSync(expect.getState().testPath!, 'utf8').includes("from 'fast-check'")) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: 20261123 });
}

// Vitest compares typed arrays element by element, which takes seconds for the weights of a model.
// It still does if the bytes differ, because -0 and 0 do, and to report the first difference.
expect.addEqualityTesters([
  (one: unknown, other: unknown): boolean | undefined => {
    if (!(ArrayBuffer.isView(one) && ArrayBuffer.isView(other))) return undefined;
    if (one.constructor !== other.constructor) return undefined;
    const [left, right] = [one, other].map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    );
    return left!.equals(right!) ? true : undefined;
  },
]);
