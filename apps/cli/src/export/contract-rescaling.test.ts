import {
  inputScalings,
  namedPolicy,
  normalisePixels,
  type PreprocessingContract,
  preprocessingContract,
} from '@fixres/data';
import { expect, it } from 'vitest';
import { contractRescaling } from './contract-rescaling.ts';

function contractOf(
  scaling: keyof typeof inputScalings,
  layout: 'NHWC' | 'NCHW' = 'NHWC',
): PreprocessingContract {
  const { normalisation, channelOrder } = inputScalings[scaling];
  return preprocessingContract(namedPolicy('resize', { size: 8 }), {
    normalisation,
    channelOrder,
    layout,
  });
}

// The channels are reversed before.
it.each(['zero-one', 'plus-minus-one', 'torch', 'caffe'] as const)(
  '%s scales levels as normalisePixels',
  (scaling) => {
    const contract = contractOf(scaling);
    const levels = Uint8Array.from([0, 128, 255, 3, 200, 77, 90, 10, 250, 60, 61, 62]);
    const expected = normalisePixels(levels, { ...contract, channelOrder: 'rgb' });
    const { scale, offset } = contractRescaling(contract)!;
    const [scales, offsets] = [scale, offset].map((value) =>
      Array.isArray(value) ? value : [value, value, value],
    );
    for (const [i, level] of levels.entries())
      expect(level * scales![i % 3]! + offsets![i % 3]!).toBeCloseTo(expected[i]!, 4);
  },
);

it('is not needed for a model that takes levels', () => {
  expect(contractRescaling(contractOf('none'))).toBeUndefined();
});

it('refuses what the layer cannot compute', () => {
  expect(() => contractRescaling(contractOf('caffe', 'NCHW'))).toThrow(
    "Option --format is keras, but the model's preprocessing puts blue before red with channels first; allowed are onnx, tflite, savedmodel, tfjs, keras-weights.",
  );
  expect(() => contractRescaling(contractOf('torch', 'NCHW'))).toThrow(
    'normalises each channel with channels first',
  );
});
