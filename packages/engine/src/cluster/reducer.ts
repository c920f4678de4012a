import * as tf from '@tensorflow/tfjs-core';
import type { Precision } from '../graph/compile-graph.ts';
import { AttributeKind, DataType, graphBackend, tensorflowType } from '../graph/graph-backend.ts';

/** Elements that travel together: 8 MB of float32. */
export const BUCKET: number = 2 ** 21;

/** All processes are in one group of TensorFlow's collective ops. */
const GROUP = 1;

/**
 * Reductions over all processes of a cluster, inside functions that are compiled with
 * `compileGraph`. TensorFlow matches them by numbers, so every process must make the same calls in
 * the same order, with tensors of the same shapes.
 */
export class Reducer {
  readonly #ranks: number;
  readonly #first: number;
  #next: number;

  /** @param first the number of the first call; all numbers from it are this reducer's */
  constructor(ranks: number, first: number) {
    this.#ranks = ranks;
    this.#first = first;
    this.#next = first;
  }

  /** Call it at the beginning of a function: it is recorded several times, with the same numbers. */
  restart(): void {
    this.#next = this.#first;
  }

  /** The sum over all processes, float32 or int32. The enclosing tidy owns it. */
  sum<T extends tf.Tensor>(x: T): T {
    return this.#reduce(x, 'Id', tensorflowType(x.dtype));
  }

  /** The mean over all processes, float32. The enclosing tidy owns it. */
  mean<T extends tf.Tensor>(x: T): T {
    return this.#reduce(x, 'Div', tensorflowType(x.dtype));
  }

  /**
   * The means of tensors, float32, in buckets that travel together. The first tensors travel first,
   * while later ones may still be computed. The enclosing tidy owns the results.
   *
   * @param precision in which they travel and are added. With `bfloat16`, half as many bytes travel,
   * and each operand, each sum and the mean are rounded to 8 significant bits, as by
   * `bf16_compress_hook` of PyTorch. Default `float32`
   */
  means<T extends tf.Tensor>(tensors: readonly T[], precision: Precision = 'float32'): T[] {
    const results: T[] = [];
    for (let from = 0; from < tensors.length;) {
      let to = from;
      let elements = 0;
      while (to < tensors.length && (to === from || elements + tensors[to]!.size <= BUCKET)) {
        elements += tensors[to]!.size;
        to += 1;
      }
      results.push(...this.#bucketMeans(tensors.slice(from, to), precision));
      from = to;
    }
    return results;
  }

  #bucketMeans<T extends tf.Tensor>(tensors: readonly T[], precision: Precision): T[] {
    const flat = tensors.map((tensor) => tf.reshape<tf.Rank.R1>(tensor, [tensor.size]));
    const joined = flat.length === 1 ? flat[0]! : tf.concat1d(flat);
    const mean = precision === 'bfloat16' ? this.#meanInBfloat16(joined) : this.mean(joined);
    let from = 0;
    return tensors.map((tensor) => {
      const part = tf.slice1d(mean, from, tensor.size);
      from += tensor.size;
      return tf.reshape(part, tensor.shape) as unknown as T;
    });
  }

  #meanInBfloat16(x: tf.Tensor1D): tf.Tensor1D {
    const { float32, bfloat16 } = DataType;
    const mean = this.#reduce(cast(x, float32, bfloat16), 'Div', bfloat16);
    return cast(mean, bfloat16, float32);
  }

  /** @param type TensorFlow's number of the type; tfjs has no name for some */
  #reduce<T extends tf.Tensor>(x: T, finalOp: 'Id' | 'Div', type: number): T {
    const int = (value: number): tf.Scalar => tf.scalar(value, 'int32');
    const attributes = [
      { name: 'T', type: AttributeKind.type, value: type },
      { name: 'merge_op', type: AttributeKind.string, value: 'Add' },
      { name: 'final_op', type: AttributeKind.string, value: finalOp },
      { name: 'communication_hint', type: AttributeKind.string, value: 'auto' },
      { name: 'is_stateless', type: AttributeKind.bool, value: false },
      { name: 'Nordering_token', type: AttributeKind.int, value: 0 },
    ];
    const inputs = [x, int(this.#ranks), int(GROUP), int(this.#next)];
    this.#next += 1;
    return graphBackend().executeSingleOutput('CollectiveReduceV2', attributes, inputs) as T;
  }
}

/** Converts between types by TensorFlow's numbers. */
function cast(x: tf.Tensor1D, from: number, to: number): tf.Tensor1D {
  const attributes = [
    { name: 'SrcT', type: AttributeKind.type, value: from },
    { name: 'DstT', type: AttributeKind.type, value: to },
    { name: 'Truncate', type: AttributeKind.bool, value: false },
  ];
  return graphBackend().executeSingleOutput('Cast', attributes, [x]) as tf.Tensor1D;
}
