import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readKnownImages, writeKnownImages } from './known-images.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-known-images-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const digest = (digit: string): string => digit.repeat(64);
const short = (digit: string): string => digit.repeat(16);
const images = (...ids: string[]): { id: string }[] => ids.map((id) => ({ id }));

it('names the images that a run trained on, however they are called', async () => {
  const awkward = 'a/"1,2".jpg';
  // Its second line looks like an image that was trained on.
  const twoLines = `b/x\ntrain,${short('f')},b/forged.jpg`;
  await writeKnownImages(
    folder,
    {
      train: images('a/0.jpg', awkward),
      heldOut: images(twoLines, 'b/3.jpg'),
      digestOf: new Map([
        ['a/0.jpg', digest('0')],
        [awkward, digest('1')],
        [twoLines, digest('2')],
        ['b/3.jpg', digest('3')],
      ]),
    },
    { trained: new Map([['tensorflow', new Set([short('e')])]]), trainIds: new Set(['old.jpg']) },
  );
  expect(await readKnownImages(folder)).toEqual({
    trained: new Map([
      ['accurate', new Set([short('0'), short('1')])],
      ['tensorflow', new Set([short('e')])],
    ]),
    trainIds: new Set(['a/0.jpg', awkward]),
  });
});

it('is unknown for runs of earlier versions', async () => {
  expect(await readKnownImages(join(folder, 'nowhere'))).toBeUndefined();
});
