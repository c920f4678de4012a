import { changeInKernels, roomFor } from '../adjust-kernels.ts';
import { autoContrastTable, equalizeTable } from './level-tables.ts';

const LEVELS = 256;
/** Bytes of three tables of levels, and of three histograms. */
const TABLES = 3 * LEVELS;
const HISTOGRAMS = 4 * TABLES;

type Tables = [red: Uint8Array, green: Uint8Array, blue: Uint8Array];

/** Stretches each channel to 0..255. */
export function autoContrast(pixels: Uint8Array): void {
  const { length } = pixels;
  const room = roomFor(TABLES);
  const isDone = changeInKernels(pixels, room + 128, (space) => {
    const { kernels, pixels: at, work, bytes } = space;
    kernels.extremes(at, length, work + room);
    const [a, b, c, d, e, f] = bytes(work + room, 6) as unknown as Six;
    const tables = bytes(work, TABLES);
    [autoContrastTable(a, b), autoContrastTable(c, d), autoContrastTable(e, f)].forEach(
      (table, channel) => tables.set(table, channel * LEVELS),
    );
    kernels.mapChannels(at, length, work);
  });
  if (isDone) return;
  const [low, high] = [new Uint8Array(3).fill(255), new Uint8Array(3)];
  for (let i = 0; i < length; i++) {
    const level = pixels[i]!;
    if (level < low[i % 3]!) low[i % 3] = level;
    if (level > high[i % 3]!) high[i % 3] = level;
  }
  const table = (channel: number): Uint8Array => autoContrastTable(low[channel]!, high[channel]!);
  mapChannels(pixels, [table(0), table(1), table(2)]);
}

type Six = [number, number, number, number, number, number];

/** Makes the histogram of each channel as even as possible. */
export function equalize(pixels: Uint8Array): void {
  const { length } = pixels;
  const isDone = changeInKernels(pixels, 2 * HISTOGRAMS, (space) => {
    const { kernels, pixels: at, work, bytes } = space;
    bytes(work, 2 * HISTOGRAMS).fill(0);
    kernels.countLevels(at, length, work, work + HISTOGRAMS);
    const counts = new Uint32Array(bytes(work, HISTOGRAMS).slice().buffer);
    const tables = bytes(work, TABLES);
    for (let channel = 0; channel < 3; channel++)
      tables.set(
        equalizeTable(counts.subarray(channel * LEVELS, (channel + 1) * LEVELS)),
        channel * LEVELS,
      );
    kernels.mapChannels(at, length, work);
  });
  if (isDone) return;
  const [red, green, blue] = [
    new Uint32Array(LEVELS),
    new Uint32Array(LEVELS),
    new Uint32Array(LEVELS),
  ];
  for (let i = 0; i < length; i += 3) {
    red[pixels[i]!]!++;
    green[pixels[i + 1]!]!++;
    blue[pixels[i + 2]!]!++;
  }
  mapChannels(pixels, [equalizeTable(red), equalizeTable(green), equalizeTable(blue)]);
}

function mapChannels(pixels: Uint8Array, [red, green, blue]: Tables): void {
  for (let i = 0; i < pixels.length; i += 3) {
    pixels[i] = red[pixels[i]!]!;
    pixels[i + 1] = green[pixels[i + 1]!]!;
    pixels[i + 2] = blue[pixels[i + 2]!]!;
  }
}
