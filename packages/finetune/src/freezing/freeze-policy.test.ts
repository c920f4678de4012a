import { describe, expect, it } from 'vitest';
import { FixresFinetuneError } from '../errors.ts';
import { freezePolicies, resolveFreezePolicy } from './freeze-policies.ts';
import { parseFreezePolicy } from './freeze-policy.ts';

function message(value: unknown): string {
  try {
    parseFreezePolicy(value);
  } catch (error) {
    if (error instanceof FixresFinetuneError && error.code === 'bad-policy') return error.message;
  }
  throw new Error('no bad-policy error was thrown');
}

function withRule(rule: unknown): unknown {
  return { name: 'mine', rules: [rule], otherwise: 'freeze' };
}

describe('parseFreezePolicy', () => {
  it('accepts every preset after a round trip through JSON', () => {
    for (const [name, policy] of Object.entries(freezePolicies)) {
      expect(policy.name).toBe(name);
      expect(parseFreezePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy);
    }
  });

  it('names the field, its value and what is allowed', () => {
    const allModes = 'train, freeze, parameters-only, statistics-only, recalibrate';
    expect(message(null)).toBe('policy: received null; allowed is an object');
    expect(message([])).toBe('policy: received []; allowed is an object');
    expect(message({ rules: [], otherwise: 'train' })).toBe(
      'name: received nothing; allowed is a non-empty string',
    );
    expect(message({ name: 'x', rules: [], otherwise: 'thaw' })).toBe(
      `otherwise: received "thaw"; allowed is one of ${allModes}`,
    );
    expect(message({ name: 'x', rules: {}, otherwise: 'train' })).toBe(
      'rules: received {}; allowed is a list of rules',
    );
    expect(message(withRule({ match: { layer: 'a' }, mode: 1 }))).toBe(
      `rules[0].mode: received 1; allowed is one of ${allModes}`,
    );
    expect(message(withRule({ match: { layer: '' }, mode: 'train' }))).toContain(
      'rules[0].match.layer: received ""',
    );
    expect(message(withRule({ match: {}, mode: 'train' }))).toContain(
      'exactly one of layer, pattern, group, className, role',
    );
    expect(message(withRule({ match: { layer: 'a', role: 'norm' }, mode: 'train' }))).toContain(
      'exactly one of',
    );
    expect(message(withRule({ match: { role: 'head' }, mode: 'train' }))).toContain(
      'one of classifier, norm, last-norm, last-stage',
    );
    expect(message(withRule({ match: { layer: 'a' }, mode: 'train', optional: 'yes' }))).toContain(
      'rules[0].optional: received "yes"',
    );
    expect(message(withRule({ match: { pattern: '(' }, mode: 'train' }))).toContain(
      'rules[0].match.pattern: "(" is not a regular',
    );
  });
});

describe('resolveFreezePolicy', () => {
  it('resolves presets by name, and returns other policies unchanged', () => {
    expect(resolveFreezePolicy('classifier+last-bn')).toBe(freezePolicies['classifier+last-bn']);
    const mine = { name: 'mine', rules: [], otherwise: 'train' as const };
    expect(resolveFreezePolicy(mine)).toBe(mine);
  });

  it('lists the presets for an unknown name, even for names of inherited properties', () => {
    expect(() => resolveFreezePolicy('clasifier' as 'classifier')).toThrow(
      'received "clasifier"; allowed is a policy or one of classifier, classifier+last-bn, classifier+last-bn-stats,',
    );
    expect(() => resolveFreezePolicy('toString' as 'classifier')).toThrow(FixresFinetuneError);
  });
});
