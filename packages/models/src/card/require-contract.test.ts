import { describe, expect, it } from 'vitest';
import { parseModelCard } from './model-card.ts';
import { requireContract } from './require-contract.ts';

const contract = {
  version: 1,
  resize: { rule: 'both-sides', width: 64, height: 64 },
  antialias: false,
};

describe('requireContract', () => {
  it("returns the model's own contract, or a given one that is equal in any field order", () => {
    expect(requireContract({ contract }, undefined)).toBe(contract);
    expect(
      requireContract(
        { contract },
        { antialias: false, resize: { height: 64, width: 64, rule: 'both-sides' }, version: 1 },
      ),
    ).toBe(contract);
  });

  it('rejects a different contract, naming all differences, unless overridden', () => {
    const other = { ...contract, resize: { ...contract.resize, width: 96 }, crop: { width: 64 } };
    expect(() => requireContract({ contract }, other)).toThrow(
      expect.objectContaining({
        code: 'contract-mismatch',
        message: expect.stringContaining(
          'crop is absent in the model and {"width":64} here; resize.width is 64 in the model and 96 here',
        ) as string,
      }),
    );
    expect(requireContract({ contract }, other, { override: true })).toBe(other);
  });

  it('requires a contract if the model has none', () => {
    expect(() => requireContract({}, undefined)).toThrow(
      expect.objectContaining({ code: 'no-contract' }),
    );
    expect(requireContract({}, contract)).toBe(contract);
  });
});

describe('parseModelCard', () => {
  it.each([
    [[]],
    [{ version: 1, architecture: 'resnet50v2' }],
    [{ version: 1, classNames: ['a', 1] }],
    [{ version: 1, classNames: ['a', 'a'] }],
  ])('rejects %j', (card) => {
    expect(() => parseModelCard(card, 'model.json')).toThrow(
      expect.objectContaining({ code: 'bad-model-card' }),
    );
  });
});
