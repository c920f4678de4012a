import * as tf from '@tensorflow/tfjs-core';
import { FixresModelsError } from '../errors.ts';
import type { OptimizerSlot } from '../kernels/optimizer-slot.ts';
import { checkOption } from '../check-option.ts';

/** A named tensor of an optimizer's state. */
export interface NamedTensor {
  name: string;
  tensor: tf.Tensor;
}

/** Options that all optimizers share. Functions receive the name of the tfjs variable. */
export interface OptimizerOptions {
  /**
   * Decoupled weight decay as in Keras 3 (Loshchilov and Hutter 2019): before each update, variable
   * -= variable * weightDecay * learningRate. Default 0.
   */
  weightDecay?: number;
  /** Variables that do not decay, e.g. {@link isNormOrBias}. Default: none, as in Keras. */
  excludeFromDecay?: (variableName: string) => boolean;
  /**
   * Factor on the learning rate of a variable, at least 0; weight decay scales with it. Default 1
   * for all.
   */
  rateOf?: (variableName: string) => number;
}

/** Gradients by the names of their variables. */
export type Gradients = tf.NamedTensorMap | NamedTensor[];

/**
 * An optimizer with Keras's arithmetic, fused kernels on the native engine, and a state that can be
 * read and restored exactly. Works with `model.compile`, `minimize` and `applyGradients`.
 *
 * The state belongs to a variable by its name, so the set of trained variables may change from step
 * to step. It lives until {@link dispose}, and belongs to the backend that was active when it was
 * created.
 *
 * A step that runs elsewhere (in a compiled graph) uses the same parts: {@link build} first, {@link
 * update} with the graph's tensors while it is recorded, then {@link stepScalars} and {@link
 * countStep} for every run.
 */
export abstract class SlotOptimizer<Scalar extends string = string> extends tf.Optimizer {
  /** Names of the state of each variable; state is named `VARIABLE/SLOT`. */
  abstract readonly slotNames: readonly string[];
  readonly weightDecay: number;
  readonly #excludeFromDecay: (variableName: string) => boolean;
  readonly #rateOf: (variableName: string) => number;
  readonly #slots = new Map<string, OptimizerSlot<never>>();
  #learningRate = 0;
  #backend: string | undefined;

  /** @throws FixresModelsError `bad-option` */
  constructor(
    learningRate: number,
    { weightDecay = 0, excludeFromDecay, rateOf }: OptimizerOptions,
  ) {
    super();
    this.learningRate = learningRate;
    checkOption(
      weightDecay >= 0 && Number.isFinite(weightDecay),
      'weightDecay',
      weightDecay,
      'a finite number of at least 0',
    );
    this.weightDecay = weightDecay;
    this.#excludeFromDecay = excludeFromDecay ?? (() => false);
    this.#rateOf = rateOf ?? (() => 1);
  }

  /** Learning rate of the next step. Can be set at any time. */
  get learningRate(): number {
    return this.#learningRate;
  }

  /** @throws FixresModelsError `bad-option` */
  set learningRate(learningRate: number) {
    const valid = learningRate >= 0 && Number.isFinite(learningRate);
    checkOption(valid, 'learningRate', learningRate, 'a finite number of at least 0');
    this.#learningRate = learningRate;
  }

  /** The scalars that change from step to step, for the next step. */
  abstract stepScalars(): Record<Scalar, number>;

  /**
   * Takes one step. The caller keeps ownership of the gradients.
   *
   * @throws FixresModelsError `engine-changed`, `bad-optimizer-state`, `bad-option` (a rate of
   * `rateOf`)
   */
  override applyGradients(gradients: Gradients): void {
    tf.tidy(() => {
      const scalars = Object.entries<number>(this.stepScalars()).map(
        ([name, value]) => [name, tf.scalar(value)] as const,
      );
      this.update(gradients, Object.fromEntries(scalars) as Record<Scalar, tf.Scalar>);
    });
    this.countStep();
  }

  /**
   * Updates variables and state like {@link applyGradients}, with {@link stepScalars} given as
   * tensors, but does not count the step. The caller keeps ownership of all tensors.
   */
  update(gradients: Gradients, scalars: Readonly<Record<Scalar, tf.Scalar>>): void {
    const entries = Array.isArray(gradients)
      ? gradients.map(({ name, tensor }) => [name, tensor] as const)
      : Object.entries(gradients);
    tf.tidy(() => {
      const constants = this.constants();
      const rates = new Map<number, { learningRate: tf.Scalar; decay: tf.Scalar }>();
      for (const [name, gradient] of entries) {
        // tfjs passes null for a variable that the loss does not depend on.
        if ((gradient as tf.Tensor | null) === null) continue;
        const variable = registeredVariable(name, this.getClassName());
        const rate = this.#rate(name);
        let shared = rates.get(rate);
        if (shared === undefined) {
          const base = (scalars as Record<string, tf.Scalar>).learningRate!;
          const learningRate = rate === 1 ? base : tf.mul<tf.Scalar>(base, tf.scalar(rate));
          shared = { learningRate, decay: tf.mul(learningRate, tf.scalar(this.weightDecay)) };
          rates.set(rate, shared);
        }
        const { learningRate, decay } = shared;
        const isExcluded = this.#excludeFromDecay(name);
        tf.tidy(() => {
          const adjusted = isExcluded ? gradient : this.regularize(variable, gradient);
          if (this.decays(name) && !this.decaysInUpdate)
            variable.assign(tf.sub(variable, tf.mul(variable, decay)));
          this.#slot(name, variable).update(variable, adjusted, {
            ...constants,
            ...scalars,
            learningRate,
          });
        });
      }
    });
  }

  /** Creates the state of variables before their first step. Existing state is kept. */
  build(variables: readonly tf.Variable[]): void {
    for (const variable of variables) this.#slot(variable.name, variable);
  }

  /** Counts a step that was taken with {@link update} or elsewhere. */
  countStep(): void {
    this.incrementIterations();
  }

  /**
   * The step count `iter`, then the first slot of all variables (`VARIABLE/SLOT`), then the second.
   * The caller disposes them.
   */
  override async getWeights(): Promise<NamedTensor[]> {
    const slots = [...this.#slots].map(([name, slot]) => ({ name, values: slot.read() }));
    const state = this.slotNames.flatMap((slotName, i) =>
      slots.map(({ name, values }) => ({ name: `${name}/${slotName}`, tensor: values[i]! })),
    );
    return [await this.saveIterations(), ...state];
  }

  /**
   * Restores the state that {@link getWeights} returned, by name, in any order. The caller keeps
   * ownership of the tensors. State of other variables is dropped.
   *
   * @throws FixresModelsError `bad-optimizer-state` if an entry is missing, has no variable, or has
   * another shape
   */
  override async setWeights(weightValues: NamedTensor[]): Promise<void> {
    const tensors = new Map(weightValues.map(({ name, tensor }) => [name, tensor]));
    const iter = tensors.get('iter');
    if (iter === undefined) throw this.#badState('entry iter is missing.');
    tensors.delete('iter');
    const names = new Set([...tensors.keys()].map((name) => this.#variableOf(name)));
    const entries = [...names].map((name) => {
      const variable = registeredVariable(name, this.getClassName());
      const values = this.slotNames.map((slotName) => {
        const value = tensors.get(`${name}/${slotName}`);
        if (value === undefined) throw this.#badState(`${name}/${slotName} is missing.`);
        if (tf.util.arraysEqual(value.shape, variable.shape)) return value;
        const [found, wanted] = [value.shape.join(), variable.shape.join()];
        throw this.#badState(
          `${name}/${slotName} has shape [${found}], the variable has [${wanted}].`,
        );
      });
      return { name, variable, values };
    });
    await this.extractIterations([{ name: 'iter', tensor: iter }]);
    this.dispose();
    for (const { name, variable, values } of entries) this.#slot(name, variable).write(values);
  }

  /** Frees the state. The trained variables are not disposed. */
  override dispose(): void {
    for (const slot of this.#slots.values()) slot.dispose();
    this.#slots.clear();
    this.#backend = undefined;
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    config: tf.serialization.ConfigDict,
  ): T {
    const { learningRate, ...options } = config;
    return new cls(learningRate, options);
  }

  /** Whether weight decay is a part of the slots' update, instead of a step before it. */
  protected readonly decaysInUpdate: boolean = false;

  /** Whether a variable has weight decay. */
  protected decays(variableName: string): boolean {
    return this.weightDecay > 0 && !this.#excludeFromDecay(variableName);
  }

  /** The state of a variable before its first step. */
  protected abstract makeSlot(variable: tf.Variable): OptimizerSlot<never>;

  /**
   * Scalars that slots need and that are the same in all steps, as tensors of the enclosing tidy.
   */
  protected abstract constants(): Record<string, tf.Scalar>;

  /** The gradient plus that of a penalty on the variable. */
  protected regularize(_variable: tf.Variable, gradient: tf.Tensor): tf.Tensor {
    return gradient;
  }

  #rate(name: string): number {
    const rate = this.#rateOf(name);
    checkOption(
      rate >= 0 && Number.isFinite(rate),
      `rateOf(${JSON.stringify(name)})`,
      rate,
      'a finite number of at least 0',
    );
    return rate;
  }

  #slot(name: string, variable: tf.Variable): OptimizerSlot<never> {
    const backend = tf.getBackend();
    this.#backend ??= backend;
    if (backend !== this.#backend) {
      const message =
        `The state of this ${this.getClassName()} was created on backend ${this.#backend}, not ` +
        `on ${backend}.`;
      throw new FixresModelsError('engine-changed', message);
    }
    let slot = this.#slots.get(name);
    if (slot === undefined) {
      slot = this.makeSlot(variable);
      this.#slots.set(name, slot);
    }
    return slot;
  }

  #variableOf(entry: string): string {
    const suffix = this.slotNames.find((slotName) => entry.endsWith(`/${slotName}`));
    if (suffix === undefined)
      throw this.#badState(
        `entry ${entry} is not one of iter, ` +
          `${this.slotNames.map((s) => `VARIABLE/${s}`).join(', ')}.`,
      );
    return entry.slice(0, -suffix.length - 1);
  }

  #badState(why: string): FixresModelsError {
    return badState(this.getClassName(), why);
  }
}

function registeredVariable(name: string, optimizer: string): tf.Variable {
  const variable = tf.engine().registeredVariables[name];
  if (variable === undefined) throw badState(optimizer, `variable ${name} does not exist.`);
  return variable;
}

function badState(optimizer: string, why: string): FixresModelsError {
  return new FixresModelsError(
    'bad-optimizer-state',
    `The state of ${optimizer} does not fit: ${why}`,
  );
}
