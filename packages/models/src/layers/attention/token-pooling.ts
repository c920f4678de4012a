import * as tf from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { onlyTensor } from '../only-tensor.ts';

/** Arguments of {@link TokenPooling}. */
interface TokenPoolingArgs extends Record<string, unknown> {
  /** `token`: the first token, which is the class token; `average`: the mean of the patches. */
  pooling: 'token' | 'average';
  /** Number of tokens before those of the patches; the average leaves them out. */
  prefixTokens: number;
}

/** Pooling of a vision transformer: `[batch, tokens, channels]` to `[batch, channels]`. */
class TokenPooling extends layers.Layer {
  static className = 'TokenPooling';
  private readonly args: Pick<TokenPoolingArgs, 'pooling' | 'prefixTokens'>;

  constructor({ pooling, prefixTokens, ...args }: TokenPoolingArgs) {
    super(args);
    this.args = { pooling, prefixTokens };
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = onlyTensor(inputs) as tf.Tensor3D;
      const [, tokens, width] = x.shape;
      const { pooling, prefixTokens } = this.args;
      const patches = tokens - prefixTokens;
      const shares = Float32Array.from({ length: tokens }, (_, i) =>
        pooling === 'token' ? Number(i === 0) : Number(i >= prefixTokens) / patches,
      );
      // A product: unlike that of a slice, its graph does not depend on the number of images.
      const pooled = tf.matMul(tf.tensor3d(shares, [1, 1, tokens]), x);
      return tf.reshape(pooled, [-1, width]);
    });
  }

  override computeOutputShape([batch, , width]: number[]): number[] {
    return [batch!, width!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.args };
  }
}

tf.serialization.registerClass(TokenPooling);

/** Creates a {@link TokenPooling} layer, for models built in code. */
export function tokenPooling(args: TokenPoolingArgs): layers.Layer {
  return new TokenPooling(args);
}
