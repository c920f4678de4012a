import { describe, expect, it } from 'vitest';
import type { ModelCard } from './model-card.ts';
import { requireContract } from './require-contract.ts';

const card: ModelCard = { version: 1, contract: { resize: { rule: 'both-sides', width: 64, height: 64 }, layout: 'NHWC', mean: [1, 2, 3] } };

describe('requireContract', () => {
  it('takes the same contract, in any order of keys', () => {
    expect(() => requireContract(card, { mean: [1, 2, 3], layout: 'NHWC', resize: { height: 64, width: 64, rule: 'both-sides' } })).not.toThrow();
  });

  it('names every field that differs, with both values', () => {
    const given = { resize: { rule: 'both-sides', width: 96, height: 64 }, mean: [1, 2, 4], crop: true };
    expect(() => requireContract(card, given)).toThrow(
      'resize.width is 96, expected 64; layout is missing, expected "NHWC"; mean is [1,2,4], expected [1,2,3]; crop is true, expected missing.',
    );
    expect(() => requireContract(card, given)).toThrow(expect.objectContaining({ code: 'contract-differs' }) as Error);
  });

  it('lets a difference pass that is meant, and everything where the card has no contract', () => {
    expect(() => requireContract(card, null, { override: true })).not.toThrow();
    expect(() => requireContract({ version: 1 }, { any: 'thing' })).not.toThrow();
  });
});
