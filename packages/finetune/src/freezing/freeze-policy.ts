import { FixresFinetuneError, refuse, requireObject } from '../errors.ts';

/**
 * What happens to a layer during fine-tuning.
 *
 * - `train`: its weights follow the gradient. A batch normalisation normalises with the batch's
 *   statistics and updates its running statistics.
 * - `freeze`: nothing of it changes, and a batch normalisation runs in inference mode, whatever
 *   `training` is.
 * - `parameters-only`: its weights follow the gradient, but a batch normalisation keeps its running
 *   statistics, and normalises with them. The same as `train` for a layer without any.
 * - `statistics-only`: a batch normalisation runs in training mode, so its running statistics
 *   follow the batches, but gamma and beta are frozen.
 * - `recalibrate`: frozen during training steps, in inference mode. Only {@link
 *   FreezeHandle.recalibrate} changes the running statistics: it re-estimates them over given
 *   batches, without any gradient.
 *
 * A layer without running statistics is frozen in the modes `statistics-only` and `recalibrate`.
 */
export type LayerMode = 'train' | 'freeze' | 'parameters-only' | 'statistics-only' | 'recalibrate';

/** The modes in which the running statistics of a batch normalisation change. */
export type StatisticsMode = Exclude<LayerMode, 'freeze' | 'parameters-only'>;

/** Whether the weights of a layer follow the gradient. */
export function trainsWeights(mode: LayerMode): boolean {
  return mode === 'train' || mode === 'parameters-only';
}

/** Whether the running statistics of a layer stay as they are. */
export function keepsRunningStatistics(mode: LayerMode): boolean {
  return mode === 'freeze' || mode === 'parameters-only';
}

/**
 * A place in the model that is found from its graph, independent of layer names.
 *
 * - `classifier`: the last layers with weights, other than norms, on the paths to the outputs.
 * - `norm`: every batch normalisation (a layer with `moving_mean` and `moving_variance`).
 * - `last-norm`: of the norms that the classifier depends on, layer normalisations included, the one nearest to the output (whose
 *   longest path to the output is shortest; of two at the same depth, the later one in the model's
 *   order).
 * - `last-stage`: the layers of the group whose name ends in the highest number (`stage4`,
 *   `conv5`); needs groups.
 */
export type LayerRole = 'classifier' | 'norm' | 'last-norm' | 'last-stage';

/**
 * Which layers a rule applies to. Exactly one field is given.
 *
 * - `layer`: a layer's name, or its path (`trunk/conv1`) if it is in a nested model. The name of a
 *   nested model stands for all its layers.
 * - `pattern`: the source of a JavaScript regular expression, searched in the layer's name and
 *   path. Not anchored.
 * - `group`: the name of one of the groups passed with the policy.
 * - `className`: the Keras class name, such as `BatchNormalization`.
 * - `role`: see {@link LayerRole}.
 */
export type LayerMatch =
  | { layer: string }
  | { pattern: string }
  | { group: string }
  | { className: string }
  | { role: LayerRole };

/** `match` -> `mode`. A rule that matches nothing is an error unless `optional` is true. */
export interface FreezeRule {
  match: LayerMatch;
  mode: LayerMode;
  optional?: boolean;
}

/**
 * Ordered rules: the first one that matches a layer decides; `otherwise` applies to layers that no
 * rule matches. Plain data: it survives `JSON.stringify` and `JSON.parse`.
 */
export interface FreezePolicy {
  name: string;
  rules: readonly FreezeRule[];
  otherwise: LayerMode;
}

/**
 * A named set of layers, by name or path, such as one stage of a network. The name of a nested
 * model stands for all its layers.
 */
export interface LayerGroup {
  name: string;
  layers: readonly string[];
}

const modes: readonly LayerMode[] = [
  'train',
  'freeze',
  'parameters-only',
  'statistics-only',
  'recalibrate',
];
const roles: readonly LayerRole[] = ['classifier', 'norm', 'last-norm', 'last-stage'];
const matchKinds = ['layer', 'pattern', 'group', 'className', 'role'] as const;

/** Text for a rule in messages: `rule 2 (role "last-norm" -> train)`. */
export function describeRule(rule: FreezeRule, index: number): string {
  const [kind, value] = matchEntry(rule.match);
  return `rule ${index + 1} (${kind} ${JSON.stringify(value)} -> ${rule.mode})`;
}

/** The only field of a match, as `[kind, value]`. */
export function matchEntry(match: LayerMatch): [(typeof matchKinds)[number], string] {
  if ('layer' in match) return ['layer', match.layer];
  if ('pattern' in match) return ['pattern', match.pattern];
  if ('group' in match) return ['group', match.group];
  if ('className' in match) return ['className', match.className];
  return ['role', match.role];
}

/**
 * Checks untrusted data (for example a configuration file) and returns it as a policy.
 *
 * @throws FixresFinetuneError `bad-policy`, naming the field, the value and what is allowed.
 */
export function parseFreezePolicy(value: unknown): FreezePolicy {
  const policy = requireObject('bad-policy', 'policy', value);
  if (typeof policy.name !== 'string' || policy.name === '')
    invalid('name', policy.name, 'a non-empty string');
  oneOf('otherwise', policy.otherwise, modes);
  const rules = policy.rules;
  if (!Array.isArray(rules)) return invalid('rules', rules, 'a list of rules');
  rules.forEach((rule: unknown, index) => checkRule(rule, `rules[${index}]`));
  return value as FreezePolicy;
}

function checkRule(value: unknown, field: string): void {
  const rule = requireObject('bad-policy', field, value);
  oneOf(`${field}.mode`, rule.mode, modes);
  if (rule.optional !== undefined && typeof rule.optional !== 'boolean') {
    invalid(`${field}.optional`, rule.optional, 'true or false');
  }
  checkLayerMatch(rule.match, `${field}.match`);
}

/** @throws FixresFinetuneError `bad-policy`, naming `field`. */
export function checkLayerMatch(value: unknown, field: string): void {
  const match = requireObject('bad-policy', field, value);
  const keys = Object.keys(match);
  const kind = matchKinds.find((candidate) => candidate === keys[0]);
  if (keys.length !== 1 || kind === undefined)
    invalid(field, match, `exactly one of ${matchKinds.join(', ')}`);
  else if (kind === 'role') oneOf(`${field}.role`, match.role, roles);
  else if (typeof match[kind] !== 'string' || match[kind] === '') {
    invalid(`${field}.${kind}`, match[kind], 'a non-empty string');
  } else if (kind === 'pattern') checkPattern(match[kind], `${field}.pattern`);
}

function checkPattern(source: string, field: string): void {
  try {
    new RegExp(source);
  } catch (cause) {
    const received = JSON.stringify(source);
    throw new FixresFinetuneError(
      'bad-policy',
      `${field}: ${received} is not a regular expression; a pattern is a JavaScript regular expression without slashes`,
      { cause },
    );
  }
}

function oneOf(field: string, value: unknown, allowed: readonly string[]): void {
  if (typeof value !== 'string' || !allowed.includes(value))
    invalid(field, value, `one of ${allowed.join(', ')}`);
}

function invalid(field: string, value: unknown, allowed: string): never {
  refuse('bad-policy', field, value, allowed);
}
