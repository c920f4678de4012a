import { overlap, type Rect, type View } from '../../geometry/view.ts';
import { canvasOf, drawPixels } from '../../pixels/draw-pixels.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import type { Drawing } from '../../policies/policy.ts';
import { loadSharp } from './load-sharp.ts';

/**
 * {@link drawPixels} for every interpolation: libvips resizes for `lanczos3`, the others are as in a page.
 * The image is read before the function returns.
 */
export async function drawWithSharp(
  image: RgbImage,
  drawing: Drawing,
  out: Uint8Array,
): Promise<void> {
  if (drawing.interpolation !== 'lanczos3') {
    drawPixels(image, drawing, out);
    return;
  }
  const { view, adjusted } = drawing;
  const whole = { x: 0, y: 0, ...view.resized };
  // Padding mirrors the picture at its edges, so it must be whole.
  const part = view.padding === undefined ? overlap(canvasOf(drawing), whole) : whole;
  const picture = await resizeLanczos(image, view, part);
  // Only pixels are left to copy: borders, mirroring, colours and a final crop.
  const moved = <T extends { x: number; y: number }>(rect: T): T => ({
    ...rect,
    x: rect.x - part.x,
    y: rect.y - part.y,
  });
  const { width, height } = picture;
  const rest = {
    ...view,
    region: { x: 0, y: 0, width, height },
    resized: { width, height },
    window: moved(view.window),
  };
  drawPixels(
    picture,
    {
      ...drawing,
      view: rest,
      adjusted: moved(adjusted),
      interpolation: 'bilinear',
      antialias: false,
    },
    out,
  );
}

async function resizeLanczos(
  { width, height, data }: RgbImage,
  { region, resized }: View,
  part: Rect,
): Promise<RgbImage> {
  // A copy, because sharp does not accept shared memory, and the input is read later.
  const copy = new Uint8Array(data);
  const sharp = await loadSharp();
  const resizedPart = await sharp(copy, { raw: { width, height, channels: 3 } })
    .extract({ left: region.x, top: region.y, width: region.width, height: region.height })
    .resize({ ...resized, fit: 'fill', kernel: 'lanczos3' })
    .extract({ left: part.x, top: part.y, width: part.width, height: part.height })
    .raw()
    .toBuffer();
  return { width: part.width, height: part.height, data: resizedPart };
}
