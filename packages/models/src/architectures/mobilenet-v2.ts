import { layers, type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { checkOption } from '../check-option.ts';
import { seededGlorotUniform } from '../initializers/seeded-glorot-uniform.ts';
import { registerReluGrad } from '../kernels/relu-grad.ts';
import { ReLU } from '../layers/activation/relu.ts';
import { batchNormalization } from '../layers/batch-normalization.ts';
import { stemWidths, widthRange } from '../model-names.ts';
import type { Architecture } from './architecture.ts';
import { type ArchitectureOptions, resolveArchitectureOptions } from './architecture-options.ts';
import { classifierHead, imageInput, rescaled } from './input-and-head.ts';

/** Options of MobileNetV2. */
export interface MobileNetV2Options extends ArchitectureOptions {
  /**
   * Factor on the channels of all layers, which are then rounded to multiples of 8; the last
   * convolution never shrinks. Keras has weights for 0.35, 0.5, 0.75, 1, 1.3 and 1.4. Default 1.
   */
  alpha?: number;
}

/**
 * The inverted residual blocks: channels at alpha 1, stride, expansion. Table 2 of the paper, one
 * row per block.
 */
const BLOCKS: readonly { filters: number; stride: 1 | 2; expansion: number }[] = [
  { filters: 16, stride: 1, expansion: 1, blocks: 1 },
  { filters: 24, stride: 2, expansion: 6, blocks: 2 },
  { filters: 32, stride: 2, expansion: 6, blocks: 3 },
  { filters: 64, stride: 2, expansion: 6, blocks: 4 },
  { filters: 96, stride: 1, expansion: 6, blocks: 3 },
  { filters: 160, stride: 2, expansion: 6, blocks: 3 },
  { filters: 320, stride: 1, expansion: 6, blocks: 1 },
].flatMap(({ filters, stride, expansion, blocks }) =>
  Array.from(
    { length: blocks },
    (_, i) => ({ filters, stride: i === 0 && stride === 2 ? 2 : 1, expansion }) as const,
  ),
);

/**
 * MobileNetV2 (Sandler et al. 2018) with the layer names, order, shapes and initial distributions
 * of `keras.applications.MobileNetV2`: 2,257,984 parameters without top at alpha 1.
 *
 * Padding is as in Keras: a model with a fixed input size pads the convolutions of stride 2 by the
 * parity of their input; one with variable sides pads as for even inputs. So both are equal if the
 * size is a multiple of 32, and may differ otherwise.
 *
 * @throws FixresModelsError `bad-option`
 */
export function mobileNetV2(options: MobileNetV2Options = {}): LayersModel {
  const { alpha = 1, ...rest } = options;
  const resolved = resolveArchitectureOptions(rest);
  const most = widthRange.high / stemWidths.mobilenetv2;
  checkOption(alpha > 0 && alpha <= most, 'alpha', alpha, `a number above 0, at most ${most}`);
  registerReluGrad();
  const { seed } = resolved;

  const image = imageInput(resolved);
  let x = rescaled(image, resolved);
  const stem = { filters: divisibleBy8(32 * alpha), kernelSize: 3, strides: 2 };
  x = relu6(norm(conv(x, 'Conv1', seed, stem), 'bn_Conv1'), 'Conv1_relu');
  BLOCKS.forEach(({ filters, stride, expansion }, i) => {
    x = block(x, i, {
      filters: divisibleBy8(Math.trunc(filters * alpha)),
      stride,
      expansion,
      seed,
    });
  });
  const last = alpha > 1 ? divisibleBy8(1280 * alpha) : 1280;
  x = relu6(
    norm(conv(x, 'Conv_1', seed, { filters: last, kernelSize: 1, padding: 'valid' }), 'Conv_1_bn'),
    'out_relu',
  );
  x = classifierHead(x, resolved, { avg: 'global_average_pooling2d', max: 'global_max_pooling2d' });
  return model({ inputs: image, outputs: x, name: resolved.name ?? 'mobilenetv2' });
}

/** The model by name, and its groups of layers. */
export const mobileNetV2Architecture: Architecture = {
  name: 'MobileNetV2',
  models: {
    mobilenetv2: ({
      width = stemWidths.mobilenetv2,
      alpha = width / stemWidths.mobilenetv2,
      ...options
    } = {}) => mobileNetV2({ ...options, alpha }),
  },
  marker: 'block_1_expand',
  groups: [
    { name: 'stem', pattern: /^(?:input|rescaling|Conv1|bn_Conv1)/ },
    { name: 'stage1', pattern: /^(expanded_conv)_/ },
    { name: 'stage2', pattern: /^(block_[12])_/ },
    { name: 'stage3', pattern: /^(block_[345])_/ },
    { name: 'stage4', pattern: /^(block_(?:[6-9]|1[0-2]))_/ },
    // The last convolution works at the resolution of the last blocks and trains with them.
    { name: 'stage5', pattern: /^(block_1[3-6](?=_)|Conv_1$)/ },
    { name: 'final-norm', pattern: /^(?:Conv_1_bn|out_relu)$/ },
    {
      name: 'classifier',
      pattern: /^(?:global_(?:average|max)_pooling2d(?:_\d+)?|predictions)$/,
    },
  ],
};

interface BlockOptions {
  filters: number;
  stride: 1 | 2;
  expansion: number;
  seed: number;
}

/**
 * Expands, filters each channel, and projects; adds a shortcut if the shape does not change. The
 * first block does not expand.
 */
function block(
  inputs: SymbolicTensor,
  index: number,
  { filters, stride, expansion, seed }: BlockOptions,
): SymbolicTensor {
  const prefix = index === 0 ? 'expanded_conv' : `block_${index}`;
  const channels = inputs.shape[3]!;
  let x = inputs;
  if (index > 0) {
    x = conv(x, `${prefix}_expand`, seed, { filters: expansion * channels, kernelSize: 1 });
    x = relu6(norm(x, `${prefix}_expand_BN`), `${prefix}_expand_relu`);
  }
  if (stride === 2) x = padForStride2(x, `${prefix}_pad`);
  const depthwise = layers.depthwiseConv2d({
    kernelSize: 3,
    strides: stride,
    padding: stride === 1 ? 'same' : 'valid',
    useBias: false,
    depthwiseInitializer: seededGlorotUniform(seed, `${prefix}_depthwise`),
    name: `${prefix}_depthwise`,
  });
  x = depthwise.apply(x) as SymbolicTensor;
  x = relu6(norm(x, `${prefix}_depthwise_BN`), `${prefix}_depthwise_relu`);
  x = norm(conv(x, `${prefix}_project`, seed, { filters, kernelSize: 1 }), `${prefix}_project_BN`);
  if (channels !== filters || stride === 2) return x;
  return layers.add({ name: `${prefix}_add` }).apply([inputs, x]) as SymbolicTensor;
}

interface ConvOptions {
  filters: number;
  kernelSize: number;
  strides?: number;
  padding?: 'valid';
}

function conv(x: SymbolicTensor, name: string, seed: number, options: ConvOptions): SymbolicTensor {
  const kernelInitializer = seededGlorotUniform(seed, name);
  return layers
    .conv2d({ padding: 'same', useBias: false, ...options, kernelInitializer, name })
    .apply(x) as SymbolicTensor;
}

function norm(x: SymbolicTensor, name: string): SymbolicTensor {
  return batchNormalization({ epsilon: 1e-3, momentum: 0.999, name }).apply(x) as SymbolicTensor;
}

function relu6(x: SymbolicTensor, name: string): SymbolicTensor {
  return new ReLU({ maxValue: 6, name }).apply(x) as SymbolicTensor;
}

/**
 * Keras's `correct_pad` for a kernel of 3: one pixel after the side, and one before it only if the
 * side is odd.
 */
function padForStride2(x: SymbolicTensor, name: string): SymbolicTensor {
  const [, height, width] = x.shape as [null, number | null, number | null];
  const [top, left] = height === null ? [0, 0] : [height % 2, width === null ? 0 : width % 2];
  return layers
    .zeroPadding2d({
      padding: [
        [top, 1],
        [left, 1],
      ],
      name,
    })
    .apply(x) as SymbolicTensor;
}

/** Output channels of the residual blocks' last convolutions, each number once. */
export function projectionChannels(alpha: number): number[] {
  return [...new Set(BLOCKS.map(({ filters }) => divisibleBy8(Math.trunc(filters * alpha))))];
}

/**
 * The nearest multiple of 8, at least 8, and not more than 10 % below `channels`: Keras's
 * `_make_divisible`.
 */
function divisibleBy8(channels: number): number {
  const rounded = Math.max(8, Math.floor(Math.trunc(channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}
