import * as tf from '@tensorflow/tfjs-core';
import { FixresModelsError } from '../errors.ts';
import { adamSlot, type AdamSlot } from '../kernels/adam-update.ts';

/** A tensor of an optimiser's state with its name. */
export interface NamedTensor {
  name: string;
  tensor: tf.Tensor;
}

/** Options of {@link Adam}; the defaults are Keras's. */
export interface AdamOptions {
  /** Decay of the first moment, in [0, 1). Default 0.9. */
  beta1?: number;
  /** Decay of the second moment, in [0, 1). Default 0.999. */
  beta2?: number;
  /** Added to the square root of the uncorrected second moment ("epsilon hat" of the paper). Default 1e-7. */
  epsilon?: number;
}

/**
 * Adam (Kingma and Ba 2015) exactly as in Keras 3, where tfjs's own adds epsilon after the bias correction. Works with
 * `model.compile`, `minimize` and `applyGradients`.
 *
 * The moments belong to a variable by its name, so the set of trained variables may change from step to step; they live until
 * {@link dispose}. They belong to the backend of the first step.
 */
export class Adam extends tf.Optimizer {
  static readonly className = 'Adam';

  /** Step size of the next step. May be set at any time. */
  learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly #slots = new Map<string, AdamSlot>();
  #backend: string | undefined;

  /** @throws FixresModelsError `bad-option` */
  constructor(learningRate = 0.001, options: AdamOptions = {}) {
    super();
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
    check(learningRate >= 0 && Number.isFinite(learningRate), 'learningRate', learningRate, 'a finite number of at least 0');
    check(beta1 >= 0 && beta1 < 1, 'beta1', beta1, 'in [0, 1)');
    check(beta2 >= 0 && beta2 < 1, 'beta2', beta2, 'in [0, 1)');
    check(epsilon > 0 && Number.isFinite(epsilon), 'epsilon', epsilon, 'a finite number above 0');
    this.learningRate = learningRate;
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  /**
   * Takes one step. The gradients stay the caller's.
   *
   * @throws FixresModelsError `engine-changed`
   */
  override applyGradients(variableGradients: tf.NamedTensorMap | NamedTensor[]): void {
    const gradients = Array.isArray(variableGradients)
      ? variableGradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(variableGradients);
    const step = this.iterations + 1;
    tf.tidy(() => {
      const scalars = {
        learningRate: tf.scalar(this.learningRate),
        beta1: tf.scalar(this.beta1),
        beta2: tf.scalar(this.beta2),
        epsilon: tf.scalar(this.epsilon),
        beta1Power: tf.scalar(this.beta1 ** step),
        beta2Power: tf.scalar(this.beta2 ** step),
      };
      for (const [name, gradient] of gradients) {
        // tfjs passes null for a variable that the loss does not depend on.
        if ((gradient as tf.Tensor | null) === null) continue;
        const variable = registeredVariable(name);
        this.#slot(name, variable).update(variable, gradient, scalars);
      }
    });
    this.incrementIterations();
  }

  /** The step count `iter`, then all first moments `NAME/m`, then all second moments `NAME/v`. The caller disposes them. */
  override async getWeights(): Promise<NamedTensor[]> {
    const slots = [...this.#slots].map(([name, slot]) => ({ name, ...slot.read() }));
    return [
      await this.saveIterations(),
      ...slots.map(({ name, m }) => ({ name: `${name}/m`, tensor: m })),
      ...slots.map(({ name, v }) => ({ name: `${name}/v`, tensor: v })),
    ];
  }

  /**
   * Takes over what {@link getWeights} gave, by name. The tensors stay the caller's. Moments of other variables are dropped.
   *
   * @throws FixresModelsError `bad-optimizer-state` when a moment is missing, has no variable, or has another shape
   */
  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    if (weightValues[0]?.name !== 'iter') {
      throw badState(`its first entry is ${weightValues[0]?.name ?? 'missing'}; it must be iter.`);
    }
    const moments = new Map(weightValues.slice(1).map(({ name, tensor }) => [name, tensor]));
    const names = [...moments.keys()].filter((name) => name.endsWith('/m')).map((name) => name.slice(0, -2));
    if (moments.size !== 2 * names.length) throw badState(`${moments.size} moments for ${names.length} variables.`);
    const entries = names.map((name) => {
      const m = moments.get(`${name}/m`)!;
      const v = moments.get(`${name}/v`);
      const variable = tf.engine().registeredVariables[name];
      if (v === undefined) throw badState(`${name}/v is missing.`);
      if (variable === undefined) throw badState(`there is no variable ${name}.`);
      for (const tensor of [m, v]) {
        if (tf.util.arraysEqual(tensor.shape, variable.shape)) continue;
        const [found, wanted] = [tensor.shape.join(), variable.shape.join()];
        throw badState(`the moments of ${name} have shape [${found}], the variable has [${wanted}].`);
      }
      return { name, variable, m, v };
    });
    await this.extractIterations(weightValues);
    this.#disposeSlots();
    for (const { name, variable, m, v } of entries) this.#slot(name, variable).write(m, v);
  }

  /** Frees the moments. The variables that were trained stay. */
  override dispose(): void {
    this.#disposeSlots();
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { learningRate: this.learningRate, beta1: this.beta1, beta2: this.beta2, epsilon: this.epsilon };
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { learningRate, ...options } = config;
    return new cls(learningRate, options);
  }

  #slot(name: string, variable: tf.Variable): AdamSlot {
    const backend = tf.getBackend();
    this.#backend ??= backend;
    if (backend !== this.#backend) {
      const message = `This Adam took its first step on backend ${this.#backend}, not on ${backend}.`;
      throw new FixresModelsError('engine-changed', message);
    }
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = adamSlot(variable);
      this.#slots.set(name, slot);
    }
    return slot;
  }

  #disposeSlots(): void {
    for (const slot of this.#slots.values()) slot.dispose();
    this.#slots.clear();
    this.#backend = undefined;
  }
}

function registeredVariable(name: string): tf.Variable {
  const variable = tf.engine().registeredVariables[name];
  if (variable === undefined) throw badState(`there is a gradient for ${name}, but no variable of this name.`);
  return variable;
}

function badState(why: string): FixresModelsError {
  return new FixresModelsError('bad-optimizer-state', `The state of Adam does not fit: ${why}`);
}

function check(valid: boolean, option: string, received: unknown, allowed: string): void {
  if (!valid) throw new FixresModelsError('bad-option', `Option ${option} is ${String(received)}; it must be ${allowed}.`);
}
