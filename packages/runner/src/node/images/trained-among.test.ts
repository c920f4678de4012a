import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JpegDecoding } from '@fixres/data';
import { type Example, ImageLoader, openDataset } from '@fixres/data/node';
import { readKnownImages, writeKnownImages } from '@fixres/runs/node';
import { samplePhotos } from '@fixres/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { trainedAmong } from './trained-among.ts';

let folder: string;
let photos: readonly Example[];
const digests = {} as Record<JpegDecoding, (string | undefined)[]>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-trained-among-'));
  const { examples } = await openDataset(samplePhotos, { cacheFolder: folder });
  photos = examples.slice(0, 12);
  for (const decode of ['accurate', 'tensorflow'] as const) {
    const loader = new ImageLoader({ decode });
    ({ digests: digests[decode] } = await loader.inspect(photos));
    await loader.close();
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes down that a run trained on some of the photos, decoded in a way. */
async function trainedOn(
  from: number,
  to: number,
  decode: JpegDecoding,
  before?: Awaited<ReturnType<typeof readKnownImages>>,
): Promise<NonNullable<Awaited<ReturnType<typeof readKnownImages>>>> {
  const digestOf = new Map(photos.map(({ id }, i) => [id, digests[decode][i]]));
  const images = { train: photos.slice(from, to), heldOut: photos.slice(9), digestOf, decode };
  await writeKnownImages(folder, images, before);
  return (await readKnownImages(folder))!;
}

const count = (
  known: Parameters<typeof trainedAmong>[1],
  decode?: JpegDecoding,
): Promise<number | undefined> =>
  trainedAmong(photos, known, {
    decode,
    digests: () => Promise.resolve(digests[decode ?? 'accurate']),
    limits: undefined,
    signal: new AbortController().signal,
  });

it('recognises images by content, whatever they are called and however they are decoded', async () => {
  const known = await trainedOn(0, 4, 'accurate');
  expect(await count(known)).toBe(4);
  expect(await count(known, 'tensorflow')).toBe(4);
});

it('recognises the images of a chain of runs that decoded differently, each once', async () => {
  const first = await trainedOn(0, 4, 'accurate');
  const second = await trainedOn(2, 7, 'tensorflow', first);
  expect([...second.trained.keys()]).toEqual(['accurate', 'tensorflow']);
  expect(await count(second)).toBe(7);
  expect(await count(second, 'tensorflow')).toBe(7);
});
