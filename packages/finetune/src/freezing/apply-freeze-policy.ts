import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { FixresFinetuneError } from '../errors.ts';
import type { FreezePolicyName } from '../freeze-policy-names.ts';
import { findRoles } from '../model/layer-roles.ts';
import { modelGraph } from '../model/model-graph.ts';
import {
  collectLayers,
  countParameters,
  type LeafLayer,
  type ModelLayers,
} from '../model/model-layers.ts';
import { estimateStatistics, type StatisticsEstimate } from '../statistics/estimate-statistics.ts';
import { keepsStatistics, StatisticsMeter } from '../statistics/measure-statistics.ts';
import {
  recalibrate,
  type ModelBatch,
  type Recalibration,
  type RecalibrateOptions,
} from '../statistics/recalibrate.ts';
import { assignModes, type Assignment } from './assign-modes.ts';
import { resolveFreezePolicy } from './freeze-policies.ts';
import {
  type FreezePolicy,
  keepsRunningStatistics,
  type LayerGroup,
  type LayerMode,
  type StatisticsMode,
  trainsWeights,
} from './freeze-policy.ts';
import { formatFreezeTree, type LayerPlan, type ParameterCounts } from './freeze-tree.ts';
import { hashVariable } from './hash-variables.ts';
import { rememberFlags, switchLayer } from './layer-switch.ts';
import {
  assertNoViolations,
  concludeVerification,
  type VariableFate,
  type VariableProof,
  type Verification,
} from './verification.ts';

export interface ApplyFreezePolicyOptions {
  /** Named sets of layers for the rules. Default: none. */
  groups?: readonly LayerGroup[];
}

export interface VerifyOptions {
  /** Throw if a frozen variable changed. Default: false. */
  strict?: boolean;
}

/** A freeze policy on a model. Owns no tensor, so there is nothing to dispose. */
export interface FreezeHandle {
  readonly model: tfl.LayersModel;
  readonly policy: FreezePolicy;
  /** The model's layers in order, nested ones included. */
  readonly layers: readonly LayerPlan[];
  /** Variables that follow the gradient. */
  readonly trainable: readonly tfl.LayerVariable[];
  /**
   * The same as tfjs-core variables, for `tf.variableGrads(loss, handle.gradientVariables)` and
   * `optimizer.minimize`.
   */
  readonly gradientVariables: tf.Variable[];
  /**
   * Variables that can change without a gradient: running statistics of layers that are in training
   * mode or to be recalibrated.
   */
  readonly moving: readonly tfl.LayerVariable[];
  /** Variables that must not change at all, not even by one bit. */
  readonly frozen: readonly tfl.LayerVariable[];
  /**
   * Name of each variable of the model in `hashes` and proofs: layer path and weight, the same in
   * every process.
   */
  readonly names: ReadonlyMap<tfl.LayerVariable, string>;
  readonly counts: ParameterCounts;
  /** SHA-256 of every variable at the time the policy was applied, by name (`post_bn/gamma`). */
  readonly hashes: Readonly<Record<string, string>>;
  /** False after `restore()`, and after a later policy replaced this one. */
  readonly active: boolean;
  /**
   * Compares every variable with its hash from when the policy was applied. Can be called at any
   * time, even after `restore()`.
   *
   * @throws FixresFinetuneError `frozen-variable-changed` with `strict`; `variable-disposed`.
   */
  verify(options?: VerifyOptions): Promise<Verification>;
  /** `verify({ strict: true })`, for its error only. */
  assertFrozen(): Promise<void>;
  /**
   * Re-estimates the running statistics of the norms in `recalibrate` mode over the given batches,
   * at whatever size these have. Uses no gradient and changes nothing else. On any error the
   * statistics are unchanged.
   *
   * @param batches each in the form that `model.apply` takes; the caller disposes them (a generator
   * can do so after its `yield`).
   * @throws FixresFinetuneError `recalibration-failed`, `policy-not-active`; the signal's reason.
   */
  recalibrate(
    batches: Iterable<ModelBatch> | AsyncIterable<ModelBatch>,
    options?: RecalibrateOptions,
  ): Promise<Recalibration>;
  /**
   * Starts a re-estimation of running statistics, for callers that run the model themselves:
   * compiled, or from cached features. This is "PreciseBN" (Wu and Johnson, 2021, "Rethinking
   * 'Batch' in BatchNorm", arXiv 2105.07576, section 3): the mean and variance over many batches
   * under the current weights, and not a moving average over the training steps, in which earlier
   * weights still count.
   *
   * @param modes norms in these modes are re-estimated. Frozen norms, and those
   * of which only the parameters train, never are: their statistics stay bit-identical. The same applies to norms that train with a momentum of 1, because training
   * steps do not change their statistics.
   * @throws FixresFinetuneError `policy-not-active`; `recalibration-failed` for a norm that cannot
   * be measured
   */
  estimateStatistics(modes: readonly StatisticsMode[]): StatisticsEstimate;
  /**
   * Restores the original flags and `call` of every layer and variable. A second call does nothing.
   */
  restore(): void;
  /**
   * A printable tree: mode, path, class, parameters and statistics of each layer that has
   * variables.
   */
  toString(): string;
}

interface TrackedVariable {
  readonly name: string;
  readonly fate: VariableFate;
  readonly variable: tfl.LayerVariable;
}

const activeHandles = new WeakMap<tfl.layers.Layer, AppliedPolicy>();

/**
 * Applies a freeze policy to a model, layer by layer (including nested models, wrappers and shared
 * layers), and hashes every variable for the later proof. First restores the policy of an earlier
 * call on the same model.
 *
 * Afterwards `model.trainableWeights`, `model.apply(x, { training: true })` and `compile` + `fit`
 * all follow the policy. Compile after applying: tfjs-layers collects the weights to train in
 * `compile`. As in Keras, frozen layers without state keep their behaviour in training: a frozen
 * dropout still drops.
 *
 * @param policy a policy, or the name of one in {@link freezePolicies}.
 * @throws FixresFinetuneError `bad-policy`, `rule-matches-nothing`, `layer-in-use`,
 * `variable-disposed`; the model is then unchanged.
 */
export async function applyFreezePolicy(
  model: tfl.LayersModel,
  policy: FreezePolicy | FreezePolicyName,
  options: ApplyFreezePolicyOptions = {},
): Promise<FreezeHandle> {
  const resolved = resolveFreezePolicy(policy);
  const groups = options.groups ?? [];
  checkGroups(groups);
  const layers = collectLayers(model);
  const roles = findRoles(modelGraph(model), layers);
  const assignments = assignModes(layers.leaves, resolved, { groups, roles });
  const tracked = trackVariables(assignments);
  const hashes: Record<string, string> = {};
  for (const { name, variable } of tracked) hashes[name] = await hashVariable(variable, name);

  for (const { layer, path } of layers.leaves) {
    const other = activeHandles.get(layer);
    if (other !== undefined && other.model !== model) {
      throw new FixresFinetuneError(
        'layer-in-use',
        `layer ${path} already has policy ${JSON.stringify(other.policy.name)}, applied through ` +
          `model ${JSON.stringify(other.model.name)}; restore that handle first`,
        { names: [path] },
      );
    }
  }
  for (const { layer } of layers.leaves) activeHandles.get(layer)?.restore();
  const handle = new AppliedPolicy(model, resolved, layers, assignments, tracked, hashes);
  for (const { layer } of layers.leaves) activeHandles.set(layer, handle);
  return handle;
}

/** The internal part of a handle, for other functions of this package. */
export interface AppliedLayers {
  readonly layers: ModelLayers;
  readonly modes: ReadonlyMap<LeafLayer, LayerMode>;
  readonly meter: StatisticsMeter;
}

/** @throws FixresFinetuneError `policy-not-active` for a handle that is no longer active. */
export function appliedLayers(handle: FreezeHandle, use: string): AppliedLayers {
  assertActive(handle, use);
  if (!(handle instanceof AppliedPolicy))
    throw new TypeError(`${use}: the handle must come from applyFreezePolicy`);
  return { layers: handle.modelLayers, modes: handle.modes, meter: handle.meter };
}

/** @throws FixresFinetuneError `policy-not-active`. */
export function assertActive(handle: FreezeHandle, use: string): void {
  if (handle.active) return;
  throw new FixresFinetuneError(
    'policy-not-active',
    `${use}: policy ${JSON.stringify(handle.policy.name)} is no longer applied to the model; ` +
      'it was restored or replaced',
  );
}

class AppliedPolicy implements FreezeHandle {
  readonly model: tfl.LayersModel;
  readonly policy: FreezePolicy;
  readonly modelLayers: ModelLayers;
  readonly modes: ReadonlyMap<LeafLayer, LayerMode>;
  readonly layers: readonly LayerPlan[];
  readonly trainable: readonly tfl.LayerVariable[];
  readonly moving: readonly tfl.LayerVariable[];
  readonly frozen: readonly tfl.LayerVariable[];
  readonly names: ReadonlyMap<tfl.LayerVariable, string>;
  readonly counts: ParameterCounts;
  readonly hashes: Readonly<Record<string, string>>;
  readonly meter = new StatisticsMeter();
  active = true;
  private readonly tracked: readonly TrackedVariable[];
  private readonly undo: readonly (() => void)[];

  constructor(
    model: tfl.LayersModel,
    policy: FreezePolicy,
    modelLayers: ModelLayers,
    assignments: readonly Assignment<LeafLayer>[],
    tracked: readonly TrackedVariable[],
    hashes: Readonly<Record<string, string>>,
  ) {
    this.model = model;
    this.policy = policy;
    this.modelLayers = modelLayers;
    this.modes = new Map(assignments.map(({ layer, mode }) => [layer, mode]));
    this.layers = assignments.map(({ layer: { path, className, weights, statistics }, mode }) => ({
      path,
      className,
      mode,
      parameters: countParameters(weights),
      statistics: countParameters(statistics),
    }));
    this.tracked = tracked;
    this.names = new Map(tracked.map(({ variable, name }) => [variable, name]));
    this.hashes = hashes;
    const withFate = (wanted: VariableFate): tfl.LayerVariable[] =>
      tracked.filter(({ fate }) => fate === wanted).map(({ variable }) => variable);
    this.trainable = withFate('trainable');
    this.moving = withFate('moving');
    this.frozen = withFate('frozen');
    const trainable = countParameters(this.trainable);
    const moving = countParameters(this.moving);
    const frozen = countParameters(this.frozen);
    this.counts = { trainable, moving, frozen, total: trainable + moving + frozen };

    const restoreFlags = rememberFlags(modelLayers.enclosing, modelLayers.leaves);
    // A nested model that is not trainable hides all its weights, so all are made trainable before
    // their layers are set one by one.
    for (const layer of modelLayers.enclosing) layer.trainable = true;
    const switched = assignments.map(({ layer, mode }) =>
      switchLayer(
        layer,
        mode,
        this.meter.override(layer, mode === 'recalibrate' || mode === 'parameters-only'),
      ),
    );
    this.undo = [...switched, restoreFlags];
  }

  get gradientVariables(): tf.Variable[] {
    // `read` is declared to return a tensor, and returns the layer variable's own tf.Variable.
    return this.trainable.map((variable) => variable.read() as tf.Variable);
  }

  async verify({ strict = false }: VerifyOptions = {}): Promise<Verification> {
    const proofs: VariableProof[] = [];
    for (const { name, fate, variable } of this.tracked) {
      const before = this.hashes[name] ?? '';
      const after = await hashVariable(variable, name);
      proofs.push({ name, fate, before, after, changed: before !== after });
    }
    const verification = concludeVerification(this.policy.name, proofs);
    if (strict) assertNoViolations(verification);
    return verification;
  }

  async assertFrozen(): Promise<void> {
    await this.verify({ strict: true });
  }

  async recalibrate(
    batches: Iterable<ModelBatch> | AsyncIterable<ModelBatch>,
    options: RecalibrateOptions = {},
  ): Promise<Recalibration> {
    assertActive(this, 'recalibrate');
    return recalibrate(this.model, this.estimateStatistics(['recalibrate']), batches, options);
  }

  estimateStatistics(modes: readonly StatisticsMode[]): StatisticsEstimate {
    const check = (): void => {
      assertActive(this, 'estimateStatistics');
    };
    check();
    const wanted = new Set<LayerMode | undefined>(modes);
    const norms = this.modelLayers.leaves.filter((leaf) => {
      const mode = this.modes.get(leaf);
      // Statistics that training steps do not change are not re-estimated.
      return leaf.isNorm && wanted.has(mode) && (mode === 'recalibrate' || !keepsStatistics(leaf));
    });
    return estimateStatistics(this.meter, norms, check);
  }

  restore(): void {
    if (!this.active) return;
    this.active = false;
    for (const step of this.undo) step();
    for (const { layer } of this.modelLayers.leaves) activeHandles.delete(layer);
  }

  toString(): string {
    return formatFreezeTree(this);
  }
}

function trackVariables(assignments: readonly Assignment<LeafLayer>[]): TrackedVariable[] {
  const names = new Set<string>();
  return assignments.flatMap(({ layer: { path, weights, statistics }, mode }) => {
    const track = (variable: tfl.LayerVariable, fate: VariableFate): TrackedVariable => {
      const short = `${path}/${variable.originalName.slice(variable.originalName.lastIndexOf('/') + 1)}`;
      // Layers made of cells may use a weight name twice; tfjs's own name is unique.
      const name = names.has(short) ? `${path}/${variable.name}` : short;
      names.add(name);
      return { name, fate, variable };
    };
    return [
      ...weights.map((variable) => track(variable, trainsWeights(mode) ? 'trainable' : 'frozen')),
      ...statistics.map((variable) =>
        track(variable, keepsRunningStatistics(mode) ? 'frozen' : 'moving'),
      ),
    ];
  });
}

function checkGroups(groups: readonly LayerGroup[]): void {
  const names = groups.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new FixresFinetuneError(
    'bad-policy',
    `groups: received ${JSON.stringify(repeated)} twice; each group needs a name of its own`,
    { names: [repeated] },
  );
}
