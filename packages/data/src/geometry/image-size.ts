import type { Size } from './view.ts';

/**
 * The size of a model's input: the side of a square, or height and width of a rectangle, in pixels.
 * As text it is `224`, or `192x256`: height first, as in timm and torchvision.
 */
export type ImageSize = number | Size;

/** Width and height of an image size. */
export function sidesOf(size: ImageSize): Size {
  return typeof size === 'number'
    ? { width: size, height: size }
    : { width: size.width, height: size.height };
}

/** A height and a width as an image size: a square becomes a number. */
export function imageSizeOf({ height, width }: Size): ImageSize {
  return height === width ? height : { height, width };
}

/** The text of an image size: `224`, or `192x256`, height first. */
export function imageSizeText(size: ImageSize): string {
  const { height, width } = sidesOf(size);
  return height === width ? String(height) : `${height}x${width}`;
}

/**
 * Reads the text of an image size, `224` or `192x256`, height first.
 *
 * @returns undefined for other text; the sides can be of any length
 */
export function parseImageSize(text: string): ImageSize | undefined {
  const [, height, width = height] = /^\s*(\d+)(?:x(\d+))?\s*$/.exec(text) ?? [];
  return height === undefined
    ? undefined
    : imageSizeOf({ height: Number(height), width: Number(width) });
}

/** Side of a square with the same area: one number by which sizes are ordered and drawn. */
export function meanSide(size: ImageSize): number {
  return typeof size === 'number' ? size : Math.sqrt(size.height * size.width);
}

/** Whether two image sizes are the same. */
export function isSameSize(a: ImageSize, b: ImageSize): boolean {
  const [first, second] = [sidesOf(a), sidesOf(b)];
  return first.height === second.height && first.width === second.width;
}

/** Each image size once, from small to large areas; a wider one is before a higher one of its area. */
export function distinctSizes(sizes: readonly ImageSize[]): ImageSize[] {
  const distinct = new Map(sizes.map((size) => [imageSizeText(size), size]));
  return [...distinct.values()].sort(compareSizes);
}

/** Orders image sizes by area; a wider one is before a higher one of its area. */
export function compareSizes(a: ImageSize, b: ImageSize): number {
  const [first, second] = [sidesOf(a), sidesOf(b)];
  return first.height * first.width - second.height * second.width || first.height - second.height;
}

/** An image size whose sides are functions of the sides of another. */
export function mapSides(size: ImageSize, change: (side: number) => number): ImageSize {
  if (typeof size === 'number') return change(size);
  return imageSizeOf({ height: change(size.height), width: change(size.width) });
}

/** Whether no side of `a` is smaller than that of `b`, and one is larger. */
export function isLarger(a: ImageSize, b: ImageSize): boolean {
  const [first, second] = [sidesOf(a), sidesOf(b)];
  return first.height >= second.height && first.width >= second.width && !isSameSize(a, b);
}
