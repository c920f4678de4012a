import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeAside } from '@fixres/runs/node';
import sharp from 'sharp';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/** A picture as SVG, with its size in pixels. */
export interface Picture {
  svg: string;
  width: number;
  height: number;
}

/** Refuses a file name that ends in neither `.png` nor `.svg`, before slow work. */
export function checkPictureFile(file: string, option = '--out'): void {
  if (!/\.(png|svg)$/i.test(file)) {
    throw new ExitError(
      exitCodes.usage,
      `error: Option ${option} is "${file}"; pictures are written as .png or .svg.`,
    );
  }
}

/**
 * Writes a picture in the format of the file's extension; creates folders. PNG files have `scale`
 * pixels per pixel of the picture.
 */
export async function writePicture(
  file: string,
  { svg }: Picture,
  { scale = 2 }: { scale?: number } = {},
): Promise<void> {
  try {
    // Large photos make the SVG longer than the parser accepts by default.
    const options = { density: 72 * scale, unlimited: true };
    const bytes = /\.svg$/i.test(file)
      ? svg
      : await sharp(Buffer.from(svg), options).png({ compressionLevel: 9 }).toBuffer();
    await mkdir(dirname(file), { recursive: true });
    await writeAside(file, bytes);
  } catch (cause) {
    throw new ExitError(
      exitCodes.failed,
      `error: Picture "${file}" cannot be written: ${(cause as Error).message}`,
      { cause },
    );
  }
}
