import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FixresFinetuneError } from '../errors.ts';
import { assignModes } from './assign-modes.ts';
import type { FreezePolicy, FreezeRule, LayerMode } from './freeze-policy.ts';
import type { LayerFacts, RuleContext } from './match-layers.ts';

function facts(path: string, kind: 'conv' | 'norm' | 'plain' = 'conv'): LayerFacts {
  const parts = path.split('/');
  return {
    path,
    aliases: new Set([...parts, path]),
    className: { conv: 'Conv2D', norm: 'BatchNormalization', plain: 'Activation' }[kind],
    weights: { length: kind === 'plain' ? 0 : 2 },
    statistics: { length: kind === 'norm' ? 2 : 0 },
    isNorm: kind === 'norm',
  };
}

function context(
  layers: readonly LayerFacts[],
  groups: RuleContext<LayerFacts>['groups'] = [],
): RuleContext<LayerFacts> {
  const norms = layers.filter(({ isNorm }) => isNorm);
  return {
    groups,
    roles: {
      norm: new Set(norms),
      'last-norm': new Set(norms.slice(-1)),
      classifier: new Set(layers.slice(-1)),
    },
  };
}

const layers = [
  facts('conv1'),
  facts('trunk/conv2'),
  facts('trunk/bn', 'norm'),
  facts('relu', 'plain'),
  facts('post_bn', 'norm'),
  facts('out'),
];

function modes(
  rules: FreezeRule[],
  otherwise: LayerMode = 'freeze',
  groups: RuleContext<LayerFacts>['groups'] = [],
): string[] {
  return assignModes(layers, { name: 'test', rules, otherwise }, context(layers, groups)).map(
    ({ mode }) => mode,
  );
}

function failure(
  rules: FreezeRule[],
  groups: RuleContext<LayerFacts>['groups'] = [],
): FixresFinetuneError {
  try {
    modes(rules, 'freeze', groups);
  } catch (error) {
    if (error instanceof FixresFinetuneError) return error;
  }
  throw new Error('no FixresFinetuneError was thrown');
}

describe('assignModes', () => {
  it('matches by name, path, nested model, class, pattern, group and role', () => {
    const frozen = ['freeze', 'freeze', 'freeze', 'freeze', 'freeze', 'freeze'];
    const withTrain = (...at: number[]): string[] =>
      frozen.map((mode, index) => (at.includes(index) ? 'train' : mode));
    expect(modes([{ match: { layer: 'conv2' }, mode: 'train' }])).toEqual(withTrain(1));
    expect(modes([{ match: { layer: 'trunk/conv2' }, mode: 'train' }])).toEqual(withTrain(1));
    expect(modes([{ match: { layer: 'trunk' }, mode: 'train' }])).toEqual(withTrain(1, 2));
    expect(modes([{ match: { className: 'BatchNormalization' }, mode: 'train' }])).toEqual(
      withTrain(2, 4),
    );
    expect(modes([{ match: { pattern: '^conv' }, mode: 'train' }])).toEqual(withTrain(0, 1));
    expect(modes([{ match: { pattern: '^trunk/' }, mode: 'train' }])).toEqual(withTrain(1, 2));
    expect(modes([{ match: { role: 'last-norm' }, mode: 'train' }])).toEqual(withTrain(4));
    const groups = [
      { name: 'conv9', layers: ['conv1'] },
      { name: 'conv10', layers: ['trunk'] },
      { name: 'head', layers: ['out'] },
    ];
    expect(modes([{ match: { group: 'head' }, mode: 'train' }], 'freeze', groups)).toEqual(
      withTrain(5),
    );
    expect(modes([{ match: { role: 'last-stage' }, mode: 'train' }], 'freeze', groups)).toEqual(
      withTrain(1, 2),
    );
  });

  it('freezes layers without statistics in statistics-only mode', () => {
    const expected = ['freeze', 'freeze', 'statistics-only', 'freeze', 'statistics-only', 'freeze'];
    expect(modes([{ match: { pattern: '' }, mode: 'statistics-only' }])).toEqual(expected);
    expect(modes([], 'recalibrate')).toEqual(
      expected.map((mode) => (mode === 'freeze' ? mode : 'recalibrate')),
    );
  });

  it('names a rule that matches nothing, and suggests near names', () => {
    const error = failure([
      { match: { layer: 'out' }, mode: 'train' },
      { match: { layer: 'post_bm' }, mode: 'train' },
    ]);
    expect(error).toMatchObject({ code: 'rule-matches-nothing', names: ['post_bn'] });
    expect(error.message).toBe(
      'rule 2 (layer "post_bm" -> train) matches no layer of the model; near names: post_bn',
    );
    expect(failure([{ match: { className: 'BatchNormalisation' }, mode: 'train' }]).names).toEqual([
      'BatchNormalization',
    ]);
    expect(
      failure([{ match: { group: 'stag1' }, mode: 'train' }], [{ name: 'stage1', layers: [] }])
        .names,
    ).toEqual(['stage1']);
    expect(failure([{ match: { group: 'stage1' }, mode: 'train' }]).message).toContain(
      'no groups were given',
    );
    expect(failure([{ match: { role: 'last-stage' }, mode: 'train' }]).message).toContain(
      'the groups given are: none',
    );
    expect(failure([{ match: { pattern: 'zzzzzzzzz' }, mode: 'train' }]).message).toContain(
      'known are: conv1, trunk, conv2',
    );
  });

  it('allows an optional rule to match nothing', () => {
    expect(modes([{ match: { layer: 'absent' }, mode: 'train', optional: true }])).not.toContain(
      'train',
    );
  });

  it('rejects a rule whose mode applies to none of its layers', () => {
    expect(failure([{ match: { layer: 'relu' }, mode: 'train' }]).message).toContain(
      'only layers without weights to train: relu',
    );
    expect(failure([{ match: { layer: 'out' }, mode: 'statistics-only' }]).message).toContain(
      'without running statistics: out',
    );
    expect(failure([{ match: { layer: 'out' }, mode: 'recalibrate' }]).code).toBe(
      'rule-matches-nothing',
    );
  });

  it('rejects a group that lists layers of another model', () => {
    const error = failure(
      [{ match: { group: 'stem' }, mode: 'train' }],
      [{ name: 'stem', layers: ['conv1', 'conv0', 'pool0'] }],
    );
    expect(error).toMatchObject({ code: 'bad-policy', names: ['conv0', 'pool0'] });
  });
});

describe('assignModes, for any model and policy', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const anyLayers = fc
    .uniqueArray(fc.tuple(name, fc.option(name)), {
      minLength: 1,
      maxLength: 12,
      selector: ([leaf, outer]) => `${outer ?? ''}/${leaf}`,
    })
    .chain((paths) =>
      fc.tuple(
        ...paths.map(([leaf, outer]) =>
          fc
            .constantFrom('conv' as const, 'norm' as const, 'plain' as const)
            .map((kind) => facts(outer === null ? leaf : `${outer}/${leaf}`, kind)),
        ),
      ),
    );
  const mode = fc.constantFrom<LayerMode>('train', 'freeze', 'statistics-only', 'recalibrate');
  const match = fc.oneof(
    name.map((layer) => ({ layer })),
    name.map((letter) => ({ pattern: `^${letter}` })),
    fc
      .constantFrom('Conv2D', 'BatchNormalization', 'Activation')
      .map((className) => ({ className })),
    fc
      .constantFrom('norm' as const, 'last-norm' as const, 'classifier' as const)
      .map((role) => ({ role })),
  );
  const rule = fc.record({ match, mode, optional: fc.constant(true) });
  const policy: fc.Arbitrary<FreezePolicy> = fc.record({
    name: fc.constant('any'),
    rules: fc.array(rule, { maxLength: 6 }),
    otherwise: mode,
  });

  it('the first match decides, and later rules change nothing for the layer', () => {
    fc.assert(
      fc.property(anyLayers, policy, (model, full) => {
        const assigned = assignModes(model, full, context(model));
        for (const { layer, mode: given, rule: index } of assigned) {
          const rules = index === -1 ? full.rules : full.rules.slice(0, index + 1);
          const again = assignModes(model, { ...full, rules }, context(model)).find(
            (other) => other.layer === layer,
          );
          expect(again).toEqual({ layer, mode: given, rule: index });
          // This rule alone matches the layer, and no earlier rule alone does.
          const matches = full.rules.map(
            (single) =>
              assignModes(model, { ...full, rules: [single] }, context(model)).find(
                (other) => other.layer === layer,
              )?.rule === 0,
          );
          expect(matches.indexOf(true)).toBe(index);
        }
      }),
    );
  });

  it('every layer gets exactly one applicable mode, from its rule or the default', () => {
    fc.assert(
      fc.property(anyLayers, policy, (model, any) => {
        const assigned = assignModes(model, any, context(model));
        expect(assigned.map(({ layer }) => layer)).toEqual(model);
        for (const { layer, mode: given, rule: index } of assigned) {
          const asked = any.rules[index]?.mode ?? any.otherwise;
          expect([asked, 'freeze']).toContain(given);
          if (!layer.isNorm) expect(['train', 'freeze']).toContain(given);
          else expect(given).toBe(asked);
        }
      }),
    );
  });

  it('a policy has the same effect after a round trip through JSON', () => {
    fc.assert(
      fc.property(anyLayers, policy, (model, any) => {
        const copy = JSON.parse(JSON.stringify(any)) as FreezePolicy;
        expect(assignModes(model, copy, context(model))).toEqual(
          assignModes(model, any, context(model)),
        );
      }),
    );
  });
});
