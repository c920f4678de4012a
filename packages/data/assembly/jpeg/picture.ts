import { fullRow, greyRow, halfRow, quarterRow } from './colours';
import { Component, component, componentCount, height, width } from './frame';
import { inverseDct } from './inverse-dct';
import { allocate, refuse } from './memory';

/** Samples kept free left of each row, for the filter's view over the edge. */
const MARGIN = 16;

/** Makes room for the samples and the picture; gives the picture's address. */
export function allocatePicture(): usize {
  for (let i = 0; i < componentCount; i++) {
    const item = component(i);
    item.stride = item.storedWide * 8 + 2 * MARGIN;
    item.samples = allocate(<usize>item.stride * item.storedHigh * 8) + MARGIN;
    // The triangle filter of libjpeg is not for pictures that narrow.
    if (item.width < 3) refuse();
  }
  return allocate(<usize>width * height * 3);
}

/** Draws the pixels of a rectangle, at their places in the whole picture. What lies outside of it has arbitrary levels. */
export function drawRectangle(picture: usize, x: i32, y: i32, wide: i32, high: i32): void {
  if (x < 0 || y < 0 || wide < 1 || high < 1 || x + wide > width || y + high > height) refuse();
  for (let i = 0; i < componentCount; i++) drawSamples(component(i), x, y, wide, high);
  // Colour is enlarged in pairs.
  const first = x & ~1;
  const count = x + wide - first;
  const luminance = component(0);
  for (let row = y; row < y + high; row++) {
    const out = picture + (<usize>row * width + first) * 3;
    const samples = luminance.samples + <usize>row * luminance.stride + first;
    if (componentCount == 1) greyRow(samples, out, count);
    else if (luminance.across == 1) fullRow(samples, at(component(1), row, first), at(component(2), row, first), out, count);
    else if (luminance.down == 1) halfRow(samples, at(component(1), row, first >> 1), at(component(2), row, first >> 1), out, count);
    else {
      const near = row >> 1;
      const far = min(max((row & 1) == 0 ? near - 1 : near + 1, 0), component(1).height - 1);
      const column = first >> 1;
      quarterRow(samples, at(component(1), near, column), at(component(1), far, column), at(component(2), near, column), at(component(2), far, column), out, count);
    }
  }
}

// @ts-ignore: decorator
@inline
function at(item: Component, row: i32, column: i32): usize {
  return item.samples + <usize>row * item.stride + column;
}

/** The samples of a component that a rectangle of the picture needs, with one more on each side. */
function drawSamples(item: Component, x: i32, y: i32, wide: i32, high: i32): void {
  const most = component(0);
  const shiftX = item.across < most.across ? 1 : 0;
  const shiftY = item.down < most.down ? 1 : 0;
  const left = max((x >> shiftX) - 1, 0);
  const top = max((y >> shiftY) - 1, 0);
  const right = min(((x + wide - 1) >> shiftX) + 1, item.width - 1);
  const bottom = min(((y + high - 1) >> shiftY) + 1, item.height - 1);
  for (let row = top >> 3; row <= bottom >> 3; row++) {
    for (let column = left >> 3; column <= right >> 3; column++) {
      const block = <usize>row * item.storedWide + column;
      const flat = load<u64>(item.masks + block * 8) == 0;
      inverseDct(item.coefficients + block * 128, item.quant, flat, item.samples + <usize>row * 8 * item.stride + column * 8, item.stride);
    }
  }
  // The picture's edge goes on as it is.
  for (let row = top; row <= bottom; row++) {
    const samples = at(item, row, 0);
    store<u8>(samples - 1, load<u8>(samples));
    store<u8>(samples + item.width, load<u8>(samples + item.width - 1));
  }
}
