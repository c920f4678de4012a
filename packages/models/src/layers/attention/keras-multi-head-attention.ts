import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

/** Arguments of {@link KerasMultiHeadAttention}, as in Keras. */
interface KerasMultiHeadAttentionArgs extends Record<string, unknown> {
  numHeads: number;
  /** Numbers of a head's queries, keys and values. */
  keyDim: number;
  /** Default true. */
  useBias?: boolean;
}

/** A linear map and its offset. */
interface Projection {
  kernel: LayerVariable;
  bias: LayerVariable | undefined;
}

const INPUTS = ['query', 'key', 'value'] as const;

/**
 * Keras's MultiHeadAttention of a sequence with itself, which tfjs does not have (Vaswani et al.
 * 2017): `[batch, tokens, channels]` to the same shape. Each head computes
 * `softmax(q k^T / sqrt(keyDim)) v`. There is no mask and no dropout.
 */
class KerasMultiHeadAttention extends layers.Layer {
  static className = 'KerasMultiHeadAttention';
  private readonly args: Required<
    Pick<KerasMultiHeadAttentionArgs, 'numHeads' | 'keyDim' | 'useBias'>
  >;
  private readonly projections: Partial<
    Record<(typeof INPUTS)[number] | 'attention_output', Projection>
  > = {};

  constructor({ numHeads, keyDim, useBias = true, ...args }: KerasMultiHeadAttentionArgs) {
    super(args);
    this.args = { numHeads, keyDim, useBias };
  }

  override build(inputShape: number[]): void {
    const { numHeads, keyDim, useBias } = this.args;
    const width = inputShape.at(-1)!;
    // The numbers come from a file, so random ones would cost time only.
    const weight = (name: string, shape: number[]): LayerVariable =>
      this.addWeight(name, shape, 'float32', initializers.zeros(), undefined, true);
    const projection = (name: string, from: number[], to: number[]): Projection => ({
      kernel: weight(`${name}_kernel`, [...from, ...to]),
      bias: useBias ? weight(`${name}_bias`, to) : undefined,
    });
    for (const name of INPUTS)
      this.projections[name] = projection(name, [width], [numHeads, keyDim]);
    this.projections.attention_output = projection('attention_output', [numHeads, keyDim], [width]);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyTensor(inputs) as tf.Tensor3D;
      const [, tokens, width] = x.shape;
      const { numHeads, keyDim } = this.args;
      const inner = numHeads * keyDim;
      const rows = tf.reshape<tf.Rank.R2>(x, [-1, width]);
      // [batch, heads, tokens, keyDim]
      const [query, key, value] = INPUTS.map((name) => {
        const split = tf.reshape(this.project(rows, name, width, inner), [
          -1,
          tokens,
          numHeads,
          keyDim,
        ]);
        return tf.transpose(split, [0, 2, 1, 3]);
      });
      const scaled = tf.mul(query!, 1 / Math.sqrt(keyDim));
      const shares = tf.softmax(tf.matMul(scaled, key!, false, true));
      const heads = tf.transpose(tf.matMul(shares, value!), [0, 2, 1, 3]);
      const merged = tf.reshape<tf.Rank.R2>(heads, [-1, inner]);
      const output = this.project(merged, 'attention_output', inner, width);
      return tf.reshape(output, [-1, tokens, width]);
    });
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.args };
  }

  private project(
    rows: tf.Tensor2D,
    name: keyof typeof this.projections,
    from: number,
    to: number,
  ): tf.Tensor {
    const { kernel, bias } = this.projections[name]!;
    const product = tf.matMul(rows, tf.reshape<tf.Rank.R2>(kernel.read(), [from, to]));
    return bias ? tf.add(product, tf.reshape(bias.read(), [to])) : product;
  }
}

tf.serialization.registerClass(KerasMultiHeadAttention);

/** Creates a {@link KerasMultiHeadAttention} layer, for models built in code. */
export function multiHeadAttention(args: KerasMultiHeadAttentionArgs): layers.Layer {
  return new KerasMultiHeadAttention(args);
}
