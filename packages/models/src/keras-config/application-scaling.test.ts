import { expect, it } from 'vitest';
import type { JsonValue } from '../card/json-value.ts';
import { applicationScaling } from './application-scaling.ts';

// The names of the models that Keras 3.15.1 creates, and the modes of their preprocess_input in its
// documentation.
it.each([
  ['resnet50', 'caffe'],
  ['resnet152', 'caffe'],
  ['vgg19', 'caffe'],
  ['densenet201', 'torch'],
  ['xception', 'plus-minus-one'],
  ['inception_v3', 'plus-minus-one'],
  ['inception_resnet_v2', 'plus-minus-one'],
  ['mobilenet_1.00_224', 'plus-minus-one'],
  ['mobilenetv2_0.35_96', 'plus-minus-one'],
  ['resnet101v2', 'plus-minus-one'],
  ['NASNet', 'plus-minus-one'],
])('knows how images of %s are scaled', (name, scaling) => {
  expect(applicationScaling(sequential(name))).toEqual({ name, scaling });
});

it('does not guess from similar names', () => {
  for (const name of ['my_resnet50', 'resnet50_tuned', 'efficientnetb0'])
    expect(applicationScaling(sequential(name))).toBeUndefined();
});

function sequential(inner: string): Record<string, JsonValue> {
  const layers = [{ class_name: 'Functional', config: { name: inner, layers: [] } }];
  return { class_name: 'Sequential', config: { name: 'sequential', layers } };
}
