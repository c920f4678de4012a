import type * as tf from '@tensorflow/tfjs-core';
import { FixresFinetuneError, refuse } from '../errors.ts';
import { appliedLayers, type FreezeHandle } from '../freezing/apply-freeze-policy.ts';
import {
  checkLayerMatch,
  type LayerGroup,
  type LayerMatch,
  matchEntry,
} from '../freezing/freeze-policy.ts';
import { matchesNothing, matchLayers } from '../freezing/match-layers.ts';
import { findRoles } from '../model/layer-roles.ts';
import { modelGraph } from '../model/model-graph.ts';
import type { LeafLayer } from '../model/model-layers.ts';

/**
 * `match` -> a factor on the learning rate. A rule that matches no layer that trains is an error
 * unless `optional` is true.
 */
export interface RateRule {
  match: LayerMatch;
  /** At least 0. */
  multiplier: number;
  optional?: boolean;
}

/** Rates by rule: the first one that matches a layer decides. Plain data. */
export interface RateRules {
  rules: readonly RateRule[];
  /** Factor of layers that no rule matches. Default 1. */
  otherwise?: number;
}

/**
 * Rates that decrease from the output to the input: the last group has the factor 1, each earlier
 * group `decay` times that of the next. Plain data.
 *
 * Source: BEiT (arXiv 2106.08254), and `layer_decay` of timm. They use one factor per block; this
 * uses one per group.
 */
export interface LayerDecay {
  /** Above 0, at most 1. */
  decay: number;
}

/** Learning rates by layer ("discriminative" rates). */
export type LayerRates = RateRules | LayerDecay;

export interface LayerRatesOptions {
  /** Named sets of layers, from input to output; `LayerDecay` needs them. Default: none. */
  groups?: readonly LayerGroup[];
}

/**
 * The factor on the learning rate of each variable that trains, for the option `rateOf` of the
 * optimizers of `@fixres/models`.
 *
 * @returns a function of the tfjs variable's name, as in `handle.gradientVariables`; it throws
 * `bad-option` for a variable that does not train.
 * @throws FixresFinetuneError `bad-option`, `bad-policy` (a match or groups that do not fit),
 * `rule-matches-nothing`, `policy-not-active`.
 */
export function layerRates(
  handle: FreezeHandle,
  rates: LayerRates,
  { groups = [] }: LayerRatesOptions = {},
): (variableName: string) => number {
  const { layers, modes } = appliedLayers(handle, 'layerRates');
  const training = layers.leaves.filter(
    (leaf) => modes.get(leaf) === 'train' && leaf.weights.length > 0,
  );
  const { rules, otherwise } =
    'decay' in rates ? decayRules(rates, training, groups) : checkedRules(rates);
  const context = { groups, roles: findRoles(modelGraph(handle.model), layers) };
  const matches = rules.map(({ match, optional }, index) => {
    const label = `rules[${index}] (${matchEntry(match).join(' ')})`;
    const matched = matchLayers(layers.leaves, match, label, context);
    if (optional !== true && matched.size === 0)
      throw matchesNothing(layers.leaves, match, label, context);
    if (optional !== true && !training.some((leaf) => matched.has(leaf)))
      throw matchesFrozen(label, matched);
    return matched;
  });

  const multipliers = new Map<string, number>();
  for (const leaf of training) {
    const rule = matches.findIndex((matched) => matched.has(leaf));
    for (const variable of leaf.weights)
      multipliers.set(variable.name, rules[rule]?.multiplier ?? otherwise);
  }
  return (variableName: tf.Variable['name']) => {
    const multiplier = multipliers.get(variableName);
    if (multiplier !== undefined) return multiplier;
    const message = `rateOf: received ${JSON.stringify(variableName)}; allowed are the variables that train under policy ${JSON.stringify(handle.policy.name)}`;
    throw new FixresFinetuneError('bad-option', message, { names: [variableName] });
  };
}

function decayRules(
  { decay }: LayerDecay,
  training: readonly LeafLayer[],
  groups: readonly LayerGroup[],
): Required<RateRules> {
  if (!(decay > 0 && decay <= 1))
    refuse('bad-option', 'decay', decay, 'a number above 0, at most 1');
  if (groups.length === 0)
    refuse('bad-option', 'groups', [], 'the groups of the model, from input to output');
  const grouped = new Set(groups.flatMap(({ layers }) => layers));
  const missing = training
    .filter(({ aliases }) => ![...aliases].some((alias) => grouped.has(alias)))
    .map(({ path }) => path);
  if (missing.length > 0) {
    const message =
      `groups: no group contains ${missing.join(', ')}; with decay every layer that trains ` +
      'must be in one';
    throw new FixresFinetuneError('bad-option', message, { names: missing });
  }
  const last = groups.length - 1;
  const rules = groups.map(({ name }, i) => ({
    match: { group: name },
    multiplier: decay ** (last - i),
    optional: true,
  }));
  return { rules, otherwise: 1 };
}

function checkedRules({ rules, otherwise = 1 }: RateRules): Required<RateRules> {
  checkMultiplier('otherwise', otherwise);
  if (!Array.isArray(rules)) refuse('bad-option', 'rules', rules, 'a list of rules, or decay');
  for (const [i, { match, multiplier }] of rules.entries()) {
    checkLayerMatch(match, `rules[${i}].match`);
    checkMultiplier(`rules[${i}].multiplier`, multiplier);
  }
  return { rules, otherwise };
}

function checkMultiplier(field: string, value: unknown): void {
  if (!(typeof value === 'number' && Number.isFinite(value) && value >= 0))
    refuse('bad-option', field, value, 'a finite number of at least 0');
}

function matchesFrozen(label: string, matched: ReadonlySet<LeafLayer>): FixresFinetuneError {
  const names = [...matched].map(({ path }) => path);
  const shown = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
  return new FixresFinetuneError(
    'rule-matches-nothing',
    `${label} matches only layers that do not train: ${shown}`,
    { names },
  );
}
