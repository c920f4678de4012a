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

/** Names as the schema has them; among them such as look like what stands between the parts of a file's name. */
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

describe('names of files in a run folder', () => {
  it('are of every name that the schema allows, and of no other', () => {
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

  it('are read as they were written', () => {
    fc.assert(
      fc.property(predictions, (of) => {
        expect(parsePredictionsFileName(predictionsFileName(of))).toEqual(of);
        const { arm, seed: number } = of;
        expect(parseArmFolderName(armFolderName(of))).toEqual({ arm, seed: number });
      }),
      { numRuns: 2000 },
    );
  });

  it('differ where what they name differs, also on file systems that do not see case', () => {
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
    // Of a name's other readings too.
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

  it('fit where files are written aside first', () => {
    fc.assert(
      fc.property(predictions, (of) => predictionsFileName(of).length <= LONGEST_FILE_NAME),
    );
  });

  it('hold the fine-tuned arms of a grid', () => {
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

  it('of runs written before are read in the way that the run makes', () => {
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

  it('are told from others', () => {
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
