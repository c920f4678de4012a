import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../../errors.ts';

/** Arguments of {@link KerasMultiHeadAttention}, as in Keras. */
interface KerasMultiHeadAttentionArgs extends Record<string, unknown> {
  numHeads: number;
  /** Numbers of a head's queries and keys. */
  keyDim: number;
  /** Numbers of a head's values. Default `keyDim`. */
  valueDim?: number | null;
  /** Default true. */
  useBias?: boolean;
  /** Channels of the output. Default those of the queries. */
  outputShape?: number | null;
}

/** A linear map and its offset. */
interface Projection {
  kernel: LayerVariable;
  bias: LayerVariable | undefined;
}

type Input = 'query' | 'key' | 'value';

/**
 * Keras's MultiHeadAttention, which tfjs does not have (Vaswani et al. 2017). Each head computes
 * `softmax(q k^T / sqrt(keyDim)) v`. There is no mask and no dropout.
 *
 * Inputs are the queries `[batch, tokens, channels]`, the values and the keys, in Keras's order. The
 * values can have other numbers of tokens and of channels, and the keys other channels than the
 * values. A single input is all three: a sequence that attends to itself. The output has the tokens
 * of the queries.
 */
class KerasMultiHeadAttention extends layers.Layer {
  static className = 'KerasMultiHeadAttention';
  private readonly args: {
    numHeads: number;
    keyDim: number;
    valueDim: number;
    useBias: boolean;
    outputShape: number | null;
  };
  private readonly projections: Partial<Record<Input | 'attention_output', Projection>> = {};

  constructor({
    numHeads,
    keyDim,
    valueDim,
    useBias = true,
    outputShape = null,
    ...args
  }: KerasMultiHeadAttentionArgs) {
    super(args);
    this.args = { numHeads, keyDim, valueDim: valueDim ?? keyDim, useBias, outputShape };
  }

  override build(inputShape: number[] | number[][]): void {
    const shapes = shapesOf(inputShape);
    if (shapes.some(({ length }) => length !== 3))
      throw new FixresModelsError(
        'unsupported-model',
        `Layer "${this.name}" (MultiHeadAttention) has inputs of the shapes ` +
          `${shapes.map((shape) => `[${shape.map(String).join(', ')}]`).join(', ')}; ` +
          'sequences [batch, tokens, channels] are supported.',
      );
    const [query, value = query!, key = value] = shapes.map((shape) => shape.at(-1)!);
    const { numHeads, keyDim, valueDim, useBias, outputShape } = this.args;
    // The numbers come from a file, so random ones would cost time only.
    const weight = (name: string, shape: number[]): LayerVariable =>
      this.addWeight(name, shape, 'float32', initializers.zeros(), undefined, true);
    const project = (name: keyof typeof this.projections, from: number[], to: number[]): void => {
      this.projections[name] = {
        kernel: weight(`${name}_kernel`, [...from, ...to]),
        bias: useBias ? weight(`${name}_bias`, to) : undefined,
      };
    };
    project('query', [query!], [numHeads, keyDim]);
    project('key', [key], [numHeads, keyDim]);
    project('value', [value], [numHeads, valueDim]);
    project('attention_output', [numHeads, valueDim], [outputShape ?? query!]);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [query, value = query!, key = value] = [inputs].flat() as tf.Tensor3D[];
      const { numHeads, keyDim, valueDim, outputShape } = this.args;
      const [, tokens, width] = query!.shape;
      const scaled = tf.mul(this.heads('query', query!, keyDim), 1 / Math.sqrt(keyDim));
      const shares = tf.softmax(tf.matMul(scaled, this.heads('key', key, keyDim), false, true));
      const sums = tf.matMul(shares, this.heads('value', value, valueDim));
      const merged = tf.reshape<tf.Rank.R2>(tf.transpose(sums, [0, 2, 1, 3]), [
        -1,
        numHeads * valueDim,
      ]);
      const to = outputShape ?? width;
      return tf.reshape(this.project(merged, 'attention_output', to), [-1, tokens, to]);
    });
  }

  override computeOutputShape(inputShape: number[] | number[][]): number[] {
    const [query] = shapesOf(inputShape);
    return [...query!.slice(0, -1), this.args.outputShape ?? query!.at(-1)!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.args };
  }

  /** The projections of an input by head: `[batch, heads, tokens, size]`. */
  private heads(name: Input, x: tf.Tensor3D, size: number): tf.Tensor {
    const [, tokens, width] = x.shape;
    const { numHeads } = this.args;
    const rows = tf.reshape<tf.Rank.R2>(x, [-1, width]);
    const all = this.project(rows, name, numHeads * size);
    return tf.transpose(tf.reshape(all, [-1, tokens, numHeads, size]), [0, 2, 1, 3]);
  }

  private project(rows: tf.Tensor2D, name: keyof typeof this.projections, to: number): tf.Tensor {
    const { kernel, bias } = this.projections[name]!;
    const product = tf.matMul(rows, tf.reshape<tf.Rank.R2>(kernel.read(), [rows.shape[1], to]));
    return bias ? tf.add(product, tf.reshape(bias.read(), [to])) : product;
  }
}

/** The shapes of one or several inputs. */
function shapesOf(inputShape: number[] | number[][]): number[][] {
  return (Array.isArray(inputShape[0]) ? inputShape : [inputShape]) as number[][];
}

tf.serialization.registerClass(KerasMultiHeadAttention);

/** Creates a {@link KerasMultiHeadAttention} layer, for models built in code. */
export function multiHeadAttention(args: KerasMultiHeadAttentionArgs): layers.Layer {
  return new KerasMultiHeadAttention(args);
}
