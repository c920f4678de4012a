import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  armFolderName,
  earlierPredictionsFileName,
  fileNamePattern,
  LONGEST_FILE_NAME,
  parseArmFolderName,
  parsePredictionsFileName,
  type PredictionsOf,
  predictionsFileName,
} from './file-names.ts';
import { expandGrid } from './experiment-file/expand-grid.ts';
import { experimentFileSchema } from './experiment/schema/experiment-schemas.ts';

/** Names that the schema allows, including some that look like the separators in file names. */
const piece = fc.oneof(
  fc.constantFrom(
    '-seed0-',
    '-seed1',
    'seed2-',
    'SEED3-',
    '-seed',
    '@64',
    '.jsonl',
    '-',
    '.',
    '@',
    '+',
    'seed01-',
    '-seed9007199254740991-',
  ),
  fc.stringMatching(/^[\w.@+-]{1,4}$/),
);
const name = fc
  .oneof(
    fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join('').slice(0, 100)),
    fc.stringMatching(fileNamePattern),
  )
  .filter((text) => !/^\.+$/.test(text));
const seed = fc.oneof(fc.constantFrom(0, 1, 2, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
const predictions: fc.Arbitrary<PredictionsOf> = fc.record({
  arm: name,
  seed,
  evaluation: fc
    .tuple(name, fc.integer({ min: 1, max: 4096 }))
    .map(([policy, size]) => `${policy}@${size}`),
});

const pairKey = ({ arm, seed: number, evaluation }: PredictionsOf): string =>
  JSON.stringify([arm, number, evaluation]).toLowerCase();

describe('file names in a run folder', () => {
  it('accept every name that the schema allows, and no others', () => {
    const accepts = (text: string): boolean => {
      const policy = { policy: 'resize', size: 64 };
      return experimentFileSchema.safeParse({
        version: 1,
        dataset: 'synthetic',
        arms: [{ name: text, epochs: 1, trainPolicy: policy, testPolicy: policy }],
      }).success;
    };
    fc.assert(fc.property(name, (text) => accepts(text)));
    for (const text of ['', 'a/b', 'a b', '..', 'ü', 'a%', 'a'.repeat(101), 'a\n', 'a\\b', 'a:b'])
      expect([text, accepts(text)]).toEqual([text, false]);
  });

  it('are parsed back to what they were made from', () => {
    fc.assert(
      fc.property(predictions, (of) => {
        expect(parsePredictionsFileName(predictionsFileName(of))).toEqual(of);
        const { arm, seed: number } = of;
        expect(parseArmFolderName(armFolderName(of))).toEqual({ arm, seed: number });
      }),
      { numRuns: 2000 },
    );
  });

  it('are different for different content, including on case-insensitive file systems', () => {
    fc.assert(
      fc.property(
        predictions,
        predictions,
        (a, b) =>
          (predictionsFileName(a).toLowerCase() === predictionsFileName(b).toLowerCase()) ===
          (pairKey(a) === pairKey(b)),
      ),
      { numRuns: 2000 },
    );
    // Also for other readings of a name.
    fc.assert(
      fc.property(predictions, (of) => {
        const plain = earlierPredictionsFileName(of);
        for (let at = plain.indexOf('-seed', 1); at !== -1; at = plain.indexOf('-seed', at + 1)) {
          const [, digits, evaluation] =
            /^-seed(0|[1-9]\d*)-(.+)\.jsonl$/.exec(plain.slice(at)) ?? [];
          if (digits === undefined) continue;
          const other = { arm: plain.slice(0, at), seed: Number(digits), evaluation: evaluation! };
          expect(predictionsFileName(other) === predictionsFileName(of)).toBe(
            pairKey(other) === pairKey(of),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('leave space for the suffix of temporary files', () => {
    fc.assert(
      fc.property(predictions, (of) => predictionsFileName(of).length <= LONGEST_FILE_NAME),
    );
  });

  it('work for the fine-tuned arms of a grid', () => {
    const [, tuned] = expandGrid({
      train: { trainPolicy: 'randomResizedCrop', imageSizes: [64], epochs: 1 },
      finetune: {
        policies: [
          {
            trainPolicy: { policy: 'resize', size: 80 },
            testPolicy: { policy: 'resize', size: 80 },
          },
        ],
        freeze: ['classifier+last-bn'],
        epochs: 1,
      },
    });
    const of = { arm: tuned!.name, seed: 0, evaluation: 'resize@80' };
    expect(of.arm).toBe('train64-resize@80-classifier+last-bn');
    expect(predictionsFileName(of)).toBe(
      'train64-resize@80-classifier+last-bn-seed0-resize@80.jsonl',
    );
    expect(parsePredictionsFileName(predictionsFileName(of))).toEqual(of);
  });

  it("from earlier versions are parsed according to the run's predictions", () => {
    fc.assert(
      fc.property(predictions, (of) => {
        expect(
          parsePredictionsFileName(
            earlierPredictionsFileName(of),
            (way) => pairKey(way) === pairKey(of),
          ),
        ).toEqual(of);
      }),
      { numRuns: 2000 },
    );
  });

  it('are distinguished from other names', () => {
    for (const other of [
      '',
      'small',
      'small-seed0',
      'small-seed0-resize@64',
      '-seed0-resize@64.jsonl',
      'small-seed-resize@64.jsonl',
      'small-seed01-resize@64.jsonl',
      'small-seed0-.jsonl',
      'small-seed0-notes.jsonl',
      'small-seed0-%@64.jsonl',
    ]) {
      expect([other, parsePredictionsFileName(other)]).toEqual([other, undefined]);
    }
    for (const other of [
      '',
      'small',
      '-seed0',
      'small-seed',
      'small-seed01',
      'small-seed0.partial',
    ])
      expect([other, parseArmFolderName(other)]).toEqual([other, undefined]);
  });
});
