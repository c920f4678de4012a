import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { flowersArchive, flowerSizes, samplePhotos } from '@fixres/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { classPictures, picture, temporaryFolder, writeFolder } from '../../../test/make-images.ts';
import type { Size } from '../../geometry/view.ts';
import { drawPixels } from '../../pixels/draw-pixels.ts';
import { resampleBilinear } from '../../pixels/resample/resample-bilinear.ts';
import { withShrinkOnLoad } from '../../policies/compose.ts';
import { shortSideCrop } from '../../policies/fixres-authors.ts';
import { fixresTest, resize, sampledBoundingBoxCrop } from '../../policies/keras-fixres.ts';
import { drawingOf, type Policy, viewOf } from '../../policies/policy.ts';
import { createRandom } from '../../rng.ts';
import type { Example, ImageDataset } from '../dataset/dataset.ts';
import { decodeImage } from '../decode/decode-image.ts';
import { drawWithSharp } from '../decode/draw-with-sharp.ts';
import { readImageHeaders } from '../decode/image-header.ts';
import { readBytes } from '../files/byte-source.ts';
import { openDataset } from '../readers/open-dataset.ts';
import { splitByHash } from '../split/split.ts';
import { type Batch, ImageLoader } from './image-loader.ts';
import { WorkerPool } from './worker-pool.ts';

let loader: ImageLoader;
beforeAll(() => {
  loader = new ImageLoader({ threads: 2 });
});
afterAll(() => loader.close());

async function examples(count: number): Promise<Example[]> {
  const folder = await temporaryFolder();
  const half = Math.ceil(count / 2);
  const dataset = await openDataset(
    await writeFolder(folder, await classPictures(['a', 'b'], half)),
    { cacheFolder: folder },
  );
  return dataset.examples.slice(0, count);
}

/**
 * A JPEG file whose levels differ from pixel to pixel, so that every way of scaling gives other
 * pixels.
 */
async function noise(): Promise<Buffer> {
  const random = createRandom(1);
  const data = Uint8Array.from({ length: 160 * 160 * 3 }, () => random.int(256));
  return sharp(data, { raw: { width: 160, height: 160, channels: 3 } })
    .jpeg()
    .toBuffer();
}

async function all(batches: AsyncIterable<Batch>): Promise<Batch[]> {
  const list: Batch[] = [];
  for await (const batch of batches) list.push(batch);
  return list;
}

it('starts a thread for every 16 images of the longest list so far, unless told how many', async () => {
  const [example] = await examples(1);
  const list = (length: number): Example[] => Array.from({ length }, () => example!);
  const grow = vi.spyOn(WorkerPool.prototype, 'grow');
  onTestFinished(() => grow.mockRestore());
  for (const options of [{}, { threads: 3 }]) {
    const own = new ImageLoader(options);
    onTestFinished(() => own.close());
    for (const length of [1, 16, 17]) expect(await own.check(list(length))).toEqual([]);
  }
  const most = Math.min(availableParallelism(), 4);
  expect(grow.mock.calls.flat()).toEqual([1, 1, Math.min(2, most), 3, 3, 3]);
});

describe('ImageLoader.batches', () => {
  it('yields every example once, in order, with a smaller last batch', async () => {
    const list = await examples(10);
    const batches = await all(loader.batches(list, { policy: resize(16), batchSize: 4 }));
    expect(batches.map(({ shape }) => shape)).toEqual([
      [4, 16, 16, 3],
      [4, 16, 16, 3],
      [2, 16, 16, 3],
    ]);
    expect(batches.flatMap(({ indices }) => [...indices])).toEqual([...list.keys()]);
    expect(batches.flatMap(({ labels }) => [...labels])).toEqual(list.map(({ label }) => label));
    expect(batches.every(({ pixels, shape }) => pixels.length === shape[0] * 16 * 16 * 3)).toBe(
      true,
    );
  });

  it('draws each image by the policy', async () => {
    const list = await examples(6);
    const policy = sampledBoundingBoxCrop(24);
    const [batch] = await all(
      loader.batches(list, { policy, batchSize: 6, seed: 5, epoch: 2, shuffle: true }),
    );
    for (const [i, index] of batch!.indices.entries()) {
      const image = await decodeImage(await readBytes(list[index]!.source), '');
      const expected = new Uint8Array(24 * 24 * 3);
      resampleBilinear(image, viewOf(policy, image, createRandom(5, 'view', 2, index)), expected);
      expect(batch!.pixels.subarray(i * expected.length, (i + 1) * expected.length)).toEqual(
        expected,
      );
    }
  });

  it.each(['bilinear', 'lanczos3'] as const)(
    'draws each image as decodeImage decodes it, as TensorFlow does, by %s',
    async (interpolation) => {
      const fast = new ImageLoader({ threads: 2, decode: 'tensorflow' });
      const { examples: photos } = await openDataset(samplePhotos, {
        cacheFolder: await temporaryFolder(),
      });
      const policy = shortSideCrop(40, { interpolation });
      const batches = await all(fast.batches(photos, { policy, batchSize: 40 }));
      await fast.close();
      for (const [i, { id, source }] of photos.entries()) {
        const image = await decodeImage(await readBytes(source), id, { decode: 'tensorflow' });
        const expected = new Uint8Array(40 * 40 * 3);
        await drawWithSharp(image, drawingOf(policy, image, createRandom(0)), expected);
        const drawn = batches[0]!.pixels.subarray(i * expected.length, (i + 1) * expected.length);
        expect(Buffer.compare(drawn, expected), id).toBe(0);
      }
    },
  );

  it('is reproducible by seed and epoch with any number of threads, and reshuffles each epoch', async () => {
    const list = await examples(12);
    const options = { policy: sampledBoundingBoxCrop(16), batchSize: 5, seed: 1, shuffle: true };
    const single = new ImageLoader({ threads: 1, prefetch: 1 });
    const first = await all(loader.batches(list, { ...options, epoch: 0 }));
    expect(await all(single.batches(list, { ...options, epoch: 0 }))).toEqual(first);
    await single.close();
    const second = await all(loader.batches(list, { ...options, epoch: 1 }));
    const orders = [first, second].map((batches) => batches.flatMap(({ indices }) => [...indices]));
    expect(orders[0]).not.toEqual(orders[1]);
    // Not only the order of the batches changes, but also their members.
    expect(new Set(orders[0]!.slice(0, 5))).not.toEqual(new Set(orders[1]!.slice(0, 5)));
  });

  it('never runs further ahead than `prefetch`', async () => {
    const list = await examples(40);
    const slow = new ImageLoader({ threads: 2, prefetch: 3 });
    let started = 0;
    const counted = list.map((example) => ({
      ...example,
      get label() {
        started += 1;
        return example.label;
      },
    }));
    const iterator = slow.batches(counted, { policy: resize(16), batchSize: 1 });
    await iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(started).toBeLessThanOrEqual(3);
    await iterator.return();
    await slow.close();
  });

  it("stops when aborted, with the signal's reason", async () => {
    const list = await examples(40);
    const controller = new AbortController();
    const reading = (async () => {
      for await (const batch of loader.batches(list, {
        policy: resize(16),
        batchSize: 2,
        signal: controller.signal,
      })) {
        expect(batch.shape[0]).toBe(2);
        controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
  });

  it('resumes an interrupted pass, also with repeated augmentation', async () => {
    const folder = await temporaryFolder();
    const bytes = await noise();
    const names = Array.from({ length: 12 }, (_, i) => `${i < 6 ? 'a' : 'b'}/${i}.jpg`);
    await writeFolder(folder, Object.fromEntries(names.map((name) => [name, bytes])));
    const { examples: list } = await openDataset(folder, { cacheFolder: folder });
    const sampler = { kind: 'repeated-augmentation', rank: 0, ranks: 1 } as const;
    const options = {
      policy: sampledBoundingBoxCrop(16),
      batchSize: 4,
      seed: 3,
      epoch: 1,
      sampler,
    };
    const whole = await all(loader.batches(list, options));
    // Three copies in a row: four of the examples, each with three views.
    expect(new Set(whole.flatMap(({ indices }) => [...indices])).size).toBe(4);
    const views = new Set(
      whole.flatMap(({ pixels, shape }) =>
        Array.from({ length: shape[0] }, (_, i) => pixels.subarray(i * 768, (i + 1) * 768).join()),
      ),
    );
    expect(views.size).toBe(12);
    expect(await all(loader.batches(list, { ...options, position: 4 }))).toEqual(whole.slice(1));
  });

  it('yields the same batches with a cache of decoded images, whether or not all of them fit', async () => {
    const list = await examples(12);
    const originals = await Promise.all(list.map(({ source }) => readBytes(source)));
    const options = { policy: sampledBoundingBoxCrop(16), batchSize: 5, seed: 1, shuffle: true };
    const expected = [
      await all(loader.batches(list, options)),
      await all(loader.batches(list, { ...options, epoch: 1 })),
    ];
    // One image has at least 20 x 16 x 3 bytes.
    for (const cacheBytes of [1_000_000, 3 * 1024, 100]) {
      const keeping = new ImageLoader({ threads: 2, cacheBytes });
      for (const [epoch, batches] of expected.entries())
        expect(await all(keeping.batches(list, { ...options, epoch }))).toEqual(batches);
      if (cacheBytes === 1_000_000) {
        for (const { source } of list) await writeFile(source.file, 'gone');
        expect(await all(keeping.batches(list, options))).toEqual(expected[0]);
        for (const [i, { source }] of list.entries()) await writeFile(source.file, originals[i]!);
      }
      await keeping.close();
    }
  });

  it('reuses recycled memory and yields the same batches', async () => {
    const list = await examples(10);
    const options = { policy: sampledBoundingBoxCrop(16), batchSize: 4, seed: 1, shuffle: true };
    const expected = await all(loader.batches(list, options));
    const given: Batch[] = [];
    for (let pass = 0; pass < 2; pass++) {
      const seen: Batch[] = [];
      for await (const batch of loader.batches(list, options)) {
        seen.push(structuredClone(batch));
        loader.recycle(batch);
        given.push(batch);
      }
      expect(seen).toEqual(expected);
    }
    // A buffer that was transferred to a thread is detached here: the batches of the first pass,
    // whose memory the second pass reused.
    expect(given.slice(0, 3).map(({ pixels }) => pixels.byteLength)).toEqual([0, 0, 0]);
  });

  it.each([0, -1, 2.5, Number.NaN])('rejects batch size %d', async (batchSize) => {
    const message = `Option "batchSize" is ${batchSize}; it must be a whole number of at least 1.`;
    await expect(
      all(loader.batches(await examples(2), { policy: resize(16), batchSize })),
    ).rejects.toMatchObject({ code: 'bad-option', message });
  });

  it('rejects invalid cache sizes', () => {
    expect(() => new ImageLoader({ cacheBytes: -1 })).toThrow(
      'Option "cacheBytes" is -1; it must be a whole number of bytes, 0 for none.',
    );
  });

  it('decodes at a reduced size only if the policy allows it', async () => {
    const folder = await temporaryFolder();
    await writeFolder(folder, { 'a/0.jpg': await noise(), 'b/0.jpg': await noise() });
    const { examples: list } = await openDataset(folder, { cacheFolder: folder });
    const draw = async (policy: Policy): Promise<Uint8Array> =>
      (await all(loader.batches(list, { policy, batchSize: 2 })))[0]!.pixels;
    const exact = new Uint8Array(2 * 16 * 16 * 3);
    for (const [i, { source }] of list.entries()) {
      const image = await decodeImage(await readBytes(source), '');
      drawPixels(
        image,
        drawingOf(shortSideCrop(16), image, createRandom(0)),
        exact.subarray(i * 768, (i + 1) * 768),
      );
    }
    expect(await draw(shortSideCrop(16))).toEqual(exact);
    expect(await draw(withShrinkOnLoad(shortSideCrop(16)))).not.toEqual(exact);
  });

  it('names an image that cannot be decoded', async () => {
    const list = await examples(4);
    await writeFile(list[2]!.source.file, (await picture(200, 200)).subarray(0, 300));
    list[2]!.source.length = list[2]!.source.inflatedLength = 300;
    const reading = all(loader.batches(list, { policy: resize(16), batchSize: 2 }));
    await expect(reading).rejects.toMatchObject({
      name: 'FixresDataError',
      code: 'corrupt-image',
      message: expect.stringContaining(list[2]!.id) as string,
    });
  });
});

describe('ImageLoader.check', () => {
  it('finds truncated, empty and mislabelled files, and nothing else', async () => {
    const folder = await temporaryFolder();
    const whole = await picture(64, 64);
    await writeFolder(folder, {
      'a/good.jpg': whole,
      'a/cut.jpg': whole.subarray(0, whole.length - 40),
      'b/good.png': await picture(30, 30, undefined, 'png'),
      'b/cut.png': (await picture(300, 300, undefined, 'png')).subarray(0, 150),
      'b/good.webp': await picture(30, 30, undefined, 'webp'),
      'b/empty.jpg': Buffer.alloc(0),
      'b/text.jpg': Buffer.from('I am no picture'),
    });
    const dataset = await openDataset(folder, { cacheFolder: folder });
    const seen: number[] = [];
    const failures = await loader.check(dataset.examples, { onProgress: (n) => seen.push(n) });
    expect(failures.map(({ id }) => id)).toEqual([
      'a/cut.jpg',
      'b/cut.png',
      'b/empty.jpg',
      'b/text.jpg',
    ]);
    expect(
      failures.every(({ code, message, id }) => code === 'corrupt-image' && message.includes(id)),
    ).toBe(true);
    expect(seen.at(-1)).toBe(7);
  });
});

describe('real photos', () => {
  const imagesOf = ({ classNames, examples }: ImageDataset): Record<string, number> =>
    Object.fromEntries(
      classNames.map((name, label) => [
        name,
        examples.filter((example) => example.label === label).length,
      ]),
    );

  it('are split and read under a train and a test policy', async () => {
    const dataset = await openDataset(samplePhotos, { cacheFolder: await temporaryFolder() });
    expect(imagesOf(dataset)).toEqual({
      animals: 8,
      fish: 8,
      monuments: 8,
      tools: 8,
      windmills: 8,
    });
    const { train, heldOut } = splitByHash(dataset);
    expect([train.length, heldOut.length]).toEqual([36, 4]);
    for (const policy of [sampledBoundingBoxCrop(128), fixresTest({ trainSize: 128, size: 224 })]) {
      const batches = await all(loader.batches(dataset.examples, { policy, batchSize: 8 }));
      expect(batches).toHaveLength(5);
      for (const { pixels } of batches) {
        const mean = pixels.reduce((sum, level) => sum + level, 0) / pixels.length;
        expect(mean).toBeGreaterThan(40);
        expect(mean).toBeLessThan(215);
      }
    }
  });

  it(
    'of tf_flowers are split as its users know it, and have the documented sizes',
    { tags: 'flowers' },
    async () => {
      const dataset = await openDataset(flowersArchive(), { cacheFolder: await temporaryFolder() });
      expect(imagesOf(dataset)).toEqual({
        daisy: 633,
        dandelion: 898,
        roses: 641,
        sunflowers: 699,
        tulips: 799,
      });
      const { train, heldOut } = splitByHash(dataset);
      expect([train.length, heldOut.length]).toEqual([3303, 367]);
      const { headers } = await readImageHeaders(dataset.examples);
      const counts = (sizes: Size[]): Map<string, number> => {
        const by = new Map<string, number>();
        for (const { width, height } of sizes) {
          const scale = Math.min(1, 208 / Math.min(width, height));
          const size = `${Math.round(width * scale)}x${Math.round(height * scale)}`;
          by.set(size, (by.get(size) ?? 0) + 1);
        }
        return by;
      };
      expect(counts(headers.map((header) => header!))).toEqual(counts(flowerSizes()));
    },
  );
});
