import { layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';

/**
 * `nn.AvgPool2d(2, stride, ceil_mode=True, count_include_pad=False)` of the shortcuts of ResNet-D;
 * nothing at stride 1. At an odd size the last windows have one pixel, as with TensorFlow's `same`.
 */
export function ceilAveragePool(x: SymbolicTensor, stride: number, name: string): SymbolicTensor {
  if (stride === 1) return x;
  const pool = layers.averagePooling2d({ poolSize: 2, strides: stride, padding: 'same', name });
  return pool.apply(x) as SymbolicTensor;
}
