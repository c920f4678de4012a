import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classPictures, picture, temporaryFolder, writeFolder } from '../../../test/make-images.ts';
import { withShrinkOnLoad } from '../../policies/compose.ts';
import { resize } from '../../policies/keras-fixres.ts';
import type { Example } from '../dataset/dataset.ts';
import { ImageLoader } from '../loader/image-loader.ts';
import { openDataset } from '../readers/open-dataset.ts';
import { duplicateGroups, duplicatesAcross, duplicateWarning } from './duplicates.ts';

let loader: ImageLoader;
beforeAll(() => {
  loader = new ImageLoader({ threads: 2 });
});
afterAll(() => loader.close());

const ids = (examples: readonly Example[]): string[] => examples.map(({ id }) => id);

describe('duplicates', () => {
  it('are found by their pixels, in any format', async () => {
    const folder = await temporaryFolder();
    const photo = await picture(30, 20, undefined, 'png');
    const gradient = Buffer.from(Array.from({ length: 30 * 20 * 3 }, (_, i) => (i * 7) % 256));
    const drawn = sharp(gradient, { raw: { width: 30, height: 20, channels: 3 } });
    // The same picture stored sideways, with the orientation that turns it upright.
    const lying = await sharp(await drawn.clone().rotate(-90).png().toBuffer())
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    await writeFolder(folder, {
      ...(await classPictures(['a', 'b'], 5)),
      'a/first.png': photo,
      'b/second.webp': await sharp(photo).webp({ lossless: true }).toBuffer(),
      'b/third.png': photo,
      'a/drawn.png': await drawn.clone().png().toBuffer(),
      'b/lying.png': lying,
      'b/other-size.png': await picture(20, 30, undefined, 'png'),
      'b/broken.png': photo.subarray(0, 50),
      'b/broken-too.png': photo.subarray(0, 50),
    });
    const { examples } = await openDataset(folder, { cacheFolder: folder });
    const { digests, failures } = await loader.inspect(examples);
    expect(failures.map(({ id }) => id)).toEqual(['b/broken-too.png', 'b/broken.png']);
    expect(digests.map((digest) => digest === undefined)).toEqual(
      ids(examples).map((id) => id.includes('broken')),
    );
    const keeping = new ImageLoader({ threads: 2, cacheBytes: 1_000_000 });
    for (const pass of ['decoded', 'kept'])
      expect((await keeping.inspect(examples)).digests, pass).toEqual(digests);
    await keeping.close();
    const groups = duplicateGroups(examples, digests);
    expect(groups.map(ids)).toEqual([
      ['a/drawn.png', 'b/lying.png'],
      ['a/first.png', 'b/second.webp', 'b/third.png'],
    ]);

    const isHeldOut = ({ id }: Example): boolean =>
      ['b/second.webp', 'b/third.png', 'b/1.jpg'].includes(id);
    const split = {
      train: examples.filter((example) => !isHeldOut(example)),
      heldOut: examples.filter(isHeldOut),
    };
    const pairs = duplicatesAcross(split, groups);
    expect(pairs.map(({ train, heldOut }) => [train.id, heldOut.id])).toEqual([
      ['a/first.png', 'b/second.webp'],
      ['a/first.png', 'b/third.png'],
    ]);
    expect(duplicateWarning(pairs)).toBe(
      '2 held-out images are among the training images as well, pixel by pixel: ' +
        'b/second.webp = a/first.png (with different labels), b/third.png = a/first.png (with different labels).',
    );
    expect(
      duplicateWarning(duplicatesAcross({ train: split.heldOut, heldOut: split.train }, groups)),
    ).toMatch(/^1 held-out image is among/);
  });

  it('cause no warning if there are none, and a short one if there are many', () => {
    expect(duplicateWarning([])).toBeUndefined();
    const example = {
      id: 'a/x.jpg',
      label: 0,
      source: { file: '', start: 0, length: 0, compression: 'none' as const, inflatedLength: 0 },
    };
    const pairs = Array.from({ length: 12 }, (_, i) => ({
      train: example,
      heldOut: { ...example, id: `a/${i}.jpg` },
    }));
    expect(duplicateWarning(pairs)).toMatch(
      /^12 held-out images .* a\/4.jpg = a\/x.jpg, and 7 more\.$/,
    );
  });
});

describe('ImageLoader limits', () => {
  it('apply in the worker threads to each image', async () => {
    const folder = await writeFolder(await temporaryFolder(), {
      ...(await classPictures(['a', 'b'], 1)),
      'b/large.jpg': await picture(100, 100),
    });
    const { examples } = await openDataset(folder, { cacheFolder: folder });
    const largest = Math.max(...examples.map(({ source }) => source.length));
    for (const limits of [{ maxPixels: 9999 }, { maxBytes: largest - 1 }]) {
      const careful = new ImageLoader({ threads: 1, limits });
      expect(await careful.check(examples)).toMatchObject([
        { id: 'b/large.jpg', code: 'image-too-large' },
      ]);
      for (const policy of [resize(16), withShrinkOnLoad(resize(16))]) {
        await expect(
          careful.batches(examples, { policy, batchSize: examples.length }).next(),
        ).rejects.toMatchObject({ code: 'image-too-large' });
      }
      await careful.close();
    }
    expect(() => new ImageLoader({ limits: { maxPixels: 0 } })).toThrow(
      'Option "limits.maxPixels" is 0',
    );
  });
});
