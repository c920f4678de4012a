import { describe, expect, it } from 'vitest';
import { shortSideCrop } from '../policies/fixres-authors.ts';
import { fixresFinetune, fixresTest, resize } from '../policies/keras-fixres.ts';
import { timmEval } from '../policies/timm-eval.ts';
import { normalisePixels } from './normalise-pixels.ts';
import { imagenetMeanStd, inputScalings, toPlusMinusOne, unscaled } from './input-scalings.ts';
import {
  contractPolicy,
  parsePreprocessingContract,
  preprocessingContract,
} from './preprocessing-contract.ts';

describe('preprocessingContract', () => {
  it('describes a test policy as plain data', () => {
    const contract = preprocessingContract(fixresTest({ trainSize: 128, size: 224 }), {
      normalisation: toPlusMinusOne,
    });
    expect(contract).toEqual({
      version: 1,
      decode: 'accurate',
      resize: { rule: 'both-sides', width: 392, height: 392 },
      crop: { width: 224, height: 224, rounding: 'floor' },
      interpolation: 'bilinear',
      antialias: false,
      normalisation: { kind: 'scale', scale: 1 / 127.5, offset: -1 },
      layout: 'NHWC',
      input: { width: 224, height: 224 },
    });
    expect(parsePreprocessingContract(JSON.parse(JSON.stringify(contract)))).toEqual(contract);
  });

  it('states how JPEG files are decoded, accurate in contracts from before there was a choice', () => {
    const options = { normalisation: toPlusMinusOne, decode: 'tensorflow' } as const;
    const contract = preprocessingContract(resize(64), options);
    expect(contract.decode).toBe('tensorflow');
    expect(parsePreprocessingContract(contract)).toEqual(contract);
    const earlier = { ...contract, decode: undefined };
    expect(parsePreprocessingContract(JSON.parse(JSON.stringify(earlier)))).toEqual({
      ...contract,
      decode: 'accurate',
    });
    expect(() => parsePreprocessingContract({ ...contract, decode: 'fast' })).toThrow(
      'preprocessing.decode is "fast"; it must be "accurate" or "tensorflow".',
    );
  });

  it('states the head of a multi-label model', () => {
    const head = { activation: 'sigmoid', thresholds: [0.5, 0.125] } as const;
    const contract = preprocessingContract(resize(64), {
      normalisation: unscaled,
      head: { ...head, thresholds: [...head.thresholds] },
    });
    expect(parsePreprocessingContract(JSON.parse(JSON.stringify(contract)))).toEqual(contract);
    expect(() =>
      parsePreprocessingContract({ ...contract, head: { ...head, activation: 'softmax' } }),
    ).toThrow('preprocessing.head.activation is "softmax"; it must be "sigmoid".');
    expect(() =>
      parsePreprocessingContract({ ...contract, head: { ...head, thresholds: [2] } }),
    ).toThrow(/preprocessing\.head\.thresholds/);
  });

  it('states the order of the colours if it is not red, green, blue', () => {
    const bgr = preprocessingContract(resize(64), inputScalings.caffe);
    expect(parsePreprocessingContract(JSON.parse(JSON.stringify(bgr)))).toEqual(bgr);
    expect(bgr.channelOrder).toBe('bgr');
    const rgb = preprocessingContract(resize(64), { normalisation: unscaled, channelOrder: 'rgb' });
    expect(Object.keys(rgb)).not.toContain('channelOrder');
    expect(() => parsePreprocessingContract({ ...bgr, channelOrder: 'gbr' })).toThrow(
      'preprocessing.channelOrder is "gbr"; it must be "rgb" or "bgr".',
    );
  });

  it('converts back to the policy', () => {
    const policies = [
      resize(96),
      shortSideCrop(64),
      shortSideCrop(64, { byHeight: true }),
      timmEval({ size: 64, mode: 'border', interpolation: 'bicubic' }),
    ];
    for (const policy of policies) {
      expect(
        contractPolicy(
          preprocessingContract(policy, { normalisation: imagenetMeanStd, layout: 'NCHW' }),
          policy.name,
        ),
      ).toEqual(policy);
    }
  });

  it('rejects a train policy', () => {
    expect(() =>
      preprocessingContract(fixresFinetune({ trainSize: 64, size: 96 }), {
        normalisation: toPlusMinusOne,
      }),
    ).toThrow(
      'Policy "fixresFinetune" has the steps resize, centerCrop, randomHorizontalFlip; a preprocessing contract is one resize',
    );
  });

  const good = preprocessingContract(resize(64), { normalisation: imagenetMeanStd });
  it.each([
    [{ ...good, version: 3 }, 'preprocessing.version is 3; it must be 1.'],
    [{ ...good, layout: 'CHW' }, 'preprocessing.layout is "CHW"; it must be "NHWC" or "NCHW".'],
    [{ ...good, resize: { rule: 'short-side' } }, 'preprocessing.resize.side is missing'],
    [
      { ...good, normalisation: { ...imagenetMeanStd, std: [1, 1, 0] } },
      'preprocessing.normalisation.std[2] is 0',
    ],
    [
      { ...good, normalisation: undefined },
      'preprocessing.normalisation is missing; it must be given.',
    ],
  ])('rejects an invalid contract from a file (%#)', (value, message) => {
    expect(() => parsePreprocessingContract(value)).toThrow(message);
  });
});

describe('normalisePixels', () => {
  const input = { width: 2, height: 1 };
  const pixels = Uint8Array.from([0, 51, 255, 102, 153, 204, 1, 2, 3, 4, 5, 6]);

  // preprocess_input of keras.applications.imagenet_utils, Keras 3.15.1, for the first two pixels.
  it.each([
    ['caffe', [151.061, -65.779, -123.68, 100.061, 36.221, -21.68]],
    ['torch', [-2.117904, -1.142857, 2.64, -0.371179, 0.642857, 1.751111]],
    ['plus-minus-one', [-1, -0.6, 1, -0.2, 0.2, 0.6]],
  ] as const)('computes what Keras computes in mode %s, in both layouts', (name, expected) => {
    const scaling = inputScalings[name];
    const near = (values: number[]): number[] =>
      values.map((value) => expect.closeTo(value, 4) as number);
    const packed = normalisePixels(pixels, { input, layout: 'NHWC', ...scaling });
    expect([...packed.subarray(0, 6)]).toEqual(near([...expected]));
    const planes = normalisePixels(pixels, { input, layout: 'NCHW', ...scaling });
    expect([...planes.subarray(0, 6)]).toEqual(
      near([0, 3, 1, 4, 2, 5].map((place) => expected[place]!)),
    );
  });

  it('scales levels', () => {
    const numbers = normalisePixels(pixels, {
      input,
      layout: 'NHWC',
      normalisation: toPlusMinusOne,
    });
    expect([...numbers.subarray(0, 4)]).toEqual([
      -1,
      expect.closeTo(-0.6, 6),
      1,
      expect.closeTo(-0.2, 6),
    ]);
  });

  it('writes channels as planes, image by image', () => {
    const numbers = normalisePixels(pixels, {
      input,
      layout: 'NCHW',
      normalisation: { kind: 'scale', scale: 1, offset: 0 },
    });
    expect([...numbers]).toEqual([0, 102, 51, 153, 255, 204, 1, 4, 2, 5, 3, 6]);
  });

  it('applies the mean and standard deviation of each channel', () => {
    const numbers = normalisePixels(pixels, {
      input,
      layout: 'NHWC',
      normalisation: imagenetMeanStd,
    });
    expect(numbers[1]).toBeCloseTo((0.2 - 0.456) / 0.224, 5);
    expect(numbers[2]).toBeCloseTo((1 - 0.406) / 0.225, 5);
  });
});
