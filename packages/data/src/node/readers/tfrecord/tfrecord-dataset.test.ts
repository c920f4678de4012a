import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { picture, temporaryFolder } from '../../../../test/make-images.ts';
import { field, tfExampleBytes, tfRecordBytes, varint } from '../../../../test/tf-record-writer.ts';
import type { ImageDataset } from '../../dataset/dataset.ts';
import { decodeImage } from '../../decode/decode-image.ts';
import { readBytes } from '../../files/byte-source.ts';
import { splitAsGiven } from '../../split/split.ts';
import { openDataset } from '../open-dataset.ts';
import { maskedCrc32c } from '../../../crc32c.ts';

/** Written by TensorFlow Datasets itself: `scripts/make-tfds-fixture.py`. */
const fixture = fileURLToPath(new URL('../../../fixtures/tiny_shapes', import.meta.url));

/** Like `picture` in the script. */
function shapePicture(number: number): Uint8Array {
  const pixels = [];
  for (let y = 0; y < 6 + number; y++) {
    for (let x = 0; x < 9; x++)
      for (let c = 0; c < 3; c++) pixels.push((x * 20 + y * 11 + c * 40 + number * 7) % 256);
  }
  return Uint8Array.from(pixels);
}

async function fixtureCopy(): Promise<string> {
  const folder = join(await temporaryFolder(), 'tiny_shapes');
  await cp(fixture, folder, { recursive: true });
  return folder;
}

async function open(path: string): Promise<ImageDataset> {
  return openDataset(path, { cacheFolder: 'unused' });
}

/** A TFRecord file of the records, beside nothing. */
async function recordFile(records: Uint8Array[], name = 'made.tfrecord'): Promise<string> {
  const file = join(await temporaryFolder(), name);
  await writeFile(file, tfRecordBytes(records));
  return file;
}

describe('maskedCrc32c', () => {
  it('masks the checksums of RFC 3720, appendix B.4', () => {
    const checksums: [Uint8Array, number][] = [
      [new Uint8Array(32), 0x8a9136aa],
      [new Uint8Array(32).fill(0xff), 0x62a8ab43],
      [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
      [Buffer.from('123456789'), 0xe3069283],
    ];
    for (const [bytes, crc] of checksums) {
      expect(maskedCrc32c(bytes)).toBe(((crc >>> 15) + ((crc << 17) >>> 0) + 0xa282ead8) % 2 ** 32);
    }
  });
});

describe('TFRecord files of TensorFlow Datasets', () => {
  it('give the position of every image, with class names, splits and file names', async () => {
    const dataset = await open(fixture);
    expect(dataset).toMatchObject({
      name: 'tiny_shapes',
      format: 'tfrecord',
      classNames: ['square', 'circle', 'arrow'],
    });
    expect(dataset.examples).toHaveLength(18);
    for (const { id, label, split, source } of dataset.examples) {
      const number = Number(/^\w+\/shape (\d+)\.png$/.exec(id)![1]);
      expect([label, split]).toEqual([number % 3, number < 12 ? 'train' : 'validation']);
      expect(id.split('/')[0]).toBe(dataset.classNames[label]);
      expect(source.compression).toBe('none');
      const image = await decodeImage(await readBytes(source), id);
      expect(image).toEqual({ width: 9, height: 6 + number, data: shapePicture(number) });
    }
    const { train, heldOut } = splitAsGiven(dataset);
    expect([train.length, heldOut.length]).toEqual([12, 6]);
  });

  it('are found in the folder of a version, but not in two versions at once', async () => {
    const root = await temporaryFolder();
    await cp(fixture, join(root, '1.0.0'), { recursive: true });
    expect((await open(root)).examples).toHaveLength(18);
    await cp(fixture, join(root, '2.0.0'), { recursive: true });
    await expect(open(root)).rejects.toThrow(/in 1\.0\.0 and 2\.0\.0; give one/);
  });

  it('can be opened one by one, or by a pattern', async () => {
    expect(
      (await open(join(fixture, 'tiny_shapes-train.tfrecord-00001-of-00002'))).examples,
    ).toHaveLength(6);
    expect(
      (await open(join(fixture, 'tiny_shapes-train.tfrecord-0000{0..1}-of-00002'))).examples,
    ).toHaveLength(12);
    expect((await open(join(fixture, 'tiny_shapes-*.tfrecord-*'))).examples).toHaveLength(18);
  });

  it('are refused if a shard is missing or cut at a record', async () => {
    const folder = await fixtureCopy();
    const second = join(folder, 'tiny_shapes-train.tfrecord-00001-of-00002');
    const bytes = await readFile(second);
    const firstRecord = 16 + Number(bytes.readBigUInt64LE(0));
    await writeFile(second, bytes.subarray(0, firstRecord));
    await expect(open(folder)).rejects.toThrow('contains 1 records; dataset_info.json states 6');
    await rm(second);
    await expect(open(folder)).rejects.toMatchObject({
      code: 'bad-layout',
      message: expect.stringContaining('1 of 2 files are missing') as string,
    });
  });

  it('are refused if any single byte is wrong', async () => {
    const folder = await fixtureCopy();
    const file = join(folder, 'tiny_shapes-validation.tfrecord-00000-of-00002');
    const bytes = await readFile(file);
    for (let i = 0; i < bytes.length; i += 7) {
      const wrong = Buffer.from(bytes);
      wrong[i]! ^= 1 << (i % 8);
      await writeFile(file, wrong);
      await expect(open(folder), `byte ${i}`).rejects.toMatchObject({
        code: 'damaged-archive',
        message: expect.stringContaining(file) as string,
      });
    }
  });

  it('report other image features if the metadata chooses none', async () => {
    const folder = await fixtureCopy();
    const features = JSON.parse(await readFile(join(folder, 'features.json'), 'utf8')) as {
      featuresDict: { features: Record<string, unknown> };
    };
    features.featuresDict.features.annotation = features.featuresDict.features.image;
    await writeFile(join(folder, 'features.json'), JSON.stringify(features));
    expect((await open(folder)).warnings).toEqual([]);
    const info = JSON.parse(await readFile(join(folder, 'dataset_info.json'), 'utf8')) as {
      supervisedKeys?: unknown;
    };
    delete info.supervisedKeys;
    await writeFile(join(folder, 'dataset_info.json'), JSON.stringify(info));
    expect((await open(folder)).warnings).toEqual([
      'The feature "image" is used for the images; annotation also contains images.',
    ]);
  });

  it('work without metadata: classes are numbers, and ids are positions', async () => {
    const folder = await fixtureCopy();
    for (const name of ['dataset_info.json', 'features.json', 'label.labels.txt'])
      await rm(join(folder, name));
    const dataset = await open(folder);
    expect([dataset.name, dataset.classNames]).toEqual(['tiny_shapes', ['0', '1', '2']]);
    expect(dataset.examples[0]!.id).toMatch(/^[012]\/shape \d+\.png$/);
    const named = await openDataset(folder, {
      cacheFolder: 'unused',
      classNames: ['a', 'b', 'c', 'd'],
    });
    expect(named.classNames).toEqual(['a', 'b', 'c', 'd']);
    await writeFile(join(folder, 'features.json'), '[');
    await expect(open(folder)).rejects.toThrow('features.json is not a JSON object');
  });
});

describe('other TFRecord files', () => {
  it('can have labels as text, packed or not, and the names of the model garden', async () => {
    const image = await picture();
    const text = await open(
      await recordFile(['cat', 'dog'].map((label) => tfExampleBytes({ label, image, unused: [] }))),
    );
    expect([text.name, text.classNames, text.examples.map(({ label }) => label)]).toEqual([
      'made',
      ['cat', 'dog'],
      [0, 1],
    ]);
    expect(text.examples[1]!.id).toBe('made.tfrecord#1');
    expect(text.examples[1]!.split).toBeUndefined();
    const garden = [[7], 300].map((label) =>
      tfExampleBytes({ 'image/class/label': label, 'image/encoded': image }),
    );
    const numbers = await open(await recordFile(garden, 'validation.tfrecord'));
    expect([numbers.classNames, numbers.examples[0]!.split]).toEqual([['7', '300'], 'validation']);
    for (const { source } of [...text.examples, ...numbers.examples])
      expect(await readBytes(source)).toEqual(image);
  });

  it('name the wrong record', async () => {
    const good = tfExampleBytes({ label: 1, image: 'x' });
    const broken: [Uint8Array, RegExp][] = [
      [
        tfExampleBytes({ label: 1 }),
        /Record 1 of .*made.tfrecord has no feature image or .* bytes of one image/,
      ],
      [tfExampleBytes({ label: [1, 2], image: 'x' }), /Record 1 .* one class/],
      [tfExampleBytes({ label: [], image: 'x' }), /one class/],
      [Buffer.from('no message'), /Record 1 of .* is not a tf.train.Example/],
      [good.subarray(0, -1), /longer than its message/],
      [
        field(
          1,
          field(
            1,
            Buffer.concat([field(1, 'label'), field(2, field(3, Buffer.from([0x08, 0x80])))]),
          ),
        ),
        /Expected varint/,
      ],
      [Buffer.concat([Buffer.from([0x0a]), varint(-1)]), /longer than its message/],
      [Buffer.from([0x0b]), /Unimplemented type: 3/],
    ];
    for (const [record, message] of broken)
      await expect(open(await recordFile([good, record]))).rejects.toThrow(message);
    await expect(open(await recordFile([]))).rejects.toThrow('contain no records');
    await expect(open(await recordFile([good, good]))).rejects.toMatchObject({ code: 'one-class' });
  });

  it('leave images with the label -1 out, count them, and name a label that has no class', async () => {
    const records = (...labels: number[]): Promise<string> =>
      recordFile(labels.map((label) => tfExampleBytes({ label, image: 'x' })));
    const { classNames, examples, leftOut } = await open(await records(0, -1, 1, -1));
    expect([classNames, examples.map(({ id }) => id)]).toEqual([
      ['0', '1'],
      ['made.tfrecord#0', 'made.tfrecord#2'],
    ]);
    expect(leftOut).toEqual([
      { what: 'images without a label', count: 2, first: 'made.tfrecord#1', matters: true },
    ]);
    await expect(open(await records(-1, 1))).rejects.toThrow(
      'only one class, "1"; at least two are needed. Left out: images without a label (1, the first made.tfrecord#0).',
    );
    await expect(open(await records(-1))).rejects.toThrow('contain no images with a label');
    await expect(
      openDataset(await records(-2, 1), { cacheFolder: 'unused', classNames: ['a', 'b'] }),
    ).rejects.toThrow(
      /Record 0 of .*made\.tfrecord has the label -2; a label is text or a whole number from 0/,
    );
  });

  it('can have whole numbers as floats, as pandas writes them', async () => {
    const records = (...labels: number[][]): Promise<string> =>
      recordFile(
        labels.map((label) => tfExampleBytes({ label: Float32Array.from(label), image: 'x' })),
      );
    const { classNames, examples, leftOut } = await open(await records([10], [2], [-1]));
    expect([classNames, examples.map(({ label }) => label), leftOut?.[0]?.count]).toEqual([
      ['2', '10'],
      [1, 0],
      1,
    ]);
    await expect(open(await records([1], [0.5]))).rejects.toThrow(
      /Record 1 of .* has the label 0\.5; a label is text or a whole number/,
    );
    await expect(open(await records([1, 2]))).rejects.toThrow('with one class');
    await expect(open(await records([]))).rejects.toThrow('with one class');
    const unpacked = field(
      1,
      field(
        1,
        Buffer.concat([
          field(1, 'label'),
          field(2, field(2, Buffer.from([0x0d, 0, 0, 0x40, 0x40]))),
        ]),
      ),
    );
    const image = tfExampleBytes({ image: 'x' });
    expect(
      (
        await open(
          await recordFile([
            Buffer.concat([unpacked, image]),
            tfExampleBytes({ label: 7, image: 'x' }),
          ]),
        )
      ).classNames,
    ).toEqual(['3', '7']);
  });

  it('ask for the label if there are several, in any order', async () => {
    const image = await picture();
    const features = { image, label: 1, coarse_label: 0, id: 7 };
    const file = await recordFile([
      tfExampleBytes(features),
      tfExampleBytes({ ...features, label: 0, coarse_label: 1 }),
    ]);
    await expect(open(file)).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining('could be the class: coarse_label, label; select') as string,
    });
    const labelled = async (labelKey: string): Promise<number[]> =>
      (await openDataset(file, { cacheFolder: 'unused', labelKey })).examples.map(
        ({ label }) => label,
      );
    expect(await labelled('label')).toEqual([1, 0]);
    expect(await labelled('coarse_label')).toEqual([0, 1]);
    await expect(labelled('fine')).rejects.toThrow(
      /has no feature fine with one class; select one of the whole numbers coarse_label, id, label \(/,
    );
    // The model garden's records tell the classes of boxes too.
    const garden = [1, 2].map((label) =>
      tfExampleBytes({
        'image/encoded': image,
        'image/class/label': label,
        'image/object/bbox/label': 9,
      }),
    );
    expect((await open(await recordFile(garden))).classNames).toEqual(['1', '2']);
  });

  it('are refused if compressed, cut or with too many records', async () => {
    const file = await recordFile([0, 1, 2].map((label) => tfExampleBytes({ label, image: 'x' })));
    await expect(
      openDataset(file, { cacheFolder: 'unused', limits: { maxEntries: 2 } }),
    ).rejects.toMatchObject({ code: 'limit-exceeded' });
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, -1));
    await expect(open(file)).rejects.toThrow(/record 2, at byte \d+, is longer than the file/);
    await writeFile(file, gzipSync(bytes));
    await expect(open(file)).rejects.toThrow('compressed with gzip');
    await rename(file, `${file}.gone`);
    await expect(open(file)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are read in chunks, including longer records and records across chunks', async () => {
    const image = Buffer.alloc(700_000, 'picture');
    const big = Buffer.alloc(3_000_000, 'large');
    const file = await recordFile(
      [image, image, big, image].map((bytes, label) =>
        tfExampleBytes({ image: bytes, label: label % 2 }),
      ),
    );
    const dataset = await open(file);
    const places = await Promise.all(dataset.examples.map(async ({ source }) => readBytes(source)));
    expect(places.map((bytes, i) => bytes.equals(i === 2 ? big : image))).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('stop when aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(openDataset(fixture, { cacheFolder: 'unused', signal })).rejects.toThrow('enough');
  });
});
