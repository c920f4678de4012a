import { resize } from '@fixres/data';
import { batchNormalization, SGD } from '@fixres/models';
import { applyFreezePolicy, type FreezeHandle } from '@fixres/finetune';
import { initializers, input, layers, type LayersModel, model } from '@tensorflow/tfjs-layers';
import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { ImageBatch } from '../src/index.ts';
import { smallImages } from './small-images.ts';

/** One batch of images of 32 x 32 pixels and two classes. */
export async function oneBatch(images: number): Promise<ImageBatch> {
  const pass = { policy: resize(32), batchSize: images, seed: 0, epoch: 0, shuffle: true };
  for await (const batch of smallImages(images, 1).batches(pass)) return batch;
  throw new Error('There is no batch.');
}

/**
 * Three residual blocks, with or without batch normalisation.
 *
 * @param seed of the initial weights
 */
export function residualModel({
  norms = false,
  seed: first = 0,
}: { norms?: boolean; seed?: number } = {}): LayersModel {
  const image = input({ shape: [32, 32, 3] });
  const apply = (
    layer: { apply(x: SymbolicTensor[] | SymbolicTensor): unknown },
    x: SymbolicTensor,
  ) => layer.apply(x) as SymbolicTensor;
  const conv = (name: string, seed: number, kernelSize = 3, strides = 1) =>
    layers.conv2d({
      filters: 6,
      kernelSize,
      strides,
      padding: 'same',
      kernelInitializer: initializers.glorotUniform({ seed: first + seed }),
      name,
    });
  let x = apply(layers.rescaling({ scale: 1 / 127.5, offset: -1 }), image);
  x = apply(conv('stem', 1, 5, 4), x);
  for (const block of [1, 2, 3]) {
    let y = apply(conv(`conv_${block}`, 1 + block), x);
    if (norms) y = apply(batchNormalization({ name: `norm_${block}` }), y);
    y = apply(layers.reLU({ name: `relu_${block}` }), y);
    x = layers.add({ name: `add_${block}` }).apply([x, y]) as SymbolicTensor;
  }
  x = apply(layers.globalAveragePooling2d({}), x);
  const kernelInitializer = initializers.glorotUniform({ seed: first + 9 });
  x = apply(layers.dense({ units: 2, kernelInitializer, name: 'logits' }), x);
  return model({ inputs: image, outputs: x });
}

/** A model that trains with SGD and momentum. The caller disposes it. */
export async function training(
  options: { norms?: boolean } = {},
): Promise<{ model: LayersModel; handle: FreezeHandle; optimizer: SGD; dispose: () => void }> {
  const made = residualModel(options);
  const optimizer = new SGD(0.05, { momentum: 0.9 });
  const handle = await applyFreezePolicy(made, 'all');
  return {
    model: made,
    handle,
    optimizer,
    dispose: () => {
      optimizer.dispose();
      made.dispose();
    },
  };
}
