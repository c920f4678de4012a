import type { MachineReport, MemoryReport } from '@fixres/engine/setup';
import type { PartSpeed } from '@fixres/runner';
import type { SessionSpeed } from '@fixres/runner/node';
import { type ArmSpec, fixresExperiment, fixresPresets } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { adviceFrom } from './advice.ts';
import { benchText } from './bench-text.ts';
import { limitsOf } from './limits.ts';

const memory: MemoryReport = { totalMb: 16_000, freeMb: 9000, limitMb: null };

function part(overrides: Partial<PartSpeed> = {}): PartSpeed {
  return {
    kind: 'train',
    size: 128,
    precision: 'float32',
    secondsPerImage: { mean: 0.04, min: 0.03, max: 0.05 },
    batches: 9,
    startSeconds: 4.5,
    waited: 0.01,
    peakRssMb: 2000,
    ...overrides,
  };
}

const [training, evaluation] = [part(), part({ kind: 'evaluate', size: 224, waited: 0.5 })];

/** 4,000 s of training and 1,000 s of evaluation, 50 s of compilation. */
function speed(overrides: Partial<SessionSpeed> = {}): SessionSpeed {
  const { arms, ...experiment } = fixresExperiment({ ...fixresPresets.keras, arms: ['small'] });
  return {
    experiment: { ...experiment, arms: arms as ArmSpec[] },
    engine: { name: 'tensorflow', device: 'cpu', reason: '', versions: {} },
    cores: 2,
    images: { dataset: 'photos', train: 3303, heldOut: 367, thresholds: 0, sizes: 0 },
    parts: [training, evaluation],
    featuresMb: 0,
    reading: [
      { policy: 'resizeFlip', size: 128, secondsPerImage: { mean: 1e-4, min: 1e-4, max: 1e-4 } },
    ],
    other: undefined,
    decoding: { mean: 0.002, min: 0.002, max: 0.002 },
    imageCache: { neededMb: 400, limitMb: 1000, fits: true, onDisk: false },
    estimate: {
      seconds: 5057,
      checkSeconds: 7,
      arms: [
        {
          name: 'small',
          seconds: 5050,
          startSeconds: 50,
          work: [
            { kind: 'evaluate', size: 224, precision: 'float32', images: 25_000, seconds: 1000 },
            { kind: 'train', size: 128, precision: 'float32', images: 100_000, seconds: 4000 },
          ],
        },
      ],
    },
    ...overrides,
  };
}

const machine: Pick<MachineReport, 'engine' | 'advice' | 'memory'> = {
  engine: { name: 'tensorflow', device: 'cpu', reason: '', versions: {} },
  advice: ['Plug it in.'],
  memory,
};

describe('limitsOf', () => {
  it('names computing, or the reading of images, for the work that takes the most time', () => {
    expect(limitsOf(speed(), memory)).toEqual([
      'Computing limits training at 128 pixels, which takes 80 % of the time; it waits for images 1 % of the time.',
      'Memory is enough: a run takes up to 2.4 GB with all cached images and features, of 16.0 GB.',
    ]);
    const waiting = speed({ parts: [part({ waited: 0.25 }), evaluation] });
    expect(limitsOf(waiting, memory)[0]).toBe(
      'Reading images limits training at 128 pixels, which takes 80 % of the time: it waits for images 25 % of the time.',
    );
  });

  it('does not state how long features wait for images, which is not measured', () => {
    const features = part({ kind: 'features', size: 224, waited: undefined });
    const { estimate } = speed();
    const [arm] = estimate.arms;
    const most = speed({
      parts: [features],
      estimate: {
        ...estimate,
        arms: [
          {
            ...arm!,
            work: [
              { kind: 'features', size: 224, precision: 'float32', images: 9, seconds: 3000 },
              { kind: 'train', size: 128, precision: 'float32', images: 9, seconds: 1000 },
            ],
          },
        ],
      },
    });
    expect(limitsOf(most, memory)[0]).toBe(
      'The most time goes to features of frozen layers at 224 pixels: 75 % of it.',
    );
    expect(adviceFrom(most, machine)).toEqual(['Plug it in.']);
  });

  it('counts the cached features of the whole data set', () => {
    expect(limitsOf(speed({ featuresMb: 11_000 }), memory)[1]).toBe(
      'Memory is short: a run takes up to 13.4 GB with all cached images and features, of 16.0 GB.',
    );
  });

  it('compares memory with the limit of the container, with a cache that is full', () => {
    const most = speed({
      parts: [training, { ...evaluation, peakRssMb: 6000 }],
      imageCache: { neededMb: 5000, limitMb: 1000, fits: false, onDisk: false },
    });
    expect(limitsOf(most, { ...memory, limitMb: 8000 })[1]).toBe(
      'Memory is short: a run takes up to 7.0 GB with all cached images and features, of 8.0 GB.',
    );
  });
});

describe('adviceFrom', () => {
  it('is that of doctor if nothing else was found', () => {
    expect(adviceFrom(speed(), machine)).toEqual(['Plug it in.']);
  });

  it('names a precision that is faster, and not one that is hardly faster', () => {
    const other = (mean: number): PartSpeed =>
      part({ precision: 'bfloat16', secondsPerImage: { mean, min: mean, max: mean } });
    expect(adviceFrom(speed({ other: other(0.02) }), machine)[0]).toBe(
      'Use --precision bfloat16: at 128 pixels it trains 2.0 times as fast as float32 here.',
    );
    expect(adviceFrom(speed({ other: other(0.039) }), machine)).toEqual(['Plug it in.']);
    expect(adviceFrom(speed({ other: other(0.2) }), machine)).toEqual(['Plug it in.']);
  });

  it('names a better engine, a cache on disk and smaller batches', () => {
    const limited = speed({
      engine: { name: 'wasm', device: 'cpu', reason: '', versions: {} },
      parts: [part({ waited: 0.4, peakRssMb: 15_000 }), evaluation],
      imageCache: { neededMb: 5000, limitMb: 1000, fits: false, onDisk: false },
    });
    expect(adviceFrom(limited, machine)).toEqual([
      'Use --engine auto: the engine was wasm on the cpu, and tensorflow on the cpu is available.',
      'Use --disk-cache FOLDER: training waits for images, and the decoded images take 5.0 GB, more than the cache of 1.0 GB, so each epoch decodes them again.',
      'Use a smaller --batch-size or --large, which take less memory.',
      'Plug it in.',
    ]);
    const { imageCache } = limited;
    const onDisk = speed({
      parts: [part({ waited: 0.4 })],
      imageCache: { ...imageCache, onDisk: true },
    });
    expect(adviceFrom(onDisk, machine)[0]).toMatch(/^Store smaller photos, or the disk cache on/);
    const small = speed({ parts: [part({ waited: 0.4 })] });
    expect(adviceFrom(small, machine)[0]).toMatch(/^Store smaller photos/);
  });
});

it('benchText shows speeds, the estimate, limits and advice', () => {
  const text = benchText({
    ...speed({
      parts: [training, part({ kind: 'features', size: 224, waited: undefined })],
      other: part({ precision: 'bfloat16' }),
    }),
    cpu: { model: 'A processor', cores: 2, features: [] },
    memory,
    limits: ['It is slow.'],
    advice: [],
  });
  for (const line of [
    /^resnet50v2, width 64, batch size 32, float32$/m,
    /^A processor, 2 cores; engine tensorflow on the cpu$/m,
    // 1 / 0.04 images/s; 32 times 40, 30 and 50 ms.
    /^training +128 +25\.0 +1280 +960 +1600 +4\.5 s +1 % +2\.0 GB$/m,
    /^features of frozen layers +224 .* s +- +2\.0 GB$/m,
    /^training in bfloat16 +128 /m,
    /^reading, resizeFlip, cached +128 +10000 +3\.2 +3\.2 +3\.2$/m,
    /^reading and decoding +500 /m,
    /^Estimate for 3,303 training images and 367 held out, measured with images of photos:$/m,
    /^small +1 h 24 min +training at 128: 1 h 7 min, evaluation at 224: 16 min 40 s$/m,
    /^all +1 h 24 min$/m,
    /^It is slow\.$/m,
    /^Nothing known would make it faster\.$/m,
  ])
    expect(text).toMatch(line);
});
