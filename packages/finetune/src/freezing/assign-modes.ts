import { FixresFinetuneError } from '../errors.ts';
import {
  describeRule,
  type FreezePolicy,
  type FreezeRule,
  type LayerMode,
  trainsWeights,
} from './freeze-policy.ts';
import { type LayerFacts, matchesNothing, matchLayers, type RuleContext } from './match-layers.ts';

/**
 * The mode that a policy gives to each layer, and the index of the rule that decided (-1:
 * `otherwise`).
 */
export interface Assignment<L> {
  readonly layer: L;
  readonly mode: LayerMode;
  readonly rule: number;
}

/**
 * Applies the rules; the first match wins. Changes nothing.
 *
 * @throws FixresFinetuneError `rule-matches-nothing` for a rule without `optional` that matches no
 * layer, or none that its mode applies to; `bad-policy` for groups that do not fit the model.
 */
export function assignModes<L extends LayerFacts>(
  layers: readonly L[],
  policy: FreezePolicy,
  context: RuleContext<L>,
): Assignment<L>[] {
  const matches = policy.rules.map((rule, index) => {
    const matched = matchLayers(layers, rule.match, describeRule(rule, index), context);
    if (rule.optional !== true) assertActs(matched, rule, index, layers, context);
    return matched;
  });
  return layers.map((layer) => {
    const rule = matches.findIndex((matched) => matched.has(layer));
    return { layer, mode: possibleMode(layer, policy.rules[rule]?.mode ?? policy.otherwise), rule };
  });
}

/**
 * Whether the mode applies: a layer without running statistics cannot adapt them to the batches.
 */
function actsOn(layer: LayerFacts, mode: LayerMode): boolean {
  if (trainsWeights(mode)) return layer.weights.length > 0;
  if (mode === 'statistics-only') return layer.statistics.length > 0;
  return mode === 'freeze' || layer.isNorm;
}

function possibleMode(layer: LayerFacts, mode: LayerMode): LayerMode {
  return mode === 'train' || actsOn(layer, mode) ? mode : 'freeze';
}

function assertActs<L extends LayerFacts>(
  matched: ReadonlySet<L>,
  rule: FreezeRule,
  index: number,
  layers: readonly L[],
  context: RuleContext<L>,
): void {
  if ([...matched].some((layer) => actsOn(layer, rule.mode))) return;
  const label = describeRule(rule, index);
  if (matched.size > 0) {
    const names = [...matched].map(({ path }) => path);
    const lacking = trainsWeights(rule.mode) ? 'weights to train' : 'running statistics';
    throw new FixresFinetuneError(
      'rule-matches-nothing',
      `${label} matches only layers without ${lacking}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`,
      { names },
    );
  }
  throw matchesNothing(layers, rule.match, label, context);
}
