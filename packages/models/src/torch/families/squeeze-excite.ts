import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Activation, TorchNetwork } from '../torch-network.ts';

export interface SqueezeExciteOptions {
  /** Names of the two convolutions of one pixel. */
  names: readonly [reduce: string, expand: string];
  /** Functions behind them. */
  functions: readonly [squeeze: Activation, gate: Activation];
}

/** Squeeze-and-excitation (Hu et al. 2018): factors for the channels of a map, from their means. */
export function squeezeExcite(
  net: TorchNetwork,
  x: SymbolicTensor,
  path: string,
  { names: [reduce, expand], functions: [squeeze, gate] }: SqueezeExciteOptions,
): SymbolicTensor {
  const pool = layers.globalAveragePooling2d({ name: `${path}.pool` });
  let factor = net.linear(pool.apply(x) as SymbolicTensor, `${path}.${reduce}`);
  factor = net.activation(factor, squeeze, `${path}.act1`);
  factor = net.activation(net.linear(factor, `${path}.${expand}`), gate, `${path}.gate`);
  const targetShape = [1, 1, factor.shape.at(-1)!];
  factor = layers.reshape({ targetShape, name: `${path}.reshape` }).apply(factor) as SymbolicTensor;
  return net.multiply(x, factor, `${path}.multiply`);
}
