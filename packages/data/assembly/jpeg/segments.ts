import { allocateSection, moveTo, position } from './bits';
import { component, componentCount, forgetFrame, startFrame } from './frame';
import { defineTable, forgetTables } from './huffman';
import { allocate, refuse } from './memory';
import { readScan, requireAllScans, setRestartInterval } from './scan';
import { coefficientAt } from './zigzag';

/** As in libvips: more are an attack, not a picture. */
const MOST_SCANS = 100;

/** EXIF data from its TIFF header on; length 0 where there is none. */
export let exifStart: usize = 0;
export let exifLength: i32 = 0;

let quantTables: usize = 0;
let hasQuant: usize = 0;
let sawJfif = false;
/** The transform that an Adobe segment names; -1 without one. */
let adobeTransform: i32 = -1;

/** Reads a file up to its end-of-image marker: all coefficients are there then. */
export function readSegments(file: usize, length: i32, maxPixels: i32): void {
  const fileEnd = file + length;
  forgetFrame();
  forgetTables();
  setRestartInterval(0);
  exifStart = 0;
  exifLength = 0;
  sawJfif = false;
  adobeTransform = -1;
  quantTables = allocate(4 * 128);
  hasQuant = allocate(4);
  allocateSection(length);
  store<u32>(hasQuant, 0);
  if (length < 4 || load<u16>(file) != 0xd8ff) refuse();
  moveTo(file + 2);
  let scans = 0;
  for (;;) {
    const marker = nextMarker(fileEnd);
    if (marker == 0xd9) break;
    const segment = position + 2;
    const end = position + bswap(load<u16>(position));
    if (end < segment || end > fileEnd) refuse();
    moveTo(end);
    if (marker == 0xda) {
      if (++scans > MOST_SCANS) refuse();
      readScan(segment, end, quantTables, hasQuant);
    } else readTable(marker, segment, end, maxPixels);
  }
  requireAllScans();
  requireYcc();
}

function nextMarker(fileEnd: usize): u8 {
  let at = position;
  if (load<u8>(at) != 0xff) refuse();
  while (load<u8>(at) == 0xff && at < fileEnd) at++;
  if (at >= fileEnd) refuse();
  moveTo(at + 1);
  return load<u8>(at);
}

function readTable(marker: u8, segment: usize, end: usize, maxPixels: i32): void {
  if (marker == 0xc0 || marker == 0xc1 || marker == 0xc2) startFrame(segment, end, marker == 0xc2, maxPixels);
  else if (marker == 0xc4) while (segment < end) segment = defineTable(segment, end);
  else if (marker == 0xdb) while (segment < end) segment = defineQuantTable(segment, end);
  else if (marker == 0xdd) {
    if (segment + 2 != end) refuse();
    setRestartInterval(bswap(load<u16>(segment)));
  } else if (marker == 0xe0) readJfif(segment, end);
  else if (marker == 0xe1) readExif(segment, end);
  else if (marker == 0xe2) refuseProfile(segment, end);
  else if (marker == 0xee) readAdobe(segment, end);
  else if (marker != 0xfe && (marker < 0xe0 || marker > 0xef)) refuse();
}

/** ITU T.81 B.2.4.1; kept row by row. */
function defineQuantTable(segment: usize, end: usize): usize {
  const isWide = load<u8>(segment) >> 4 != 0;
  const index = load<u8>(segment) & 15;
  const values = segment + 1;
  const next = values + (isWide ? 128 : 64);
  if (index > 3 || next > end) refuse();
  for (let k = 0; k < 64; k++) {
    const value = isWide ? bswap(load<u16>(values + k * 2)) : <u16>load<u8>(values + k);
    store<u16>(coefficientAt(quantTables + index * 128, k), value);
  }
  store<u8>(hasQuant + index, 1);
  return next;
}

function readJfif(segment: usize, end: usize): void {
  if (end - segment < 14 || load<u32>(segment) != 0x4649464a || load<u8>(segment, 4) != 0) return;
  if (load<u8>(segment, 5) != 1) refuse();
  sawJfif = true;
}

function readExif(segment: usize, end: usize): void {
  if (end - segment < 6 || load<u32>(segment) != 0x66697845) return;
  // Readers differ in which of several they believe.
  if (exifLength > 0) refuse();
  exifStart = segment + 6;
  exifLength = <i32>(end - exifStart);
}

/** A colour profile has to be applied, which libvips does. */
function refuseProfile(segment: usize, end: usize): void {
  if (end - segment >= 12 && load<u64>(segment) == 0x464f52505f434349) refuse();
}

function readAdobe(segment: usize, end: usize): void {
  if (end - segment >= 12 && load<u32>(segment) == 0x626f6441 && load<u8>(segment, 4) == 0x65) adobeTransform = load<u8>(segment, 11);
}

/** Three components are luminance and two colour differences, unless the file says that they are not. */
function requireYcc(): void {
  if (componentCount == 1 || sawJfif) return;
  if (adobeTransform >= 0 ? adobeTransform != 1 : component(0).id == 0x52) refuse();
}
