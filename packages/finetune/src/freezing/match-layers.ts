import { FixresFinetuneError } from '../errors.ts';
import { matchEntry, type LayerGroup, type LayerMatch } from './freeze-policy.ts';
import { nearNames } from './near-names.ts';

/** The facts about a layer that rules match. */
export interface LayerFacts {
  /** Unique in the model. */
  readonly path: string;
  /** All names of the layer: its path and its enclosing nested models. */
  readonly aliases: ReadonlySet<string>;
  readonly className: string;
  readonly weights: { readonly length: number };
  readonly statistics: { readonly length: number };
  readonly isNorm: boolean;
}

/** Context of the rules other than the layers themselves. */
export interface RuleContext<L> {
  readonly groups: readonly LayerGroup[];
  readonly roles: Readonly<Record<'classifier' | 'norm' | 'last-norm', ReadonlySet<L>>>;
}

/**
 * The layers that a rule matches; empty if there are none.
 *
 * @param label name of the rule in messages
 * @throws FixresFinetuneError `bad-policy` for a group that lists layers of another model
 */
export function matchLayers<L extends LayerFacts>(
  layers: readonly L[],
  match: LayerMatch,
  label: string,
  { groups, roles }: RuleContext<L>,
): ReadonlySet<L> {
  const where = (test: (layer: L) => boolean): Set<L> => new Set(layers.filter(test));
  if ('layer' in match) return where((layer) => layer.aliases.has(match.layer));
  if ('className' in match) return where((layer) => layer.className === match.className);
  if ('pattern' in match) {
    const pattern = new RegExp(match.pattern);
    return where((layer) => pattern.test(layer.path) || pattern.test(ownName(layer)));
  }
  if ('role' in match && match.role !== 'last-stage') return roles[match.role];
  const group =
    'group' in match ? groups.find(({ name }) => name === match.group) : lastStage(groups);
  if (group === undefined) return new Set();
  const unknown = group.layers.filter((name) => !layers.some((layer) => layer.aliases.has(name)));
  if (unknown.length > 0) {
    throw new FixresFinetuneError(
      'bad-policy',
      `${label}: group ${JSON.stringify(group.name)} lists layers that the model does not have: ` +
        `${unknown.join(', ')}; allowed are names and paths of the model's layers`,
      { names: unknown },
    );
  }
  const members = new Set(group.layers);
  return where((layer) => [...layer.aliases].some((alias) => members.has(alias)));
}

function ownName({ path }: LayerFacts): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The group whose name ends in the highest number: `stage4`, `conv5`. */
function lastStage(groups: readonly LayerGroup[]): LayerGroup | undefined {
  return groups
    .map((group) => ({ group, stage: Number(/(\d+)$/.exec(group.name)?.[1] ?? NaN) }))
    .filter(({ stage }) => !Number.isNaN(stage))
    .sort((a, b) => b.stage - a.stage)[0]?.group;
}

/** The error for a rule that matches no layer, with similar names. */
export function matchesNothing<L extends LayerFacts>(
  layers: readonly L[],
  match: LayerMatch,
  label: string,
  context: RuleContext<L>,
): FixresFinetuneError {
  const { hint, names } = suggestion(layers, match, context);
  return new FixresFinetuneError(
    'rule-matches-nothing',
    `${label} matches no layer of the model; ${hint}`,
    { names },
  );
}

function suggestion<L extends LayerFacts>(
  layers: readonly L[],
  match: LayerMatch,
  { groups }: RuleContext<L>,
): { hint: string; names: string[] } {
  const [kind, value] = matchEntry(match);
  if (kind === 'role') {
    const hints: Record<string, string> = {
      classifier: 'no layer with weights leads to an output',
      norm: 'it has no batch normalisation',
      'last-norm': 'it has no batch normalisation before the classifier',
      'last-stage': `it needs a group whose name ends in a number, and the groups given are: ${groupNames(groups)}`,
    };
    return { hint: hints[value] ?? '', names: [] };
  }
  const candidates =
    kind === 'group'
      ? groups.map(({ name }) => name)
      : kind === 'className'
        ? layers.map(({ className }) => className)
        : layers.flatMap((layer) => [...layer.aliases]);
  const near = nearNames(value, candidates);
  const known = [...new Set(candidates)];
  if (near.length > 0) return { hint: `near names: ${near.join(', ')}`, names: near };
  if (known.length === 0)
    return { hint: kind === 'group' ? 'no groups were given' : 'it has no layers', names: [] };
  return {
    hint: `known are: ${known.slice(0, 8).join(', ')}${known.length > 8 ? ', …' : ''}`,
    names: [],
  };
}

function groupNames(groups: readonly LayerGroup[]): string {
  return groups.length === 0 ? 'none' : groups.map(({ name }) => name).join(', ');
}
