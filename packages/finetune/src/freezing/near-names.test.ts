import { describe, expect, it } from 'vitest';
import { nearNames } from './near-names.ts';

describe('nearNames', () => {
  it('sorts by the fewest edits and lists each name once', () => {
    expect(nearNames('post_bm', ['conv1', 'post_bn', 'post_relu', 'post_bn'])).toEqual(['post_bn']);
    expect(nearNames('bn', ['conv1_bn', 'bn2', 'dense'])).toEqual(['bn2', 'conv1_bn']);
  });

  it('ignores case and skips dissimilar names', () => {
    expect(nearNames('DENSE', ['dense'])).toEqual(['dense']);
    expect(nearNames('abc', ['uvwxyz'])).toEqual([]);
    expect(nearNames('a', ['aa', 'ab', 'ac', 'ad'], 2)).toHaveLength(2);
  });
});
