import * as tf from '@tensorflow/tfjs-core';
import { initializers, layers, type LayerVariable } from '@tensorflow/tfjs-layers';
import { bicubicSide } from '../image/bicubic-side.ts';
import { resample } from '../image/resample.ts';
import { onlyTensor } from '../only-tensor.ts';

/** Arguments of {@link ViTEmbeddings}. */
export interface ViTEmbeddingsArgs extends Record<string, unknown> {
  /** Side of the square grid of patches that the position embeddings were trained for. */
  gridSize: number;
  /** Side of a patch in pixels: images must have a multiple of it. */
  patchSize: number;
  /** Number of tokens before those of the patches: class token and register tokens. */
  prefixTokens: number;
  /** Whether the prefix tokens have position embeddings, too. */
  embedsPrefix: boolean;
}

/**
 * The embeddings of a vision transformer (Dosovitskiy et al. 2021): makes the map of patches
 * `[batch, rows, columns, channels]` a sequence `[batch, prefixTokens + rows * columns, channels]`,
 * puts the prefix tokens before it and adds position embeddings.
 *
 * For another grid, the embeddings of the patches are resampled bicubically with smoothing, as by
 * timm's `resample_abs_pos_embed`. The gradient reaches the embeddings as they are stored.
 */
class ViTEmbeddings extends layers.Layer {
  static className = 'ViTEmbeddings';
  private readonly args: Pick<
    ViTEmbeddingsArgs,
    'gridSize' | 'patchSize' | 'prefixTokens' | 'embedsPrefix'
  >;
  private prefix?: LayerVariable;
  private positions?: LayerVariable;

  constructor({ gridSize, patchSize, prefixTokens, embedsPrefix, ...args }: ViTEmbeddingsArgs) {
    super(args);
    this.args = { gridSize, patchSize, prefixTokens, embedsPrefix };
  }

  override build(inputShape: number[]): void {
    const { gridSize, prefixTokens, embedsPrefix } = this.args;
    const width = inputShape.at(-1)!;
    // The numbers come from a file.
    const weight = (name: string, rows: number): LayerVariable =>
      this.addWeight(name, [rows, width], 'float32', initializers.zeros(), undefined, true);
    if (prefixTokens > 0) this.prefix = weight('prefix_tokens', prefixTokens);
    const embedded = gridSize ** 2 + (embedsPrefix ? prefixTokens : 0);
    this.positions = weight('position_embedding', embedded);
    super.build(inputShape);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const map = onlyTensor(inputs) as tf.Tensor4D;
      const [, rows, columns, width] = map.shape;
      const { prefixTokens } = this.args;
      const tokens = tf.reshape<tf.Rank.R3>(map, [-1, rows * columns, width]);
      const table = this.table(rows, columns);
      if (prefixTokens === 0) return tf.add(tokens, table);
      // Zeros plus a row of the table, so that nothing depends on the number of images.
      return tf.add(
        tf.pad(tokens, [
          [0, 0],
          [prefixTokens, 0],
          [0, 0],
        ]),
        table,
      );
    });
  }

  override computeOutputShape([batch, rows, columns, width]: number[]): number[] {
    const isOpen = [rows, columns].some((side) => (side ?? null) === null);
    const tokens = isOpen ? null : this.args.prefixTokens + rows! * columns!;
    return [batch!, tokens!, width!];
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.args as tf.serialization.ConfigDict) };
  }

  /** What is added to the tokens: `[prefixTokens + rows * columns, channels]`. */
  private table(rows: number, columns: number): tf.Tensor2D {
    const { gridSize, prefixTokens, embedsPrefix } = this.args;
    const all = this.positions!.read() as tf.Tensor2D;
    if (this.prefix === undefined) return resampled(all, gridSize, rows, columns);
    const prefix = this.prefix.read() as tf.Tensor2D;
    if (!embedsPrefix) return tf.concat([prefix, resampled(all, gridSize, rows, columns)]);
    const [own, patches] = tf.split(all, [prefixTokens, gridSize ** 2]) as [
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    return tf.concat([tf.add(prefix, own), resampled(patches, gridSize, rows, columns)]);
  }
}

/** Embeddings of a square grid, resampled for another one. */
function resampled(
  positions: tf.Tensor2D,
  side: number,
  rows: number,
  columns: number,
): tf.Tensor2D {
  if (rows === side && columns === side) return positions;
  const width = positions.shape[1];
  const map = tf.reshape<tf.Rank.R4>(positions, [1, side, side, width]);
  return tf.reshape(resample(map, bicubicSide(side, rows), bicubicSide(side, columns)), [
    rows * columns,
    width,
  ]);
}

tf.serialization.registerClass(ViTEmbeddings);

/** Creates a {@link ViTEmbeddings} layer, for models built in code. */
export function vitEmbeddings(args: ViTEmbeddingsArgs): layers.Layer {
  return new ViTEmbeddings(args);
}
