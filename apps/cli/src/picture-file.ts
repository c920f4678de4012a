import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { ExitError, exitCodes } from './exit-error.ts';

/** A picture as SVG markup, with its size in pixels. */
export interface Picture {
  svg: string;
  width: number;
  height: number;
}

/** Refuses a file whose ending is none of `.png` and `.svg`, before anything slow is done. */
export function checkPictureFile(file: string): void {
  if (!/\.(png|svg)$/i.test(file)) {
    throw new ExitError(exitCodes.usage, `error: Option --out is "${file}"; pictures are written as .png or .svg.`);
  }
}

/** Writes a picture as the file's ending says; folders are made. PNG files have `scale` pixels for each of the picture's. */
export async function writePicture(file: string, { svg }: Picture, { scale = 2 }: { scale?: number } = {}): Promise<void> {
  const bytes = /\.svg$/i.test(file) ? svg : await sharp(Buffer.from(svg), { density: 72 * scale }).png({ compressionLevel: 9 }).toBuffer();
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes);
  } catch (cause) {
    throw new ExitError(exitCodes.usage, `error: Picture "${file}" cannot be written: ${(cause as Error).message}`, { cause });
  }
}
