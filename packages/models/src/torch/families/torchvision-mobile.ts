import type { SymbolicTensor } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../../errors.ts';
import type { BuiltNetwork, TorchBuildOptions, TorchFamily } from '../torch-family.ts';
import type { Activation, TorchNetwork } from '../torch-network.ts';
import { squeezeExcite, type SqueezeExciteOptions } from './squeeze-excite.ts';

/** Functions and epsilon, which the tensors do not show. */
interface Settings {
  activation: Activation;
  excite: SqueezeExciteOptions;
  epsilon: number;
}

const EFFICIENT_NET: Omit<Settings, 'epsilon'> = {
  activation: 'swish',
  excite: { names: ['fc1', 'fc2'], functions: ['swish', 'sigmoid'] },
};
const MOBILE_NET_V3: Settings = {
  activation: 'hardSilu',
  excite: { names: ['fc1', 'fc2'], functions: ['relu', 'keras3HardSigmoid'] },
  epsilon: 1e-3,
};

/** Strides of the blocks and number of those with ReLU, by the number of blocks. */
const mobileNetV3: Readonly<Record<number, { name: string; strides: string; relus: number }>> = {
  11: { name: 'mobilenet_v3_small', strides: '22121111211', relus: 3 },
  15: { name: 'mobilenet_v3_large', strides: '121211211111211', relus: 6 },
};

/** EfficientNet and EfficientNetV2 in torchvision's names. */
export const torchvisionEfficientNetFamily: TorchFamily = {
  name: 'EfficientNet of torchvision',
  marker: 'features.1.0.block.0.0.weight',
  supports: /^efficientnet_(?:b[0-7]|v2_[sml])$/,
  examples: 'efficientnet_v2_s, m and l of torchvision',
  build(net, { architecture, headIsOptional }) {
    if (architecture === undefined) {
      throw new FixresModelsError(
        'bad-option',
        'The tensors are those of an EfficientNet of torchvision, but do not show which: name it ' +
          'with --arch, for example efficientnet_b0 or efficientnet_v2_s.',
      );
    }
    const settings = {
      ...EFFICIENT_NET,
      epsilon: /_(?:b[5-7]|v2_[sml])$/.test(architecture) ? 1e-3 : 1e-5,
    };
    const stages = net.state.count('features') - 2;
    const image = net.input();
    let x = convNormAct(net, image, 'features.0', 2, settings);
    for (let i = 1; i <= stages; i++) {
      const depth = net.state.count(`features.${i}`);
      for (let j = 0; j < depth; j++) {
        const stride = j === 0 ? Number('1222121'[i - 1] ?? 1) : 1;
        x = block(net, x, `features.${i}.${j}.block`, stride, settings);
      }
    }
    x = convNormAct(net, x, `features.${stages + 1}`, 1, settings);
    const output = net.classify(net.globalPool(x), 'classifier.1', headIsOptional);
    return { image, output, architecture };
  },
};

/** MobileNetV3 in torchvision's names. */
export const torchvisionMobileNetV3Family: TorchFamily = {
  name: 'MobileNetV3 of torchvision',
  marker: 'features.1.block.0.0.weight',
  supports: /^mobilenet_v3_(?:small|large)$/,
  examples: 'mobilenet_v3_small and large of torchvision',
  build(net: TorchNetwork, { headIsOptional }: TorchBuildOptions): BuiltNetwork {
    const blocks = net.state.count('features') - 2;
    const found = mobileNetV3[blocks];
    if (found === undefined)
      throw net.state.mismatch(`a MobileNetV3 has 11 or 15 blocks, but it has ${blocks}`);
    const image = net.input();
    let x = convNormAct(net, image, 'features.0', 2, MOBILE_NET_V3);
    const isPublished = x.shape.at(-1) === 16;
    for (let i = 1; i <= blocks; i++) {
      const activation = i <= found.relus ? 'relu' : 'hardSilu';
      const stride = Number(found.strides[i - 1]);
      x = block(net, x, `features.${i}.block`, stride, { ...MOBILE_NET_V3, activation });
    }
    x = convNormAct(net, x, `features.${blocks + 1}`, 1, MOBILE_NET_V3);
    const hidden = net.linear(net.globalPool(x), 'classifier.0');
    const features = net.activation(hidden, 'hardSilu', 'classifier.act');
    const output = net.classify(features, 'classifier.3', headIsOptional);
    return { image, output, architecture: isPublished ? found.name : 'mobilenet_v3' };
  },
};

/** `Conv2dNormActivation` of torchvision. */
function convNormAct(
  net: TorchNetwork,
  x: SymbolicTensor,
  path: string,
  stride: number,
  { activation, epsilon }: Settings,
): SymbolicTensor {
  const y = net.batchNorm(net.conv(x, `${path}.0`, { stride }), `${path}.1`, { epsilon });
  return net.activation(y, activation, `${path}.act`);
}

/**
 * The modules of a block in their order. The first convolution of several pixels has the stride;
 * only the last one of several has no activation.
 */
function block(
  net: TorchNetwork,
  x: SymbolicTensor,
  path: string,
  stride: number,
  settings: Settings,
): SymbolicTensor {
  const count = net.state.count(path);
  let y = x;
  let left = stride;
  for (let k = 0; k < count; k++) {
    const module = `${path}.${k}`;
    if (net.state.hasModule(`${module}.fc1`)) {
      y = squeezeExcite(net, y, module, settings.excite);
    } else {
      const isWide = net.state.shape(`${module}.0.weight`)[2] !== 1;
      const own = isWide ? left : 1;
      if (isWide) left = 1;
      const { epsilon } = settings;
      y = net.batchNorm(net.conv(y, `${module}.0`, { stride: own }), `${module}.1`, { epsilon });
      if (k < count - 1 || count === 1) y = net.activation(y, settings.activation, `${module}.act`);
    }
  }
  const isResidual = stride === 1 && x.shape.at(-1) === y.shape.at(-1);
  return isResidual ? net.add(y, x, `${path}.add`) : y;
}
