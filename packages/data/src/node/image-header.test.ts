import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { picture, temporaryFolder, writeFolder } from '../../test/make-images.ts';
import { readImageHeaders } from './image-header.ts';
import { openDataset } from './open-dataset.ts';

describe('readImageHeaders', () => {
  it('reads upright sizes and formats in order, and names what is no image', async () => {
    const folder = await temporaryFolder();
    await writeFolder(folder, {
      'a/1.jpg': await picture(30, 20),
      'a/2.png': await picture(7, 9, undefined, 'png'),
      'b/3.jpg': Buffer.from('no picture'),
      'b/4.jpg': await sharp(await picture(30, 20)).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      'b/5.webp': await picture(40, 11, undefined, 'webp'),
    });
    const { examples } = await openDataset(folder, { cacheFolder: folder });
    const seen: number[] = [];
    const { headers, failures } = await readImageHeaders(examples, { onProgress: (read) => seen.push(read) });
    expect(headers.map((header) => header && [header.format, header.width, header.height])).toEqual([
      ['jpeg', 30, 20],
      ['png', 7, 9],
      undefined,
      ['jpeg', 20, 30],
      ['webp', 40, 11],
    ]);
    expect(failures).toMatchObject([{ id: 'b/3.jpg', code: 'corrupt-image' }]);
    expect(seen).toEqual([1, 2, 3, 4, 5]);
  });

  it('stops when aborted', async () => {
    const folder = await temporaryFolder();
    await writeFolder(folder, { 'a/1.jpg': await picture(), 'b/1.jpg': await picture() });
    const { examples } = await openDataset(folder, { cacheFolder: folder });
    await expect(readImageHeaders(examples, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });
});
