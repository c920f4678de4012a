// A JPEG decoder for pictures of 8 bits in one or three components, baseline and progressive, whose levels equal libjpeg's. What it
// does not know, and whatever is damaged, it refuses by a trap. One picture at a time: the next one takes its memory.
//
// Compiled by scripts/compile-assembly.mjs to src/jpeg/jpeg-decoder-wasm.ts.
import { allocate, forgetAll, refuse } from './memory';
import { height as frameHeight, width as frameWidth } from './frame';
import { allocatePicture, drawRectangle } from './picture';
import { exifLength as lengthOfExif, exifStart as startOfExif, readSegments } from './segments';

let file: usize = 0;
let fileLength: i32 = 0;
let picture: usize = 0;

/** Room for a file of so many bytes, which the caller fills. */
export function startFile(length: i32): usize {
  if (length < 4) refuse();
  forgetAll();
  file = allocate(length);
  fileLength = length;
  return file;
}

/** Decodes all coefficients. */
export function read(maxPixels: i32): void {
  // Reads that run over the end meet a marker.
  store<u16>(file + fileLength, 0xd9ff);
  readSegments(file, fileLength, maxPixels);
  picture = allocatePicture();
}

export function width(): i32 {
  return frameWidth;
}

export function height(): i32 {
  return frameHeight;
}

export function exifStart(): usize {
  return startOfExif;
}

export function exifLength(): i32 {
  return lengthOfExif;
}

/** Draws a rectangle into the picture, three levels a pixel, row by row; gives the picture's address. */
export function draw(x: i32, y: i32, wide: i32, high: i32): usize {
  drawRectangle(picture, x, y, wide, high);
  return picture;
}
