import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { FixresFinetuneError } from '../errors.ts';
import type { FreezeHandle } from '../freezing/apply-freeze-policy.ts';
import {
  averageMomentum,
  checkAverageSettings,
  type WeightAverageSettings,
} from './average-momentum.ts';

/** Numbers of a state, by name. */
export type AverageState = Map<
  string,
  { shape: number[]; dtype: 'float32' | 'int32'; values: Float32Array | Int32Array }
>;

/** Entry of the state with the number of updates. */
const UPDATES = 'ema/updates';

interface Averaged {
  readonly name: string;
  readonly variable: tf.Variable;
  readonly average: tf.Variable;
}

/**
 * Exponential moving average of the weights that train (and of running statistics), on the engine.
 * Call {@link step} after every update of the weights; evaluate and save in {@link whileAveraged}.
 * Variables that a policy freezes are their own average.
 *
 * A step that runs elsewhere (in a compiled graph) uses the same parts: {@link update} with the
 * graph's tensor while it is recorded, then {@link momentum} and {@link countStep} for every run.
 *
 * Running statistics are averages already. `average` averages them again, as timm's ModelEmaV3 and
 * torchvision do by default, so that they match the averaged weights; `keep` keeps the model's own,
 * as Keras does.
 *
 * It has one tensor per variable until {@link dispose}.
 */
export class WeightAverage {
  readonly settings: Readonly<WeightAverageSettings>;
  readonly #entries: readonly Averaged[];
  #updates = 0;
  #swapped = false;

  /** @throws FixresFinetuneError `bad-option` */
  constructor(handle: FreezeHandle, settings: WeightAverageSettings = {}) {
    checkAverageSettings(settings);
    this.settings = settings;
    const { statistics = 'average' } = settings;
    const variables = [...handle.trainable, ...(statistics === 'average' ? handle.moving : [])];
    this.#entries = variables.map((layerVariable) => {
      const variable = tfVariable(layerVariable);
      // Not trainable, so that an optimizer without a list of variables does not find it.
      return {
        name: handle.names.get(layerVariable)!,
        variable,
        average: tf.tidy(() => tf.variable(tf.clone(variable), false)),
      };
    });
  }

  /** Number of updates so far. */
  get updates(): number {
    return this.#updates;
  }

  /**
   * Fraction of the average that is kept at the next update: 0 at the first, which copies the
   * weights.
   *
   * @throws FixresFinetuneError `average-in-use`, so that steps that run as a graph also notice it
   */
  get momentum(): number {
    if (this.#swapped) throw inUse('momentum');
    return averageMomentum(this.settings, this.#updates);
  }

  /**
   * Updates the average once.
   *
   * @throws FixresFinetuneError `average-in-use`
   */
  step(): void {
    tf.tidy(() => {
      this.update(tf.scalar(this.momentum));
    });
    this.countStep();
  }

  /**
   * Updates the average as `momentum * average + (1 - momentum) * weights`, with the momentum as a
   * tensor, but does not count the update.
   *
   * @throws FixresFinetuneError `average-in-use`
   */
  update(momentum: tf.Scalar): void {
    if (this.#swapped) throw inUse('update');
    tf.tidy(() => {
      const rest = tf.sub(1, momentum);
      for (const { variable, average } of this.#entries) {
        tf.tidy(() => {
          average.assign(tf.add(tf.mul(average, momentum), tf.mul(variable, rest)));
        });
      }
    });
  }

  /** Counts an update that was made with {@link update} or elsewhere. */
  countStep(): void {
    this.#updates += 1;
  }

  /**
   * Runs `work` with the averaged weights in the model, and always restores the model's own
   * weights.
   */
  async whileAveraged<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#swapped) throw inUse('whileAveraged');
    this.swap();
    try {
      return await work();
    } finally {
      this.swap();
    }
  }

  /**
   * Swaps weights and averages: the first call puts the averages into the model, the next restores
   * the weights. No values are copied.
   */
  swap(): void {
    tf.tidy(() => {
      for (const { variable, average } of this.#entries) {
        const kept = tf.clone(variable);
        variable.assign(average);
        average.assign(kept);
      }
    });
    this.#swapped = !this.#swapped;
  }

  /**
   * Everything needed to resume: `ema/updates`, and `ema/<variable>` under the handle's names.
   *
   * @throws FixresFinetuneError `average-in-use`
   */
  async state(): Promise<AverageState> {
    if (this.#swapped) throw inUse('state');
    const state: AverageState = new Map();
    state.set(UPDATES, { shape: [], dtype: 'int32', values: Int32Array.of(this.#updates) });
    for (const { name, average } of this.#entries) {
      state.set(`ema/${name}`, {
        shape: average.shape,
        dtype: 'float32',
        values: await average.data<'float32'>(),
      });
    }
    return state;
  }

  /**
   * Restores a state. Other entries are ignored.
   *
   * @throws FixresFinetuneError `bad-state` if something is missing or has another shape (nothing
   * is changed then), `average-in-use`
   */
  restore(state: AverageState): void {
    if (this.#swapped) throw inUse('restore');
    const updates = state.get(UPDATES)?.values[0];
    if (updates === undefined) throw badState(`entry ${UPDATES} is missing`, UPDATES);
    const entries = this.#entries.map(({ name, average }) => {
      const entry = state.get(`ema/${name}`);
      if (entry === undefined) throw badState(`entry ema/${name} is missing`, name);
      if (!tf.util.arraysEqual(entry.shape, average.shape)) {
        throw badState(
          `ema/${name} has shape [${entry.shape.join()}], the variable has [${average.shape.join()}]`,
          name,
        );
      }
      return { average, entry };
    });
    tf.tidy(() => {
      for (const { average, entry } of entries)
        average.assign(tf.tensor(entry.values, entry.shape, 'float32'));
    });
    this.#updates = updates;
  }

  /**
   * Frees the averages. While the averages are in the model, frees the plain weights instead, and
   * the averages stay in the model.
   */
  dispose(): void {
    for (const { average } of this.#entries) average.dispose();
  }
}

function tfVariable(variable: tfl.LayerVariable): tf.Variable {
  // `read` is declared to return a tensor, and returns the layer variable's own tf.Variable.
  return variable.read() as tf.Variable;
}

function inUse(call: string): FixresFinetuneError {
  return new FixresFinetuneError(
    'average-in-use',
    `${call}: the averaged weights are in the model; swap them back first`,
  );
}

function badState(why: string, name: string): FixresFinetuneError {
  return new FixresFinetuneError(
    'bad-state',
    `The state of the weight average does not fit: ${why}`,
    { names: [name] },
  );
}
