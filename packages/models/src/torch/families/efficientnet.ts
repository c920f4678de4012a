import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../../errors.ts';
import type { TorchFamily } from '../torch-family.ts';
import type { Activation, TorchNetwork } from '../torch-network.ts';
import { squeezeExcite, type SqueezeExciteOptions } from './squeeze-excite.ts';

/** What the tensors do not show. */
interface Settings {
  /** Stride of the first block of each stage; stages behind the list have 1. */
  strides: readonly number[];
  activation: Activation;
  /** Number of stages that use ReLU instead of `activation`. */
  reluStages?: number;
  excite: SqueezeExciteOptions;
  /** Whether the global pooling is before the last convolution, as in MobileNetV3. */
  poolsFirst?: boolean;
}

const NAMES = ['conv_reduce', 'conv_expand'] as const;
const DEFAULTS = {
  activation: 'swish',
  excite: { names: NAMES, functions: ['swish', 'sigmoid'] },
} as const;
const MOBILE_V3 = {
  activation: 'hardSilu',
  excite: { names: NAMES, functions: ['relu', 'keras3HardSigmoid'] },
  poolsFirst: true,
} as const;
const DEEP_STRIDES = [1, 2, 2, 2, 1, 2, 1];

/** By names of architectures, without `tf_`. */
const settings: readonly (readonly [RegExp, Settings])[] = [
  [/^efficientnet_(?:b[0-8]|l2)$/, { ...DEFAULTS, strides: DEEP_STRIDES }],
  [/^efficientnet_lite[0-4]$/, { ...DEFAULTS, strides: DEEP_STRIDES, activation: 'relu6' }],
  [/^efficientnetv2_(?:s|m|l|xl|b[0-3]|rw_[tsm])$/, { ...DEFAULTS, strides: DEEP_STRIDES }],
  [/^mobilenetv2_\d{3}d?$/, { ...DEFAULTS, strides: DEEP_STRIDES, activation: 'relu6' }],
  [/^mobilenetv3_large_\d{3}$/, { ...MOBILE_V3, strides: DEEP_STRIDES, reluStages: 3 }],
  [/^mobilenetv3_small_\d{3}$/, { ...MOBILE_V3, strides: [2, 2, 2, 1, 2, 1], reluStages: 2 }],
];

/**
 * EfficientNet, EfficientNetV2, MobileNetV2 and MobileNetV3 of timm. Their tensors show neither the
 * activation nor the strides, nor whether padding and epsilon are those of TensorFlow (names with
 * `tf_`), so the architecture must be known by name.
 */
export const efficientNetFamily: TorchFamily = {
  name: 'EfficientNet or MobileNet',
  marker: 'conv_stem.weight',
  supports:
    /^(?:(?:tf_)?(?:efficientnet_(?:b[0-8]|l2|lite[0-4])|efficientnetv2_(?:s|m|l|xl|b[0-3])|mobilenetv3_(?:large|small)_\d{3})|efficientnetv2_rw_[tsm]|mobilenetv2_\d{3}d?)$/,
  examples:
    'efficientnet_b0 to b8 and lite0 to lite4, efficientnetv2_s, m, l, xl and b0 to b3, mobilenetv3_large_100 and small_100 (each also with tf_ in front), mobilenetv2_100',
  build(net, { architecture, headIsOptional }) {
    if (architecture === undefined) {
      throw new FixresModelsError(
        'bad-option',
        'The tensors are those of an EfficientNet or MobileNet, but do not show which: name it with ' +
          '--arch, for example efficientnet_b0, or tf_efficientnet_b0 for weights from TensorFlow.',
      );
    }
    const isTensorFlow = architecture.startsWith('tf_');
    const [, found] = settings.find(([names]) => names.test(architecture.replace(/^tf_/, '')))!;
    const builder = new Builder(net, found, isTensorFlow);
    return { ...builder.build(headIsOptional), architecture };
  },
};

class Builder {
  readonly #net: TorchNetwork;
  readonly #settings: Settings;
  readonly #padding: 'same' | 'torch';
  readonly #epsilon: number;

  constructor(net: TorchNetwork, found: Settings, isTensorFlow: boolean) {
    this.#net = net;
    this.#settings = found;
    this.#padding = isTensorFlow ? 'same' : 'torch';
    this.#epsilon = isTensorFlow ? 1e-3 : 1e-5;
  }

  build(headIsOptional: boolean): { image: SymbolicTensor; output: SymbolicTensor } {
    const net = this.#net;
    const { strides, activation, reluStages = 0, poolsFirst = false } = this.#settings;
    const image = net.input();
    let x = this.#conv(image, 'conv_stem', 2);
    x = net.activation(this.#norm(x, 'bn1'), activation, 'act1');
    const stages = net.state.count('blocks');
    for (let i = 0; i < stages; i++) {
      const function_ = i < reluStages ? 'relu' : activation;
      const blocks = net.state.count(`blocks.${i}`);
      for (let j = 0; j < blocks; j++) {
        const stride = j === 0 ? (strides[i] ?? 1) : 1;
        x = this.#block(x, `blocks.${i}.${j}`, stride, function_);
      }
    }
    let features = x;
    if (poolsFirst) {
      features = net.linear(net.globalPool(features), 'conv_head');
      features = net.activation(features, activation, 'act2');
    } else {
      features = this.#norm(this.#conv(features, 'conv_head', 1), 'bn2');
      features = net.globalPool(net.activation(features, activation, 'act2'));
    }
    return { image, output: net.classify(features, 'classifier', headIsOptional) };
  }

  #conv(x: SymbolicTensor, path: string, stride: number): SymbolicTensor {
    return this.#net.conv(x, path, { stride, padding: this.#padding });
  }

  #norm(x: SymbolicTensor, path: string): SymbolicTensor {
    return this.#net.batchNorm(x, path, { epsilon: this.#epsilon });
  }

  /**
   * The kind of block is that of its convolutions: inverted residual (`conv_pw`, `conv_dw`,
   * `conv_pwl`), depthwise separable (`conv_dw`, `conv_pw`), fused (`conv_exp`, `conv_pwl`), or one
   * convolution (`conv`). Only the last one of several has no activation.
   */
  #block(x: SymbolicTensor, path: string, stride: number, activation: Activation): SymbolicTensor {
    const net = this.#net;
    const has = (name: string): boolean => net.state.has(`${path}.${name}.weight`);
    const kinds = [
      ['conv_pw', 'conv_dw', 'conv_pwl'],
      ['conv_dw', 'conv_pw'],
      ['conv_exp', 'conv_pwl'],
      ['conv'],
    ];
    const names = kinds.find((convolutions) => convolutions.every(has));
    if (names === undefined) throw net.state.mismatch(`"${path}" is no known block`);
    const strided = names.find((name) => name !== 'conv_pw' && name !== 'conv_pwl');
    let y = x;
    for (const [i, name] of names.entries()) {
      const isLast = i === names.length - 1;
      if (isLast && net.state.hasModule(`${path}.se`))
        y = squeezeExcite(net, y, `${path}.se`, this.#settings.excite);
      y = this.#conv(y, `${path}.${name}`, name === strided ? stride : 1);
      y = this.#norm(y, `${path}.bn${i + 1}`);
      if (!isLast || names.length === 1) y = net.activation(y, activation, `${path}.act${i + 1}`);
    }
    const isResidual = stride === 1 && x.shape.at(-1) === y.shape.at(-1);
    return isResidual ? net.add(y, x, `${path}.add`) : y;
  }
}
