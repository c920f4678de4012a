import { expect, it } from 'vitest';
import { isNormOrBias } from './is-norm-or-bias.ts';

it.each([
  ['post_bn/gamma', true],
  ['post_bn/beta_12', true],
  ['predictions/bias', true],
  ['bias', true],
  ['predictions/kernel', false],
  ['bias_net/kernel_1', false],
  ['conv_dw/depthwise_kernel', false],
  ['blocks.0.attn/query_bias_2', true],
  ['blocks.0.attn/query_kernel', false],
])('%s: %s', (name, expected) => {
  expect(isNormOrBias(name)).toBe(expected);
});
