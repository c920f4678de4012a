import { expect, it } from 'vitest';
import { tfjsWeightNames } from './tfjs-weight-names.ts';

const layer = (className: string, name: string, config: object = {}): object => ({
  class_name: className,
  config: { name, ...config },
});
const topology = {
  class_name: 'Functional',
  config: {
    name: 'model',
    layers: [
      layer('DepthwiseConv2D', 'depth'),
      layer('Conv2D', 'conv'),
      layer('LSTM', 'lstm'),
      layer('Conv2D', 'block/conv'),
      layer('KerasMultiHeadAttention', 'block/attention'),
      layer('Sequential', 'inner', { layers: [layer('KerasDepthwiseConv2D', 'dilated')] }),
    ],
  },
};

it.each([
  ['depth/kernel', 'depth/depthwise_kernel'],
  ['depth/depthwise_kernel', 'depth/depthwise_kernel'],
  ['dilated/kernel', 'dilated/depthwise_kernel'],
  ['conv/kernel', 'conv/kernel'],
  ['depth/bias', 'depth/bias'],
  ['scope/depth/kernel', 'depth/depthwise_kernel'],
  ['inner/dilated/kernel', 'dilated/depthwise_kernel'],
  ['model/lstm/lstm_cell/kernel', 'lstm/lstm_cell/kernel'],
  ['a/b/conv/kernel', 'conv/kernel'],
  ['block/conv/kernel', 'block/conv/kernel'],
  ['block/attention/query/kernel', 'block/attention/query_kernel'],
  ['model/block/attention/attention_output/bias', 'block/attention/attention_output_bias'],
  ['block/attention/query_kernel', 'block/attention/query_kernel'],
  ['alone', 'alone'],
  // tfjs itself drops the name of the cell.
  ['lstm/lstm_cell/kernel', 'lstm/lstm_cell/kernel'],
  ['nobody/knows/kernel', 'nobody/knows/kernel'],
])('%s becomes %s in tfjs', (given, name) => {
  expect(
    tfjsWeightNames(topology as never, [{ name: given, shape: [1], dtype: 'float32' }]),
  ).toEqual([{ name, shape: [1], dtype: 'float32' }]);
});
