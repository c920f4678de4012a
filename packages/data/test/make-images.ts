import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';

/** A new empty folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A small picture in one colour. */
export async function picture(
  width = 24,
  height = 16,
  colour = { r: 200, g: 40, b: 90 },
  format: 'jpeg' | 'png' | 'webp' = 'jpeg',
): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .toFormat(format, { quality: 95 })
    .toBuffer();
}

/** Writes a folder of class folders; `files` maps `<class>/<name>` to bytes. */
export async function writeFolder(folder: string, files: Record<string, Buffer>): Promise<string> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return folder;
}

/** Pictures in `classes`, `each` in every class. */
export async function classPictures(
  classes: string[],
  each: number,
): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  for (const [i, name] of classes.entries()) {
    for (let n = 0; n < each; n++)
      files[`${name}/${n}.jpg`] = await picture(20 + n, 16, {
        r: i * 90,
        g: (n * 10) % 256,
        b: 128,
      });
  }
  return files;
}
