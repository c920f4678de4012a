import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ImageDataset, ImageLoader, openDataset } from '@fixres/data/node';
import type { DatasetChoice } from '@fixres/runs';
import { samplePhotos } from '@fixres/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { optionWords } from './dataset-words.ts';
import { groupedDataset } from './grouped-dataset.ts';
import { imagesById } from './images-by-id.ts';
import { type PreparedImages, prepareImages } from './prepare-images.ts';
import { runSplit } from './run-split.ts';

const photos = [
  'animals/bison',
  'animals/giraffe',
  'animals/jaguar',
  'animals/koala',
  'animals/moose',
  'fish/discus',
  'fish/goldfish',
  'fish/perch',
  'fish/puffer',
  'fish/wrasse',
];

let folder: string;
let loader: ImageLoader;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-prepare-'));
  loader = new ImageLoader();
});
afterAll(async () => {
  await loader.close();
  await rm(folder, { recursive: true, force: true });
});

/** Writes a small copy of a photo, with the second of the minute at which a camera took it. */
async function write(path: string, photo: number, second?: number): Promise<void> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  const image = sharp(join(samplePhotos, `${photos[photo]!}.jpg`)).resize(
    path.endsWith('png') ? 80 : 120,
  );
  const time = `2026:01:02 03:04:${String(second).padStart(2, '0')}`;
  await (
    second === undefined
      ? image
      : image.withExif({ IFD0: { Model: 'One' }, IFD2: { DateTimeOriginal: time } })
  ).toFile(file);
}

const open = (name: string): Promise<ImageDataset> =>
  openDataset(join(folder, name), { cacheFolder: folder });

async function prepared(
  name: string,
  choice: Partial<DatasetChoice> = {},
): Promise<PreparedImages & { notes: string[] }> {
  const notes: string[] = [];
  const context = {
    on: { note: (text: string) => void notes.push(text) },
    signal: new AbortController().signal,
  };
  const whole = { source: name, ...choice };
  const dataset = await groupedDataset(await open(name), whole, context);
  const images = await prepareImages(dataset, {
    choice: whole,
    words: optionWords,
    loader,
    ...context,
  });
  return { ...images, notes };
}

const names = (examples: readonly { id: string }[]): string[] =>
  examples.map(({ id }) => id.replace(/^.*\//, '')).sort();

describe('images of a data set with its own split', () => {
  beforeAll(async () => {
    await write('parts/train/a/0.jpg', 0);
    await write('parts/train/a/1.jpg', 1, 10);
    await write('parts/train/a/2.jpg', 2);
    await write('parts/train/b/5.jpg', 5);
    await write('parts/validation/a/copy.png', 0);
    await write('parts/validation/a/later.jpg', 3, 40);
    await write('parts/validation/b/6.jpg', 6);
  });

  it('are searched for look-alikes and bursts across the split, with a warning', async () => {
    const { leaks, warnings, notes, record } = await prepared('parts');
    expect(leaks).toMatchObject({
      heldOutImages: 2,
      counts: { acrossSplit: 1, bursts: 1, acrossClasses: 0 },
      bursts: [{ seconds: 30 }],
      dropped: [],
    });
    expect(names([{ id: leaks!.acrossSplit[0]!.a }, { id: leaks!.acrossSplit[0]!.b }])).toEqual([
      '0.jpg',
      'copy.png',
    ]);
    expect(warnings).toEqual([
      '2 held-out images (66.7 %) look like a training image or share its burst, so held-out accuracy can be too high by as much. --drop-leaks leaves out the 2 training images.',
    ]);
    expect(notes.at(-1)).toBe(
      'Leaks:  2 held-out images look like a training image or share its burst',
    );
    expect(record).toMatchObject({ train: 4, heldOut: 3 });
  });

  it('lose the training images that leak with dropLeaks, and a run knows which', async () => {
    const { leaks, warnings, train, heldOut, notes, record } = await prepared('parts', {
      dropLeaks: true,
    });
    expect(names(train)).toEqual(['2.jpg', '5.jpg']);
    expect(names(leaks!.dropped.map((id) => ({ id })))).toEqual(['0.jpg', '1.jpg']);
    expect({ warnings, record }).toMatchObject({ warnings: [], record: { train: 2, heldOut: 3 } });
    expect(notes.at(-1)).toBe('        2 training images left out, because they leak');
    const split = runSplit(await open('parts'), {
      limit: undefined,
      heldOut: undefined,
      heldOutIds: new Set(heldOut.map(({ id }) => id)),
      droppedIds: new Set(leaks!.dropped),
      trainIds: undefined,
    });
    expect(names(split.train)).toEqual(names(train));
  });

  it('must keep a training image of each class', async () => {
    await write('few/train/a/0.jpg', 0);
    await write('few/train/b/5.jpg', 5);
    await write('few/validation/a/copy.png', 0);
    await write('few/validation/b/6.jpg', 6);
    await expect(prepared('few', { dropLeaks: true })).rejects.toThrow(
      'Without training images that look like a held-out image (1), none is left of the class a. Use more images, or keep look-alikes together (option "splitByGroup").',
    );
  });

  it('cannot be grouped', () =>
    expect(prepared('parts', { splitByGroup: 'look-alikes' })).rejects.toThrow(
      'Option --split-by-group is "look-alikes", but "parts" brings its own split; use --drop-leaks instead.',
    ));
});

describe('images that are split by hash', () => {
  beforeAll(async () => {
    for (const photo of photos.keys()) {
      const label = photo < 5 ? 'a' : 'b';
      await write(`hashed/${label}/p${photo}_1.jpg`, photo);
      await write(`hashed/${label}/p${photo}_2.png`, photo);
    }
  });

  it.each(['look-alikes', '*/p{group}_*'])(
    'stay together in groups of %s',
    async (splitByGroup) => {
      const divided = await prepared('hashed', { heldOut: 0.4 });
      expect(divided.leaks!.heldOutImages).toBeGreaterThan(0);
      const { train, heldOut, leaks, notes } = await prepared('hashed', {
        heldOut: 0.4,
        splitByGroup,
      });
      expect([train.length, heldOut.length]).toEqual([12, 8]);
      expect(leaks).toMatchObject({ heldOutImages: 0, counts: { acrossSplit: 0 } });
      expect(notes.at(-1)).toBe('Leaks:  no held-out image looks like a training image');
      const photoOf = (id: string): string => /p(\d)/.exec(id)![1]!;
      const held = new Set(heldOut.map(({ id }) => photoOf(id)));
      expect(train.filter(({ id }) => held.has(photoOf(id)))).toEqual([]);
    },
  );

  it('are held back from training for measured sizes, and the held-out images stay the same', async () => {
    const all = await prepared('hashed', { heldOut: 0.4 });
    const held = await prepared('hashed', { heldOut: 0.4, holdBack: 0.25 });
    const { train, sizes, heldOut, record, digests, notes } = held;
    expect(heldOut).toEqual(all.heldOut);
    expect(names([...train, ...sizes])).toEqual(names(all.train));
    expect([train.length, sizes.length]).toEqual([9, 3]);
    // A report shows them, too.
    expect(names([...imagesById(held).values()])).toEqual(names([...all.train, ...all.heldOut]));
    const photoOf = (id: string): string => /p(\d)/.exec(id)![1]!;
    const grouped = await prepared('hashed', {
      heldOut: 0.4,
      holdBack: 0.25,
      splitByGroup: '*/p{group}_*',
    });
    const trained = new Set(grouped.train.map(({ id }) => photoOf(id)));
    // A quarter are three images; a second group does not fit.
    expect(grouped.sizes).toHaveLength(2);
    expect(grouped.sizes.filter(({ id }) => trained.has(photoOf(id)))).toEqual([]);
    expect(record).toMatchObject({ train: 9, sizeImages: 3 });
    expect(digests.train).not.toBe(all.digests.train);
    expect(notes).toContain(
      'Data:   hashed, 2 classes, 9 training images, 8 held out, 3 held back for sizes',
    );
    await expect(prepared('hashed', { heldOut: 0.4, holdBack: 0.001 })).rejects.toThrow(
      'The fraction 0.001 for sizes (option "holdBack") holds back 0 of 12 training images; at least one must be held back, and one trained on.',
    );
  });

  it('are evaluated in place of the held-out ones to choose among arms', async () => {
    const choice = { heldOut: 0.4, holdBack: 0.25 };
    const plain = await prepared('hashed', choice);
    const chosen = await prepared('hashed', { ...choice, evaluateOn: 'heldBack' });
    expect(chosen.train).toEqual(plain.train);
    expect(chosen.heldOut).toEqual(plain.sizes);
    expect(chosen.sizes).toEqual([]);
    expect(chosen.record).toMatchObject({ train: 9, heldOut: 3, evaluatedOn: 'heldBack' });
    expect(chosen.digests.heldOut).not.toBe(plain.digests.heldOut);
    expect(chosen.warnings.at(-1)).toMatch(/^All accuracies are on training images that are held /);
    expect(chosen.notes).toContain(
      'Data:   hashed, 2 classes, 9 training images, 3 held back to choose among arms, 8 held out and not used',
    );
    await expect(prepared('hashed', { heldOut: 0.4, evaluateOn: 'heldBack' })).rejects.toThrow(
      'Arms are evaluated on images that are held back (option "evaluateOn"), and none is; set "holdBack", for example to 0.1.',
    );
  });
});
