import { FixresModelsError } from '../errors.ts';
import type { SavedTensor } from './read-safetensors.ts';

/** Number of names in an error message. */
const MOST_NAMES = 3;

/**
 * The tensors of a PyTorch model (`state_dict`), each of which must be taken once by the network
 * that is built from them.
 */
export class StateDict {
  readonly #tensors: ReadonlyMap<string, SavedTensor>;
  readonly #where: string;
  readonly #taken = new Set<string>();
  /** The names of all modules that have tensors: `layer1`, `layer1.0` and so on. */
  readonly #modules = new Set<string>();

  /** @param where how errors refer to the file */
  constructor(tensors: ReadonlyMap<string, SavedTensor>, where: string) {
    this.#tensors = tensors;
    this.#where = where;
    for (const name of tensors.keys()) {
      for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1))
        this.#modules.add(name.slice(0, end));
    }
  }

  /** Number of tensors that the network took. */
  get taken(): number {
    return this.#taken.size;
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /** Whether a module has tensors. */
  hasModule(path: string): boolean {
    return this.#modules.has(path);
  }

  /** Number of modules `prefix.0`, `prefix.1` and so on, without gaps. */
  count(prefix: string): number {
    let count = 0;
    while (this.#modules.has(`${prefix}.${count}`)) count += 1;
    return count;
  }

  /**
   * Shape of a tensor.
   *
   * @throws FixresModelsError `weights-mismatch` if there is none of this name
   */
  shape(name: string): readonly number[] {
    return this.#find(name).shape;
  }

  /**
   * A tensor of the network.
   *
   * @param expected its shape; null for a side that can have any length
   * @throws FixresModelsError `weights-mismatch` if it is missing or has another shape
   */
  take(name: string, expected: readonly (number | null)[]): SavedTensor {
    const tensor = this.#find(name);
    const fits =
      tensor.shape.length === expected.length &&
      expected.every((side, i) => side === null || side === tensor.shape[i]);
    if (!fits) {
      const text = expected.map((side) => side ?? 'any').join(', ');
      throw this.mismatch(`tensor "${name}" is [${tensor.shape.join(', ')}] instead of [${text}]`);
    }
    this.#taken.add(name);
    return tensor;
  }

  /** @throws FixresModelsError `weights-mismatch` if the network did not take every tensor */
  requireAllTaken(): void {
    const left = [...this.#tensors.keys()].filter(
      // Counters of batches that normalisation does not use.
      (name) => !this.#taken.has(name) && !name.endsWith('.num_batches_tracked'),
    );
    if (left.length === 0) return;
    const names = left.slice(0, MOST_NAMES).map((name) => `"${name}"`);
    const more = left.length > MOST_NAMES ? ` and ${left.length - MOST_NAMES} more` : '';
    throw this.mismatch(`it has no place for ${names.join(', ')}${more}`);
  }

  /** An error about this file, in one line. */
  mismatch(why: string): FixresModelsError {
    return new FixresModelsError(
      'weights-mismatch',
      `The tensors of ${this.#where} are not those of a supported network: ${why}.`,
    );
  }

  #find(name: string): SavedTensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw this.mismatch(`tensor "${name}" is missing`);
    if (tensor.shape.includes(0)) throw this.mismatch(`tensor "${name}" is empty`);
    return tensor;
  }
}
